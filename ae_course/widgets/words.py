"""Words on a map, each with the words that are nearest to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ae_course.plotting.axes import finite_or_refused
from ae_course.plotting.points import plot_words
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.packing import Pack

if TYPE_CHECKING:  # matplotlib is imported by whoever draws
    from matplotlib.figure import Figure

NEAREST = 10  # words that are listed


def word_map(
    words: Sequence[str],
    models: Mapping[str, ArrayLike],
    places: ArrayLike,
    *,
    chosen: str | None = None,
) -> InteractiveFigure:
    """Search for a word, and see where it lies on a map and which words are nearest to it.

    Nearest is meant by the cosine of the angle between two vectors, not by the map.

    Parameters
    ----------
    words : sequence of str
        V different words, the most frequent first; two or more, one to two thousand at most.
    models : mapping from name to array of shape (V, Z)
        One or more sets of vectors, in the order of `words`. The first is shown first.
    places : array of shape (V, 2)
        Where the words lie on the map.
    chosen : str, optional
        The word that is chosen at first; by default the most frequent.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    ValueError
        If there are fewer than two words or one stands twice, there is no model, an array has
        another shape or numbers that are not finite, a vector is zero, `chosen` is none of `words`,
        or all exceed 600,000 bytes.
    """
    units = _checked(words, models)
    spots = finite_or_refused("`places`", places)
    if spots.shape != (len(words), 2):
        raise ValueError(f"`places` must have shape ({len(words)}, 2), got {spots.shape}")
    chosen = words[0] if chosen is None else chosen
    if chosen not in words:
        raise ValueError(f"`chosen` must be one of `words`, got {chosen!r}")
    which, pack = list(words).index(chosen), Pack()
    config = {
        "words": list(words),
        "models": [
            {"name": name, "vectors": pack.matrix(unit.astype(np.float32))}
            for name, unit in units.items()
        ],
        "places": pack.array(spots.ravel()),
        "chosen": which,
    }
    name, unit = next(iter(units.items()))
    nearest = np.argsort(-unit @ unit[which], kind="stable")
    nearest = nearest[nearest != which][:NEAREST]
    alt = (
        f"A map of {len(words):,} words. Nearest to {chosen}, by the vectors of {name}, "
        f"lie {', '.join(words[i] for i in nearest[:5])}."
    )
    still = _still(words, spots, which, nearest)
    return InteractiveFigure(["word_map.js"], config, bytes(pack), still=still, alt=alt)


def _checked(
    words: Sequence[str], models: Mapping[str, ArrayLike]
) -> dict[str, NDArray[np.float64]]:
    """Give each model's vectors, brought to length one."""
    if len(words) < 2 or len(set(words)) < len(words):
        raise ValueError(f"`words` must be two different words or more, got {list(words)[:5]}")
    if not models:
        raise ValueError("`models` must hold at least one set of vectors, got none")
    units = {}
    for name, given in models.items():
        vectors = finite_or_refused(f"the vectors of {name!r}", given)
        if vectors.ndim != 2 or len(vectors) != len(words):
            raise ValueError(
                f"the vectors of {name!r} must have shape ({len(words)}, Z), got {vectors.shape}"
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not lengths.all():
            raise ValueError(
                f"the vector of {words[int(lengths.argmin())]!r} in {name!r} must not be zero"
            )
        units[name] = vectors / lengths
    return units


def _still(
    words: Sequence[str], spots: NDArray[np.float64], which: int, nearest: NDArray[np.intp]
) -> Figure:
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(5.2, 5.2), layout="constrained")
    groups = {"chosen": [words[which]], "nearest": [words[i] for i in nearest]}
    plot_words(spots, words, groups=groups, ax=ax)
    return figure
