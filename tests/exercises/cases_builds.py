"""The Build exercises of lessons: their right answers and their common wrong ones."""

import heapq
import math

import torch
from torch import nn
from torch.nn.functional import (
    cross_entropy,
    logsigmoid,
    normalize,
    scaled_dot_product_attention,
)

import ae_course as ae


def code_lengths(p, sign=1, members=True):
    heap = [(sign * value, i, [i]) for i, value in enumerate(p)]
    heapq.heapify(heap)
    lengths = [0] * len(p)
    while len(heap) > 1:
        (a, i, left), (b, _, right) = heapq.heappop(heap), heapq.heappop(heap)
        for member in left + right if members else left[:1] + right[:1]:
            lengths[member] += 1
        heapq.heappush(heap, (a + b, i, left + right))
    return lengths


def one_longer(p):
    return [length + 1 for length in code_lengths(p)]


def scores(u, real, drawn):
    return torch.cat([(u * real).sum(1, keepdim=True), (u[:, None] * drawn).sum(2)], dim=1)


def info_nce(u, real, drawn):
    return -scores(u, real, drawn).log_softmax(dim=1)[:, 0].mean()


def by_cross_entropy(u, real, drawn):
    return cross_entropy(scores(u, real, drawn), torch.zeros(len(u), dtype=torch.long))


def sigmoids(u, real, drawn):
    yes, no = scores(u, real, drawn).split([1, 5], dim=1)
    return -(logsigmoid(yes).sum(1) + logsigmoid(-no).sum(1)).mean()


def false_ones_only(u, real, drawn):
    yes, no = scores(u, real, drawn).split([1, 5], dim=1)
    return (no.logsumexp(1) - yes[:, 0]).mean()


class SelfAttention(nn.Module):
    def __init__(self, width, d):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, d) for _ in range(3))

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        return scaled_dot_product_attention(q, k, v, is_causal=True)


class Remembering(SelfAttention):
    scale, kept, keys, values = 4, None, "key", "value"

    def step(self, x, past=None):
        q, k, v = (getattr(self, name)(x)[:, None] for name in ("query", self.keys, self.values))
        if past is not None:
            k, v = torch.cat([past[0], k], dim=1), torch.cat([past[1], v], dim=1)
        weights = (q @ k.mT / self.scale).softmax(dim=2)
        past = (k, v) if self.kept is None else (k[:, -self.kept :], v[:, -self.kept :])
        return (weights @ v)[:, 0], past


def remembering(**changed):
    return type("Remembering", (Remembering,), changed)


class Forgetful(Remembering):
    def step(self, x, past=None):
        return super().step(x)


class AnswerAlone(Remembering):
    def step(self, x, past=None):
        return super().step(x, past)[0]


class Shifted(Remembering):
    def step(self, x, past=None):
        found, new = super().step(x, past)
        return found + (past is not None), new


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
    a, b = (normalize(z, dim=1) for z in model(one, two).chunk(2))
    near = (a - b).square().sum(dim=1).mean()
    return near + (pushed(a).log() + pushed(b).log()) / 2


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


RIGHT = {
    "3.1": code_lengths,
    "3.3": info_nce,
    "3.4": Remembering,
    "5.3": Spread(),
    "6.1": aligned,
    "6.2": window,
}
RIGHT_TOO = [("3.3", by_cross_entropy), ("5.3", spread), ("5.3", ae.BatchSpread())]

# task, wrong answer, what it is told
WRONG = [
    ("3.1", lambda p: [-math.log2(value) for value in p], "bits of the cross-entropy"),
    ("3.1", lambda p: [math.ceil(-math.log2(value)) for value in p], "rounded up"),
    ("3.1", lambda p: [math.ceil(math.log2(len(p)))] * len(p), "the same length"),
    ("3.1", lambda p: code_lengths(p, sign=-1), "the two least likely joined"),
    ("3.1", lambda p: code_lengths(p, members=False), "Does every member"),
    ("3.1", one_longer, "the mean is"),
    ("3.1", lambda p: [length - 1 for length in code_lengths(p)], "a whole number"),
    ("3.1", lambda p: code_lengths(p)[1:], "an array of shape"),
    ("3.3", lambda *asked: -info_nce(*asked), "its sign is wrong"),
    ("3.3", lambda *asked: 6 * info_nce(*asked), "the sum over the batch"),
    ("3.3", lambda *asked: info_nce(*asked) / 6, "over all six scores"),
    ("3.3", sigmoids, "the six sigmoids"),
    ("3.3", false_ones_only, "below the line"),
    ("3.3", lambda *asked: -scores(*asked).softmax(1)[:, 0].mean(), "logarithm is missing"),
    (
        "3.3",
        lambda *asked: cross_entropy(scores(*asked), torch.full((6,), 5)),
        "its target is a false neighbour",
    ),
    (
        "3.3",
        lambda u, real, drawn: cross_entropy(u @ real.mT, torch.arange(6)),
        "neighbours of the other words",
    ),
    ("3.3", lambda *asked: info_nce(*asked).detach(), "no gradient"),
    ("3.3", lambda *asked: info_nce(*asked) + 1, "where the cross-entropy is"),
    ("3.3", lambda *asked: -scores(*asked).log_softmax(1)[:, 0], "the loss should be a tensor"),
    ("3.4", Remembering(32, 16), "the function that makes the network"),
    ("3.4", SelfAttention, "no method `step`"),
    ("3.4", AnswerAlone, "two things"),
    ("3.4", Forgetful, "itself alone"),
    ("3.4", remembering(scale=1), "not divided by √d"),
    ("3.4", remembering(scale=16), "divided by d, not by √d"),
    ("3.4", remembering(kept=1), "one place before"),
    ("3.4", remembering(keys="query"), "queries in the place of keys"),
    ("3.4", remembering(values="key"), "keys in the place of values"),
    ("3.4", Shifted, "from place 1 on"),
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
