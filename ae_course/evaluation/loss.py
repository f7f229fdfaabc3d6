"""What a trained model does, measured without changing it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ae_course.utils.devices import device_of, evaluating

# what a model returns is a tensor, or a tuple that its loss understands
LossFunction = Callable[[Any, Tensor], Tensor]
Batches = Collection[tuple[Tensor, Tensor]]

# torch's names of what a loss compares two tensors by, and which stretches one to fit the other
COMPARISONS = {"sub", "subtract", "__sub__", "rsub", "__rsub__", "eq", "__eq__", "dist"}
COMPARISONS |= {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "poisson_nll_loss", "kl_div"}


def evaluate(model: nn.Module, loss_fn: LossFunction, batches: Batches) -> float:
    """The mean loss over all items, in evaluation mode and without gradients.

    Each batch counts by its size, so the last, smaller one does not weigh too much. The model
    stays on its device and gets its training mode back. Under ``torchrun`` each process that
    calls this measures all of the items, so none has to wait for another.

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
        If `batches` has no ``len``, or holds nothing, or the loss compares an output and a target
        of different shapes.
    FloatingPointError
        If the loss of a batch is NaN or infinite.
    """
    check_batches("batches", batches)
    loss_fn = check_first_loss(loss_fn)
    device = device_of(model)
    total, count = 0.0, 0
    with evaluating(model):
        for number, (x, target) in enumerate(batches, start=1):
            loss = loss_fn(model(x.to(device)), target.to(device)).item()
            if not math.isfinite(loss):
                raise FloatingPointError(
                    f"the loss must be finite, got {loss} in batch {number} of {len(batches)}: "
                    "look for NaN or infinity in the data and in the weights of the model"
                )
            total, count = total + loss * len(x), count + len(x)
    return total / count


def check_batches(name: str, batches: Any) -> None:
    """Raise an error that names the argument which cannot be read again and again, or is empty."""
    if not (hasattr(batches, "__len__") and hasattr(batches, "__iter__")):
        raise TypeError(
            f"`{name}` must be iterable again and again, with a length, as from "
            f"ae_course.batches(...), got {type(batches).__name__}"
        )
    if len(batches) == 0:
        raise ValueError(f"`{name}` must hold at least one batch, got none")


def check_first_loss(loss_fn: LossFunction) -> LossFunction:
    """The same loss, which on its first call refuses what would silently be broadcast.

    ``mse_loss`` of an output (64, 1) and a target (64,) is a mean over 64 x 64 differences: it
    falls in training and means nothing. A difference of the output and the target themselves is
    refused if it would stretch one to the shape of the other. A loss that ignores its target,
    reshapes it, or compares it with a part of the output, passes.

    Raises
    ------
    ValueError
        On the first call, for such an operation, or for a loss that is not one number.
    """
    checked = False

    def first_checked(output: Any, target: Tensor) -> Tensor:
        nonlocal checked
        if checked:
            return loss_fn(output, target)
        with _RefuseBroadcasting(output, target):
            loss = loss_fn(output, target)
        if isinstance(loss, Tensor) and loss.numel() != 1:
            raise ValueError(
                "`loss_fn` must give one number, the mean over the batch, got shape "
                f"{tuple(loss.shape)}"
            )
        checked = True
        return loss

    return first_checked


class _RefuseBroadcasting(TorchFunctionMode):
    """While it is entered, no comparison may stretch `output` or `target` to fit the other."""

    def __init__(self, output: Any, target: Any) -> None:
        super().__init__()
        self.pair = {id(output), id(target)}
        self.shapes = _stretched(output, target)

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if self.shapes is not None and getattr(func, "__name__", "") in COMPARISONS:
            operands = {id(operand) for operand in (*args, *(kwargs or {}).values())}
            if self.pair <= operands:
                output, target, stretched = self.shapes
                raise ValueError(
                    f"the output of the model and its target must have one shape, got {output} "
                    f"and {target}: the loss would compare them as two tensors of {stretched}"
                )
        return func(*args, **(kwargs or {}))


def _stretched(output: Any, target: Any) -> tuple[tuple[int, ...], ...] | None:
    """The shapes of both and of what broadcasting makes of them, if that is a danger."""
    if not (isinstance(output, Tensor) and isinstance(target, Tensor)):
        return None
    # a class or a token is no number to subtract: its loss knows what to do with it
    if not (output.is_floating_point() and target.is_floating_point()):
        return None
    if output.shape == target.shape:
        return None
    try:
        result = torch.broadcast_shapes(output.shape, target.shape)  # type: ignore[no-untyped-call]
    except RuntimeError:
        return None  # torch refuses it by itself
    return tuple(output.shape), tuple(target.shape), tuple(result)
