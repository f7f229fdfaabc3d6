"""Figures of codes and images; none of these functions sees a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ae_course.plotting.axes import axes_or_new

if TYPE_CHECKING:  # matplotlib is imported by whoever plots
    from matplotlib.axes import Axes


def plot_codes(
    codes: ArrayLike, labels: ArrayLike, *, ax: Axes | None = None, max_points: int = 3000
) -> Axes:
    """Scatter of two-dimensional codes; each class has a colour and its name near its median.

    Parameters
    ----------
    codes : array of shape (N, 2)
    labels : array of shape (N,)
    ax : Axes, optional
        By default a new square figure.
    max_points : int, default=3000
        Show only so many, evenly spaced through the data: more hide one another.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `codes` is not (N, 2), or `labels` does not match it.
    """
    import seaborn as sns
    from matplotlib import patheffects

    z, y = np.asarray(codes), np.asarray(labels)
    if z.ndim != 2 or z.shape[1] != 2 or y.shape != (len(z),) or len(z) == 0:
        raise ValueError(
            "`codes` must have shape (N, 2) and `labels` shape (N,) with N > 0, "
            f"got {z.shape} and {y.shape}"
        )
    ax = axes_or_new(ax, (5, 5))
    shown = np.unique(np.linspace(0, len(z) - 1, min(len(z), max_points)).astype(int))
    names = np.unique(y)
    palette = sns.color_palette("colorblind", len(names))
    for color, name in zip(palette, names, strict=True):
        points = z[shown][y[shown] == name]
        ax.scatter(
            points[:, 0], points[:, 1], s=6, color=color, alpha=0.5, linewidths=0, rasterized=True
        )
    medians = np.stack([np.median(z[y == name], axis=0) for name in names])
    places = _spread(medians, 0.06 * (z.max(axis=0) - z.min(axis=0)))
    for color, name, median, place in zip(palette, names, medians, places, strict=True):
        ax.annotate(
            str(name),
            xy=median,
            xytext=place,
            ha="center",
            va="center",
            weight="bold",
            size=15,
            path_effects=[patheffects.withStroke(linewidth=4, foreground="white")],
            color=tuple(0.6 * np.asarray(color)),  # darker than its points, to be read on them
        )
    ax.set(xlabel="$z_1$", ylabel="$z_2$")
    return ax


def _spread(points: NDArray[Any], gap: NDArray[Any]) -> NDArray[Any]:
    """Move points (N, 2) apart, a little at a time, until no two are closer than `gap` (2,)."""
    scaled = points / gap
    for _ in range(100):
        apart = scaled[:, None] - scaled[None]  # (N, N, 2)
        distance = np.linalg.norm(apart, axis=2)
        np.fill_diagonal(distance, np.inf)
        apart[distance == 0] = (0.0, 1e-3)  # on top of each other: any direction will do
        push = np.clip(1 - distance, 0, None) / np.maximum(distance, 1e-3)
        if not push.any():
            break
        scaled = scaled + 0.25 * (push[:, :, None] * apart).sum(axis=1)
    moved: NDArray[Any] = scaled * gap
    return moved
