"""What a trained model does, measured without changing it, and what its codes are worth."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from ae_course.data import batches

LossFunction = Callable[[Tensor, Tensor], Tensor]
Batches = Collection[tuple[Tensor, Tensor]]


def evaluate(model: nn.Module, loss_fn: LossFunction, batches: Batches) -> float:
    """The mean loss over all items, in evaluation mode and without gradients.

    Each batch counts by its size, so the last, smaller one does not weigh too much. The model
    stays on its device and gets its training mode back.

    Parameters
    ----------
    model : nn.Module
    loss_fn : callable
        As in :func:`train`: the mean over a batch.
    batches : sized iterable of (x, target) pairs

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If `batches` has no ``len``, or holds nothing.
    """
    check_batches("batches", batches)
    device = _device_of(model)
    total, count = 0.0, 0
    with evaluating(model):
        for x, target in batches:
            loss = loss_fn(model(x.to(device)), target.to(device))
            total, count = total + loss.item() * len(x), count + len(x)
    return total / count


def encode_dataset(
    encoder: nn.Module, dataset: Dataset[Any], *, batch_size: int = 1024
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """The code and the label of every item, as arrays.

    Parameters
    ----------
    encoder : nn.Module
        Maps (B, ...) to codes (B, Z), for instance ``model.encoder``. It stays on its device and
        gets its training mode back.
    dataset : map-style dataset of (x, y) pairs
    batch_size : int, default=1024

    Returns
    -------
    codes : ndarray of shape (N, Z)
    labels : ndarray of shape (N,)

    Raises
    ------
    TypeError, ValueError
        If `encoder` is not a module, or `dataset` is not map-style or empty.
    """
    if not isinstance(encoder, nn.Module):
        raise TypeError(f"`encoder` must be an nn.Module, got {type(encoder).__name__}")
    device = _device_of(encoder)
    codes, labels = [], []
    with evaluating(encoder):
        for x, y in batches(dataset, batch_size):
            codes.append(encoder(x.to(device)).cpu())  # (B, Z)
            labels.append(y.cpu())
    return torch.cat(codes).numpy(), torch.cat(labels).numpy()


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; afterwards every part has the mode it had."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


def _device_of(model: nn.Module) -> torch.device:
    for tensor in (*model.parameters(), *model.buffers()):
        return tensor.device
    return torch.device("cpu")  # nothing to compute with: any device serves


def check_batches(name: str, batches: Any) -> None:
    if not (hasattr(batches, "__len__") and hasattr(batches, "__iter__")):
        raise TypeError(
            f"`{name}` must be iterable again and again, with a length, as from "
            f"ae_course.batches(...), got {type(batches).__name__}"
        )
    if len(batches) == 0:
        raise ValueError(f"`{name}` must hold at least one batch, got none")


def linear_probe(
    train_codes: ArrayLike,
    train_labels: ArrayLike,
    test_codes: ArrayLike,
    test_labels: ArrayLike,
    *,
    labels_per_class: int | None = None,
    seed: int = 0,
) -> float:
    """The test accuracy of a linear classifier that sees codes and only a few labels.

    Logistic regression, hardly penalised, on codes that are centred and divided by one number:
    the root of their mean squared norm. Mean and scale come from all of `train_codes`, which takes
    no labels. One scale for all, because a scale for each feature would blow up those that are
    rarely active, and so handicap raw pixels.

    Parameters
    ----------
    train_codes, test_codes : array of shape (N, Z)
    train_labels, test_labels : array of shape (N,)
    labels_per_class : int, optional
        How many labelled items of each class to draw; by default all.
    seed : int, default=0
        Which are drawn.

    Returns
    -------
    float
        The share of test items put in their class.

    Raises
    ------
    ValueError
        If codes and labels do not match in number, the codes' sizes differ, a value is not
        finite, or a class has fewer than `labels_per_class` items.

    References
    ----------
    Alain and Bengio (2016), arXiv:1610.01644.
    """
    from sklearn.linear_model import LogisticRegression

    x, y = _codes_and_labels("train", train_codes, train_labels)
    x_test, y_test = _codes_and_labels("test", test_codes, test_labels)
    if x.shape[1] != x_test.shape[1]:
        raise ValueError(
            f"`train_codes` and `test_codes` must have the same size Z, got {x.shape[1]} "
            f"and {x_test.shape[1]}"
        )
    center = x.mean(axis=0)
    scale = float(np.sqrt(np.square(x - center).sum(axis=1).mean()))
    if scale == 0:
        raise ValueError(f"`train_codes` must differ from one another, got {len(x)} times the same")
    if labels_per_class is not None:
        drawn = _draw_per_class(y, labels_per_class, np.random.default_rng(seed))
        x, y = x[drawn], y[drawn]
    probe = LogisticRegression(C=100, max_iter=2000).fit((x - center) / scale, y)
    return float(probe.score((x_test - center) / scale, y_test))


def _draw_per_class(
    labels: NDArray[Any], per_class: int, random: np.random.Generator
) -> NDArray[np.int64]:
    classes, counts = np.unique(labels, return_counts=True)
    if not 1 <= per_class <= counts.min():
        raise ValueError(
            f"`labels_per_class` must be between 1 and {counts.min()}, the size of class "
            f"{classes[counts.argmin()]}, got {per_class}"
        )
    return np.concatenate(
        [random.choice(np.flatnonzero(labels == c), per_class, replace=False) for c in classes]
    )


def _codes_and_labels(
    name: str, codes: ArrayLike, labels: ArrayLike
) -> tuple[NDArray[Any], NDArray[Any]]:
    x, y = np.asarray(codes), np.asarray(labels)
    if x.ndim != 2 or y.ndim != 1 or len(x) != len(y):
        raise ValueError(
            f"`{name}_codes` must have shape (N, Z) and `{name}_labels` shape (N,), "
            f"got {x.shape} and {y.shape}"
        )
    if not np.isfinite(x).all():
        raise ValueError(
            f"`{name}_codes` must be finite, got {(~np.isfinite(x)).sum()} values that are not"
        )
    return x, y
