"""The *Build* exercises at the end of lessons on images: each has the number of its lesson."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import normalize

from ae_course.exercises.feedback import NotYet, agree, call, refuse_mistakes, tensor


def check_spread(layer: Any) -> None:
    """Check the Build of 5.3: a layer that appends each feature's deviation over the batch."""
    x = torch.randn(16, 10) * torch.arange(1, 11) + 3
    found = tensor(call(layer, x), (16, 20), "the layer's output for (16, 10)")
    kept, added = found.detach().split(10, dim=1)
    if not agree(kept, x):
        if agree(added, x):
            raise NotYet("the deviations come first. Append them.")
        raise NotYet("the first half of a row should be the features, unchanged.")
    if not agree(added, added[:1].expand_as(added)):
        across = x.std(dim=1, keepdim=True).expand_as(x)
        if agree(added, across) or agree(added, across * 0.9**0.5):
            raise NotYet("these are the deviations over the features of a row. Over the batch!")
        raise NotYet("every row should have the same deviations: there is one batch.")
    one = added[0]
    if not any(agree(one, x.std(dim=0, correction=less)) for less in (0, 1)):
        table = [(x.var(dim=0, correction=less), "it is the variance.") for less in (0, 1)]
        table += [(x.mean(dim=0), "it is the mean of each feature, not its deviation.")]
        table += [
            (x.std(correction=less).expand(10), "it is one number for all features.")
            for less in (0, 1)
        ]
        refuse_mistakes(one, agree, table)
        gap = (one - x.std(dim=0)).abs().max().item()
        raise NotYet(f"a deviation differs from PyTorch's by up to {gap:.2g}.")
    same = torch.ones(4, 10, requires_grad=True)
    given = call(layer, same, copies=False)
    if not given.requires_grad:
        raise NotYet("no gradient comes through the layer.")
    given.sum().backward()
    if same.grad is None or not same.grad.isfinite().all():
        raise NotYet("where all rows are alike its gradient is NaN. Add something tiny.")


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
    if not agree(found, near + even):
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
        ]
        refuse_mistakes(found, agree, table)
        raise NotYet(f"it gives {found.item():.4f}, and should give {(near + even).item():.4f}.")
    if not found.requires_grad:
        raise NotYet("no gradient comes through the loss.")


def check_window(window: Any) -> None:
    """Check the Build of 6.2: a rectangle of twelve visible patches at any place of 7 x 7."""
    pair = call(window, 2000)
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise NotYet("it should return two tensors, `visible` and `hidden`.")
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


CHECKS = {
    "5.3": check_spread,
    "6.1": check_aligned,
    "6.2": check_window,
}
