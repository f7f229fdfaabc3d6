"""What every check needs: to run somebody's function, and to say one sentence about it."""

from __future__ import annotations

import copy
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


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


def runs(verdict: Any, *names: str) -> dict[str, NDArray[Any]]:
    """The lists of a verdict, one number for each seed, under these names and no others."""
    if not isinstance(verdict, dict) or set(verdict) != set(names):
        wanted = ", ".join(f'"{name}": [...]' for name in names)
        raise NotYet(f"give a dictionary of two lists: {{{wanted}}}.")
    try:
        found = {name: np.asarray(verdict[name], dtype=float) for name in names}
    except (TypeError, ValueError):
        raise NotYet("the two lists should hold numbers.") from None
    for name, values in found.items():
        if values.ndim != 1 or len(values) < 3:
            raise NotYet("one run is an anecdote: at least three seeds for each.")
        if not np.isfinite(values).all():
            raise NotYet(f"there is a NaN or an infinity among the numbers of {name}.")
    return found


def module(value: Any) -> nn.Module:
    """`value`, ready to be asked, or a sentence that it is no network."""
    if not isinstance(value, nn.Module):
        raise NotYet(f"it should return a network, not a {type(value).__name__}.")
    return value.eval()


def linear(function: Callable[[Tensor], Tensor], inputs: Tensor) -> bool:
    """Whether a function of batches is linear, up to a constant, on these inputs."""
    some, others = inputs.chunk(2)
    with torch.no_grad():
        parts = [function(x) for x in (some, others, some + others, 0 * some)]
    gap = (parts[0] + parts[1] - parts[2] - parts[3]).abs().max()
    return bool(gap < 1e-4 * max(part.abs().max() for part in parts))


def _line_of(error: BaseException, function: Callable[..., Any]) -> str:
    """Where in the reader's own function it stopped."""
    code, where = getattr(function, "__code__", None), ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code is code:
            where = f" in its line {line - frame.f_code.co_firstlineno + 1}"
    return where
