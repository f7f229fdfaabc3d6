"""What checks ask of networks, layers and losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ae_course.exercises.feedback import NotYet, agree, call, same_content


def build_model(builder: Any, *arguments: Any) -> nn.Module:
    """Build the network that `builder` returns, in evaluation mode, or raise a sentence."""
    if isinstance(builder, nn.Module):
        raise NotYet("give the function that makes the network, and not a network.")
    net = call(builder, *arguments)
    if not isinstance(net, nn.Module):
        raise NotYet(f"it should return a network, not a {type(net).__name__}.")
    again = call(builder, *arguments)  # chance has gone on: it begins with other numbers
    weights = [list(one.parameters()) for one in (net, again) if isinstance(one, nn.Module)]
    if weights[0] and len({len(one) for one in weights}) == 1 and all(map(same_content, *weights)):
        raise NotYet("every network begins with the same numbers. Leave seeds to the caller.")
    return net.eval()


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
