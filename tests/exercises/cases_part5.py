"""The Build exercises of part 5: their right answers and their common wrong ones."""

from itertools import pairwise

import torch
from torch import nn

import ae_course as ae


def jacobian(answer, noisy):
    return torch.stack(
        [
            torch.autograd.grad(answer[:, d].sum(), noisy, create_graph=True)[0]
            for d in range(noisy.shape[1])
        ],
        dim=1,
    )


def implicit(s, x, sigma, value=lambda a, J: a.square().sum(1) + 2 * trace(J), spread=1.0):
    noisy = (x + spread * sigma * torch.randn_like(x)).requires_grad_()
    answer = s(noisy)
    return value(answer, jacobian(answer, noisy)).mean()


def trace(J):
    return J.diagonal(dim1=1, dim2=2).sum(1)


def denoising(s, x, sigma, value=lambda a, n, sigma: a + n / sigma):
    noise = torch.randn_like(x)
    return value(s(x + sigma * noise), noise, sigma).square().sum(dim=1).mean()


def by(value):
    return (lambda s, x, sigma: implicit(s, x, sigma, value)), denoising


def also(value):
    return implicit, lambda s, x, sigma: denoising(s, x, sigma, value)


def flat_slopes(s, x, sigma):
    noisy = (x + sigma * torch.randn_like(x)).requires_grad_()
    answer = s(noisy)
    slopes = jacobian(answer, noisy).detach()
    return (answer.square().sum(dim=1) + 2 * trace(slopes)).mean()


def summed_jacobian(s, x, sigma):
    noisy = (x + sigma * torch.randn_like(x)).requires_grad_()
    answer = s(noisy)
    (slopes,) = torch.autograd.grad(answer.sum(), noisy, create_graph=True)
    return (answer.square().sum(dim=1) + 2 * slopes.sum(dim=1)).mean()


def heun(x, sigmas, noise_at, end=None, twice=False):
    for sigma, lower in zip(sigmas, [*sigmas[1:], torch.tensor(0.0)], strict=True):
        slope = noise_at(x, sigma)
        if twice:
            slope = noise_at(x, sigma)
        ahead = x + (lower - sigma) * slope
        if lower > 0:
            slope = (end or mean)(noise_at, x, ahead, slope, sigma, lower)
        x = x + (lower - sigma) * slope
    return x


def mean(noise_at, x, ahead, slope, sigma, lower):
    return (slope + noise_at(ahead, lower)) / 2


def ending(end):
    return lambda x, sigmas, noise_at: heun(x, sigmas, noise_at, end)


def half(noise_at, x, ahead, slope, sigma, lower):
    return noise_at((x + ahead) / 2, (sigma + lower) / 2)


def with_half(x, sigmas, noise_at):
    for sigma, lower in zip(sigmas, [*sigmas[1:], torch.tensor(0.0)], strict=True):
        ahead = x + (lower - sigma) * noise_at(x, sigma)
        x = x + (lower - sigma) * half(noise_at, x, ahead, None, sigma, lower)
    return x


def told_each(x, sigmas, noise_at):
    return heun(x, sigmas, lambda x, sigma: noise_at(x, torch.full((len(x),), float(sigma))))


def from_the_trial(x, sigmas, noise_at):
    for sigma, lower in zip(sigmas, [*sigmas[1:], torch.tensor(0.0)], strict=True):
        slope = noise_at(x, sigma)
        x = x + (lower - sigma) * slope
        if lower > 0:
            x = x + (lower - sigma) * (slope + noise_at(x, lower)) / 2
    return x


def to_the_end(x, sigmas, noise_at):
    for sigma, lower in zip(sigmas, [*sigmas[1:], torch.tensor(0.0)], strict=True):
        slope = noise_at(x, sigma)
        x = x + (lower - sigma) * mean(noise_at, x, x + (lower - sigma) * slope, slope, 0, lower)
    return x


def short(x, sigmas, noise_at):
    for sigma, lower in pairwise(sigmas):
        slope = noise_at(x, sigma)
        x = x + (lower - sigma) * mean(noise_at, x, x + (lower - sigma) * slope, slope, 0, lower)
    return x


class Spread(nn.Module):
    def forward(self, x):
        return torch.cat([x, (x.var(dim=0) + 1e-8).sqrt().expand_as(x)], dim=1)


def spread(x, value=None, tiny=1e-8, first=False):
    value = (x.var(dim=0) + tiny).sqrt() if value is None else value
    parts = [x, value.expand_as(x)]
    return torch.cat(parts[::-1] if first else parts, dim=1)


RIGHT = {"5.1": (implicit, denoising), "5.2": heun, "5.3": Spread()}
RIGHT_TOO = [("5.2", told_each), ("5.3", spread), ("5.3", ae.BatchSpread())]

# task, wrong answer, what it is told
WRONG = [
    ("5.1", implicit, "two functions"),
    ("5.1", (implicit, implicit), "the denoising loss is"),
    ("5.1", by(lambda a, J: a.square().sum(1) + trace(J)), "It counts twice"),
    ("5.1", by(lambda a, J: a.square().sum(1) / 2 + trace(J)), "half of it"),
    ("5.1", by(lambda a, J: a.square().sum(1) - 2 * trace(J)), "the wrong sign"),
    ("5.1", (summed_jacobian, denoising), "the whole Jacobian"),
    ("5.1", by(lambda a, J: a.square().sum(1) + 2 * J[:, 0, 0]), "that of the first"),
    ("5.1", by(lambda a, J: a.square().sum(1) + 2 * J[:, -1, -1]), "that of the last"),
    ("5.1", by(lambda a, J: a.square().mean(1) + 2 * trace(J) / 3), "Sum over them"),
    ("5.1", by(lambda a, J: a.square().mean(1) + 2 * trace(J)), "and the slopes are not"),
    ("5.1", by(lambda a, J: a.square().sum(1)), "the square alone"),
    ("5.1", by(lambda a, J: a.square().sum(1) + 2 * trace(J) + 1), "and should be"),
    ("5.1", (flat_slopes, denoising), "create_graph=True"),
    ("5.1", ((lambda *asked: implicit(*asked).detach()), denoising), "no gradient"),
    ("5.1", ((lambda *asked: implicit(*asked, spread=0)), denoising), "without noise"),
    ("5.1", ((lambda *asked: implicit(*asked, spread=2)), denoising), "noise of deviation"),
    ("5.1", ((lambda s, x, sigma: x.sum()), denoising), "does not ask the network about"),
    ("5.1", also(lambda a, n, sigma: a - n / sigma), "against the noise"),
    ("5.1", also(lambda a, n, sigma: a + n), "not divided by sigma"),
    ("5.1", also(lambda a, n, sigma: a + n * sigma), "Divide by it"),
    ("5.1", also(lambda a, n, sigma: a + n / sigma**2), "by the square of sigma"),
    ("5.1", also(lambda a, n, sigma: sigma * a + n), "weighted by the square"),
    ("5.1", (implicit, lambda *asked: denoising(*asked) / 3), "denoising loss: it takes the mean"),
    ("5.1", (implicit, lambda *asked: denoising(*asked) * 400), "the sum over the batch"),
    ("5.2", ending(lambda noise_at, x, ahead, slope, *levels: slope), "at its beginning alone"),
    ("5.2", with_half, "in the middle"),
    ("5.2", ending(half), "in the middle"),
    ("5.2", ending(lambda n, x, ahead, slope, sigma, lower: n(ahead, lower)), "the end alone"),
    ("5.2", ending(lambda *asked: 2 * mean(*asked)), "Take their mean"),
    ("5.2", from_the_trial, "starts from the trial"),
    ("5.2", ending(lambda n, x, ahead, s, sigma, lower: (s + n(x, lower)) / 2), "that at x"),
    ("5.2", ending(lambda n, x, ahead, s, sigma, _: (s + n(ahead, sigma)) / 2), "the old sigma"),
    ("5.2", to_the_end, "no direction at its end"),
    ("5.2", short, "from the lowest sigma to 0"),
    ("5.2", lambda *asked: heun(*asked) + 1, "differs by up to 1"),
    ("5.2", lambda *asked: heun(*asked, twice=True), "Seven are enough"),
    ("5.3", lambda x: spread(x, first=True), "Append them"),
    ("5.3", lambda x: torch.cat([x - x.mean(0), x], dim=1) * 2, "unchanged"),
    ("5.3", lambda x: spread(x, x.std(1, keepdim=True)), "over the features of a row"),
    ("5.3", lambda x: spread(x, (x - x.mean(0)).abs()), "the same deviations"),
    ("5.3", lambda x: spread(x, x.var(0)), "it is the variance"),
    ("5.3", lambda x: spread(x, x.mean(0)), "it is the mean"),
    ("5.3", lambda x: spread(x, x.std()), "one number for all"),
    ("5.3", lambda x: spread(x, x.std(0) + 1), "differs from PyTorch's by up to 1"),
    ("5.3", lambda x: spread(x, tiny=0), "gradient is NaN"),
    ("5.3", lambda x: spread(x).detach(), "no gradient"),
    ("5.3", lambda x: spread(x, x.std(0).detach()), "no gradient"),
    ("5.3", Spread, "`Spread()`"),
    ("5.3", lambda x: x, "of shape (16, 256), not"),
]
