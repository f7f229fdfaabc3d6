"""A cloud of points, and one axis to keep of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.packing import Array, Pack

if TYPE_CHECKING:  # matplotlib is imported by whoever draws
    from matplotlib.figure import Figure


def drag_axis(
    points: ArrayLike, *, names: Sequence[str] = ("first number", "second number")
) -> InteractiveFigure:
    """Turn an axis through a cloud, and see what is kept of its variance and what is lost.

    Parameters
    ----------
    points : array of shape (N, 2)
        At least three, not all in one place; they need not be centred.
    names : sequence of two str
        What the two numbers of a point are.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    ValueError
        If `points` are not such an array of finite numbers, or `names` are not two.
    """
    cloud = np.asarray(points, dtype=float)
    if cloud.ndim != 2 or cloud.shape[1] != 2 or len(cloud) < 3:
        raise ValueError(f"`points` must have shape (N, 2) with N >= 3, got {cloud.shape}")
    if not np.isfinite(cloud).all():
        raise ValueError("`points` must be finite, got values that are not")
    if np.ptp(cloud, axis=0).max() == 0:
        raise ValueError("`points` must not all be in one place, got no variance")
    if isinstance(names, str) or len(names) != 2:
        raise ValueError(f"`names` must be two, one for each number of a point, got {names!r}")
    centred = cloud - cloud.mean(axis=0)
    variances, axes = np.linalg.eigh(centred.T @ centred / len(cloud))  # the largest is last
    component, error = axes[:, 1], variances[0] / variances.sum()

    pack = Pack()
    config = {
        # in units of the largest: all that is shown are shares of the variance
        "points": pack.array(centred.ravel() / np.abs(centred).max()),
        "names": list(names),
    }
    alt = (
        f"{len(cloud)} points in the plane of {names[0]} and {names[1]}, the axis along which they "
        f"vary most, and from each point a line to that axis: the axis keeps {1 - error:.0%} of "
        f"the variance, and the squares of these lines are the other {error:.0%}."
    )
    still = _still(cloud, component, names)
    return InteractiveFigure(["drag_axis.js"], config, bytes(pack), still=still, alt=alt)


def _still(cloud: Array, component: Array, names: Sequence[str]) -> Figure:
    import matplotlib.pyplot as plt

    mean = cloud.mean(axis=0)
    places = (cloud - mean) @ component  # (N,)
    feet = mean + places[:, None] * component  # (N, 2)
    ends = mean + 1.2 * np.abs(places).max() * np.stack([-component, component])
    figure, ax = plt.subplots(figsize=(5, 4), layout="constrained")
    ax.plot(*ends.T)
    ax.plot(*np.stack([cloud, feet]).transpose(2, 0, 1), color="C1", linewidth=0.9)
    ax.plot(*cloud.T, "o", color="black", markersize=4)
    ax.set(xlabel=names[0], ylabel=names[1], aspect="equal")
    return figure
