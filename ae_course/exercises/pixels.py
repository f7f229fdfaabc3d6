"""Exercise 6: an image as a sequence of pixels, each drawn from a distribution over numbers."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, max_pool2d, pad

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import NotYet, call, number, refuse_mistakes, tensor
from ae_course.exercises.networks import refuse_gradient

SIDE = 12


def check_sequences(sequences: Any) -> None:
    """Check task 6a: images as sequences of inputs and targets."""
    images = torch.rand(3, 1, 28, 28)
    found = call(sequences, images)
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise NotYet("it should return a pair: the inputs x and the targets y.")
    x, y = (tensor(part, (3, SIDE**2), name) for part, name in zip(found, "xy", strict=True))
    inner = images[..., 2:26, 2:26]
    small = avg_pool2d(inner, 2)
    wanted = small.flatten(1)

    def same(one: Tensor, other: Tensor) -> bool:
        return torch.allclose(one, other, atol=1e-5)

    if same(x, wanted) and not same(y, wanted):
        raise NotYet("x and y are exchanged: y holds the pixels, x those before.")
    table: tuple[tuple[Tensor, str], ...] = (
        (small.mT.flatten(1), "y goes column by column. Rows first."),
        (max_pool2d(inner, 2).flatten(1), "y has the largest of each 2 × 2 pixels, not the mean."),
        (inner[..., ::2, ::2].flatten(1), "y has every second pixel. Take means of 2 × 2."),
        (4 * wanted, "y has the sums of 2 × 2 pixels, not the means."),
    )
    refuse_mistakes(y, same, table)
    if not same(y, wanted):
        raise NotYet("y does not hold the means of 2 × 2 pixels, row by row.")
    table = (
        (wanted, "x is y itself, so the network has only to copy. Shift it by one place."),
        (pad(wanted[:, 1:], (0, 1)), "x holds the pixel *after* each place. That is the answer."),
        (wanted.roll(1, 1), "x begins with the last pixel of the image. It should be a zero."),
        (wanted.roll(-1, 1), "x holds the pixel *after* each place. That is the answer."),
    )
    refuse_mistakes(x, same, table)
    if not same(x, pad(wanted[:, :-1], (1, 0))):
        raise NotYet("x does not hold a zero and then the pixel before each place.")


class _Counting(nn.Module):
    """What it gives depends on the pixel before, on the place, and on a state that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(0.3))

    def forward(self, x: Tensor, state: Any = None, start: int = 0) -> tuple[Tensor, Any]:
        seen = 0 if state is None else state
        row, column = divmod(int(start), SIDE)
        value = self.scale * x + 0.05 * (row % 5) + 0.1 * (column % 3) + 0.01 * min(seen, 60)
        return torch.stack([value, 0 * value, 0 * value], dim=-1), seen + 1


@torch.no_grad()
def _painted(count: int, *, keep: bool = True, feed: bool = True, clamp: bool = True) -> Tensor:
    model, x, state, pixels = _Counting(), torch.zeros(count, 1), None, []
    for place in range(SIDE**2):
        parameters, new = model(x if feed else torch.zeros(count, 1), state, start=place)
        state = new if keep else None
        x = 1.3 * parameters[..., 0] - 0.2
        x = x.clamp(0, 1) if clamp else x
        pixels.append(x)
    return torch.cat(pixels, dim=1).view(count, 1, SIDE, SIDE)


def check_paint(paint: Any) -> None:
    """Check task 6b: images drawn pixel by pixel."""
    found = call(paint, _Counting(), lambda parameters: 1.3 * parameters[..., 0] - 0.2, 3)
    drawn = tensor(found, (3, 1, SIDE, SIDE), "the result")
    if drawn.requires_grad:
        raise NotYet("the images carry gradients. Draw inside torch.no_grad().")

    def same(one: Tensor, other: Tensor) -> bool:
        return torch.allclose(one, other, atol=1e-5)

    right = _painted(3)
    if same(drawn, right):
        _refuse_one_image(paint)
        return
    table = (
        (_painted(3, keep=False), "the state is thrown away. Give it to the next call."),
        (_painted(3, feed=False), "it reads zeros only. The pixel that was drawn goes back in."),
        (_painted(3, clamp=False), "the pixels are not clamped to [0, 1]."),
        (
            _painted(3, clamp=False).clamp(0, 1),
            "it clamps in the end. Clamp *before* feeding back.",
        ),
        (right.mT, "rows and columns are exchanged."),
    )
    refuse_mistakes(drawn, same, table)
    raise NotYet(
        "these are not the pixels that the model and `draw` give one after the other. Does `start` "
        "count from 0 to 143, and is the first x zero?"
    )


def _refuse_one_image(paint: Any) -> None:
    """Ask for another number of images, each drawn with numbers of its own."""

    def draw(parameters: Tensor) -> Tensor:
        return 1.3 * parameters[..., 0] - 0.2 + 0.02 * torch.arange(len(parameters))[:, None]

    five = tensor(call(paint, _Counting(), draw, 5), (5, 1, SIDE, SIDE), "for a count of 5, it")
    if torch.allclose(five[0], five[4], atol=1e-5):
        raise NotYet("all images are the same one. Each is drawn with pixels of its own.")


def check_loss(loss: Any) -> None:
    """Check task 6c: the loss of a mixture of normal distributions."""
    parameters, pixels = torch.randn(4, 7, 15, requires_grad=True), torch.rand(4, 7)
    result = call(loss, parameters, pixels, copies=False)
    found = number(result)
    logits, means, log_widths = parameters.chunk(3, dim=-1)

    def densities(widths: Tensor) -> Tensor:
        """Compute the logarithm of each bell's density, (B, T, K)."""
        away = (pixels[..., None] - means) / widths
        return -0.5 * away.square() - widths.log() - 0.5 * math.log(2 * math.pi)

    each = densities(log_widths.exp())

    def price(shares: Tensor, each: Tensor) -> Tensor:
        return -(shares + each).logsumexp(-1)

    shares = logits.log_softmax(-1)
    wanted = price(shares, each)
    center = (shares.exp() * means).sum(-1)
    table = (
        (-wanted.mean(), "the sign is wrong: a likelier pixel should cost less."),
        (wanted.sum(), "it adds up the pixels. Take the mean."),
        (wanted.sum(1).mean(), "it adds up the pixels of an image. Take the mean."),
        (wanted.mean() / math.log(2), "it is in bits. The loss is in nats."),
        (price(logits, each).mean(), "the shares do not add up to one. Where is the softmax?"),
        (
            -(shares.exp() * each).sum(-1).mean(),
            "it averages the logarithms. The density is the sum of the densities, and the "
            "logarithm comes after.",
        ),
        (
            price(shares, densities(torch.nn.functional.softplus(log_widths))).mean(),
            "the third part holds logarithms of widths. Their exponential is the width.",
        ),
        (
            price(shares, densities((0.5 * log_widths).exp())).mean(),
            "it takes the third part for the logarithm of the variance. It is that of the width.",
        ),
        ((center - pixels).square().mean(), "it is the squared error of the mean, no density."),
    )

    def same(found: float, value: Tensor) -> bool:
        right = value.item()
        return abs(found - right) < 1e-4 * max(1.0, abs(right))

    if same(found, wanted.mean()):
        refuse_gradient(result, wanted.mean(), {"parameters": parameters})
        _refuse_other_bells(loss)
        return
    refuse_mistakes(found, same, table)
    raise NotYet(
        "that is not the mean of minus the log density. Look at one pixel and one bell by hand; "
        "the three parts are logits, means and logarithms of widths."
    )


def _refuse_other_bells(loss: Any) -> None:
    """Ask for other numbers of bells, with pixels outside of 0 and 1 and narrow bells near them."""
    for bells in (1, 2):
        pixels = 1.4 * torch.rand(4, 7) - 0.2
        widths = torch.randn(4, 7, bells) - 5
        means = pixels[..., None] + widths.exp() * torch.randn(4, 7, bells)
        logits = torch.randn(4, 7, bells)
        found = number(call(loss, torch.cat([logits, means, widths], dim=-1), pixels))
        bell = torch.distributions.Normal(means, widths.exp()).log_prob(pixels[..., None])
        right = -(logits.log_softmax(-1) + bell).logsumexp(-1).mean().item()
        if abs(found - right) > 1e-3 * max(1.0, abs(right)):
            raise NotYet(
                f"with five bells it is right, and with {bells}, narrow ones, and pixels below 0 "
                "and above 1 it is not. Leave pixels and widths as they are."
            )


CHECKS = {"6a": check_sequences, "6b": check_paint, "6c": check_loss, "6d": check_comparison}
