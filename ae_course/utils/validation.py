"""Refuse what is not a size or not a module, with one sentence for the whole package."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import torch
from torch import Tensor, nn


def check_positive_integers(**values: Any) -> None:
    """Raise a ValueError that names the first argument which is not an integer above 0."""
    for name, value in values.items():
        if not isinstance(value, Integral) or value < 1:
            raise ValueError(f"`{name}` must be a positive integer, got {value!r}")


def check_integer_up_to(most: int, **values: Any) -> None:
    """Raise a ValueError that names the first argument which is not an integer from 1 to `most`."""
    for name, value in values.items():
        if not isinstance(value, Integral) or not 1 <= int(value) <= most:
            raise ValueError(f"`{name}` must be an integer from 1 to {most}, got {value!r}")


def check_tensors(**values: Any) -> None:
    """Raise a TypeError that names the first argument which is not a tensor."""
    for name, value in values.items():
        if not isinstance(value, Tensor):
            raise TypeError(f"`{name}` must be a tensor, got {type(value).__name__}")


def check_finite(**values: Tensor) -> None:
    """Raise a ValueError that names the first tensor with values that are not finite."""
    for name, value in values.items():
        wrong = int((~torch.isfinite(value)).sum())
        if wrong:
            raise ValueError(f"`{name}` must be finite, got {wrong} values that are not")


def check_modules(**values: Any) -> None:
    """Raise a TypeError that names the first argument which is not an ``nn.Module``."""
    for name, value in values.items():
        if not isinstance(value, nn.Module):
            raise TypeError(f"`{name}` must be an nn.Module, got {type(value).__name__}")


def check_tokens(tokens: Tensor, shape: str, dimensions: int) -> None:
    """Raise a ValueError if `tokens` is not an int64 tensor of so many dimensions."""
    if not isinstance(tokens, Tensor) or tokens.dtype != torch.int64 or tokens.ndim != dimensions:
        got = (
            f"{tokens.dtype} of shape {tuple(tokens.shape)}"
            if isinstance(tokens, Tensor)
            else (type(tokens).__name__)
        )
        raise ValueError(f"`tokens` must be int64 of shape {shape}, got {got}")
