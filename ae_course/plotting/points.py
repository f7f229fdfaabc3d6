"""Figures of codes; none of these functions sees a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ae_course.plotting.axes import axes_or_new, finite_or_refused, moved_apart

if TYPE_CHECKING:  # matplotlib is imported by whoever plots
    from matplotlib.axes import Axes


BRIGHTEST = 0.3  # of a point, as relative luminance: three to one against white paper


def plot_codes(
    codes: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    ax: Axes | None = None,
    max_points: int = 3000,
) -> Axes:
    """Scatter two-dimensional codes; each class has a colour and its name near its median.

    Parameters
    ----------
    codes : array of shape (N, 2)
    labels : array of shape (N,), optional
        By default all points have one colour, and no name.
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
        If `codes` is not (N, 2), has a value that is not finite, or does not match `labels`.
    """
    import seaborn as sns
    from matplotlib import patheffects

    z = np.asarray(codes)
    y = np.zeros(z.shape[:1]) if labels is None else np.asarray(labels)
    if z.ndim != 2 or z.shape[1] != 2 or y.shape != (len(z),) or len(z) == 0:
        raise ValueError(
            "`codes` must have shape (N, 2) and `labels` shape (N,) with N > 0, "
            f"got {z.shape} and {y.shape}"
        )
    z = finite_or_refused("`codes`", z)
    ax = axes_or_new(ax, (5, 5))
    shown = np.unique(np.linspace(0, len(z) - 1, min(len(z), max_points)).astype(int))
    names = np.unique(y)
    palette = [darkened(color) for color in sns.color_palette("colorblind", len(names))]
    for color, name in zip(palette, names, strict=True):
        points = z[shown][y[shown] == name]
        ax.scatter(
            points[:, 0], points[:, 1], s=6, color=color, alpha=0.7, linewidths=0, rasterized=True
        )
    ax.set(xlabel="$z_1$", ylabel="$z_2$")
    if labels is None:
        return ax
    medians = np.stack([np.median(z[y == name], axis=0) for name in names])
    extent = np.ptp(z, axis=0)
    places = moved_apart(medians, 0.06 * np.where(extent > 0, extent, 1))
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
    return ax


def darkened(color: ArrayLike) -> NDArray[np.float64]:
    """Scale a colour down until it stands out from white paper, and so from black when inverted."""
    rgb = np.asarray(color, dtype=float)
    while luminance(rgb) > BRIGHTEST:
        rgb = 0.98 * rgb
    return rgb


def luminance(rgb: ArrayLike) -> float:
    """Give the relative luminance of the Web Content Accessibility Guidelines, from 0 to 1."""
    channels = np.asarray(rgb, dtype=float)
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
