"""Points that walk over hills, up the score of a blurred density."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ae_course.utils.validation import check_tensors
from ae_course.widgets.figure import InteractiveFigure

FRAME = 6.0  # the plane is drawn from -FRAME to FRAME, each way


def walkers(
    centers: Tensor,
    shares: Tensor,
    *,
    width: float,
    sigma_min: float = 0.05,
    sigma_max: float = 5.0,
    count: int = 400,
) -> InteractiveFigure:
    """Let some hundred points walk over hills, with noise or without, at a level that may fall.

    The score is exact: that of a mixture of round normal distributions, blurred by noise of the
    level that the reader sets.

    Parameters
    ----------
    centers : Tensor of shape (K, 2)
        Where the hills stand, within 5 of the origin.
    shares : Tensor of shape (K,)
        The share of each hill; together 1.
    width : float
        The standard deviation of each hill, along one axis.
    sigma_min, sigma_max : float
        The lowest and the highest noise level. The points start from noise of the highest.
    count : int, default=400
        How many points walk, at most 1,000.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError
        If `centers` or `shares` is no tensor.
    ValueError
        If their shapes or values are others than these, `width` is not positive, the levels are
        not 0 < `sigma_min` < `sigma_max`, or `count` is not from 1 to 1,000.
    """
    import matplotlib.pyplot as plt

    _check(centers, shares, width, (sigma_min, sigma_max), count)
    centers, shares = centers.detach().cpu().double(), shares.detach().cpu().double()
    config = {
        "hills": {"centers": centers.tolist(), "shares": shares.tolist(), "width": width},
        "count": count,
        "levels": [sigma_min, sigma_max],
        "frame": FRAME,
    }

    side = torch.linspace(-FRAME, FRAME, 80, dtype=torch.float64)
    plane = torch.cartesian_prod(side, side)  # (6400, 2)
    squares = torch.cdist(plane, centers).square()
    logs = (shares.log() - squares / (2 * (width**2 + 0.5**2))).logsumexp(dim=1)
    generator = torch.Generator().manual_seed(0)
    hill = torch.multinomial(shares, count, replacement=True, generator=generator)
    scatter = torch.randn(count, 2, generator=generator, dtype=torch.float64)
    points = centers[hill] + (width**2 + 0.5**2) ** 0.5 * scatter
    figure, ax = plt.subplots(figsize=(4.4, 4.2), layout="constrained")
    lowest = logs.max().item() - 8
    ax.pcolormesh(
        side.numpy(),
        side.numpy(),
        logs.view(80, 80).T.clamp(min=lowest).numpy(),
        cmap="gray_r",
        vmin=lowest,
        vmax=lowest + 20,
    )
    ax.plot(*points.T.numpy(), ".", markersize=3, color="#0b6e99")
    for (across, up), share in zip(centers.tolist(), shares.tolist(), strict=True):
        ax.annotate(f"{share:.2f}", (across, up - 1.6), ha="center", weight="bold")
    ax.set(aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
    alt = (
        f"{count} points on a plane with {len(centers)} hills, which walk up the score of the "
        "blurred density; below each hill stands its share of the points."
    )
    return InteractiveFigure(["play.js", "walkers.js"], config, b"", still=figure, alt=alt)


def _check(
    centers: Tensor, shares: Tensor, width: float, levels: tuple[float, float], count: int
) -> None:
    check_tensors(centers=centers, shares=shares)
    if centers.ndim != 2 or centers.shape[1] != 2 or len(centers) == 0:
        raise ValueError(f"`centers` must have shape (K, 2), got {tuple(centers.shape)}")
    if not (centers.abs() <= 5).all():  # neither NaN nor out of the picture
        raise ValueError("`centers` must lie within 5 of the origin, each way")
    if shares.shape != centers.shape[:1]:
        raise ValueError(
            f"`shares` must have shape ({len(centers)},), one for each center, "
            f"got {tuple(shares.shape)}"
        )
    if not (shares > 0).all() or not math.isclose(shares.sum().item(), 1, abs_tol=1e-5):
        raise ValueError(f"`shares` must be positive with the sum 1, got {shares.tolist()}")
    if not 0 < width < math.inf:
        raise ValueError(f"`width` must be positive, got {width}")
    if not 0 < levels[0] < levels[1] < math.inf:
        raise ValueError(f"the levels must be 0 < sigma_min < sigma_max, got {levels}")
    if not 1 <= count <= 1000:
        raise ValueError(f"`count` must be from 1 to 1,000, got {count}")
