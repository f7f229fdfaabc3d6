"""The *Build* exercises of part 5: losses in many dimensions, Heun's steps, a judge's layer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from ae_course.exercises.feedback import (
    NotYet,
    agree,
    call,
    pair_of,
    refuse_mistakes,
    tensor,
    written_apart,
)
from ae_course.exercises.networks import wrong_gradient

SIGMA = 0.5


class _Seen(nn.Module):
    """A small network for scores that keeps what it was asked."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(size, 8), nn.Tanh(), nn.Linear(8, size))
        self.asked: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.asked.append(x)
        answer: Tensor = self.layers(x)
        return answer


def check_losses(losses: Any) -> None:
    """Check the Build of 5.1: the implicit and the denoising loss for any number of dimensions."""
    implicit, denoising = pair_of(losses, "two functions, the implicit and the denoising loss")
    for loss, name in ((implicit, "the implicit loss"), (denoising, "the denoising loss")):
        network, x = _Seen(3), torch.rand(400, 3)
        found = tensor(call(loss, network, x, SIGMA, copies=False), (), name)
        noise = _noise(network, x, name)
        noisy = (x + SIGMA * noise).requires_grad_()
        if name == "the implicit loss":
            terms = _implicit(network, noisy)
        else:
            terms = _denoising(network, noisy, noise)
        right = terms.pop("right")
        if not agree(found, right):
            table = [(value, f"{name}: {sentence}") for sentence, value in terms.items()]
            refuse_mistakes(found, agree, table)
            is_, should_be = written_apart(found, right)
            raise NotYet(f"{name} is {is_}, and should be {should_be}.")
        if not found.requires_grad:
            raise NotYet(f"no gradient comes through {name}.")
        if wrong_gradient(found, right, dict(network.named_parameters())):
            raise NotYet(
                f"{name} has the right value and the wrong gradient. Does it come through the "
                "slopes (`create_graph=True`)?"
            )


def _noise(network: _Seen, x: Tensor, name: str) -> Tensor:
    """Give the noise of a loss in units of SIGMA, and refuse what is none."""
    asked = [one for one in network.asked if one.shape == x.shape]
    if not asked:
        raise NotYet(f"{name} does not ask the network about the points, {tuple(x.shape)}.")
    noise = (asked[0].detach() - x) / SIGMA  # 1,200 numbers: their deviation is known to 2 %
    size = noise.std().item()
    if size < 1e-6:
        raise NotYet(f"{name} asks the network at points without noise.")
    if abs(size - 1) > 0.1 or noise.mean().abs() > 0.15:
        raise NotYet(
            f"{name} asks at points with noise of deviation {size * SIGMA:.2f} and mean "
            f"{noise.mean().item() * SIGMA:.2f}, where sigma is {SIGMA}."
        )
    return noise


def _implicit(network: _Seen, noisy: Tensor) -> dict[str, Tensor]:
    answer = network(noisy)
    rows = [torch.autograd.grad(answer[:, d].sum(), noisy, create_graph=True)[0] for d in range(3)]
    slopes = torch.stack(rows, dim=1)  # (B, 3, 3): the Jacobian
    trace = slopes.diagonal(dim1=1, dim2=2)  # (B, 3)
    square = answer.square().sum(dim=1)
    return {
        "right": (square + 2 * trace.sum(dim=1)).mean(),
        "the trace counts once. It counts twice.": (square + trace.sum(dim=1)).mean(),
        "it is half of it. Nothing else is wrong.": (square / 2 + trace.sum(dim=1)).mean(),
        "the trace has the wrong sign.": (square - 2 * trace.sum(dim=1)).mean(),
        "it sums the whole Jacobian. Sum its diagonal.": (square + 2 * slopes.sum((1, 2))).mean(),
        "it has one slope, that of the first number.": (square + 2 * trace[:, 0]).mean(),
        "it has one slope, that of the last number.": (square + 2 * trace[:, -1]).mean(),
        "it takes the mean over the dimensions. Sum over them.": (
            answer.square() + 2 * trace
        ).mean(),
        "the squares are averaged over the dimensions, and the slopes are not.": (
            square / 3 + 2 * trace.sum(dim=1)
        ).mean(),
        "it is the square alone.": square.mean(),
    }


def _denoising(network: _Seen, noisy: Tensor, noise: Tensor) -> dict[str, Tensor]:
    answer = network(noisy)

    def loss(part: Tensor) -> Tensor:
        return part.square().sum(dim=1).mean()

    return {
        "right": loss(answer + noise / SIGMA),
        "its sign is turned: the score points back, against the noise.": loss(
            answer - noise / SIGMA
        ),
        "the noise is not divided by sigma.": loss(answer + noise),
        "the noise is multiplied by sigma. Divide by it.": loss(answer + SIGMA * noise),
        "the noise is divided by the square of sigma.": loss(answer + noise / SIGMA**2),
        "it is weighted by the square of sigma.": SIGMA**2 * loss(answer + noise / SIGMA),
        "it takes the mean over the dimensions. Sum over them.": loss(answer + noise / SIGMA) / 3,
        "it is the sum over the batch. Take the mean.": 400 * loss(answer + noise / SIGMA),
    }


def check_heun(heun: Any) -> None:
    """Check the Build of 5.2: each step along the mean of the directions at its two ends."""
    x, sigmas = torch.randn(4, 3), torch.tensor([9.0, 4.0, 1.5, 0.4])
    calls: list[float] = []

    def ask(x: Tensor, sigma: Any) -> Tensor:
        sigma = torch.as_tensor(sigma).flatten()[0]  # or one for each point, all the same
        calls.append(float(sigma))
        answer: Tensor = (x / (1 + sigma)).sin() + 0.1 * sigma
        return answer

    def steps(second: Any, to_zero: bool = True, always: bool = False) -> Tensor:
        """Go along the direction that `second(x, ahead, first, sigma, lower)` gives."""
        place = x
        for sigma, lower in pairwise([*sigmas, torch.tensor(0.0)] if to_zero else sigmas):
            first = ask(place, sigma)
            ahead = place + (lower - sigma) * first
            if lower > 0 or always:
                first = second(place, ahead, first, sigma, lower)
            place = place + (lower - sigma) * first
        return place

    def mean(x: Tensor, ahead: Tensor, first: Tensor, sigma: Tensor, lower: Tensor) -> Tensor:
        return (first + ask(ahead, lower)) / 2

    found = tensor(call(heun, x.clone(), sigmas.clone(), ask, copies=False), (4, 3), "x")
    asked, right = len(calls), steps(mean)
    if not agree(found, right):
        refuse_mistakes(found, agree, _other_steps(steps, mean, ask))
        gap = (found - right).abs().max().item()
        raise NotYet(f"after four steps a number differs by up to {gap:.3g}.")
    if asked != 7:
        raise NotYet(f"four steps take {asked} calls of the direction. Seven are enough.")


def _other_steps(
    steps: Callable[..., Tensor], mean: Callable[..., Tensor], ask: Callable[..., Tensor]
) -> list[tuple[Tensor, str]]:
    """Go by other second directions than the mean of both ends: where that leads, and its name."""
    return [
        (
            steps(lambda x, ahead, first, *_: first),
            "each step goes along the direction at its beginning alone.",
        ),
        (
            steps(lambda x, ahead, first, *ends: ask((x + ahead) / 2, sum(ends) / 2), always=True),
            "it asks in the middle of each step. Heun's asks at the end.",
        ),
        (
            steps(lambda x, ahead, first, *ends: ask((x + ahead) / 2, sum(ends) / 2)),
            "it asks in the middle of each step. Heun's asks at the end.",
        ),
        (
            steps(lambda x, ahead, first, sigma, lower: ask(ahead, lower)),
            "it goes along the direction at the end alone.",
        ),
        (
            steps(lambda *at: 2 * mean(*at)),
            "it goes along the sum of both directions. Take their mean.",
        ),
        (
            steps(lambda x, ahead, first, *ends: first + mean(x, ahead, first, *ends)),
            "the second step starts from the trial. Start from x.",
        ),
        (
            steps(lambda x, ahead, first, *ends: mean(x, x, first, *ends)),
            "the second direction is that at x. Ask at the end of the trial.",
        ),
        (
            steps(lambda x, ahead, first, sigma, lower: (first + ask(ahead, sigma)) / 2),
            "the second direction is asked at the old sigma.",
        ),
        (
            steps(mean, always=True),
            "the last step has no direction at its end, at sigma 0.",
        ),
        (
            steps(mean, to_zero=False),
            "the last step, from the lowest sigma to 0, is missing.",
        ),
    ]


def _reaches(output: Tensor, x: Tensor) -> bool:
    """Tell whether the gradient of an output reaches x, and is not zero."""
    (slope,) = torch.autograd.grad(output.square().sum(), x, allow_unused=True)
    return slope is not None and slope.abs().max().item() > 1e-3


def check_spread(layer: Any) -> None:
    """Check the Build of 5.3: a layer that appends each feature's deviation over the batch."""
    if isinstance(layer, type):
        raise NotYet(f"give a layer, `{layer.__name__}()`, and not its class.")
    x = torch.randn(16, 128) * torch.linspace(1, 10, 128) + 3
    found = tensor(call(layer, x), (16, 256), "the layer's output for (16, 128)")
    kept, added = found.detach().split(128, dim=1)
    if not agree(kept, x):
        if agree(added, x):
            raise NotYet("the deviations come first. Append them.")
        raise NotYet("the first half of a row should be the features, unchanged.")
    if not agree(added, added[:1].expand_as(added)):
        across = x.std(dim=1, keepdim=True).expand_as(x)
        if agree(added, across) or agree(added, across * (127 / 128) ** 0.5):
            raise NotYet("these are the deviations over the features of a row. Over the batch!")
        raise NotYet("every row should have the same deviations: there is one batch.")
    one = added[0]
    if not any(agree(one, x.std(dim=0, correction=less)) for less in (0, 1)):
        table = [(x.var(dim=0, correction=less), "it is the variance.") for less in (0, 1)]
        table += [(x.mean(dim=0), "it is the mean of each feature, not its deviation.")]
        table += [
            (x.std(correction=less).expand(128), "it is one number for all features.")
            for less in (0, 1)
        ]
        refuse_mistakes(one, agree, table)
        gap = (one - x.std(dim=0)).abs().max().item()
        raise NotYet(f"a deviation differs from PyTorch's by up to {gap:.2g}.")
    x.requires_grad_()
    spread = call(layer, x, copies=False)[:, 128:]
    if not spread.requires_grad or not _reaches(spread, x):
        raise NotYet("no gradient comes through the deviations, and the forger needs it.")
    same = torch.ones(4, 128, requires_grad=True)
    given = call(layer, same, copies=False)
    given.sum().backward()
    if same.grad is None or not same.grad.isfinite().all():
        raise NotYet(
            "where a feature is the same in all rows the gradient is NaN. Add something tiny."
        )


CHECKS = {"5.1": check_losses, "5.2": check_heun, "5.3": check_spread}
