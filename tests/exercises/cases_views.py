"""Exercise 15, seen twice: its right answers and its common wrong ones."""

import math

import torch
from torch.nn import functional as F

from ae_course import info_nce


def contrastive(one, two, temperature, unit=F.normalize, hide=True, target=None, **options):
    z = unit(torch.cat([one, two]))
    logits = z @ z.T / temperature
    if hide:
        logits = logits.masked_fill(torch.eye(len(z), dtype=torch.bool), -math.inf)
    partner = torch.arange(len(z)).roll(len(one)) if target is None else target
    return F.cross_entropy(logits, partner, **options)


def by_package(one, two, temperature):
    return info_nce(one, two, temperature=temperature)


def without_partner(one, two, temperature):
    z = F.normalize(torch.cat([one, two]), dim=1)
    weights = (z @ z.T / temperature).exp()
    partner = torch.arange(len(z)).roll(len(one))
    right = weights[torch.arange(len(z)), partner]
    return (weights.sum(dim=1) - weights.diagonal() - right).log().mean() - right.log().mean()


def across(one, two, temperature):
    logits = F.normalize(one, dim=1) @ F.normalize(two, dim=1).T / temperature
    return F.cross_entropy(logits, torch.arange(len(one)))


def both_ways(one, two, temperature):
    return (across(one, two, temperature) + across(two, one, temperature)) / 2


def of_each(*asked):
    return contrastive(*asked, reduction="none")


def shifted(one, two, temperature):
    return contrastive(one, two, temperature, target=torch.arange(2 * len(one)).roll(1))


def its_own(one, two, temperature):
    return contrastive(one, two, temperature, target=torch.arange(2 * len(one)))


def centred(z):
    return z - z.mean(dim=0)


def spectrum(z, first=centred, power=2, length=lambda z: z.square().sum()):
    return torch.linalg.svdvals(first(z)) ** power / length(z)


def by_eigenvalues(z):
    return torch.linalg.eigvalsh(centred(z).T @ centred(z)).flip(0) / z.norm() ** 2


def numbers(z):
    return centred(z).square().sum(dim=0) / z.square().sum()


def shares(z):
    return spectrum(z) / spectrum(z).sum()


def attract(one, two, dim=1):
    return 1 - F.cosine_similarity(one, two, dim=dim).mean()


def cosines(one, two):
    return F.cosine_similarity(one, two, dim=1)


def of_all(one, two):
    return 1 - (F.normalize(one, dim=1) @ F.normalize(two, dim=1).T).mean()


def even(z, unit=F.normalize, shape=lambda d: (-2 * d.square()).exp(), end=None):
    pairs = shape(torch.pdist(unit(z)))
    return pairs.mean().log() if end is None else end(pairs)


def by_cosines(z):
    unit = F.normalize(z, dim=1)
    rows, columns = torch.triu_indices(len(z), len(z), 1)
    return (-4 + 4 * (unit @ unit.T)[rows, columns]).exp().mean().log()


def with_itself(z):
    return (-2 * torch.cdist(F.normalize(z), F.normalize(z)).square()).exp().mean().log()


def with_a_root(z):
    unit = F.normalize(z, dim=1)
    rows, columns = torch.triu_indices(len(z), len(z), 1)
    apart = (unit[rows] - unit[columns]).square().sum(dim=1).sqrt()
    return (-2 * apart.square()).exp().mean().log()


def by_products(z):
    z = F.normalize(z, dim=1)
    i, j = torch.triu_indices(len(z), len(z), 1)
    d = (2 - 2 * (z @ z.T)[i, j]).sqrt()
    return (-2 * d**2).exp().mean().log()


RIGHT = {"15a": contrastive, "15b": spectrum, "15c": attract, "15d": even}

# the same answers as others would write them
RIGHT_TOO = [
    ("15a", by_package),
    ("15b", by_eigenvalues),
    ("15c", lambda one, two: (F.normalize(one) - F.normalize(two)).square().sum(1).mean() / 2),
    ("15d", by_cosines),
]

# task, wrong answer, what it is told
WRONG = [
    ("15a", of_each, "the loss of each code"),
    ("15a", its_own, "the code itself, which is excluded"),
    ("15a", lambda *asked: contrastive(*asked, unit=lambda z: z), "to length one"),
    ("15a", lambda one, two, T: contrastive(one, two, 1), "changes nothing"),
    ("15a", lambda one, two, T: contrastive(one, two, 1 / T), "it multiplies"),
    ("15a", lambda *asked: contrastive(*asked, hide=False), "compared with itself"),
    ("15a", without_partner, "the partner is missing below"),
    ("15a", shifted, "the partner is another's"),
    ("15a", across, "of the same view are missing"),
    ("15a", lambda one, two, T: across(two, one, T), "of the same view are missing"),
    ("15a", both_ways, "of the same view are missing"),
    ("15a", lambda *asked: of_each(*asked)[:5].mean(), "of the first view"),
    ("15a", lambda *asked: of_each(*asked)[5:].mean(), "of the second view"),
    ("15a", lambda *asked: contrastive(*asked, reduction="sum"), "Take the mean"),
    ("15a", lambda *asked: 2 * contrastive(*asked), "the two views"),
    ("15a", lambda *asked: -contrastive(*asked), "its sign is turned"),
    ("15a", lambda *asked: contrastive(*asked) / math.log(2), "in bits"),
    ("15a", lambda *asked: contrastive(*asked) + 1, "for the check's codes"),
    ("15a", lambda *asked: contrastive(*asked).item(), "without a gradient"),
    ("15a", lambda one, two, t: contrastive(one, two.detach(), t), "gradient for `two`"),
    ("15a", lambda *asked: contrastive(*asked).detach(), "no gradient comes"),
    ("15b", shares, "adds up to 1"),
    ("15b", lambda z: spectrum(z, first=lambda z: z), "the mean is still in it"),
    ("15b", lambda z: spectrum(z, length=lambda z: 1), "not divided"),
    ("15b", lambda z: spectrum(z, length=len), "these are variances"),
    ("15b", lambda z: spectrum(z, length=lambda z: len(z) - 1), "these are variances"),
    ("15b", lambda z: spectrum(z, power=1), "are not squared"),
    ("15b", lambda z: spectrum(z, power=1, length=torch.norm), "singular values and length"),
    ("15b", lambda z: spectrum(z, power=1, length=lambda z: 1), "neither squared nor divided"),
    ("15b", lambda z: spectrum(z).flip(0), "the weakest direction"),
    ("15b", numbers, "the numbers of the code. Directions"),
    ("15b", lambda z: numbers(z).sort(descending=True).values, "sorted. Directions"),
    ("15b", lambda z: len(z) * spectrum(z), "the mean squared length"),
    ("15b", lambda z: 2 * spectrum(z), "should begin with"),
    ("15b", lambda z: spectrum(z).sum(), "of shape (4,), not"),
    ("15c", lambda *asked: 1 - cosines(*asked), "the loss of each pair"),
    ("15c", lambda *asked: cosines(*asked).mean(), "it grows as the codes agree"),
    ("15c", lambda *asked: 1 + cosines(*asked).mean(), "it grows as the codes agree"),
    ("15c", lambda *asked: -cosines(*asked).mean(), "but for a constant"),
    ("15c", lambda *asked: (1 - cosines(*asked)).sum(), "adds up over the pairs"),
    ("15c", lambda *asked: 2 * attract(*asked), "the squared distance"),
    ("15c", lambda one, two: 1 - (one * two).sum(dim=1).mean(), "to length one"),
    ("15c", F.mse_loss, "the squared error of the codes"),
    ("15c", lambda *asked: attract(*asked, dim=0), "the wrong axis"),
    ("15c", of_all, "those of all pictures"),
    ("15c", lambda *asked: 1 - cosines(*asked).abs().mean(), "leave the cosine's sign"),
    ("15c", lambda *asked: attract(*asked) + 1, "for the check's codes"),
    ("15c", lambda one, two: attract(one.detach(), two), "gradient for `one`"),
    ("15c", lambda *asked: attract(*asked).detach(), "no gradient comes"),
    ("15d", lambda z: even(z, unit=lambda z: z), "to length one"),
    ("15d", with_itself, "paired with itself"),
    ("15d", lambda z: even(z, shape=lambda d: (-2 * d).exp()), "not squared"),
    ("15d", lambda z: even(z, shape=lambda d: (-d.square()).exp()), "the factor 2"),
    ("15d", lambda z: even(z, shape=lambda d: (2 * d.square()).exp()), "a minus"),
    ("15d", lambda z: even(z, end=torch.mean), "the logarithm is missing"),
    ("15d", lambda z: even(z, end=lambda p: p.log().mean()), "the mean of the logarithms"),
    ("15d", lambda z: even(z, end=lambda p: p.sum().log()), "adds up over the pairs"),
    ("15d", lambda z: even(z, end=lambda p: p.log().sum()), "the sum of the logarithms"),
    ("15d", lambda z: -even(z), "its sign is turned"),
    ("15d", lambda z: even(z) + 1, "for the check's codes"),
    ("15d", lambda z: even(z).item(), "without a gradient"),
    ("15d", with_a_root, "its gradient is NaN"),
    ("15a", lambda one, two, t: contrastive(one, two, 0.5), "at 0.1 it is not"),
    ("15d", by_products, "its gradient is NaN"),
]
