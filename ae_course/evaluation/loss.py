"""What a trained model does, measured without changing it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from torch import Tensor, nn

from ae_course.utils.devices import device_of, evaluating

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
    device = device_of(model)
    total, count = 0.0, 0
    with evaluating(model):
        for x, target in batches:
            loss = loss_fn(model(x.to(device)), target.to(device))
            total, count = total + loss.item() * len(x), count + len(x)
    return total / count


def check_batches(name: str, batches: Any) -> None:
    if not (hasattr(batches, "__len__") and hasattr(batches, "__iter__")):
        raise TypeError(
            f"`{name}` must be iterable again and again, with a length, as from "
            f"ae_course.batches(...), got {type(batches).__name__}"
        )
    if len(batches) == 0:
        raise ValueError(f"`{name}` must hold at least one batch, got none")
