"""Exercise 15: the contrastive loss, collapse and its spectrum, and one term that prevents it."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import (
    NotYet,
    agree,
    array,
    call,
    number,
    refuse_mistakes,
    tensor,
    written_apart,
)
from ae_course.exercises.networks import refuse_gradient


def _another(found: float, right: Tensor) -> NotYet:
    is_, should_be = written_apart(found, right)
    return NotYet(f"for the check's codes it should be {should_be}, not {is_}.")


def _codes(*shape: int) -> Tensor:
    return (torch.randn(*shape) + 0.5).requires_grad_()


def _contrastive(
    one: Tensor, two: Tensor, temperature: float, *, itself: bool = False, partner: bool = True
) -> Tensor:
    """Compute the loss from its definition, one code and one other at a time."""
    z = [*one, *two]
    count, terms = len(one), []
    for i, mine in enumerate(z):
        other = (i + count) % len(z)
        weights = {
            j: (F.cosine_similarity(mine, code, dim=0) / temperature).exp()
            for j, code in enumerate(z)
        }
        right = weights[other]
        among = [w for j, w in weights.items() if (itself or j != i) and (partner or j != other)]
        terms.append(-(right / torch.stack(among).sum()).log())
    return torch.stack(terms)


def check_contrastive(contrastive: Any) -> None:
    """Check task 15a: each code is to find its partner among all others."""
    one, two, temperature = _codes(5, 3), _codes(5, 3), 0.5
    each = _contrastive(one, two, temperature)
    right = each.mean()
    result = call(contrastive, one, two, temperature, copies=False)
    if isinstance(result, Tensor) and result.ndim > 0 and result.numel() in (5, 10):
        raise NotYet("it is the loss of each code. The mean over all is asked.")
    if isinstance(result, Tensor) and not result.is_meta and result.isinf().all():
        raise NotYet("the right class is the code itself, which is excluded. It is the partner.")
    found = number(result, "the loss")
    a, b = F.normalize(one, dim=1), F.normalize(two, dim=1)
    z, raw = torch.cat([a, b]), torch.cat([one, two])
    hidden = torch.eye(10, dtype=torch.bool)
    partner, classes = torch.arange(10).roll(5), torch.arange(5)

    def by_matrix(logits: Tensor, target: Tensor = partner) -> Tensor:
        return F.cross_entropy(logits.masked_fill(hidden, -math.inf), target)

    across = a @ b.T / temperature
    there, back = F.cross_entropy(across, classes), F.cross_entropy(across.T, classes)
    sentence = "the negatives of the same view are missing: all 2B − 1 others are asked."
    table = [
        (by_matrix(raw @ raw.T / temperature), "the codes are not brought to length one."),
        (by_matrix(z @ z.T), "the temperature changes nothing. Divide the cosines by it."),
        (by_matrix(z @ z.T * temperature), "it multiplies by the temperature. Divide."),
        (
            _contrastive(one, two, temperature, itself=True).mean(),
            "a code is compared with itself. Leave that out: it is no negative.",
        ),
        (
            _contrastive(one, two, temperature, partner=False).mean(),
            "the partner is missing below. It is one of the 2B − 1 others.",
        ),
        (by_matrix(z @ z.T / temperature, torch.arange(10).roll(1)), "the partner is another's."),
        (by_matrix(z @ z.T / temperature, torch.arange(10).roll(-1)), "the partner is another's."),
        (there, sentence),
        (back, sentence),
        ((there + back) / 2, sentence),
        (each[:5].mean(), "only the codes of the first view look for their partners."),
        (each[5:].mean(), "only the codes of the second view look for their partners."),
        (each.sum(), "it adds up over the codes. Take the mean."),
        (2 * right, "it adds up the two views. Take the mean over all 2B codes."),
        (-right, "its sign is turned."),
        (right / math.log(2), "it is in bits. Nats are asked."),
    ]
    if not agree(found, right.item()):
        refuse_mistakes(found, agree, [(value.item(), text) for value, text in table])
        raise _another(found, right)
    refuse_gradient(result, right, {"one": one, "two": two})
    colder = number(call(contrastive, one.detach(), two.detach(), 0.1), "the loss")
    if not agree(colder, _contrastive(one, two, 0.1).mean().item()):
        raise NotYet("at a temperature of 0.5 it is right, and at 0.1 it is not. Use the argument.")


def check_spectrum(spectrum: Any) -> None:
    """Check task 15b: how the codes vary, direction by direction, beside their length."""
    mixed = torch.randn(40, 4) * torch.tensor([3.0, 1, 0.3, 0.1])
    z = mixed @ torch.linalg.qr(torch.randn(4, 4)).Q + torch.tensor([1.0, -2, 0, 1])
    centred = z - z.mean(dim=0)
    strength = torch.linalg.eigvalsh(centred.T @ centred).flip(0)
    right = strength / z.square().sum()
    found = tensor(call(spectrum, z), (4,), "the spectrum")
    raw = torch.linalg.svdvals(z).square()
    columns = centred.square().sum(dim=0)
    table = [
        (strength / strength.sum(), "it adds up to 1. Divide by the codes' squared length, with "
         "their mean in it: or collapse cannot be seen."),
        (raw / raw.sum(), "the mean is still in it. Subtract it first."),
        (raw / strength.sum(), "the mean is still in it. Subtract it first."),
        (strength, "it is not divided by the squared length of the codes."),
        (strength / 40, "these are variances. Divide by the squared length instead."),
        (strength / 39, "these are variances. Divide by the squared length instead."),
        (strength.sqrt() / z.square().sum(), "the singular values are not squared."),
        (strength.sqrt() / z.norm(), "singular values and length are not squared."),
        (strength.sqrt() / strength.sqrt().sum(), "the singular values are not squared."),
        (strength.sqrt(), "the singular values are neither squared nor divided."),
        (right.flip(0), "it begins with the weakest direction. Begin with the strongest."),
        (columns / z.square().sum(), "these are the numbers of the code. Directions are asked."),
        (
            columns.sort(descending=True).values / z.square().sum(),
            "these are the numbers of the code, sorted. Directions are asked.",
        ),
        (40 * right, "it divides by the mean squared length. Divide by the sum over all codes."),
    ]  # fmt: skip
    if not agree(found, right):
        refuse_mistakes(found, agree, table)
        raise NotYet(
            f"for the check's codes it should begin with {right[0]:.3f} and add up to "
            f"{right.sum():.3f}. It begins with {found[0]:.3f} and adds up to {found.sum():.3f}."
        )


def check_attract(attract: Any) -> None:
    """Check task 15c: the loss without negatives."""
    one, two = _codes(5, 3), _codes(5, 3)
    cosines = F.cosine_similarity(one, two, dim=1)
    result = call(attract, one, two, copies=False)
    if isinstance(result, Tensor) and result.shape == (5,):
        raise NotYet("it is the loss of each pair. The mean over the pairs is asked.")
    found = number(result, "the loss")
    a, b = F.normalize(one, dim=1), F.normalize(two, dim=1)
    table = [
        (cosines.mean(), "it grows as the codes agree. Take one minus the cosine."),
        (-cosines.mean(), "it is right but for a constant. Take *one* minus the cosine."),
        (1 + cosines.mean(), "it grows as the codes agree. Take one minus the cosine."),
        ((1 - cosines).sum(), "it adds up over the pairs. Take the mean."),
        (2 - 2 * cosines.mean(), "it is the squared distance, twice what is asked."),
        (1 - (one * two).sum(dim=1).mean(), "the codes are not brought to length one."),
        (F.mse_loss(one, two), "it is the squared error of the codes. Take their cosine."),
        (1 - F.cosine_similarity(one, two, dim=0).mean(), "the cosine is over the wrong axis."),
        (1 - (a @ b.T).mean(), "each code is compared with those of all pictures."),
        (1 - cosines.abs().mean(), "opposite codes do not agree: leave the cosine's sign."),
    ]
    if not agree(found, (1 - cosines).mean().item()):
        refuse_mistakes(found, agree, [(value.item(), text) for value, text in table])
        raise _another(found, (1 - cosines).mean())
    refuse_gradient(result, (1 - cosines).mean(), {"one": one, "two": two})


def _even(z: Tensor, factor: float = -2, power: int = 2) -> Tensor:
    """Compute exp(−2 d²) for each pair of rows."""
    apart = [(one - other).norm() for one, other in combinations(z, 2)]
    return (factor * torch.stack(apart) ** power).exp()


def check_even(even: Any) -> None:
    """Check task 15d: how evenly codes lie on the sphere, and a gradient where all are the same."""
    z = _codes(6, 3)
    unit = F.normalize(z, dim=1)
    pairs = _even(unit)
    right = pairs.mean().log()
    result = call(even, z, copies=False)
    found = number(result, "the result")
    table = [
        (_even(z).mean().log(), "the codes are not brought to length one."),
        (
            ((2 * pairs.sum() + 6) / 36).log(),
            "each code is also paired with itself, at a distance of 0. Leave these pairs out.",
        ),
        (_even(unit, power=1).mean().log(), "the distance is not squared."),
        (_even(unit, factor=-1).mean().log(), "the factor 2 in front of the square is missing."),
        (_even(unit, factor=2).mean().log(), "the exponent has a minus."),
        (pairs.mean(), "the logarithm is missing."),
        (pairs.log().mean(), "it is the mean of the logarithms. Take the logarithm of the mean."),
        (pairs.sum().log(), "it adds up over the pairs. Take the mean before the logarithm."),
        ((2 * pairs.sum()).log(), "it adds up over the pairs. Take the mean before the logarithm."),
        (-right, "its sign is turned: it should be lowest where codes are spread evenly."),
        (pairs.log().sum(), "it is the sum of the logarithms. Take the logarithm of the mean."),
    ]
    if not agree(found, right.item()):
        refuse_mistakes(found, agree, [(value.item(), text) for value, text in table])
        raise _another(found, right)
    refuse_gradient(result, right, {"z": z})
    same = torch.ones(4, 4).requires_grad_()  # their cosines are exactly 1
    result = call(even, same, copies=False)
    array(result, (), "the result for codes that are all the same")
    (gradient,) = torch.autograd.grad(result, same)
    if gradient.isnan().any():
        raise NotYet(
            "for codes that are all the same its gradient is NaN: a root has no slope at 0. "
            "`pdist` is safe, and so is 2 − 2 cos."
        )


CHECKS = {
    "15a": check_contrastive,
    "15b": check_spectrum,
    "15c": check_attract,
    "15d": check_even,
    "15e": check_comparison,
}
