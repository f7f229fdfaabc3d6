"""What every check needs: to run somebody's function, and to say one sentence about it."""

from __future__ import annotations

import copy
import inspect
import traceback
from collections.abc import Callable, Iterable, Mapping
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
    if not all(map(_same, before, map(_content, given))):
        raise NotYet(f"{name} changes what it is given. Work on a copy, without `-=` or `x[…] =`.")
    if result is None:
        raise NotYet(f"{name} returns nothing. Is there a `return`?")
    return result


def build_model(builder: Any, *arguments: Any) -> nn.Module:
    """Build the network that `builder` returns, in evaluation mode, or raise a sentence."""
    if isinstance(builder, nn.Module):
        raise NotYet("give the function that makes the network, and not a network.")
    net = call(builder, *arguments)
    if not isinstance(net, nn.Module):
        raise NotYet(f"it should return a network, not a {type(net).__name__}.")
    again = call(builder, *arguments)  # chance has gone on: it begins with other numbers
    weights = [list(one.parameters()) for one in (net, again) if isinstance(one, nn.Module)]
    if weights[0] and len({len(one) for one in weights}) == 1 and all(map(_same, *weights)):
        raise NotYet("every network begins with the same numbers. Leave seeds to the caller.")
    return net.eval()


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


def refuse_mistakes(
    found: Any, same: Callable[[Any, Any], bool], table: Iterable[tuple[Any, str]]
) -> None:
    """Say the sentence that belongs to the first value of a table that `found` is the same as."""
    for value, sentence in table:
        if same(found, value):
            raise NotYet(sentence)


def refuse_gradient(loss: Any, right: Tensor, leaves: Mapping[str, Tensor]) -> None:
    """Say what is wrong with the gradient of a loss, by name, whose value is that of `right`."""
    if not isinstance(loss, Tensor):
        raise NotYet("it is a number without a gradient. Give back the tensor.")
    if not loss.requires_grad:
        raise NotYet("no gradient comes through it. Leave out `detach` and `no_grad`.")
    wrong = wrong_gradient(loss, right, leaves)
    if wrong:
        raise NotYet(f"its value is right, and its gradient for `{wrong}` is not.")


def wrong_gradient(loss: Tensor, right: Tensor, leaves: Mapping[str, Tensor]) -> str | None:
    """Give the name of the first leaf whose gradient is missing or not that of `right`."""
    wanted = torch.autograd.grad(right, list(leaves.values()))
    given = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True)
    for name, one, other in zip(leaves, given, wanted, strict=True):
        if one is None or not agree(one, other):
            return name
    return None


def refuse_untrained(net: nn.Module, *inputs: Tensor) -> None:
    """Raise a sentence if some weight of a network gets no gradient from what it gives."""
    weights = [weight for weight in net.parameters() if weight.requires_grad]
    output = call(net, *inputs, copies=False)
    if output.requires_grad:
        given = torch.autograd.grad(output.square().sum(), weights, allow_unused=True)
        if all(slope is not None for slope in given):
            return
    raise NotYet(
        "no gradient reaches some of its weights, so they would not learn. Is there a `detach` or "
        "a `no_grad`?"
    )


def traced(net: nn.Module, x: Tensor, *kinds: type[nn.Module]) -> list[tuple[Any, Tensor, Tensor]]:
    """List the layers of these kinds in the order in which they run: (layer, input, output)."""
    seen: list[tuple[Any, Tensor, Tensor]] = []

    def note(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        # copies: a layer behind this one may work in place
        seen.append((layer, inputs[0].detach().clone(), output.detach().clone()))

    hooks = [
        layer.register_forward_hook(note) for layer in net.modules() if isinstance(layer, kinds)
    ]
    try:
        call(net, x)
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def ends_with(net: nn.Module, layer: nn.Module, x: Tensor) -> bool:
    """Tell whether nothing but a change of shape comes after a layer."""

    def output(shift: float) -> Tensor:
        hook = layer.register_forward_hook(lambda layer, inputs, output: output + shift)
        try:
            with torch.no_grad():
                result: Tensor = call(net, x)
        finally:
            hook.remove()
        return result

    still = output(0)
    return all(
        torch.allclose(output(shift) - still, torch.tensor(shift), rtol=1e-3)
        for shift in (1000.0, -1000.0)
    )


def is_linear(function: Callable[[Tensor], Tensor], inputs: Tensor) -> bool:
    """Tell whether a function of batches is linear, up to a constant, on these inputs."""
    one, other = inputs, inputs.flip(0)
    with torch.no_grad():
        parts = [call(function, x) for x in (one, other, one + other, 0 * one)]
    moved = [part - parts[3] for part in parts[:3]]  # what the inputs change, without the biases
    gap = (moved[0] + moved[1] - moved[2]).abs().max()
    return bool(gap < 1e-3 * max(change.abs().max() for change in moved))


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


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor):
        return torch.equal(one, other)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
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
