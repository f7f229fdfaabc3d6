"""The *Build* exercises of part 2: where noise comes through, and noise of any level."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ae_course.exercises.feedback import NotYet, agree, array, call, refuse_mistakes, tensor
from ae_course.models.autoencoder import AutoEncoder


def check_squares(squares: Any) -> None:
    """Check the Build of 2.1: what the noise of each pixel adds to the picture of a linear net."""
    first, last = nn.Linear(784, 900), nn.Linear(900, 784)
    model = AutoEncoder(
        nn.Sequential(nn.Flatten(), first), nn.Sequential(last, nn.Unflatten(1, (1, 28, 28)))
    )
    into, out = first.weight.detach(), last.weight.detach()
    A = out @ into
    found = torch.tensor(array(call(squares, model), (784,), "the sums")).float()
    right = A.square().sum(dim=0)
    if agree(found, right):
        return
    table = [
        (A.square().sum(dim=1), "these are the rows of A: the noise that *arrives* in a pixel."),
        (A.sum(dim=0), "these are sums of the entries. Square them first."),
        (A.abs().sum(dim=0), "these are sums of absolute values. Take squares."),
        (right.sqrt(), "these are lengths. Leave out the root."),
        (A.square().mean(dim=0), "these are means over 784 entries. Take their sums."),
        (A.diagonal().square(), "these are the squares on the diagonal alone."),
        (into.square().sum(dim=0), "it is the encoder's matrix alone."),
        (
            (A + model(torch.zeros(1, 784)).detach().flatten()[:, None]).square().sum(dim=0),
            "the biases are in it. Subtract what the network draws for a black picture.",
        ),
    ]
    refuse_mistakes(found, agree, table)
    raise NotYet(
        f"their sum is {found.sum().item():.4g}, and |A|² of this network {right.sum().item():.4g}."
    )


def check_any_level(any_level: Any) -> None:
    """Check the Build of 2.2: a noise level of its own for each picture, uniform up to `most`."""
    x, most = torch.rand(1000, 1, 28, 28), 0.6
    found = tensor(call(any_level, x, most, copies=False), (1000, 1, 28, 28), "the noisy pictures")
    if agree(found, x):
        raise NotYet("the pictures have no noise.")
    if found.min() >= 0 and found.max() <= 1:
        raise NotYet("it is cut off at 0 and 1. `add_noise` lets it go beyond.")
    kept = ((found - found.mean()) * (x - x.mean())).mean() / x.var()
    if abs(kept - 1) > 0.05:
        raise NotYet(
            "the pictures themselves are changed. Add the noise, and leave them as they are."
        )
    noise = (found - x).flatten(1)
    if (noise.mean(dim=1) / noise.std(dim=1)).nanmean() > 0.3:
        raise NotYet("the noise makes pictures brighter on average. Is it `randn_like`?")
    if torch.equal(call(any_level, x, most), found):
        raise NotYet("a second call draws the same noise.")
    level = noise.std(dim=1) / most  # (1000,): each is known to 2.5 %
    _refuse_levels(noise, level, most)
    noisy = level > 1e-6
    scaled = noise[noisy] / noise[noisy].std(dim=1, keepdim=True)
    if (scaled[:-1] * scaled[1:]).mean().abs() > 0.05:
        raise NotYet("all pictures have the same noise. Draw it for each pixel of each picture.")
    if not 2.5 < scaled.pow(4).mean() < 3.5:  # 3 for a normal distribution, 1.8 for a uniform one
        raise NotYet("within a picture the noise is not normal.")


def _refuse_levels(noise: Tensor, level: Tensor, most: float) -> None:
    if level.std() < 0.05 * level.mean():
        if (noise / noise.std()).pow(4).mean() > 4:
            raise NotYet("each pixel has a level of its own. Draw σ with the shape (B, 1, 1, 1).")
        raise NotYet("all pictures have the same level. Draw σ with the shape (B, 1, 1, 1).")
    for size, sentence in (
        (1 / most, "levels go up to 1, whatever `most` is."),
        (most, "levels go up to the square of `most`."),
        (2, "levels go up to twice `most`."),
    ):
        if abs(level.max() / size - 1) < 0.12:
            raise NotYet(sentence)
    mean = level.mean().item()
    if abs(mean - 2 / 3) < 0.04:
        raise NotYet("the *variance* is uniform. Draw σ itself.")
    if abs(mean - 1 / 3) < 0.04:
        raise NotYet("σ is the square of a uniform number. Draw σ itself.")
    uniform = (torch.arange(1000) + 0.5) / 1000
    if (level.sort().values - uniform).abs().max() > 0.08:
        raise NotYet(
            f"levels lie from {level.min() * most:.2f} to {level.max() * most:.2f} with the mean "
            f"{mean * most:.2f}, and are not spread evenly from 0 to {most}."
        )
    if torch.corrcoef(torch.stack([level, uniform]))[0, 1].abs() > 0.5:
        raise NotYet("the levels rise from picture to picture. Draw them.")


CHECKS = {"2.1": check_squares, "2.2": check_any_level}
