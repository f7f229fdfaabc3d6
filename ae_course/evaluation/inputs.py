"""Read the inputs and labels of any dataset, batch by batch, and refuse what is not finite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from ae_course.data.datasets import batches


def labelled_batches(dataset: Dataset[Any], batch_size: int) -> Iterator[tuple[Tensor, Any]]:
    """Yield inputs (B, ...) on the CPU and their labels, None for items that have no label.

    Raises
    ------
    TypeError, ValueError
        If `dataset` is not map-style or is empty, an item is not x, (x,) or (x, y) with a tensor
        x, or a value of x is not finite.
    """
    for batch in batches(dataset, batch_size):
        parts = [batch] if isinstance(batch, Tensor) else batch
        if not isinstance(parts, tuple | list) or len(parts) not in (1, 2):
            raise TypeError(
                "`dataset` must have items x, (x,) or (x, y), where x is a tensor, "
                f"got batches of type {type(batch).__name__} with {len(batch)} parts"
            )
        x, y = parts[0], parts[1] if len(parts) == 2 else None
        if not isinstance(x, Tensor):
            raise TypeError(
                "`dataset` must have items x, (x,) or (x, y), where x is a tensor, "
                f"got x of type {type(x).__name__}"
            )
        check_finite(x, "`dataset` must have finite values")
        yield x.cpu(), y


def stacked(parts: Iterable[Tensor], count: int) -> Tensor:
    """Fill one tensor (count, Z) with parts (B, Z): joining them in the end would hold all twice.

    Raises
    ------
    ValueError
        If two parts differ in Z.
    """
    rows = torch.empty(0)
    done = 0
    for part in parts:
        if done == 0:
            rows = torch.empty(count, part.shape[1], dtype=part.dtype)
        if part.shape[1] != rows.shape[1]:
            raise ValueError(
                f"all items must have the same size, got {rows.shape[1]} and {part.shape[1]}"
            )
        rows[done : done + len(part)] = part
        done += len(part)
    return rows


def check_finite(x: Tensor, demand: str) -> None:
    """Raise a ValueError that says how many values of `x` do not meet the demand."""
    wrong = int((~torch.isfinite(x)).sum())
    if wrong:
        raise ValueError(f"{demand}, got {wrong} in a batch that are not")
