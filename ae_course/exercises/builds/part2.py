"""The *Build* exercises of part 2: where noise comes through, and noise of any level."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ae_course.exercises.feedback import NotYet, agree, call, refuse_mistakes, tensor
from ae_course.models.autoencoder import AutoEncoder


def check_squares(squares: Any) -> None:
    """Check the Build of 2.1: what the noise of each pixel adds to the picture of a linear net."""
    first, last = nn.Linear(784, 900), nn.Linear(900, 784)
    model = AutoEncoder(
        nn.Sequential(nn.Flatten(), first), nn.Sequential(last, nn.Unflatten(1, (1, 28, 28)))
    )
    into, out = first.weight.detach(), last.weight.detach()
    A = out @ into
    found = tensor(call(squares, model), (784,), "the sums")
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
        ((into.T @ out.T).square().sum(dim=0), "A is turned over: its rows are its columns."),
    ]
    refuse_mistakes(found, agree, table)
    raise NotYet(
        f"their sum is {found.sum().item():.4g}, and |A|² of this network {right.sum().item():.4g}."
    )


def check_any_level(any_level: Any) -> None:
    """Check the Build of 2.2: a noise level of its own for each picture, uniform up to `most`."""
    x, most = torch.rand(1000, 1, 28, 28), 0.6
    before = x.clone()
    found = tensor(call(any_level, x, most, copies=False), (1000, 1, 28, 28), "the noisy pictures")
    if not torch.equal(x, before):
        raise NotYet("it changes the pictures that it is given. Work on a copy.")
    noise = (found - x).flatten(1)
    if agree(found, x):
        raise NotYet("the pictures have no noise.")
    if found.min() >= 0 and found.max() <= 1:
        raise NotYet("it is cut off at 0 and 1. `add_noise` lets it go beyond.")
    if (noise.mean(dim=1) / noise.std(dim=1)).mean() > 0.3:
        raise NotYet("the noise makes pictures brighter on average. Is it `randn_like`?")
    _refuse_levels(noise, most)
    scaled = noise / noise.std(dim=1, keepdim=True)
    if scaled.pow(4).mean() < 2.5:  # 3 for a normal distribution, 1.8 for a uniform one
        raise NotYet("within a picture the noise is not normal.")


def _refuse_levels(noise: Tensor, most: float) -> None:
    level = noise.std(dim=1) / most  # (1000,): each is known to 2.5 %
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
    if level.max() > 1.15 or level.min() > 0.1 or abs(mean - 0.5) > 0.04:
        raise NotYet(
            f"levels lie from {level.min() * most:.2f} to {level.max() * most:.2f} with the mean "
            f"{mean * most:.2f}, where they should be uniform from 0 to {most}."
        )


CHECKS = {"2.1": check_squares, "2.2": check_any_level}
