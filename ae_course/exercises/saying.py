"""What every check needs: to run somebody's function, and to say one sentence about it."""

from __future__ import annotations

import copy
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray


class NotYet(AssertionError):
    """An answer that is not right yet; its text says where to look."""

    def _render_traceback_(self) -> list[str]:
        # what Jupyter and Colab show: the sentence, without the way to it
        return [f"✗ {self}"]


def call(function: Any, *arguments: Any) -> Any:
    """What `function` returns for copies of the arguments; whatever stops it becomes a sentence."""
    if not callable(function):
        raise NotYet(
            f"give the function itself, without calling it, not a {type(function).__name__}."
        )
    name = getattr(function, "__name__", "the function")
    try:
        result = function(*copy.deepcopy(arguments))
    except NotImplementedError:
        raise NotYet(f"{name} is not written yet.") from None
    except Exception as error:  # whatever it is, the reader should hear of it in one line
        line = _line_of(error, function)
        text = " ".join(str(error).split())[:200]
        raise NotYet(f"{name} stopped{line} with {type(error).__name__}: {text}") from None
    if result is None:
        raise NotYet(f"{name} returns nothing. Is there a `return`?")
    return result


def array(value: Any, shape: tuple[int, ...], what: str) -> NDArray[Any]:
    """`value` as floats of this shape, or a sentence about what came instead."""
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    try:
        found: NDArray[Any] = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise NotYet(f"{what} should be numbers, not a {type(value).__name__}.") from None
    if found.shape != shape:
        wanted = "one number" if shape == () else f"an array of shape {shape}"
        got = "one number" if found.shape == () else f"an array of shape {found.shape}"
        raise NotYet(f"{what} should be {wanted}, not {got}.")
    if not np.isfinite(found).all():
        raise NotYet(f"{what} should be finite, and there is a NaN or an infinity in it.")
    return found


def close(found: Any, expected: Any, tolerance: float = 1e-4) -> bool:
    """Whether two results agree, relative to the size of what is expected."""
    difference = np.abs(np.asarray(found) - np.asarray(expected)).max()
    return bool(difference <= tolerance * max(1e-6, float(np.abs(expected).max())))


def _line_of(error: BaseException, function: Callable[..., Any]) -> str:
    """Where in the reader's own function it stopped."""
    code, where = getattr(function, "__code__", None), ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code is code:
            where = f" in its line {line - frame.f_code.co_firstlineno + 1}"
    return where
