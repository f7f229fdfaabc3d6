"""Figures of images in rows; none of these functions sees a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ae_course.plotting.axes import finite_or_refused

if TYPE_CHECKING:  # matplotlib is imported by whoever plots
    from matplotlib.figure import Figure


DIGIT_MAP = "gray_r"  # ink on paper: white is the page, so dark mode can invert a figure


def plot_reconstructions(rows: Mapping[str, Any], *, title: str | None = None) -> Figure:
    """Show images in rows, one row a name: the originals, then what each model makes of them.

    Parameters
    ----------
    rows : mapping from name to images of shape (N, 1, h, w) or (N, h, w), or in colour (N, 3, h, w)
        In [0, 1]; values outside are shown as the nearest of these. Every row has the same N.
    title : str, optional

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If there is no row, rows differ in shape, or a value is not finite.
    """
    import matplotlib.pyplot as plt

    images = {name: _images(name, value) for name, value in rows.items()}
    shapes = {name: value.shape for name, value in images.items()}
    if not shapes or len(set(shapes.values())) != 1:
        raise ValueError(f"`rows` must be images of one shape under each name, got {shapes}")
    columns = next(iter(images.values())).shape[0]
    # at most 8 × 4 inches; each image is square, and the names take an inch and a half
    side = min(6.5 / columns, 3.8 / len(images), 0.9)
    figure, grid = plt.subplots(
        len(images),
        columns,
        figsize=(1.5 + side * columns, side * len(images) + 0.3 * (title is not None)),
        squeeze=False,
        layout="constrained",
    )
    for line, (name, row) in zip(grid, images.items(), strict=True):
        for ax, image in zip(line, row, strict=True):
            ax.imshow(image, cmap=DIGIT_MAP, vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    if title is not None:
        figure.suptitle(title)
    return figure


def _images(name: str, value: Any) -> NDArray[Any]:
    """Give images as matplotlib takes them: (N, h, w) in grey, (N, h, w, 3) in colour."""
    array = np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
    if array.ndim == 4 and array.shape[1] == 1:
        array = array[:, 0]
    elif array.ndim == 4 and array.shape[1] == 3:
        array = np.moveaxis(array, 1, -1)
    elif array.ndim != 3:
        array = array[:0]
    if len(array) == 0:
        raise ValueError(
            f"`rows[{name!r}]` must be images of shape (N, 1, h, w), (N, h, w) or (N, 3, h, w), "
            f"got {np.shape(value)}"
        )
    return finite_or_refused(f"`rows[{name!r}]`", array).clip(0, 1)
