"""Text whose characters stand on coloured ground; the function sees no model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ae_course.plotting.axes import axes_or_new, finite_or_refused

if TYPE_CHECKING:  # matplotlib is imported by whoever plots
    from matplotlib.axes import Axes

WIDEST = 72  # characters in a row
LINE_END = "¶"


def plot_text(
    text: str,
    values: Any,
    *,
    label: str,
    limits: tuple[float, float],
    ax: Axes | None = None,
) -> Axes:
    """Write a text with each character on a ground whose colour shows its value.

    Parameters
    ----------
    text : str
        A row ends at each line end, which is shown as ¶, and after 72 characters.
    values : array of shape (T,)
        One for each character.
    label : str
        What the values are, for the colour bar.
    limits : (float, float)
        The values of the two ends of the colour bar. From 0 on, the ground goes from white to
        orange; with limits on both sides of 0, from blue over white to orange.
    ax : Axes, optional
        By default a new figure, as high as the text needs.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `text` is empty, there is not one finite value a character, or `limits` do not rise.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    array = finite_or_refused("`values`", values)
    if not text or array.shape != (len(text),):
        raise ValueError(
            "`values` must hold one number for each character of `text`, at least one, "
            f"got shape {array.shape} for {len(text)} characters"
        )
    low, high = limits
    if not low < high:
        raise ValueError(f"`limits` must be a lower and a higher value, got {limits}")
    rows = _rows(text)
    ax = axes_or_new(ax, (7.5, 0.5 + 0.24 * len(rows)))
    ends = ["white", "#ff9f1c"] if low >= 0 else ["#5aa9e6", "white", "#ff9f1c"]
    colors = ScalarMappable(Normalize(low, high), LinearSegmentedColormap.from_list("text", ends))
    grounds = np.ones((len(rows), max(map(len, rows)), 4))
    for line, places in enumerate(rows):
        for column, place in enumerate(places):
            grounds[line, column] = colors.to_rgba(array[place])
            character = text[place].replace("\n", LINE_END)
            ax.text(column, line, character, ha="center", va="center", family="monospace")
    ax.imshow(grounds, aspect="auto")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    figure: Any = ax.figure
    figure.colorbar(colors, ax=ax, label=label, pad=0.01, aspect=12)
    return ax


def _rows(text: str) -> list[list[int]]:
    """Places of the characters of each row."""
    rows: list[list[int]] = [[]]
    for place, character in enumerate(text):
        if len(rows[-1]) == WIDEST:
            rows.append([])
        rows[-1].append(place)
        if character == "\n" and place + 1 < len(text):
            rows.append([])
    return rows
