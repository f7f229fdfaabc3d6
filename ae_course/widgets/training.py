"""A network small enough to train in the page, under the reader's eyes."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from torch import Tensor

from ae_course.utils.validation import check_integer_up_to
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.packing import Pack

MOST_POINTS = 300  # each step goes over all of them
MOST_HIDDEN = 32
REACH = 1.35  # the plane of the figure goes from -REACH to REACH, both ways


def train_in_the_page(
    points: Mapping[str, Tensor], *, hidden: int = 16, learning_rate: float = 0.02
) -> InteractiveFigure:
    """Train an autoencoder of points in the plane, 2 → hidden → 1 → hidden → 2, step by step.

    The reader starts and stops it, and chooses the points, the hidden layers and their width, the
    optimiser and its learning rate. The network starts as PyTorch's linear layers do, with a tanh
    on every hidden one, and each step is that of ``torch.optim.Adam`` or ``SGD`` on all points.

    Parameters
    ----------
    points : mapping from name to Tensor of shape (N, 2)
        Sets of at most 300 points to choose from, with coordinates from -1.35 to 1.35. The first
        is shown first.
    hidden : int, default=16
        Units of a hidden layer at the start, at most 32.
    learning_rate : float, default=0.02
        At the start.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError
        If one of `points` is not a tensor.
    ValueError
        If there are no points, some have another shape or lie elsewhere, `hidden` is not an
        integer from 1 to 32, or `learning_rate` is not above 0 and at most 1.

    References
    ----------
    Kramer (1991), AIChE Journal 37(2), 233-243.
    """
    import matplotlib.pyplot as plt

    if not points:
        raise ValueError("`points` must hold at least one set of points, got none")
    for name, places in points.items():
        _check_points(name, places)
    check_integer_up_to(MOST_HIDDEN, hidden=hidden)
    if not 0 < learning_rate <= 1:
        raise ValueError(f"`learning_rate` must be above 0 and at most 1, got {learning_rate}")
    pack = Pack()
    sets = [{"name": name, "points": pack.array(places)} for name, places in points.items()]
    config = {"sets": sets, "hidden": int(hidden), "rate": float(learning_rate)}

    first, places = next(iter(points.items()))
    values = places.detach().cpu().double().numpy()
    center = values.mean(0)
    direction = np.linalg.svd(values - center, full_matrices=False)[2][0]  # (2,)
    ends = center + np.outer([-REACH, REACH], direction)
    figure, ax = plt.subplots(figsize=(3.6, 3.6), layout="constrained")
    ax.plot(*values.T, "o", markersize=3, color="dimgrey")
    ax.plot(*ends.T, linewidth=3)
    ax.set(
        xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal", xlabel="$x_1$", ylabel="$x_2$"
    )
    alt = (
        f"{len(values)} points in the plane, {first}, and the straight line that is nearest to "
        "them: where scripts run, a network with hidden layers bends its line towards them."
    )
    return InteractiveFigure(
        ["play.js", "train_in_the_page.js"], config, bytes(pack), still=figure, alt=alt
    )


def _check_points(name: str, places: Tensor) -> None:
    if not isinstance(places, Tensor):
        raise TypeError(f"points {name!r} must be a tensor, got {type(places).__name__}")
    if places.ndim != 2 or places.shape[1] != 2 or not 0 < len(places) <= MOST_POINTS:
        raise ValueError(
            f"points {name!r} must have shape (N, 2) with N from 1 to {MOST_POINTS}, "
            f"got {tuple(places.shape)}"
        )
    largest = places.abs().max().item()
    if not (math.isfinite(largest) and largest <= REACH):
        raise ValueError(f"points {name!r} must lie within {REACH} of zero, got {largest:g}")
