"""Exercise 14, from noise to rings: its right answers and its common wrong ones."""

from itertools import pairwise

import torch
from torch.nn.functional import l1_loss, mse_loss


def noised(x, left, noise, signal=torch.sqrt, room=lambda left: (1 - left).sqrt()):
    left = left[:, None]
    return signal(left) * x + room(left) * noise


def loss(
    predict,
    x,
    alpha_bar,
    *,
    steps=lambda n, count: torch.randint(n, (count,)),
    noise=torch.randn_like,
    target=lambda x, noisy, noise: noise,
    error=mse_loss,
    make=noised,
):
    left, noise = alpha_bar[steps(len(alpha_bar), len(x))], noise(x)
    noisy = make(x, left, noise)
    return error(predict(noisy, left), target(x, noisy, noise))


def told_the_step(predict, x, alpha_bar):
    t, noise = torch.randint(len(alpha_bar), (len(x),)), torch.randn_like(x)
    return mse_loss(predict(noised(x, alpha_bar[t], noise), t), noise)


def told_one_number(predict, x, alpha_bar):
    left, noise = alpha_bar[2], torch.randn_like(x)
    return mse_loss(predict(noised(x, left.expand(len(x)), noise), left), noise)


def shown_others(predict, x, alpha_bar):
    t, noise = torch.randint(len(alpha_bar), (len(x),)), torch.randn_like(x)
    return mse_loss(predict(noised(x, alpha_bar[t], noise), alpha_bar[t.flip(0)]), noise)


def half(predict, x, alpha_bar):
    return loss(predict, x[: len(x) // 2], alpha_bar)


def root(answer, target):
    return mse_loss(answer, target).sqrt()


def of_each(answer, target):
    return mse_loss(answer, target, reduction="none")


def total(answer, target):
    return mse_loss(answer, target, reduction="sum")


def of_each_point(answer, target):
    return (answer - target).square().sum(dim=1).mean()


def guess(x, noise, left):
    return (x - (1 - left) ** 0.5 * noise) / left**0.5


def next_x(x, noise, now, then):
    return then**0.5 * guess(x, noise, now) + (1 - then) ** 0.5 * noise


def walk(predict, x, levels, step=next_x, end=1.0):
    levels = [float(level) for level in levels]
    for now, then in zip(levels, [*levels[1:], end], strict=True):
        x = step(x, predict(x, torch.full((len(x),), now)), now, then)
    return x


@torch.no_grad()
def ddim(*asked, **options):
    return walk(*asked, **options)


def plain(predict, x, levels):
    return ddim(predict, x, levels, step=lambda x, noise, now, then: guess(x, noise, now))


def shrunk(x, noise, now, then):
    return then**0.5 * guess(x, noise, now)


def rootless(x, noise, now, then):
    return then * guess(x, noise, now) + (1 - then) * noise


def undivided(x, noise, now, then):
    return then**0.5 * (x - (1 - now) ** 0.5 * noise) + (1 - then) ** 0.5 * noise


def rootless_guess(x, noise, now, then):
    return then**0.5 * (x - (1 - now) * noise) / now + (1 - then) ** 0.5 * noise


def unshrunk(x, noise, now, then):
    return guess(x, noise, now) + (1 - then) ** 0.5 * noise


def same_noise(x, noise, now, then):
    return then**0.5 * guess(x, noise, now) + (1 - now) ** 0.5 * noise


def fresh(x, noise, now, then):
    return next_x(x, torch.randn_like(x), now, then)


@torch.no_grad()
def too_short(predict, x, levels):
    for now, then in pairwise(levels):
        x = next_x(x, predict(x, now.expand(len(x))), now, then)
    return x


@torch.no_grad()
def ends_noisy(predict, x, levels):
    for now, then in zip(levels, [*levels[1:], None], strict=True):
        noise = predict(x, now.expand(len(x)))
        x = x if then is None else next_x(x, noise, now, then)
    return x


@torch.no_grad()
def every_step(predict, x, levels):
    way = [x]
    for now, then in zip(levels, [*levels[1:], torch.tensor(1.0)], strict=True):
        way.append(next_x(way[-1], predict(way[-1], now.expand(len(x))), now, then))
    return torch.stack(way)


@torch.no_grad()
def asks_twice(predict, x, levels):
    for now, then in zip(levels, [*levels[1:], torch.tensor(1.0)], strict=True):
        clean = guess(x, predict(x, now.expand(len(x))), now)
        x = then.sqrt() * clean + (1 - then).sqrt() * predict(x, now.expand(len(x)))
    return x


def one_level(predict, x, levels):
    return predict(x, levels[0])


def denoise(predict, x, left, times, factor=None):
    for _ in range(times):
        clean = guess(x, predict(x, torch.full((len(x),), left)), left)
        x = (left**0.5 if factor is None else factor) * clean
    return clean


@torch.no_grad()
def stuck(*asked, **options):
    return denoise(*asked, **options)


@torch.no_grad()
def with_noise_back(predict, x, left, times):
    for _ in range(times):
        noise = predict(x, torch.full((len(x),), left))
        x = next_x(x, noise, left, left)
    return guess(x, noise, left)


def loss_again(predict, x, alpha_bar):
    torch.manual_seed(0)
    return loss(predict, x, alpha_bar)


RIGHT = {"14a": noised, "14b": loss, "14c": ddim, "14d": stuck}

# the same answers as others would write them
RIGHT_TOO = [
    ("14a", lambda x, left, noise: (left.sqrt() * x.T + (1 - left).sqrt() * noise.T).T),
    ("14b", lambda *asked: loss(*asked, error=of_each).mean()),
    ("14c", torch.no_grad()(lambda *asked: walk(*asked).clone())),
]

# task, wrong answer, what it is told
WRONG = [
    ("14a", lambda *asked: noised(*asked, lambda a: a, lambda a: 1 - a), "Both factors"),
    ("14a", lambda *asked: noised(*asked, room=lambda a: 1 - a), "of the noise needs a root"),
    ("14a", lambda *asked: noised(*asked, signal=lambda a: a), "of the points needs a root"),
    ("14a", lambda *asked: noised(*asked, room=lambda a: 1 - a.sqrt()), "over 1 − left"),
    ("14a", lambda x, left, noise: noised(noise, left, x), "are exchanged"),
    ("14a", lambda *asked: noised(*asked, signal=torch.ones_like), "should shrink"),
    (
        "14a",
        lambda x, left, noise: x + ((1 - left) / left).sqrt()[:, None] * noise,
        "should shrink",
    ),
    ("14a", lambda *asked: noised(*asked, room=torch.ones_like), "needs a factor, too"),
    ("14a", lambda *asked: noised(*asked, room=torch.zeros_like), "the noise is missing"),
    ("14a", lambda x, left, noise: noised(x, left, -noise), "is subtracted"),
    ("14a", lambda *asked: noised(*asked) + 1, "counted from 0, should be"),
    ("14a", lambda x, left, noise: left.sqrt() * x, "stopped in its line 1 with RuntimeError"),
    ("14b", lambda predict, x, alpha_bar: x.mean(), "was not asked"),
    ("14b", told_the_step, "and not the step t"),
    ("14b", told_one_number, "one level for each point, (3000,)"),
    ("14b", half, "1500 points of 3000"),
    (
        "14b",
        lambda *asked: loss(*asked, steps=lambda n, b: torch.full((b,), 2)),
        "Draw one for each",
    ),
    (
        "14b",
        lambda *asked: loss(*asked, steps=lambda n, b: torch.randint(n - 1, (b,))),
        "never drawn, such as 0.01",
    ),
    (
        "14b",
        lambda *asked: loss(*asked, steps=lambda n, b: (torch.rand(b) ** 3 * n).long()),
        "Draw them evenly",
    ),
    ("14b", lambda *asked: loss(*asked, make=lambda x, left, noise: x), "the clean points"),
    (
        "14b",
        lambda *asked: loss(*asked, noise=lambda x: torch.randn(1, 2).expand_as(x)),
        "all points get the same noise",
    ),
    (
        "14b",
        lambda *asked: loss(*asked, noise=lambda x: torch.randn(len(x), 1).expand_as(x)),
        "both coordinates",
    ),
    ("14b", lambda *asked: loss(*asked, noise=torch.rand_like), "uniform, by `rand`"),
    ("14b", lambda *asked: loss(*asked, make=lambda x, left, noise: x + noise), "task 14a"),
    ("14b", shown_others, "task 14a"),
    ("14b", lambda *asked: loss(*asked, error=of_each), "the error of each point"),
    ("14b", lambda *asked: loss(*asked, error=of_each_point), "the two coordinates"),
    ("14b", lambda *asked: loss(*asked, error=total), "adds up over all points"),
    ("14b", lambda *asked: loss(*asked, error=root), "the root of the squared error"),
    ("14b", lambda *asked: loss(*asked) / 2, "half of the squared error"),
    ("14b", lambda *asked: loss(*asked, error=l1_loss), "not squared"),
    ("14b", lambda *asked: loss(*asked, target=lambda x, y, n: x), "for the clean point"),
    ("14b", lambda *asked: loss(*asked, target=lambda x, y, n: y), "for what it was shown"),
    ("14b", lambda *asked: loss(*asked, target=lambda x, y, n: -n), "the sign of the noise"),
    ("14b", lambda *asked: loss(*asked, target=lambda x, y, n: 0 * n), "there is no target"),
    ("14b", lambda *asked: loss(*asked) + 1, "for what the network answered"),
    ("14b", lambda *asked: loss(*asked).item(), "no gradient reaches the network"),
    ("14c", lambda predict, x, levels: x, "was not asked"),
    ("14c", one_level, "one level for each point, (200,)"),
    ("14c", lambda *asked: ddim(*asked, step=fresh), "No fresh noise"),
    ("14c", plain, "no noise is put back"),
    ("14c", lambda *asked: ddim(*asked, step=shrunk), "the guess is shrunk, and no noise"),
    ("14c", lambda *asked: ddim(*asked, step=rootless), "Both factors need a root"),
    ("14c", lambda *asked: ddim(*asked, step=undivided), "not divided by the root"),
    ("14c", lambda *asked: ddim(*asked, step=rootless_guess), "where its root belongs"),
    ("14c", lambda *asked: ddim(*asked, step=unshrunk), "not shrunk to the next level"),
    ("14c", lambda *asked: ddim(*asked, step=same_noise), "the noise of the present level"),
    ("14c", lambda predict, x, levels: ddim(predict, x, levels.flip(0)), "Begin with noise"),
    ("14c", too_short, "it stops before the last level"),
    ("14c", ends_noisy, "it ends with the noise of the last level"),
    ("14c", every_step, "The last points alone"),
    ("14c", walk, "carry gradients"),
    ("14c", asks_twice, "it asks the network 10 times"),
    ("14c", lambda *asked: ddim(*asked) + 1, "should end at"),
    ("14d", lambda predict, x, left, times: x, "was not asked"),
    ("14d", lambda *asked: asked[2] ** 0.5 * stuck(*asked), "give back the last guess"),
    ("14d", with_noise_back, "Do you put the found noise back?"),
    ("14d", lambda predict, x, left, times: stuck(predict, x, left, times - 1), "once too few"),
    ("14d", lambda predict, x, left, times: stuck(predict, x, left, times + 1), "once too often"),
    ("14d", lambda *asked: stuck(*asked, factor=1), "is shrunk by √left"),
    ("14d", lambda *asked: stuck(*asked, factor=asked[2]), "Take its root"),
    ("14d", lambda *asked: (stuck(*asked), asked[1])[1], "have not moved"),
    ("14d", denoise, "carry gradients"),
    ("14d", lambda *asked: stuck(*asked) + 1, "should end at"),
    ("14b", loss_again, "without a seed"),
    ("14c", lambda p, x, levels: ddim(p, x, levels) if len(levels) > 1 else x, "a single one"),
    ("14d", lambda p, x, left, times: stuck(p, x, left, 3), "5 times, it is not"),
]
