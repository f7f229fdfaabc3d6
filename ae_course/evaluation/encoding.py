"""The codes of a dataset, and the checks of those who use codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from ae_course.data.items import check_map_style
from ae_course.evaluation.inputs import check_finite, labelled_batches, stacked
from ae_course.utils.devices import device_of, evaluating
from ae_course.utils.validation import check_modules


def encode_dataset(
    model: nn.Module, dataset: Dataset[Any], *, batch_size: int = 1024
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Compute the code of every item, and give the codes and the labels as arrays.

    Parameters
    ----------
    model : nn.Module
        A model with ``encode``, such as :class:`AutoEncoder` and :class:`VAE`, whose codes are the
        means. Any other module is called itself, such as ``model.encoder`` and ``nn.Flatten()``,
        for which an item is its own code. It stays on its device and gets its training mode back.
    dataset : map-style dataset of (x, y) pairs, or of x alone
    batch_size : int, default=1024

    Returns
    -------
    tuple of ndarray
        The codes, of shape (N, Z), and the labels, of shape (N,), or None if the items have none.

    Raises
    ------
    TypeError, ValueError
        If `model` is not a module, `dataset` is not map-style or is empty, a value of an input or
        of a code is not finite, or a code is not a row of Z floating-point numbers.
    """
    check_modules(model=model)
    encode = getattr(model, "encode", model)
    device = device_of(model)
    labels: list[Any] = []

    def codes() -> Iterator[Tensor]:
        for x, y in labelled_batches(dataset, batch_size):
            z = encode(x.to(device))  # (B, Z)
            _check_codes(z, len(x))
            labels.append(y.cpu() if isinstance(y, Tensor) else y)
            yield z

    with evaluating(model):
        found: NDArray[Any] = stacked(codes(), check_map_style(dataset)).numpy()
    return found, None if labels[0] is None else np.concatenate(labels)


def _check_codes(z: Any, count: int) -> None:
    if not isinstance(z, Tensor) or z.ndim != 2 or len(z) != count or not z.is_floating_point():
        kind = f"{z.dtype} of shape {tuple(z.shape)}" if isinstance(z, Tensor) else type(z).__name__
        raise ValueError(
            f"`model` must encode {count} items to floating-point numbers of shape ({count}, Z), "
            f"got {kind}"
        )
    check_finite(z, "`model` must encode to finite numbers")


def codes_and_labels(
    codes_name: str, codes: ArrayLike, labels_name: str, labels: ArrayLike
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give both as arrays; raise a ValueError that names what does not match or is not finite."""
    x, y = np.asarray(codes), np.asarray(labels)
    if x.ndim != 2 or y.ndim != 1 or len(x) != len(y) or len(x) == 0:
        raise ValueError(
            f"`{codes_name}` must have shape (N, Z) and `{labels_name}` shape (N,), "
            f"with N > 0, got {x.shape} and {y.shape}"
        )
    if not all(np.isfinite(part).all() for part in row_parts(x)):
        raise ValueError(
            f"`{codes_name}` must be finite, got {(~np.isfinite(x)).sum()} values that are not"
        )
    return x, y


def check_same_size(a_name: str, a: NDArray[Any], b_name: str, b: NDArray[Any]) -> None:
    """Raise a ValueError that names both codes if their Z differs."""
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            f"`{a_name}` and `{b_name}` must have the same size Z, got {a.shape[1]} and "
            f"{b.shape[1]}"
        )


def row_parts(x: NDArray[Any]) -> list[NDArray[Any]]:
    """Cut `x` into views of about a million values, for work that would need a second array."""
    return np.array_split(x, max(1, x.size // 2**20))
