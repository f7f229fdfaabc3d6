"""The *Build* exercises of part 6: a loss, windows, pushes by a neuron, two codes in one."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import normalize

from ae_course.exercises.feedback import NotYet, agree, call, pair_of, refuse_mistakes, tensor
from ae_course.exercises.networks import refuse_gradient


def _crowding(z: Tensor, power: int = 2) -> Tensor:
    """Give the mean over all pairs of exp(-2 d²); its logarithm is the uniformity."""
    return torch.pdist(z).pow(power).mul(-2).exp().mean()


def _terms(codes: Tensor, power: int = 2) -> tuple[Tensor, Tensor]:
    """Give alignment and uniformity of the codes of both views, (2B, Z)."""
    a, b = codes.chunk(2)
    even = (_crowding(a, power).log() + _crowding(b, power).log()) / 2
    return (a - b).square().sum(dim=1).mean(), even


def check_aligned(loss: Any) -> None:
    """Check the Build of 6.1: partners near each other, and all codes spread on the sphere."""
    codes = torch.randn(12, 4) * 1.5
    codes[6:] = codes[:6] + torch.randn(6, 4)
    codes.requires_grad_()

    def model(one: Tensor, two: Tensor) -> Tensor:
        return codes

    views = torch.zeros(6, 1, 28, 28), torch.zeros(6, 1, 28, 28)
    found = tensor(call(loss, model, *views, copies=False), (), "the loss")
    unit = normalize(codes, dim=1)
    near, even = _terms(unit)
    partners = torch.eye(6, dtype=torch.bool).repeat(2, 2)
    between = torch.cdist(unit, unit).square().mul(-2).exp()  # (12, 12), of both views
    right = near + even
    if agree(found, near + between[~partners].mean().log()):  # all pairs but partners: as good
        right = near + between[~partners].mean().log()
    if not agree(found, right):
        a, b = unit.chunk(2)
        table = [
            (sum(_terms(codes)), "the codes do not have length one."),
            (near, "it is alignment alone, which collapses."),
            (even, "it is uniformity alone: it does not know who belongs together."),
            (near - even, "uniformity has the wrong sign: codes far apart should cost less."),
            (near + 2 * even, "it is the sum of both views' uniformities. Take their mean."),
            (near / 4 + even, "alignment is the mean over the numbers of a code. Sum over these."),
            ((a - b).norm(dim=1).mean() + even, "alignment takes the distance. Take its square."),
            (near + (_crowding(a) + _crowding(b)) / 2, "the logarithm is missing."),
            (near + _terms(unit, power=1)[1], "uniformity takes the distance. Take its square."),
            (
                near + _crowding(unit).log(),
                "uniformity pushes partners apart, too. Take the pairs within a view.",
            ),
            (
                near + (between[:6, :6].mean().log() + between[6:, 6:].mean().log()) / 2,
                "uniformity counts each code with itself.",
            ),
        ]
        refuse_mistakes(found, agree, table)
        raise NotYet(f"it gives {found.item():.4f}, and should give {right.item():.4f}.")
    refuse_gradient(found, right, {"codes": codes})


def check_window(window: Any) -> None:
    """Check the Build of 6.2: a rectangle of twelve visible patches at any place of 7 x 7."""
    pair = pair_of(call(window, 2000), "`visible` and `hidden`")
    shapes = [tuple(getattr(part, "shape", ())) for part in pair]
    if shapes == [(2000, 37), (2000, 12)]:
        raise NotYet("`hidden` comes first. `hide` returns `visible` first.")
    visible, hidden = (
        tensor(part, (2000, size), name)
        for part, size, name in zip(pair, (12, 37), ("visible", "hidden"), strict=True)
    )
    if visible.is_floating_point() or hidden.is_floating_point():
        raise NotYet("places should be whole numbers: `take` looks them up.")
    every = torch.cat([visible, hidden], dim=1).sort(dim=1).values
    if not torch.equal(every, torch.arange(49).expand_as(every)):
        raise NotYet("the visible and the hidden places of an image should be 0 to 48, each once.")
    rows, columns = visible // 7, visible % 7
    sizes = [line.amax(dim=1) - line.amin(dim=1) + 1 for line in (rows, columns)]
    kinds = set(zip(*(size.tolist() for size in sizes), strict=True))
    wrong = kinds - {(3, 4), (4, 3)}
    if wrong:
        height, width = min(wrong)
        raise NotYet(
            f"some visible places span {height} rows and {width} columns: no rectangle of 3 × 4, "
            "or one that goes round the edge."
        )
    if len(kinds) == 1:
        raise NotYet("all windows have the same shape. Some should be 3 × 4, some 4 × 3.")
    found = {tuple(places) for places in visible.sort(dim=1).values.tolist()}
    if len(found) == 2:
        raise NotYet("all windows of one shape stand at one place: draw a place for each image.")
    if len(found) < 40:
        raise NotYet(f"of the 40 windows that there are, it draws {len(found)} in 2,000 images.")


def check_nudge(nudge: Any) -> None:
    """Check the Build of 6.3: one standard deviation of a neuron, to the side of its label."""
    x = torch.randn(600, 128) * torch.linspace(0.2, 3, 128)
    told = (torch.rand(600) < 0.3).float()
    x[:, 40] += 5 - 2 * told  # so that its mean does not tell the sign
    x[:, 90] += 2 * told - 5
    for unit, sign in ((40, -1), (90, 1)):
        found = tensor(call(nudge, x, unit, told), (128,), "the push")
        size = x[:, unit].std()
        right = torch.zeros(128)
        right[unit] = sign * size
        whole, half = x[:, unit], x[:300, unit]  # the half that chose the label, too
        sizes = (part.std(correction=less) for part in (whole, half) for less in (0, 1))
        if any(agree(found, right / size * other) for other in sizes):
            continue
        table = [
            (-right, "it goes the wrong way: where is the neuron when the label holds?"),
            (right / size, "it has the length 1. One standard deviation is asked."),
            (right.abs() / size, "it has the length 1, and not the label's sign."),
            (right * size, "it is the variance. Take the standard deviation."),
            (x.std(dim=0), "it pushes all neurons. Leave the others where they are."),
            (sign * x.std(dim=0), "it pushes all neurons. Leave the others where they are."),
            (right / size * x.std(), "it has the deviation of all neurons. Take this one's."),
            (right / size * x[:, unit].mean(), "it is the neuron's mean, not its deviation."),
        ]
        refuse_mistakes(found, agree, table)
        others = found.clone()
        others[unit] = 0
        if others.abs().max() > 0:
            raise NotYet("it pushes other neurons as well.")
        raise NotYet(
            f"it pushes neuron {unit} by {found[unit]:.4f}, and should by {right[unit]:.4f}."
        )


def check_beside(beside: Any) -> None:
    """Check the Build of 6.4: two codes side by side, as heavy as one another, for one probe."""
    one, other = (
        (part - part.mean(dim=0), torch.randn(80, part.shape[1]) * size)  # as `codes` centres them
        for part, size in ((3 * torch.randn(300, 5), 4), (0.2 * torch.randn(300, 12), 0.3))
    )
    train, test = pair_of(call(beside, one, other), "the codes for training and for the test")
    found = tensor(train, (300, 17), "the training codes"), tensor(test, (80, 17), "the test codes")
    first, second = (part.square().sum(dim=1).mean().sqrt() for part in (one[0], other[0]))
    plain = [torch.cat(parts, dim=1) for parts in zip(one, other, strict=True)]
    scaled = [torch.cat([a / first, b / second], dim=1) for a, b in zip(one, other, strict=True)]
    if agree(found[0], scaled[0] / 2**0.5):
        if agree(found[1], scaled[1] / 2**0.5):
            return
        own = [part / part.square().sum(dim=1).mean().sqrt() for part in (one[1], other[1])]
        if agree(found[1], torch.cat(own, dim=1) / 2**0.5):
            raise NotYet("the test codes have a scale of their own. Use that of the training.")
        raise NotYet("the training codes are right, and the test codes are not.")
    rows = [normalize(part, dim=1) for part in (one[0], other[0])]
    turned = torch.cat([other[0] / second, one[0] / first], dim=1)
    table = [
        (plain[0], "the two are not brought to the same mean squared length."),
        (plain[0] / 2**0.5, "the two are not brought to the same mean squared length."),
        (scaled[0], "side by side their mean squared length is 2. Bring it back to 1."),
        (scaled[0] / 2, "it divides by 2. For a squared length of 1 divide by its root."),
        (torch.cat(rows, dim=1), "each picture's code has length one. It is the mean that counts."),
        (
            torch.cat(rows, dim=1) / 2**0.5,
            "each picture's code has length one. It is the mean that counts.",
        ),
        (
            turned / 2**0.5,
            "the other code comes first. Put `one` first.",
        ),
        (
            plain[0] / plain[0].std(dim=0),
            "each number is scaled by itself. Take one factor for each code.",
        ),
    ]
    refuse_mistakes(found[0], agree, table)
    sizes = [part.square().sum(dim=1).mean().item() for part in found[0].split([5, 12], dim=1)]
    raise NotYet(
        f"the mean squared lengths are {sizes[0]:.3f} and {sizes[1]:.3f}. Each should be half, "
        "without any other change."
    )


CHECKS = {
    "6.1": check_aligned,
    "6.2": check_window,
    "6.3": check_nudge,
    "6.4": check_beside,
}
