"""Figures of curves, each named at its end; none of these functions sees a model."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ae_course.plotting.axes import axes_or_new, finite_or_refused, moved_apart

if TYPE_CHECKING:  # matplotlib is imported by whoever plots
    from matplotlib.axes import Axes


def plot_history(
    history: Sequence[Mapping[str, Any]], *, ax: Axes | None = None, ylabel: str = "loss"
) -> Axes:
    """Plot training and validation loss against the epoch, each curve named at its end.

    Parameters
    ----------
    history : sequence of rows from :func:`~ae_course.train`
    ax : Axes, optional
        By default a new figure.
    ylabel : str, default="loss"
        What the loss is, with its unit.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `history` is empty, its rows lack a column, or a loss is not finite.
    """
    from matplotlib.ticker import MaxNLocator

    if not history or not {"epoch", "train_loss", "val_loss"} <= set(history[0]):
        raise ValueError(
            "`history` must hold at least one row with epoch, train_loss and val_loss, "
            f"got {list(history)[:1]}"
        )
    ax = axes_or_new(ax, (6, 3.5))
    epochs = [row["epoch"] for row in history]
    curves = {
        name: np.asarray([row[column] for row in history], dtype=float)
        for column, name in (("train_loss", "training"), ("val_loss", "validation"))
    }
    if np.isnan(curves["validation"]).all():  # trained without validation batches
        del curves["validation"]
    for name, values in curves.items():
        finite_or_refused(f"the {name} loss in `history`", values)
    highest = max(curves, key=lambda name: curves[name][-1])
    for name, values in curves.items():
        (line,) = ax.plot(epochs, values, marker="o", markersize=3)
        ax.annotate(  # at the end of its curve, and the two names never on one another
            name,
            (epochs[-1], values[-1]),
            xytext=(6, 0),
            textcoords="offset points",
            va="bottom" if name == highest else "top",
            color=line.get_color(),
        )
    ax.set(xlabel="epoch", ylabel=ylabel)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


def plot_curves(
    table: Any,
    *,
    x: str,
    y: str,
    by: str,
    ax: Axes | None = None,
    baselines: Collection[str] = (),
    **settings: Any,
) -> Axes:
    """Plot one curve a name: the mean over runs, in a band from the lowest to the highest.

    Parameters
    ----------
    table : pandas.DataFrame, or what it can be made from
        One row a run and point, with the columns `x`, `y` and `by`.
    x, y : str
        Columns of numbers; they label the axes.
    by : str
        The column whose values name the curves, at their ends.
    ax : Axes, optional
        By default a new figure.
    baselines : collection of str
        Names to draw thin and grey.
    **settings
        For ``Axes.set``, such as ``yscale="log"`` or ``ylim=(0, 1)``. Given here and not
        afterwards, they are in force when the names find their places.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `table` has no rows or lacks a column, a value of `x` is missing, one of `y` is not
        finite, or a baseline is not among the names.
    """
    import pandas as pd

    rows = pd.DataFrame(table)
    missing = [column for column in (x, y, by) if column not in rows]
    if missing or rows.empty:
        raise ValueError(
            f"`table` must have rows with the columns {[x, y, by]}, "
            f"got {len(rows)} rows with {[str(column) for column in rows.columns]}"
        )
    finite_or_refused(f"column {y!r} of `table`", rows[y])
    if rows[[x, by]].isna().any(axis=None):
        raise ValueError(
            f"columns {x!r} and {by!r} of `table` must have no gaps, got missing values"
        )
    names = list(rows[by].unique())
    if not set(baselines) <= set(names):
        raise ValueError(f"`baselines` must be among {names}, got {list(baselines)}")
    ax = axes_or_new(ax, (6.5, 3.6))
    ends = []
    for name in names:
        runs = rows[rows[by] == name].groupby(x)[y].agg(["mean", "min", "max"])
        thin: dict[str, Any] = {"color": "dimgrey", "linewidth": 0.9} if name in baselines else {}
        (line,) = ax.plot(runs.index, runs["mean"], **thin)  # a baseline takes no other's colour
        ax.fill_between(runs.index, runs["min"], runs["max"], color=line.get_color(), alpha=0.25)
        ends.append((runs.index[-1], runs["mean"].iloc[-1], line.get_color()))
    ax.set(**{"xlabel": x, "ylabel": y, **settings})
    _name_ends(ax, names, ends)
    return ax


def _name_ends(ax: Axes, names: Sequence[str], ends: Sequence[tuple[Any, Any, Any]]) -> None:
    """Write names to the right of curves' ends, moved until each can be read, off the x-axis."""
    figure: Any = ax.figure
    figure.draw_without_rendering()  # the layout and the limits are settled only now
    points = ax.transData.transform([(right, height) for right, height, _ in ends])
    heights = points[:, 1]  # pixels
    line = 1.15 * figure.dpi * ax.xaxis.label.get_fontsize() / 72
    places = moved_apart(heights[:, None], [line])[:, 0]
    lowest = ax.bbox.y0 + line / 2  # of a name that began inside and is pushed to the axis
    for i in places.argsort():
        if heights[i] >= ax.bbox.y0:
            places[i] = max(places[i], lowest)
            lowest = places[i] + line
    offsets = (places - heights) * 72 / figure.dpi
    for name, (right, height, color), offset in zip(names, ends, offsets, strict=True):
        ax.annotate(
            name,
            (right, height),
            xytext=(6, offset),
            textcoords="offset points",
            va="center",
            color=color,
            annotation_clip=False,
        )
