"""The Build exercises of part 6: their right answers and their common wrong ones."""

import torch
from torch.nn.functional import normalize


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


def across(model, one, two):  # uniformity over all pairs but the partners
    z = normalize(model(one, two), dim=1)
    pairs = ~torch.eye(len(z) // 2, dtype=torch.bool).repeat(2, 2)
    even = (-2 * (2 - 2 * z @ z.T)).exp()[pairs].mean().log()
    return terms(model, one, two)[0] + even


def with_itself(model, one, two):
    parts = normalize(model(one, two), dim=1).chunk(2)
    even = [(-2 * (2 - 2 * z @ z.T)).exp().mean().log() for z in parts]
    return terms(model, one, two)[0] + sum(even) / 2


def half_cut(model, one, two):
    near, even = terms(model, one, two)
    return near.detach() + even


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


def nudge(x, unit, told, half=True, size=None):
    upto = len(x) // 2 if half else len(x)
    sign = torch.corrcoef(torch.stack([x[:upto, unit], told[:upto]]))[0, 1].sign()
    size = x[:, unit].std() if size is None else size
    return sign * size * torch.eye(x.shape[1])[unit]


def both(parts, scales, divide=2**0.5):
    return torch.cat([part / scale for part, scale in zip(parts, scales, strict=True)], 1) / divide


def beside(one, other, divide=2**0.5, scales=None):
    if scales is None:
        scales = [part[0].square().sum(1).mean().sqrt() for part in (one, other)]
    return tuple(both(parts, scales, divide) for parts in zip(one, other, strict=True))


def wrong_sign(x, unit, told):
    return x[:, unit].mean().sign() * nudge(x, unit, told).abs()


def own_scale(one, other):
    return tuple(beside((a, a), (b, b))[0] for a, b in zip(one, other, strict=True))


def of_length_one(one, other):
    return beside([normalize(z, dim=1) for z in one], [normalize(z, dim=1) for z in other])


def standardised(one, other):
    train, test = (torch.cat(parts, 1) for parts in zip(one, other, strict=True))
    return tuple((part - train.mean(0)) / train.std(0) for part in (train, test))


RIGHT = {"6.1": aligned, "6.2": window, "6.3": nudge, "6.4": beside}
RIGHT_TOO = [
    ("6.1", across),
    ("6.3", lambda x, unit, told: nudge(x, unit, told, size=x[:, unit].std(correction=0))),
    ("6.3", lambda *asked: nudge(*asked, half=False)),
    ("6.3", lambda x, unit, told: nudge(x, unit, told, size=x[:300, unit].std())),
]

# task, wrong answer, what it is told
WRONG = [
    ("6.1", lambda *asked: sum(terms(*asked, unit=False)), "length one"),
    ("6.1", lambda *asked: terms(*asked)[0], "alignment alone"),
    ("6.1", lambda *asked: terms(*asked)[1], "uniformity alone"),
    ("6.1", lambda *asked: terms(*asked)[0] - terms(*asked)[1], "wrong sign"),
    ("6.1", lambda *asked: terms(*asked)[0] + 2 * terms(*asked)[1], "Take their mean"),
    ("6.1", lambda *asked: terms(*asked)[0] / 4 + terms(*asked)[1], "Sum over these"),
    ("6.1", mean_distance, "alignment takes the distance"),
    ("6.1", unlogged, "the logarithm is missing"),
    ("6.1", lambda *asked: sum(terms(*asked, power=1)), "uniformity takes the distance"),
    ("6.1", with_itself, "with itself"),
    ("6.1", half_cut, "its gradient for `codes`"),
    ("6.1", together, "pushes partners apart"),
    ("6.1", lambda *asked: aligned(*asked).detach(), "no gradient"),
    ("6.1", lambda *asked: aligned(*asked) + 1, "and should give"),
    ("6.2", lambda count: window(count)[0], "two things"),
    ("6.2", lambda count: window(count)[::-1], "comes first"),
    ("6.2", lambda count: [part.float() for part in window(count)], "whole numbers"),
    ("6.2", all_hidden, "each once"),
    ("6.2", at_random, "no rectangle"),
    ("6.2", lambda count: window(count, wrap=True), "round the edge"),
    ("6.2", lambda count: window(count, sizes=((3, 4),)), "the same shape"),
    ("6.2", lambda count: window(count, room=0), "at one place"),
    ("6.2", lambda count: window(count, room=1), "it draws 24 in"),
    ("6.3", lambda *asked: -nudge(*asked), "the wrong way"),
    ("6.3", wrong_sign, "the wrong way"),
    ("6.3", lambda *asked: nudge(*asked, size=1), "it has the length 1"),
    ("6.3", lambda *asked: nudge(*asked, size=1).abs(), "not the label's sign"),
    ("6.3", lambda x, unit, told: nudge(x, unit, told, size=x[:, unit].var()), "the variance"),
    ("6.3", lambda x, unit, told: x.std(dim=0), "pushes all neurons"),
    ("6.3", lambda x, unit, told: nudge(x, unit, told, size=x.std()), "of all neurons"),
    ("6.3", lambda x, unit, told: nudge(x, unit, told, size=x[:, unit].mean()), "neuron's mean"),
    ("6.3", lambda *asked: nudge(*asked) + torch.eye(128)[3], "other neurons as well"),
    ("6.3", lambda *asked: 3 * nudge(*asked), "it pushes neuron 40 by"),
    ("6.3", lambda *asked: nudge(*asked)[None], "not a tensor of shape (1, 128)"),
    ("6.4", lambda *pairs: beside(*pairs)[0], "two things"),
    ("6.4", lambda *pairs: beside(*pairs, scales=(1, 1)), "not brought to the same"),
    ("6.4", lambda *pairs: beside(*pairs, scales=(1, 1), divide=1), "not brought to the same"),
    ("6.4", lambda *pairs: beside(*pairs, divide=1), "squared length is 2"),
    ("6.4", lambda *pairs: beside(*pairs, divide=2), "divides by 2"),
    ("6.4", own_scale, "a scale of their own"),
    ("6.4", lambda one, other: (beside(one, other)[0], torch.zeros(80, 17)), "and the test codes"),
    ("6.4", of_length_one, "picture's code has length one"),
    ("6.4", lambda one, other: beside(other, one), "Put `one` first"),
    ("6.4", standardised, "scaled by itself"),
    ("6.4", lambda *pairs: beside(*pairs, scales=(2, 5)), "Each should be half"),
    ("6.4", lambda one, other: one, "the training codes should be"),
]
