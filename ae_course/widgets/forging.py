"""A forger on a line, and what the best possible judge tells it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.packing import Array

REACH = 7.0  # the line is drawn from -REACH to REACH
MOST = 5.5  # the largest size of the forger's mean
WIDTHS = (0.2, 4.0)  # the forger's narrowest and widest


def best_judge(
    centers: Sequence[float],
    shares: Sequence[float],
    *,
    width: float = 0.7,
    mean: float = 4.0,
    spread: float = 1.0,
) -> InteractiveFigure:
    """Move a forger along a line of real data, and see the best judge and its two gradients.

    The real data are hills, a mixture of normal distributions. The forger draws from one normal
    distribution. At every moment the judge is the best one possible, p / (p + q). The reader moves
    the forger, or lets it take steps of gradient descent on either of its losses, against a judge
    that is made best again after each.

    Parameters
    ----------
    centers : sequence of float
        Where the hills stand, within 4 of zero.
    shares : sequence of float
        The share of each hill; together 1.
    width : float, default=0.7
        The standard deviation of each hill, from 0.3 to 2.
    mean, spread : float
        Of the forger at the start: from -5.5 to 5.5, and from 0.2 to 4.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    ValueError
        If the numbers are not these.

    References
    ----------
    Arjovsky and Bottou (2017), Towards Principled Methods for Training Generative Adversarial
    Networks, ICLR: theorem 2.5, for what the steps of the non-saturating loss lead to.
    """
    _check(centers, shares, width, mean, spread)
    config = {
        "hills": {"centers": [*map(float, centers)], "shares": [*map(float, shares)]},
        "width": float(width),
        "mean": float(mean),
        "spread": float(spread),
        "most": MOST,
        "widths": list(WIDTHS),
        "reach": REACH,
    }
    import matplotlib.pyplot as plt

    x = np.linspace(-REACH, REACH, 561)
    p = sum(s * _normal(x, c, width) for c, s in zip(centers, shares, strict=True))
    q = _normal(x, mean, spread)
    figure, ax = plt.subplots(figsize=(5.6, 3), layout="constrained")
    ax.fill_between(x, p, color="0.8", label="real, p")
    ax.plot(x, q, color="#0b6e99", label="forged, q")
    ax.plot(x, p / (p + q + 1e-300), "--", color="#a3261b", label="best judge, p / (p + q)")
    ax.set(xlabel="x", xlim=(-REACH, REACH), ylim=(0, 1.05))
    ax.legend()
    alt = (
        f"A line with {len(centers)} hills of real data, a forger's normal distribution with mean "
        f"{mean:g} and width {spread:g}, and the best judge between 0 and 1, which is high where "
        "there are more real data than forgeries."
    )
    return InteractiveFigure(["play.js", "best_judge.js"], config, b"", still=figure, alt=alt)


def _normal(x: Array, mean: float, width: float) -> Array:
    density: Array = np.exp(-(((x - mean) / width) ** 2) / 2) / (width * math.sqrt(2 * math.pi))
    return density


def _check(
    centers: Sequence[float], shares: Sequence[float], width: float, mean: float, spread: float
) -> None:
    if len(centers) == 0 or not all(-4 <= center <= 4 for center in centers):
        raise ValueError(f"`centers` must be at least one number from -4 to 4, got {centers}")
    if len(shares) != len(centers):
        raise ValueError(f"`shares` must be {len(centers)}, one for each center, got {len(shares)}")
    if not all(share > 0 for share in shares) or not math.isclose(sum(shares), 1, abs_tol=1e-5):
        raise ValueError(f"`shares` must be positive with the sum 1, got {shares}")
    if not 0.3 <= width <= 2:
        raise ValueError(f"`width` must be from 0.3 to 2, got {width}")
    if not -MOST <= mean <= MOST:
        raise ValueError(f"`mean` must be from {-MOST} to {MOST}, got {mean}")
    if not WIDTHS[0] <= spread <= WIDTHS[1]:
        raise ValueError(f"`spread` must be from {WIDTHS[0]} to {WIDTHS[1]}, got {spread}")
