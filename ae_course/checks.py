"""Refuse what is not a size, with one sentence for the whole package."""

from __future__ import annotations

from numbers import Integral
from typing import Any


def check_positive_integers(**values: Any) -> None:
    """Raise a ValueError that names the first argument which is not an integer above 0."""
    for name, value in values.items():
        if not isinstance(value, int | Integral) or value < 1:
            raise ValueError(f"`{name}` must be a positive integer, got {value!r}")
