"""How a reconstruction holds up when the input is spoiled, and which inputs do not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any, TypedDict

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from ae_course.data.datasets import batches
from ae_course.nn.corruptions import Corruption
from ae_course.utils.devices import device_of, evaluating
from ae_course.utils.validation import check_modules


class Level(TypedDict):
    """One row of a robustness curve."""

    level: float
    error: float  # mean squared error per value, to the clean image
    accuracy: float | None  # of the classifier on the reconstructions


def robustness_curve(
    model: Callable[[Tensor], Tensor],
    dataset: Dataset[Any],
    corrupt: Corruption,
    levels: Sequence[float],
    *,
    classifier: nn.Module | None = None,
    seed: int = 0,
    batch_size: int = 1000,
) -> list[Level]:
    """Reconstruct spoiled images and compare with the clean ones, level by level.

    Every model meets the same noise at the same level and batch size, whatever ran before: it is
    drawn from a generator of its own. Modules are measured in evaluation mode, keep their device
    and get their training mode back.

    Parameters
    ----------
    model : nn.Module or function
        Maps images (B, C, h, w) to images of the same shape. A function gets them on the CPU, and
        must itself see to the mode and the device of any network that it calls.
    dataset : map-style dataset of (image, label) pairs
        The clean images.
    corrupt : callable
        ``corrupt(x, level, generator=…)`` gives the spoiled images, of the same shape, as those
        of ``CORRUPTIONS``.
    levels : sequence of float
    classifier : nn.Module, optional
        Maps images to class scores (B, K), to be asked about the reconstructions.
    seed : int, default=0
    batch_size : int, default=1000

    Returns
    -------
    list of dict
        Rows with ``level``, ``error``, ``accuracy``; ``pandas.DataFrame`` takes it as it is.

    Raises
    ------
    TypeError, ValueError
        If the model or `corrupt` cannot be called, the classifier is no module, `levels` is empty,
        the dataset is empty, has values that are not finite, or labels that are not one an image,
        or the model or `corrupt` changes the shape of its input.
    """
    for name, value in (("model", model), ("corrupt", corrupt)):
        if not callable(value):
            raise TypeError(f"`{name}` must be callable, got {type(value).__name__}")
    if classifier is not None:
        check_modules(classifier=classifier)
    levels = list(levels)
    if not levels:
        raise ValueError("`levels` must hold at least one level, got none")
    rows: list[Level] = []
    with evaluating(classifier) if classifier is not None else nullcontext():
        for level in levels:
            generator = torch.Generator().manual_seed(seed)

            def spoil(x: Tensor, level: float = level, draw: Any = generator) -> Tensor:
                return corrupt(x, level, generator=draw)

            error, right, count = 0.0, 0, 0
            for x, x_hat, y in _reconstructed(model, dataset, spoil, batch_size):
                error += (x_hat - x).square().mean(dtype=torch.float64).item() * len(x)
                count += len(x)
                if classifier is not None:
                    if y.shape != (len(x),):
                        raise ValueError(
                            f"labels must have shape ({len(x)},), got {tuple(y.shape)}"
                        )
                    scores = classifier(x_hat.to(device_of(classifier)))
                    right += int((scores.argmax(dim=1).cpu() == y).sum())
            accuracy = None if classifier is None else right / count
            rows.append(Level(level=level, error=error / count, accuracy=accuracy))
    return rows


def reconstruction_errors(
    model: Callable[[Tensor], Tensor], dataset: Dataset[Any], *, batch_size: int = 1000
) -> NDArray[np.float64]:
    """The mean squared error per value of every image of a dataset, in its order.

    Parameters
    ----------
    model, dataset, batch_size
        As in :func:`robustness_curve`.

    Returns
    -------
    ndarray of shape (N,)

    Raises
    ------
    TypeError, ValueError
        As in :func:`robustness_curve`.
    """
    if not callable(model):
        raise TypeError(f"`model` must be callable, got {type(model).__name__}")
    errors = [
        (x_hat - x).square().flatten(1).mean(dim=1, dtype=torch.float64)  # (B,)
        for x, x_hat, _ in _reconstructed(model, dataset, lambda x: x, batch_size)
    ]
    return torch.cat(errors).numpy()


def outlier_threshold(errors: ArrayLike, share: float = 0.001) -> float:
    """The smallest of the given errors that at most this share of them exceeds.

    Parameters
    ----------
    errors : array of shape (N,)
        Of images that are known to be good.
    share : float, default=0.001
        How many false alarms among such images are acceptable; above 0 and below 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `share` is not above 0 and below 1, or `errors` is empty or not finite.

    Examples
    --------
    >>> outlier_threshold([0.1, 0.2, 0.3, 0.4, 0.5], share=0.25)
    0.4
    """
    values = np.asarray(errors, dtype=float)
    if not 0 < share < 1:
        raise ValueError(f"`share` must be above 0 and below 1, got {share}")
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
        raise ValueError(
            f"`errors` must be one row of finite errors, got shape {values.shape} with "
            f"{(~np.isfinite(values)).sum()} values that are not"
        )
    return float(np.quantile(values, 1 - share, method="higher"))


def _reconstructed(
    model: Callable[[Tensor], Tensor],
    dataset: Dataset[Any],
    spoil: Callable[[Tensor], Tensor],
    batch_size: int,
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Clean images, reconstructions of the spoiled ones, and labels, batch by batch on the CPU."""
    module = model if isinstance(model, nn.Module) else None
    for x, y in batches(dataset, batch_size, device="cpu"):
        if not torch.isfinite(x).all():
            raise ValueError(
                "`dataset` must have finite values, got "
                f"{int((~torch.isfinite(x)).sum())} in a batch that are not"
            )
        spoiled = spoil(x)
        if spoiled.shape != x.shape:
            raise ValueError(
                f"`corrupt` must keep the shape {tuple(x.shape)} of its input, "
                f"got {tuple(spoiled.shape)}"
            )
        # entered for each batch: a generator that is not read to its end would leave it open
        with evaluating(module) if module is not None else torch.no_grad():
            x_hat = model(spoiled if module is None else spoiled.to(device_of(module))).cpu()
        if x_hat.shape != x.shape:
            raise ValueError(
                f"`model` must keep the shape {tuple(x.shape)} of its input, "
                f"got {tuple(x_hat.shape)}"
            )
        yield x, x_hat, y
