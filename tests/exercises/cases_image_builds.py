"""The Build exercises of lessons on images: their right answers and their common wrong ones."""

import torch
from torch import nn
from torch.nn.functional import normalize

import ae_course as ae


class Spread(nn.Module):
    def forward(self, x):
        return torch.cat([x, (x.var(dim=0) + 1e-8).sqrt().expand_as(x)], dim=1)


def spread(x, value=None, tiny=1e-8, first=False):
    value = (x.var(dim=0) + tiny).sqrt() if value is None else value
    parts = [x, value.expand_as(x)]
    return torch.cat(parts[::-1] if first else parts, dim=1)


def pushed(z, power=2):
    return torch.pdist(z).pow(power).mul(-2).exp().mean()


def aligned(model, one, two):
    return sum(terms(model, one, two))


def terms(model, one, two, unit=True, power=2):
    a, b = (normalize(z, dim=1) if unit else z for z in model(one, two).chunk(2))
    return (a - b).square().sum(1).mean(), (pushed(a, power).log() + pushed(b, power).log()) / 2


def together(model, one, two):
    z = normalize(model(one, two), dim=1)
    return terms(model, one, two)[0] + pushed(z).log()


def unlogged(model, one, two):
    a, b = (normalize(z, dim=1) for z in model(one, two).chunk(2))
    return terms(model, one, two)[0] + (pushed(a) + pushed(b)) / 2


def mean_distance(model, one, two):
    a, b = (normalize(z, dim=1) for z in model(one, two).chunk(2))
    return (a - b).norm(dim=1).mean() + terms(model, one, two)[1]


def window(count, sizes=((3, 4), (4, 3)), room=None, wrap=False):
    visible = []
    for number in range(count):
        height, width = sizes[number % len(sizes)]
        top, side = (
            0 if room == 0 else int(torch.randint(7 if wrap else 8 - size - (room or 0), ()))
            for size in (height, width)
        )
        rows = (top + torch.arange(height)) % 7
        columns = (side + torch.arange(width)) % 7
        visible.append((7 * rows[:, None] + columns).flatten())
    visible = torch.stack(visible)
    seen = torch.zeros(count, 49).scatter(1, visible, 1.0)
    return visible, seen.argsort(dim=1, stable=True)[:, :37]


def at_random(count):
    order = torch.rand(count, 49).argsort(dim=1)
    return order[:, :12], order[:, 12:]


def all_hidden(count):
    visible, _ = window(count)
    return visible, torch.arange(37).expand(count, 37)


RIGHT = {"5.3": Spread(), "6.1": aligned, "6.2": window}
RIGHT_TOO = [("5.3", spread), ("5.3", ae.BatchSpread())]

# task, wrong answer, what it is told
WRONG = [
    ("5.3", lambda x: spread(x, first=True), "Append them"),
    ("5.3", lambda x: torch.cat([x - x.mean(0), x], dim=1)[:, :20] * 2, "unchanged"),
    ("5.3", lambda x: spread(x, x.std(1, keepdim=True)), "over the features of a row"),
    ("5.3", lambda x: spread(x, (x - x.mean(0)).abs()), "the same deviations"),
    ("5.3", lambda x: spread(x, x.var(0)), "it is the variance"),
    ("5.3", lambda x: spread(x, x.mean(0)), "it is the mean"),
    ("5.3", lambda x: spread(x, x.std()), "one number for all"),
    ("5.3", lambda x: spread(x, x.std(0) + 1), "differs from PyTorch's by up to 1"),
    ("5.3", lambda x: spread(x, tiny=0), "gradient is NaN"),
    ("5.3", lambda x: spread(x).detach(), "no gradient"),
    ("5.3", lambda x: x, "of shape (16, 20), not"),
    ("6.1", lambda *asked: sum(terms(*asked, unit=False)), "length one"),
    ("6.1", lambda *asked: terms(*asked)[0], "alignment alone"),
    ("6.1", lambda *asked: terms(*asked)[1], "uniformity alone"),
    ("6.1", lambda *asked: terms(*asked)[0] - terms(*asked)[1], "wrong sign"),
    ("6.1", lambda *asked: terms(*asked)[0] + 2 * terms(*asked)[1], "Take their mean"),
    ("6.1", lambda *asked: terms(*asked)[0] / 4 + terms(*asked)[1], "Sum over these"),
    ("6.1", mean_distance, "alignment takes the distance"),
    ("6.1", unlogged, "the logarithm is missing"),
    ("6.1", lambda *asked: sum(terms(*asked, power=1)), "uniformity takes the distance"),
    ("6.1", together, "pushes partners apart"),
    ("6.1", lambda *asked: aligned(*asked).detach(), "no gradient"),
    ("6.1", lambda *asked: aligned(*asked) + 1, "and should give"),
    ("6.2", lambda count: window(count)[0], "two tensors"),
    ("6.2", lambda count: window(count)[::-1], "comes first"),
    ("6.2", lambda count: [part.float() for part in window(count)], "whole numbers"),
    ("6.2", all_hidden, "each once"),
    ("6.2", at_random, "no rectangle"),
    ("6.2", lambda count: window(count, wrap=True), "round the edge"),
    ("6.2", lambda count: window(count, sizes=((3, 4),)), "the same shape"),
    ("6.2", lambda count: window(count, room=0), "at one place"),
    ("6.2", lambda count: window(count, room=1), "it draws 24 in"),
]
