"""The mean loss over a data set, and what a loss must not do in silence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ae_course.utils.devices import device_of, evaluating
from ae_course.utils.validation import check_modules

# what a model returns is a tensor, or a tuple that its loss understands
LossFunction = Callable[[Any, Tensor], Tensor]


class Batches(Protocol):
    """Pairs (x, target) that can be read again and again, such as a DataLoader."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]: ...


# torch's names of what a loss compares two tensors by, and which stretches one to fit the other
COMPARISONS = {"sub", "subtract", "__sub__", "rsub", "__rsub__", "eq", "__eq__", "dist"}
COMPARISONS |= {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "poisson_nll_loss", "kl_div"}
COMPARISONS |= {"gaussian_nll_loss", "cosine_similarity", "pairwise_distance", "isclose"}


def evaluate(model: nn.Module, loss_fn: LossFunction, batches: Batches) -> float:
    """Compute the mean loss over all items, in evaluation mode and without gradients.

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
        If `model` is not an ``nn.Module``, `batches` has no ``len``, holds nothing or other than
        pairs of tensors in the precision of the model, or the loss compares an output and a target
        of different shapes.
    FloatingPointError
        If the loss of a batch is NaN or infinite.
    """
    check_modules(model=model)
    check_batches("batches", batches)
    loss_fn = check_first_loss(loss_fn)
    device = device_of(model)
    total, count = 0.0, 0
    with evaluating(model):
        for number, (x, target) in enumerate(Pairs("batches", batches, model), start=1):
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
    """Wrap a loss, so that its first call refuses what would silently be broadcast.

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


class Pairs:
    """Batches as they are, each refused unless it is a pair of tensors that the model can read."""

    def __init__(self, name: str, batches: Batches, model: nn.Module) -> None:
        self.name, self.batches = name, batches
        self.dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), None)
        self.reads_tokens = any(isinstance(part, nn.Embedding) for part in model.modules())

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for batch in self.batches:
            self._check(batch)
            yield batch

    def _check(self, batch: Any) -> None:
        kinds = [type(part).__name__ for part in batch] if isinstance(batch, tuple | list) else []
        if len(kinds) != 2 or not all(isinstance(part, Tensor) for part in batch):
            got = f"a {type(batch).__name__}" + f" of {', '.join(kinds)}" * bool(kinds)
            raise TypeError(
                f"`{self.name}` must hold pairs (x, target) of tensors, got {got}: to have each "
                "input as its own target, wrap the data set in AutoEncodeDataset"
            )
        found = batch[0].dtype
        other_precision = found.is_floating_point and found != self.dtype
        if self.dtype is not None and not self.reads_tokens:
            other_precision |= found == torch.uint8  # pixels that nobody has scaled
        if self.dtype is not None and other_precision:
            raise TypeError(
                f"`{self.name}` must hold inputs of {self.dtype}, as the model computes in, got "
                f"{found}: convert the data set once"
            )


class _RefuseBroadcasting(TorchFunctionMode):
    """While it is entered, no comparison may stretch an output, or the target, to fit the other.

    An output is recognised by its shape, since a loss may take its sigmoid first.
    """

    def __init__(self, output: Any, target: Any) -> None:
        super().__init__()
        self.target = target
        both = isinstance(output, Tensor) and isinstance(target, Tensor)
        self.shape = output.shape if both and output.shape != target.shape else None

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if self.shape is not None and getattr(func, "__name__", "") in COMPARISONS:
            operands = [x for x in (*args, *(kwargs or {}).values()) if isinstance(x, Tensor)]
            shapes = [x.shape for x in operands if x is not self.target]
            if len(shapes) < len(operands) and self.shape in shapes:
                raise ValueError(
                    "the output of the model and its target must have one shape, got "
                    f"{tuple(self.shape)} and {tuple(self.target.shape)}"
                )
        return func(*args, **(kwargs or {}))
