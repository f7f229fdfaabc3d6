"""Figures of codes; none of these functions sees a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def plot_words(
    places: ArrayLike,
    words: Sequence[str],
    *,
    groups: Mapping[str, Sequence[str]],
    ax: Axes | None = None,
) -> Axes:
    """Scatter words, and write those of each group at their places, in the group's colour.

    Labels that would lie on one another are moved apart. The other words are grey dots.

    Parameters
    ----------
    places : array of shape (V, 2)
    words : sequence of str
        V different words.
    groups : mapping from name to sequence of str
        Which words are written. The legend has the names; words that are not among `words` are
        left out, and so is a group without any.
    ax : Axes, optional
        By default a new figure.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `places` is not (V, 2), has a value that is not finite, or a word stands twice in
        `words` or in `groups`.
    """
    import seaborn as sns
    from matplotlib import patheffects

    spots = np.asarray(places)
    if spots.shape != (len(words), 2) or len(words) == 0:
        raise ValueError(
            f"`places` must have shape ({len(words)}, 2), as there are {len(words)} words, "
            f"got {spots.shape}"
        )
    spots = finite_or_refused("`places`", spots)
    number = {word: place for place, word in enumerate(words)}
    known = {name: [word for word in group if word in number] for name, group in groups.items()}
    known = {name: group for name, group in known.items() if group}
    written = [word for group in known.values() for word in group]
    for name, given in (("words", words), ("groups", written)):
        if len(set(given)) < len(given):
            raise ValueError(f"`{name}` must hold each word once, got one twice")
    ax = axes_or_new(ax, (7, 4.8))
    ax.scatter(spots[:, 0], spots[:, 1], s=3, color="0.75", linewidths=0, rasterized=True)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    if not written:
        return ax
    at = spots[[number[word] for word in written]]
    extent = np.ptp(spots, axis=0)
    labels = moved_apart(at, np.array([0.1, 0.045]) * np.where(extent > 0, extent, 1))
    colors = [darkened(color) for color in sns.color_palette("colorblind", len(known))]
    of_word = [color for color, group in zip(colors, known.values(), strict=True) for _ in group]
    for word, spot, label, color in zip(written, at, labels, of_word, strict=True):
        ax.plot(*spot, ".", color=color, markersize=5)
        ax.plot(*zip(spot, label, strict=True), color=color, linewidth=0.5)
        ax.text(
            label[0],
            label[1],
            word,
            color=tuple(0.7 * np.asarray(color)),  # darker than its point, to be read
            ha="center",
            va="center",
            size=10,
            path_effects=[patheffects.withStroke(linewidth=3, foreground="white")],
        )
    for name, color in zip(known, colors, strict=True):
        ax.plot([], [], "o", color=color, markersize=6, label=name)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, fontsize=10)
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
