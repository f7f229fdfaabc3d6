"""What a dataset may hold: one look at its first item, and one sentence if it will not do."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Subset, default_collate

CHANNELS = (1, 3)  # of a grey and of a coloured image


def check_map_style(dataset: Any) -> int:
    """Count the items; raise a TypeError or ValueError where they cannot be counted or indexed."""
    sized = isinstance(dataset, Sized) and hasattr(dataset, "__getitem__")
    if not sized or (isinstance(dataset, Tensor) and dataset.ndim == 0):
        raise TypeError(
            "`dataset` must be map-style, with len(dataset) and dataset[index], "
            f"got {type(dataset).__name__}"
        )
    if isinstance(dataset, tuple):
        raise TypeError("`dataset` must be one dataset, got a tuple: use TensorDataset(*tensors)")
    if isinstance(dataset, Subset) and len(dataset) > 0:
        first = dataset.indices[0]
        mask = isinstance(first, Tensor) and first.dtype == torch.bool
        if mask or isinstance(first, bool | np.bool_):
            raise ValueError(
                "`dataset` must be a subset by numbers, got one by true and false: "
                "use Subset(dataset, torch.where(mask)[0])"
            )
    return len(dataset)


def check_item(dataset: Any) -> Tensor:
    """Give the input x of a dataset's first item, once it has been found fit for a model.

    A dataset that draws at random leaves PyTorch's global generator as it was.

    Parameters
    ----------
    dataset : map-style dataset
        Not empty.

    Returns
    -------
    Tensor of shape (...)

    Raises
    ------
    TypeError
        If the item is not x, (x,) or (x, y), or x is not a tensor or an array of floating-point
        numbers, in single precision unless PyTorch's default is double.
    ValueError
        If x is a single number, or an image with its channels last.
    """
    x = input_of(_first_item(dataset))
    if not x.is_floating_point() or (
        x.dtype == torch.float64 and torch.get_default_dtype() != torch.float64
    ):
        scaled = "x.float() / 255" if x.dtype == torch.uint8 else "x.float()"
        raise TypeError(
            f"`dataset` must hold inputs of {torch.get_default_dtype()}, as models compute in, got "
            f"{x.dtype} of shape {tuple(x.shape)}: convert them once, with {scaled}"
        )
    if x.ndim == 0:
        raise ValueError(
            "`dataset` must hold inputs with at least one axis, got single numbers: "
            "give them the shape (N, 1)"
        )
    if x.ndim == 3 and x.shape[2] in CHANNELS and min(x.shape[:2]) > max(CHANNELS):
        raise ValueError(
            "`dataset` must hold images of shape (C, h, w), got the shape "
            f"{tuple(x.shape)}, with the channels last: use x.permute(2, 0, 1) for each image, "
            "or images.permute(0, 3, 1, 2) for all"
        )
    return x


def check_collatable(dataset: Any) -> None:
    """Raise a TypeError if the items of a dataset, not empty, cannot be stacked to batches."""
    first = _first_item(dataset)
    try:
        default_collate([first])
    except TypeError:
        raise TypeError(
            "`dataset` must have items of tensors, arrays or numbers, which can be stacked, "
            f"got {_described(first)}"
        ) from None


def input_of(item: Any) -> Tensor:
    """Take the input x out of an item, or out of many at once, that is x, (x,) or (x, y)."""
    x = item[0] if isinstance(item, tuple | list) and len(item) in (1, 2) else item
    if isinstance(x, np.ndarray):
        return torch.from_numpy(x)
    if not isinstance(x, Tensor):
        raise TypeError(
            "`dataset` must have items x, (x,) or (x, y), where x is a tensor, "
            f"got {_described(item)}"
        )
    return x


def _described(item: Any) -> str:
    if isinstance(item, dict):
        return f"a dictionary with the keys {list(item)}"
    if isinstance(item, tuple | list):
        return f"a {type(item).__name__} of ({', '.join(type(part).__name__ for part in item)})"
    return type(item).__name__


def _first_item(dataset: Any) -> Any:
    with torch.random.fork_rng(devices=[]):  # who looks at an item changes no later draw
        try:
            return dataset[0]
        except KeyError:
            raise TypeError(
                "`dataset` must be map-style, with dataset[0] its first item, "
                f"got {type(dataset).__name__} without a 0"
            ) from None
