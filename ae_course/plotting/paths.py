"""What a decoder of one number draws: a path in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ae_course.plotting.axes import axes_or_new, finite_or_refused

if TYPE_CHECKING:  # matplotlib is imported by whoever plots
    from matplotlib.axes import Axes


def plot_path(
    path: ArrayLike,
    *,
    path_codes: ArrayLike,
    plane_codes: ArrayLike,
    reach: float,
    points: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a path in the colours of its codes, on a plane in the colours of the encoder.

    Parameters
    ----------
    path : array of shape (N, 2)
        The decoder's places, in the order of their codes; they are joined.
    path_codes : array of shape (N,)
        The codes of these places, as numbers from 0 to 1.
    plane_codes : array of shape (M, M)
        The encoder's codes of a grid, as numbers from 0 to 1: rows from the lowest ``x_2`` to the
        highest, columns from the lowest ``x_1`` to the highest.
    reach : float
        Both coordinates go from ``-reach`` to ``reach``.
    points : array of shape (P, 2), optional
        The data.
    ax : Axes, optional
        By default a new square figure.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If an array has another shape or a value that is not finite, or `reach` is not above 0.
    """
    places = finite_or_refused("`path`", np.asarray(path))
    codes = finite_or_refused("`path_codes`", np.asarray(path_codes))
    plane = finite_or_refused("`plane_codes`", np.asarray(plane_codes))
    if places.ndim != 2 or places.shape[1] != 2 or codes.shape != places.shape[:1]:
        raise ValueError(
            "`path` must have shape (N, 2) and `path_codes` shape (N,), "
            f"got {places.shape} and {codes.shape}"
        )
    if plane.ndim != 2 or plane.shape[0] != plane.shape[1]:
        raise ValueError(f"`plane_codes` must have shape (M, M), got {plane.shape}")
    if not reach > 0:
        raise ValueError(f"`reach` must be above 0, got {reach}")
    ax = axes_or_new(ax, (5, 5))
    extent = (-reach, reach, -reach, reach)
    ax.imshow(plane, cmap="plasma", vmin=0, vmax=1, alpha=0.3, origin="lower", extent=extent)
    if points is not None:
        data = finite_or_refused("`points`", np.asarray(points))
        ax.plot(data[:, 0], data[:, 1], ".", markersize=3, color="black", alpha=0.4, linewidth=0)
    ax.plot(places[:, 0], places[:, 1], color="black", linewidth=4)  # an edge, seen on any ground
    ax.scatter(places[:, 0], places[:, 1], c=codes, cmap="plasma", vmin=0, vmax=1, s=5, zorder=3)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    return ax
