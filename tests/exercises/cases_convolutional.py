"""Exercise 3, a denoiser that slides: its right answers and its common wrong ones."""

import math
from itertools import pairwise

import torch
from torch import nn

import ae_course as ae

IMAGE = nn.Unflatten(1, (1, 28, 28))


def denoiser(depth, channels, padding=1, size=3, last=(), between=nn.ReLU):
    sizes = [1, *(depth - 1) * [channels], 1]
    layers = []
    for a, b in pairwise(sizes):
        layers += [nn.Conv2d(a, b, size, padding=padding), between()]
    return nn.Sequential(*layers[:-1], *last)


def cleaning_error(model, noisy, clean):
    model.eval()
    with torch.no_grad():
        return (model(noisy) - clean).square().mean().item()


class Unsorted(nn.Module):
    """A network whose layers are made in another order than that in which they run."""

    def __init__(self, depth, channels):
        super().__init__()
        self.last = nn.Conv2d(channels, 1, 3, padding="same")
        self.middle = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, padding="same") for _ in range(depth - 2)
        )
        self.first = nn.Conv2d(1, channels, 3, padding="same")

    def forward(self, x):
        x = self.first(x).relu()
        for layer in self.middle:
            x = torch.relu(layer(x))
        return self.last(x)


def padded_apart(depth, channels):
    sizes = [1, *(depth - 1) * [channels], 1]
    layers = []
    for a, b in pairwise(sizes):
        layers += [nn.ZeroPad2d(1), nn.Conv2d(a, b, 3), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def seeded(depth, channels):
    torch.manual_seed(0)
    return denoiser(depth, channels)


class Blind(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    @torch.no_grad()
    def forward(self, x):
        return self.net(x)


RIGHT = {
    "3a": denoiser,
    "3b": lambda kernels: 1 + sum(kernel - 1 for kernel in kernels),
    "3c": cleaning_error,
}

# the same answers as others would write them
RIGHT_TOO = [
    ("3a", lambda *asked: denoiser(*asked, between=lambda: nn.ReLU(inplace=True))),
    ("3a", Unsorted),
    ("3a", padded_apart),
    ("3b", lambda kernels: torch.tensor(1 + sum(k - 1 for k in kernels), dtype=torch.bfloat16)),
    ("3c", torch.no_grad()(lambda m, x, y: nn.functional.mse_loss(m.eval()(x), y))),
]

# task, wrong answer, what it is told
WRONG = [
    ("3a", lambda d, c: denoiser(d, c, padding=0), "(4, 1, 22, 22)"),
    ("3a", lambda d, c: ae.dense_autoencoder([784, 30]), "no nn.Conv2d"),
    (
        "3a",
        lambda d, c: nn.Sequential(
            nn.Conv2d(1, 1, 3, padding=1),
            nn.Flatten(),
            nn.Linear(784, 784),
            IMAGE,
        ),
        "28 × 28 only",
    ),
    ("3a", lambda d, c: denoiser(d, c, last=[nn.ReLU()]), "stands behind"),
    ("3a", lambda d, c: denoiser(d + 1, c), "not 4"),
    ("3a", lambda d, c: denoiser(3, c), "Use the argument"),
    ("3a", lambda d, c: denoiser(d, 16), "asked for 8 channels between the layers, it has [16]"),
    ("3a", lambda d, c: denoiser(d, 8), "asked for 4 channels"),
    ("3a", lambda d, c: denoiser(d, c, between=nn.Sigmoid), "and nothing else"),
    ("3a", denoiser(3, 8), "and not a network"),
    ("3a", lambda d, c: denoiser(d, c, between=nn.Identity), "one larger filter"),
    ("3a", lambda d, c: denoiser(d, c, padding=2, size=5), "should be 3 × 3"),
    ("3a", lambda d, c: [nn.Conv2d(1, 1, 3)], "not a list"),
    ("3b", sum, "overlap"),
    ("3b", math.prod, "multiplies"),
    ("3b", lambda kernels: sum(k - 1 for k in kernels), "the pixel itself"),
    ("3b", lambda kernels: 1 + sum(k // 2 for k in kernels), "both sides"),
    ("3b", max, "the largest layer"),
    ("3b", lambda kernels: (1 + sum(k - 1 for k in kernels)) ** 2, "number of pixels"),
    ("3b", lambda kernels: 99, "it gives 99"),
    ("3c", lambda m, x, y: cleaning_error(m, x, x), "it compares with the noisy"),
    ("3c", lambda m, x, y: cleaning_error(m, y, y), "clean already"),
    ("3c", lambda m, x, y: (x - y).square().mean(), "Ask the model"),
    ("3c", lambda m, x, y: (m(x) - y).square().mean().item(), "model.eval()"),
    ("3c", lambda m, x, y: (m.eval()(x) - y).square().mean(), "carries gradients"),
    ("3c", lambda m, x, y: cleaning_error(m, x, y) ** 0.5, "has no root"),
    ("3c", lambda m, x, y: 784 * cleaning_error(m, x, y), "adds up"),
    ("3c", lambda m, x, y: 0.1, "not the mean squared error"),
    ("3a", seeded, "begins with the same numbers"),
    ("3a", lambda *asked: Blind(denoiser(*asked)), "no gradient reaches some"),
]
