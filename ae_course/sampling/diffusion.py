"""Diffusion: a schedule from data to noise, and the ways back with noise and without."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ae_course.utils.random import normal
from ae_course.utils.validation import check_positive_integers

Predict = Callable[[Tensor, Tensor], Tensor]  # x (B, ...) and ln σ (B,) to the noise in x


def alpha_bars(steps: int = 1000, *, first: float = 1e-4, last: float = 0.02) -> Tensor:
    """Give what is left of the data's variance after each of many small steps of noise.

    Step t replaces the share ``beta[t]`` of the variance by noise; the shares grow evenly from
    `first` to `last`. After steps 0 to t the product of all ``1 - beta`` is left.

    Parameters
    ----------
    steps : int, default=1000
        T.
    first, last : float
        The smallest and the largest share, between 0 and 1.

    Returns
    -------
    Tensor of shape (T,)
        Falling.

    Raises
    ------
    ValueError
        If `steps` is not a positive integer, or not 0 < `first` <= `last` < 1.

    References
    ----------
    Ho, Jain and Abbeel (2020), Denoising Diffusion Probabilistic Models, NeurIPS, section 4.
    """
    check_positive_integers(steps=steps)
    if not 0 < first <= last < 1:
        raise ValueError(
            f"`first` and `last` must be 0 < first <= last < 1, got {first} and {last}"
        )
    return (1 - torch.linspace(first, last, steps)).cumprod(dim=0)


@torch.no_grad()
def ddim(
    predict: Predict,
    start: Tensor,
    alpha_bars: Sequence[float] | Tensor,
    *,
    eta: float = 0.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Go from noise to samples in one step a level: denoise, and add less noise than there was.

    At each level the predicted noise gives a guess of the clean items. The next x is this guess at
    the next level, with the predicted noise (`eta` = 0), with fresh noise as far as the ancestral
    sampler of DDPM takes it (`eta` = 1), or with some of both. After the last level only the guess
    is left.

    Parameters
    ----------
    predict : callable
        ``predict(x, log_sigma)`` maps x (B, ...) of variance about 1 and levels (B,) to the noise
        in x. A level is ln σ with σ² = (1 - ᾱ) / ᾱ: a :class:`ScoreModel`'s network.
    start : Tensor of shape (B, ...)
        Usually standard normal noise. Left as it is.
    alpha_bars : sequence of float
        ᾱ of each level, rising: the share of the variance that is signal.
    eta : float, default=0
        From 0, without noise, to 1.
    generator : torch.Generator, optional

    Returns
    -------
    Tensor of shape (B, ...)

    Raises
    ------
    ValueError
        If `alpha_bars` is empty, not between 0 and 1 or not rising, or `eta` is not from 0 to 1.

    References
    ----------
    Song, Meng and Ermon (2021), Denoising Diffusion Implicit Models, ICLR, eqs. 12 and 16.

    Ho, Jain and Abbeel (2020), algorithm 2: `eta` = 1 with the smaller of their two variances.
    """
    levels = [float(level) for level in alpha_bars]
    rising = all(a < b for a, b in itertools.pairwise(levels))
    if not levels or not rising or levels[0] <= 0 or levels[-1] >= 1:
        raise ValueError(
            f"`alpha_bars` must be between 0 and 1 and rise from first to last, got {levels}"
        )
    if not 0 <= eta <= 1:
        raise ValueError(f"`eta` must be from 0 to 1, got {eta}")
    x = start
    for now, then in itertools.pairwise([*levels, 1.0]):
        level = x.new_full((len(x),), (1 - now) / now).log() / 2
        noise = predict(x, level)
        clean = (x - (1 - now) ** 0.5 * noise) / now**0.5
        fresh = eta**2 * (1 - then) / (1 - now) * (1 - now / then)  # a variance
        x = then**0.5 * clean + (1 - then - fresh) ** 0.5 * noise
        if fresh:
            x = x + fresh**0.5 * normal(x.shape, x, generator)
    return x
