"""Exercise 14: the loss that predicts noise, and ways back from noise to points in the plane."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import (
    NotYet,
    agree,
    call,
    close,
    described,
    furthest_off,
    number,
    refuse_mistakes,
    tensor,
    written_apart,
)

LEVELS = torch.tensor([0.99, 0.9, 0.7, 0.4, 0.1, 0.01])


def check_noised(noised: Any) -> None:
    """Check task 14a: what is left of the points, and as much noise as there is room for."""
    x, noise = torch.randn(5, 2), torch.randn(5, 2)
    left = torch.tensor([0.9, 0.6, 0.5, 0.2, 0.01])
    found = tensor(call(noised, x, left, noise), (5, 2), "the noisy points")
    a = left[:, None]
    right = a.sqrt() * x + (1 - a).sqrt() * noise
    table = [
        (a * x + (1 - a) * noise, "`left` is a share of the *variance*. Both factors need a root."),
        (a.sqrt() * x + (1 - a) * noise, "the factor of the noise needs a root."),
        (a * x + (1 - a).sqrt() * noise, "the factor of the points needs a root."),
        (a.sqrt() * x + (1 - a.sqrt()) * noise, "the root of the noise's factor is over 1 − left."),
        ((1 - a).sqrt() * x + a.sqrt() * noise, "points and noise are exchanged."),
        (x + (1 - a).sqrt() * noise, "the points should shrink as noise is added."),
        (x + ((1 - a) / a).sqrt() * noise, "the points should shrink as noise is added."),
        (a.sqrt() * x + noise, "the noise needs a factor, too."),
        (a.sqrt() * x, "the noise is missing."),
        (a.sqrt() * x - (1 - a).sqrt() * noise, "the noise is subtracted. Add it."),
    ]
    if not agree(found, right):
        refuse_mistakes(found, agree, table)
        place, is_, should_be = furthest_off(found, right)
        raise NotYet(f"point {place}, counted from 0, should be {should_be}, and is {is_}.")


class _Recorder(nn.Module):
    """A network that keeps what it was asked, and gives a fixed answer with a gradient."""

    def __init__(self, answer: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(1.0))
        self.answer = answer
        self.asked: list[tuple[Any, Any]] = []

    def forward(self, x: Any, left: Any) -> Tensor:
        self.asked.append((x, left))
        if not isinstance(x, Tensor) or x.ndim != 2 or x.shape[1] != 2:
            raise NotYet(f"the network takes points (B, 2), and was given {described(x)}.")
        if not isinstance(left, Tensor) or left.shape != (len(x),):
            raise NotYet(
                f"the network takes one level for each point, ({len(x)},), and was given "
                f"{described(left)}."
            )
        return self.weight * self.answer(x, left)

    def __deepcopy__(self, memo: dict[int, Any]) -> _Recorder:
        return self  # what it was asked is looked at afterwards


def check_loss(loss: Any) -> None:
    """Check task 14b: a level and noise for each point, and the mean squared error."""
    x = torch.tensor([1.0, -2.0]).repeat(3000, 1)
    network = _Recorder(lambda noisy, left: 0.3 * noisy + left[:, None])
    result = call(loss, network, x, LEVELS)
    if not network.asked:
        raise NotYet("the network was not asked.")
    noisy, left = (part.detach() for part in network.asked[-1])
    if len(noisy) != len(x):
        raise NotYet(f"the network was asked about {len(noisy)} points of {len(x)}.")
    _refuse_levels(left)
    level = left[:, None]
    noise = (noisy - level.sqrt() * x) / (1 - level).sqrt()
    _refuse_noise(noisy, noise, x)
    if isinstance(result, Tensor) and result.shape in ((3000,), (3000, 2)):
        raise NotYet("it is the error of each point. The mean over all is asked.")
    found = number(result, "the loss")
    answer: Tensor = network.answer(noisy, left)

    def squared(target: Tensor) -> Tensor:
        return (answer - target).square().mean()

    right = squared(noise)
    table = [
        (2 * right, "it adds up the two coordinates. Take the mean over them, too."),
        (6000 * right, "it adds up over all points. Take the mean."),
        (right.sqrt(), "it takes the root of the squared error."),
        (right / 2, "it takes half of the squared error."),
        ((answer - noise).abs().mean(), "the error is not squared."),
        (squared(x), "the network is asked for the clean point. Ask for the noise."),
        (squared(noisy), "the network is asked for what it was shown. Ask for the noise."),
        (squared(-noise), "the sign of the noise is turned."),
        (
            squared((1 - level).sqrt() * noise),
            "the target is the noise as it was added. Ask for ε.",
        ),
        (answer.square().mean(), "there is no target."),
    ]
    if not close(found, right.numpy()):
        refuse_mistakes(found, lambda one, other: close(one, other.numpy()), table)
        is_, should_be = written_apart(found, right)
        raise NotYet(f"for what the network answered, it should be {should_be}, not {is_}.")
    if not isinstance(result, Tensor) or not result.requires_grad:
        raise NotYet("no gradient reaches the network. Give back the tensor, as it was computed.")
    call(loss, network, x, LEVELS)
    again = network.asked[-1]
    if torch.equal(left, again[1]) or torch.equal(noisy, again[0].detach()):
        raise NotYet(
            "two calls draw the same levels or noise. Draw each time anew, without a seed."
        )


def _refuse_levels(left: Tensor) -> None:
    known = torch.isclose(left[:, None].double(), LEVELS.double()).any(dim=1)
    if not known.all():
        raise NotYet(
            "the network is told something else than a level of `alpha_bar`. It takes "
            "`alpha_bar[t]`, and not the step t."
        )
    if len(left.unique()) == 1:
        raise NotYet("all points have one level. Draw one for each.")
    counts = torch.stack([torch.isclose(left, level).sum() for level in LEVELS])
    if counts.min() == 0:
        lacking = LEVELS[int(counts.argmin())].item()
        raise NotYet(f"some levels are never drawn, such as {lacking:g}. Draw from all of them.")
    if counts.min() < 300:
        raise NotYet("some levels are drawn far more often than others. Draw them evenly.")


def _refuse_noise(noisy: Tensor, noise: Tensor, x: Tensor) -> None:
    if agree(noisy, x):
        raise NotYet("the network is shown the clean points. Show it noisy ones.")
    if (noise - noise[0]).abs().max() < 1e-3:
        raise NotYet("all points get the same noise. Draw some for each.")
    if (noise[:, 0] - noise[:, 1]).abs().max() < 1e-3:
        raise NotYet("both coordinates of a point get the same noise. Each has its own.")
    if noise.min() > -0.01 and noise.max() < 1.01:
        raise NotYet("the noise is uniform, by `rand`. `randn` is normal.")
    if (noise.std(dim=0) - 1).abs().max() > 0.1 or noise.mean(dim=0).abs().max() > 0.1:
        raise NotYet(
            "the points that the network is shown do not have the noise of the level that it is "
            "told. Are they those of task 14a?"
        )


def _of_one_hill(x: Tensor, left: Tensor) -> Tensor:
    """Give the noise that one should expect if the points are normal around (1, −1), width 0.5."""
    level = left[:, None]
    center = level.sqrt() * torch.tensor([1.0, -1.0])
    return (1 - level).sqrt() * (x - center) / (level / 4 + 1 - level)


def _guess(x: Tensor, noise: Tensor, left: float) -> Tensor:
    clean: Tensor = (x - (1 - left) ** 0.5 * noise) / left**0.5
    return clean


def _down(x: Tensor, levels: list[float], step: Callable[..., Tensor]) -> Tensor:
    for now, then in zip(levels, [*levels[1:], 1.0], strict=True):
        noise = _of_one_hill(x, torch.full((len(x),), now))
        x = step(x, noise, now, then)
    return x


def _step(x: Tensor, noise: Tensor, now: float, then: float) -> Tensor:
    """Go down by one level, as DDIM does: the guess, and the same noise put back."""
    lower: Tensor = then**0.5 * _guess(x, noise, now) + (1 - then) ** 0.5 * noise
    return lower


WRONG_STEPS: list[tuple[Callable[..., Tensor], str]] = [
    (
        lambda x, noise, now, then: _guess(x, noise, now),
        "no noise is put back. The guess has less than the next level wants.",
    ),
    (
        lambda x, noise, now, then: then**0.5 * _guess(x, noise, now),
        "the guess is shrunk, and no noise is put back.",
    ),
    (
        lambda x, noise, now, then: then * _guess(x, noise, now) + (1 - then) * noise,
        "a level is a share of the variance. Both factors need a root.",
    ),
    (
        lambda x, noise, now, then: (
            then**0.5 * (x - (1 - now) ** 0.5 * noise) + (1 - then) ** 0.5 * noise
        ),
        "the guess is not divided by the root of the level.",
    ),
    (
        lambda x, noise, now, then: (
            then**0.5 * (x - (1 - now) * noise) / now + (1 - then) ** 0.5 * noise
        ),
        "the guess takes the level where its root belongs.",
    ),
    (
        lambda x, noise, now, then: _guess(x, noise, now) + (1 - then) ** 0.5 * noise,
        "the guess is not shrunk to the next level.",
    ),
    (
        lambda x, noise, now, then: then**0.5 * _guess(x, noise, now) + (1 - now) ** 0.5 * noise,
        "it puts back the noise of the present level. The next one has less.",
    ),
]


def _elsewhere(found: Tensor, right: Tensor) -> NotYet:
    place, is_, should_be = furthest_off(found, right)
    return NotYet(f"point {place}, counted from 0, should end at {should_be}, not {is_}.")


def check_ddim(ddim: Any) -> None:
    """Check task 14c: the way down without fresh noise, level by level."""
    x, levels = torch.randn(200, 2), [0.01, 0.1, 0.4, 0.7, 0.9]
    network = _Recorder(_of_one_hill)
    result = call(ddim, network, x, torch.tensor(levels))
    if not network.asked:
        raise NotYet("the network was not asked.")
    if isinstance(result, list | tuple) or (isinstance(result, Tensor) and result.ndim == 3):
        raise NotYet("it gives back the whole way. The last points alone are asked.")
    found = tensor(result, (200, 2), "the points")
    network.asked.clear()
    result = call(ddim, network, x, torch.tensor(levels))
    if not agree(found, result):
        raise NotYet("two calls from the same start end in different places. No fresh noise here.")
    asked = [round(left[0].item(), 4) for _, left in network.asked]
    right = _down(x, levels, _step)
    if not agree(found, right):
        if asked == levels[::-1]:
            raise NotYet("it goes through the levels from the last to the first. Begin with noise.")
        if asked == levels[:-1]:
            raise NotYet("it stops before the last level. After it comes the level 1, all signal.")
        table = [(_down(x, levels, other), sentence) for other, sentence in WRONG_STEPS]
        last = _before_the_end(x, levels)
        table.append(
            (last, "it ends with the noise of the last level. After it comes the level 1.")
        )
        refuse_mistakes(found, agree, table)
        raise _elsewhere(found, right)
    if result.requires_grad:
        raise NotYet("the points carry gradients. Go down inside torch.no_grad().")
    single = tensor(call(ddim, network, x, torch.tensor([0.01])), (200, 2), "for one level it")
    if not agree(single, _down(x, [0.01], _step)):
        raise NotYet("with several levels it is right, and with a single one it is not.")
    if len(asked) != len(levels):
        raise NotYet(
            f"it asks the network {len(asked)} times for {len(levels)} levels. Once is enough."
        )


def _before_the_end(x: Tensor, levels: list[float]) -> Tensor:
    """Give the noisy points of the last level."""
    for now, then in pairwise(levels):
        x = _step(x, _of_one_hill(x, torch.full((len(x),), now)), now, then)
    return x


def check_stuck(stuck: Any) -> None:
    """Check task 14d: denoised again and again, as if the level had not changed."""
    x, left = torch.randn(50, 2), 0.6
    network = _Recorder(_of_one_hill)
    result = call(stuck, network, x, left, 3)
    if not network.asked:
        raise NotYet("the network was not asked.")
    found = tensor(result, (50, 2), "the points")

    def guesses(times: int, factor: float, left: float = left) -> Tensor:
        noisy = x
        for _ in range(times):
            clean = _guess(noisy, _of_one_hill(noisy, torch.full((50,), left)), left)
            noisy = factor * clean
        return clean

    right = guesses(3, left**0.5)
    table = [
        (left**0.5 * right, "give back the last guess, and not the noisy point made of it."),
        (guesses(1, 1), "it is the first guess. Do you put the found noise back?"),
        (guesses(2, left**0.5), "it denoises once too few."),
        (guesses(4, left**0.5), "it denoises once too often."),
        (guesses(3, 1), "a guess, taken for a noisy point of this level, is shrunk by √left."),
        (guesses(3, left), "the guess is shrunk by left. Take its root."),
        (x, "the points have not moved."),
    ]
    if not agree(found, right):
        refuse_mistakes(found, agree, table)
        raise _elsewhere(found, right)
    if result.requires_grad:
        raise NotYet("the points carry gradients. Denoise inside torch.no_grad().")
    if not agree(call(stuck, network, x, 0.9, 5), guesses(5, 0.9**0.5, 0.9)):
        raise NotYet("with left = 0.6, 3 times, it is right, and with 0.9, 5 times, it is not.")


CHECKS = {
    "14a": check_noised,
    "14b": check_loss,
    "14c": check_ddim,
    "14d": check_stuck,
    "14e": check_comparison,
}
