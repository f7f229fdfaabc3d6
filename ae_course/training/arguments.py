"""What :func:`train` refuses, each with one sentence, before any work."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Real
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from ae_course.evaluation.loss import check_batches
from ae_course.training.distributed import batch_sampler
from ae_course.training.schedule import rates_of
from ae_course.utils.validation import check_positive_integers

DEFAULT_RATE = 1e-3  # Adam's own
ONE_ITEM = (
    "BatchNorm cannot be trained on a batch of one item, which has no spread: leave the last batch "
    "out with `batches(..., drop_last=True)`, or take another batch size"
)


def checked_rate(lr: float | None, optimizer: Optimizer | None) -> float:
    """Give the learning rate; raise a TypeError or ValueError for what cannot be one."""
    if lr is None:
        return DEFAULT_RATE
    if optimizer is not None:
        raise ValueError(
            f"`lr` must be left out where an `optimizer` brings its own, got {lr!r} and "
            f"{type(optimizer).__name__} with {rates_of(optimizer)[0]}"
        )
    if not isinstance(lr, Real | Tensor):
        raise TypeError(f"`lr` must be a number, got {type(lr).__name__}")
    if not 0 < float(lr) < math.inf:
        raise ValueError(f"`lr` must be positive and finite, got {float(lr)}")
    return float(lr)


def check_arguments(
    train_batches: Any,
    val_batches: Any,
    epochs: Any,
    clip_norm: float | None,
    checkpoint: Any,
    resume: bool,
) -> None:
    """Raise a TypeError or ValueError that names the first argument that cannot be used."""
    check_batches("train_batches", train_batches)
    if val_batches is not None:
        check_batches("val_batches", val_batches)
    check_positive_integers(epochs=epochs)
    if clip_norm is not None and not clip_norm > 0:
        raise ValueError(f"`clip_norm` must be positive, got {clip_norm}")
    if resume and checkpoint is None:
        raise ValueError("`resume=True` needs the path of a `checkpoint`, got None")


def check_callables(**values: Any) -> None:
    """Raise a TypeError that names the first argument which is given and cannot be called."""
    for name, value in values.items():
        if value is not None and not callable(value):
            raise TypeError(f"`{name}` must be callable, got {type(value).__name__}")


def check_optimizer(optimizer: Optimizer, model: nn.Module) -> None:
    """Raise a ValueError if a parameter of the optimizer is not one of the model."""
    own = {id(parameter) for parameter in model.parameters()}
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if id(parameter) not in own:
                raise ValueError(
                    "`optimizer` must hold parameters of `model` only, got one of shape "
                    f"{tuple(parameter.shape)} that belongs to another model"
                )


def check_batch_norm(model: nn.Module, batches: Any) -> None:
    """Refuse a last batch of one where it can be foreseen, and not after an epoch's work."""
    sampler = batch_sampler(batches)
    parts = list(model.modules())
    one_number_each = any(isinstance(part, nn.BatchNorm1d) for part in parts) and not any(
        isinstance(part, nn.Conv1d)
        for part in parts  # behind which one item has many places
    )
    if sampler is None or not one_number_each:
        return
    items, size = len(sampler.sampler), sampler.batch_size  # type: ignore[arg-type]
    if size == 1 or (items % size == 1 and not sampler.drop_last):
        raise ValueError(f"{ONE_ITEM}; got {items} items in batches of {size}")


@contextmanager
def batch_norm_explained() -> Iterator[None]:
    """Name the remedy where a batch of one could not be foreseen: torch's own error has none."""
    try:
        yield
    except ValueError as error:
        if "more than 1 value per channel" in str(error):
            raise ValueError(ONE_ITEM) from error
        raise
