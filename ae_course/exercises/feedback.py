"""What every check needs: to run somebody's function, and to say one sentence about it."""

from __future__ import annotations

import copy
import inspect
import traceback
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import TensorDataset


class NotYet(AssertionError):
    """An answer that is not right yet; its text says where to look."""

    def _render_traceback_(self) -> list[str]:
        # what Jupyter and Colab show: the sentence, without the way to it
        return [f"✗ {self}"]


def call(function: Any, *arguments: Any, copies: bool = True, **named: Any) -> Any:
    """Call `function` with copies of the arguments; whatever stops it becomes a sentence.

    Without copies a check can look at the arguments afterwards: at the gradient that reaches them,
    or at what has been written into them.
    """
    if not callable(function):
        raise NotYet(
            f"give the function itself, without calling it, not a {type(function).__name__}."
        )
    name = getattr(function, "__name__", f"the {type(function).__name__}")
    given = copy.deepcopy(arguments) if copies else arguments
    before = [_content(part) for part in given]
    gradients = torch.is_grad_enabled()
    try:
        result = function(*given, **named)
    except NotYet:  # it printed too much
        raise
    except Exception as error:  # whatever it is, the reader should hear of it in one line
        frame, line = _own_frame(error, function)
        if isinstance(error, NotImplementedError) and (
            str(error).startswith("Task") or (not str(error) and frame == "last")
        ):
            raise NotYet(f"{name} is not written yet.") from None
        where = f" in its line {line}" if frame else ""
        text = " ".join(str(error).split())[:200]
        raise NotYet(f"{name} stopped{where} with {type(error).__name__}: {text}") from None
    finally:
        left, _ = torch.is_grad_enabled(), torch.set_grad_enabled(gradients)
    if left != gradients:
        raise NotYet(f"{name} leaves gradients switched off. `with torch.no_grad():` does not.")
    if not all(map(same_content, before, map(_content, given))):
        raise NotYet(f"{name} changes what it is given. Work on a copy, without `-=` or `x[…] =`.")
    if result is None:
        raise NotYet(f"{name} returns nothing. Is there a `return`?")
    return result


def array(value: Any, shape: tuple[int, ...], what: str) -> NDArray[Any]:
    """Give `value` as floats of this shape, or raise a sentence about what came instead."""
    try:
        found: NDArray[Any] = np.asarray(_plain(value), dtype=float)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise NotYet(f"{what} should be numbers, not {described(value)}.") from None
    if found.shape != shape:
        wanted = "one number" if shape == () else f"an array of shape {shape}"
        got = "one number" if found.shape == () else f"an array of shape {found.shape}"
        raise NotYet(f"{what} should be {wanted}, not {got}.")
    if not np.isfinite(found).all():
        raise NotYet(f"{what} should be finite, and there is a NaN or an infinity in it.")
    return found


def number(value: Any, what: str = "the result") -> float:
    """Give `value` as one number, or raise a sentence about what came instead."""
    return float(array(value, (), what))


def tensor(value: Any, shape: tuple[int, ...], what: str) -> Tensor:
    """Give back a tensor of finite numbers of this shape, or raise a sentence."""
    if not isinstance(value, Tensor) or value.shape != shape:
        raise NotYet(f"{what} should be a tensor of shape {shape}, not {described(value)}.")
    array(value, shape, what)
    return value


def pair_of(value: Any, what: str) -> tuple[Any, Any]:
    """Give back two things, or raise a sentence about what came instead."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise NotYet(f"give {what}: two things, not {described(value)}.")
    return value[0], value[1]


def described(value: Any) -> str:
    """Say in words what a value is."""
    kind = type(value).__name__
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    return f"an array of shape {value.shape}" if isinstance(value, np.ndarray) else f"a {kind}"


def close(found: Any, expected: Any, tolerance: float = 1e-4) -> bool:
    """Tell whether two results agree, relative to the size of what is expected."""
    difference = np.abs(np.asarray(found) - np.asarray(expected)).max()
    return bool(difference <= tolerance * max(1e-6, float(np.abs(expected).max())))


def agree(found: Any, expected: Any) -> bool:
    """Tell whether two results, tensors or numbers, have the same shape and are `close`."""
    one, other = (torch.as_tensor(part).detach().numpy() for part in (found, expected))
    return one.shape == other.shape and close(one, other)


def furthest_off(found: Any, expected: Any) -> tuple[int, str, str]:
    """Find the row that is furthest from what is expected: its place, and how both look there."""
    one, other = (torch.as_tensor(part).detach().double() for part in (found, expected))
    place = int((one - other).abs().reshape(len(one), -1).amax(dim=1).argmax())
    is_, should_be = written_apart(one[place], other[place])
    return place, is_, should_be


def written_apart(found: Any, expected: Any) -> tuple[str, str]:
    """Write two numbers, or two rows, with as many digits as it takes to tell them apart."""
    one, other = (torch.as_tensor(part).detach().double() for part in (found, expected))
    for digits in range(4, 17):
        written = _in_digits(one, digits), _in_digits(other, digits)
        if written[0] != written[1]:
            break
    return written


def _in_digits(numbers: Tensor, digits: int) -> str:
    words = [f"{value:.{digits}g}" for value in numbers.flatten().tolist()]
    return words[0] if numbers.ndim == 0 else f"({', '.join(words)})"


def refuse_mistakes(
    found: Any, same: Callable[[Any, Any], bool], table: Iterable[tuple[Any, str]]
) -> None:
    """Say the sentence that belongs to the first value of a table that `found` is the same as."""
    for value, sentence in table:
        if same(found, value):
            raise NotYet(sentence)


def _plain(value: Any) -> Any:
    """Turn tensors into arrays, also inside lists; refuse what is no number."""
    if isinstance(value, Tensor):
        return value.detach().cpu().double().numpy()
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if (
        value is None
        or isinstance(value, str)
        or getattr(value, "dtype", np.dtype(int)).kind == "U"
    ):
        raise TypeError
    return value


def _content(value: Any) -> Any:
    """Copy what an argument holds, if it is numbers or words; of anything else give None."""
    if isinstance(value, TensorDataset):
        value = value.tensors
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, list | tuple):
        return [_content(part) for part in value]
    kinds = np.ndarray | pd.Series | set | dict | str | int | float
    return copy.deepcopy(value) if isinstance(value, kinds) else None


def same_content(one: Any, other: Any) -> bool:
    """Tell whether two things that hold numbers or words hold the same."""
    if isinstance(one, Tensor):
        return torch.equal(one, other)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same_content, one, other))
    if isinstance(one, np.ndarray | pd.Series):
        return bool(np.array_equal(one, other))
    return bool(one == other)


def _own_frame(error: BaseException, function: Any) -> tuple[str, int]:
    """Find whether it stopped in the reader's own function, or further down, and where."""
    inner = type(function).forward if isinstance(function, nn.Module) else inspect.unwrap(function)
    code = getattr(inner, "__code__", None)
    frames = list(traceback.walk_tb(error.__traceback__))
    for place, (frame, line) in reversed(list(enumerate(frames))):
        if frame.f_code is code:
            own = line - frame.f_code.co_firstlineno + 1
            return ("last" if place == len(frames) - 1 else "inner"), own
    return "", 0
