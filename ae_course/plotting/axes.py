"""What every figure begins with, and room for its labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:  # matplotlib is imported by whoever plots
    from matplotlib.axes import Axes


CLOSE = 1e-9  # of the gap between two labels: nearer than this is the same place


def axes_or_new(ax: Axes | None, figsize: tuple[float, float]) -> Axes:
    """Give `ax`, or the only panel of a new figure."""
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=figsize, layout="constrained")[1] if ax is None else ax


def moved_apart(points: ArrayLike, gap: ArrayLike) -> NDArray[np.float64]:
    """Push points apart, as places for labels, until no two are closer than `gap`.

    Parameters
    ----------
    points : array of shape (N, D)
    gap : array of shape (D,)
        How far apart two points must be along each axis; distance is measured in these units.

    Returns
    -------
    ndarray of shape (N, D)
        Points that were far enough from all others stay where they are.
    """
    unit = np.asarray(gap, dtype=float)
    scaled = np.asarray(points, dtype=float) / unit
    order = np.arange(len(scaled))
    sideways = np.zeros(scaled.shape[1])
    sideways[-1] = CLOSE
    step = min(0.25, 1 / len(scaled))  # longer steps could carry one label past another
    for _ in range(2000):
        apart = scaled[:, None] - scaled[None]  # (N, N, D)
        distance = np.linalg.norm(apart, axis=2)
        # points on top of each other have no direction: they leave along the last axis, in order
        directions = np.sign(order[:, None] - order)[:, :, None] * sideways
        apart = np.where(distance[:, :, None] < CLOSE, directions, apart)
        np.fill_diagonal(distance, np.inf)
        push = np.clip(1 - distance, 0, None) / np.maximum(distance, CLOSE)
        if (push < 0.01).all():
            break
        scaled = scaled + step * (push[:, :, None] * apart).sum(axis=1)
    moved: NDArray[np.float64] = scaled * unit
    return moved


def finite_or_refused(name: str, values: Any) -> NDArray[np.float64]:
    """Give `values` as numbers; raise a ValueError that says how many cannot be shown."""
    array = np.asarray(values, dtype=float)
    wrong = int((~np.isfinite(array)).sum())
    if wrong:
        raise ValueError(f"{name} must be finite, got {wrong} values that are not")
    return array
