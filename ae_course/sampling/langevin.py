"""Langevin dynamics: from noise to samples by following a score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from ae_course.utils.random import normal
from ae_course.utils.validation import check_positive_integers

Score = Callable[[Tensor, Tensor], Tensor]  # noisy points (B, ...) and levels (B,) to scores


@torch.no_grad()
def langevin(
    score: Callable[[Tensor], Tensor],
    start: Tensor,
    *,
    step: float,
    steps: int,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Run Langevin dynamics: go up the score a little, add a little noise, and again.

    ``x ← x + step · score(x) + √(2 · step) · ε``. With small steps and enough of them, x is
    distributed as the density whose score it followed, wherever it came from.

    Parameters
    ----------
    score : callable
        Maps x of shape (B, ...) to ∇ log p(x).
    start : Tensor of shape (B, ...)
        Left as it is.
    step : float
        In squared units of x.
    steps : int
    generator : torch.Generator, optional

    Returns
    -------
    Tensor of shape (B, ...)

    Raises
    ------
    ValueError
        If `step` is not positive or `steps` is not a positive integer.

    References
    ----------
    Roberts and Tweedie (1996), Bernoulli 2(4), 341-363.
    """
    if not step > 0:
        raise ValueError(f"`step` must be positive, got {step}")
    check_positive_integers(steps=steps)
    x = start
    for _ in range(steps):
        noise = normal(x.shape, x, generator)
        x = x + step * score(x) + (2 * step) ** 0.5 * noise
    return x


@torch.no_grad()
def annealed_langevin(
    score: Score,
    start: Tensor,
    sigmas: Sequence[float],
    *,
    step: float = 0.1,
    steps: int = 10,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Run Langevin dynamics at one noise level after the other, from the highest to the lowest.

    Parameters
    ----------
    score : callable
        ``score(x, sigma)`` maps x (B, ...) and levels (B,) to scores, as
        :meth:`ScoreModel.score`.
    start : Tensor of shape (B, ...)
        Usually noise of the highest level.
    sigmas : sequence of float
        Falling.
    step : float, default=0.1
        In units of σ²: at level σ a step has the size ``step * sigma**2``.
    steps : int, default=10
        At each level.
    generator : torch.Generator, optional

    Returns
    -------
    Tensor of shape (B, ...)

    Raises
    ------
    ValueError
        If `sigmas` is empty, not positive or not falling, or `step` or `steps` is not positive.

    References
    ----------
    Song and Ermon (2019), algorithm 1.
    """
    levels = list(sigmas)
    if not levels or levels[-1] <= 0 or any(b >= a for a, b in pairwise(levels)):
        raise ValueError(f"`sigmas` must be positive and fall from first to last, got {levels}")
    x = start
    for level in levels:
        sigma = torch.full((len(x),), float(level), device=x.device, dtype=x.dtype)
        x = langevin(
            lambda at, sigma=sigma: score(at, sigma),  # type: ignore[misc]
            x,
            step=step * level**2,
            steps=steps,
            generator=generator,
        )
    return x
