"""What a linear classifier reads from codes, from few labels or from all."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ae_course.evaluation.encoding import check_same_size, codes_and_labels, row_parts
from ae_course.utils.validation import check_positive_integers

if TYPE_CHECKING:  # scikit-learn takes a second to import; whoever calls these functions pays it
    from sklearn.linear_model import LogisticRegression


@dataclass(frozen=True)
class Probe:
    """What a linear classifier reads from codes; printed as ``0.789 ± 0.012``."""

    accuracies: tuple[float, ...]  # the share of test items put in their class, one a draw

    @property
    def accuracy(self) -> float:
        """The mean over the draws."""
        return float(np.mean(self.accuracies))

    @property
    def spread(self) -> float:
        """The standard deviation over the draws (of one less than their number); 0 for one."""
        return float(np.std(self.accuracies, ddof=1)) if len(self.accuracies) > 1 else 0.0

    def __str__(self) -> str:
        alone = len(self.accuracies) == 1
        return f"{self.accuracy:.3f}" + ("" if alone else f" ± {self.spread:.3f}")


def linear_probe(
    train_codes: ArrayLike,
    train_labels: ArrayLike,
    test_codes: ArrayLike,
    test_labels: ArrayLike,
    *,
    labels_per_class: int | None = None,
    draws: int = 10,
) -> Probe:
    """Measure the test accuracy of a linear classifier that sees codes and only a few labels.

    Logistic regression with a weak penalty (C = 100), on codes that are centred and divided by one
    number: the root of their mean squared norm. Mean and scale come from all of `train_codes`,
    which takes no labels. One scale for all, because a scale for each feature would blow up those
    that are rarely active, and so handicap raw pixels.

    Which items are labelled depends on the labels and the number of the draw alone: whatever the
    codes, draw 0 takes the same items, and so on. So two codes are compared draw by draw.

    Parameters
    ----------
    train_codes, test_codes : array of shape (N, Z)
    train_labels, test_labels : array of shape (N,)
    labels_per_class : int, optional
        How many labelled items of each class to draw; by default all, once.
    draws : int, default=10
        How often to draw them.

    Returns
    -------
    Probe
        With ``accuracy``, ``spread`` and ``accuracies``.

    Raises
    ------
    ValueError
        If codes and labels do not match in number, the codes' sizes differ, a value is not
        finite, a class has fewer than `labels_per_class` items, or `draws` is not a positive
        integer.

    References
    ----------
    Alain and Bengio (2016), arXiv:1610.01644.
    """
    x, _ = codes_and_labels("train_codes", train_codes, "train_labels", train_labels)
    x_test, _ = codes_and_labels("test_codes", test_codes, "test_labels", test_labels)
    check_same_size("train_codes", x, "test_codes", x_test)
    fitted = fit_probe(x, train_labels, labels_per_class=labels_per_class, draws=draws)
    return fitted.score(x_test, test_labels)


@dataclass(frozen=True)
class FittedProbe:
    """What :func:`fit_probe` gives: classifiers, one a draw, and how they scale their codes."""

    center: NDArray[np.float64]  # (Z,)
    scale: float
    classifiers: tuple[LogisticRegression, ...]

    def score(self, test_codes: ArrayLike, test_labels: ArrayLike) -> Probe:
        """Measure the share of test items (N, Z) put in their class (N,), draw by draw.

        Raises
        ------
        ValueError
            If codes and labels do not match in number, the codes' size is not that of the
            training, or a value is not finite.
        """
        x, y = codes_and_labels("test_codes", test_codes, "test_labels", test_labels)
        check_same_size("train_codes", self.center[None], "test_codes", x)
        x = _scaled(x, self.center, self.scale)
        return Probe(tuple(float(classifier.score(x, y)) for classifier in self.classifiers))


def fit_probe(
    train_codes: ArrayLike,
    train_labels: ArrayLike,
    *,
    labels_per_class: int | None = None,
    draws: int = 10,
) -> FittedProbe:
    """Fit the classifiers of :func:`linear_probe`, to be asked about several sets of codes.

    For instance about the codes of clean images, on which they were fitted, and of noisy ones.

    Parameters
    ----------
    train_codes, train_labels, labels_per_class, draws
        As in :func:`linear_probe`.

    Returns
    -------
    FittedProbe
        With ``score(test_codes, test_labels)``.

    Raises
    ------
    ValueError
        As in :func:`linear_probe`.
    """
    from sklearn.linear_model import LogisticRegression

    x, y = codes_and_labels("train_codes", train_codes, "train_labels", train_labels)
    check_positive_integers(draws=draws)
    center, scale = _center_and_scale(x)
    if scale == 0:
        raise ValueError(f"`train_codes` must differ from one another, got {len(x)} times the same")
    drawn: list[Any] = [slice(None)]
    if labels_per_class is not None:
        drawn = [_draw_per_class(y, labels_per_class, draw) for draw in range(draws)]
    classifiers = [
        LogisticRegression(C=100, max_iter=2000).fit(_scaled(x[items], center, scale), y[items])
        for items in drawn
    ]
    return FittedProbe(center, scale, tuple(classifiers))


def _draw_per_class(labels: NDArray[Any], per_class: int, draw: int) -> NDArray[np.int64]:
    """Choose the labelled items of a draw, by the labels and the draw's number alone."""
    classes, counts = np.unique(labels, return_counts=True)
    if not isinstance(per_class, Integral) or not 1 <= per_class <= counts.min():
        raise ValueError(
            f"`labels_per_class` must be an integer between 1 and {counts.min()}, the size of "
            f"class {classes[counts.argmin()]}, got {per_class}"
        )
    random = np.random.default_rng(draw)
    return np.concatenate(
        [random.choice(np.flatnonzero(labels == c), per_class, replace=False) for c in classes]
    )


def _center_and_scale(x: NDArray[Any]) -> tuple[NDArray[np.float64], float]:
    """Compute the mean (Z,) and the root mean square of the distances to it, in double precision.

    Part by part: a copy of all codes in double precision would be large.
    """
    parts = row_parts(x)
    center = sum(part.sum(axis=0, dtype=np.float64) for part in parts) / len(x)
    total = sum(np.square(part - center).sum() for part in parts)
    return center, float(np.sqrt(total / len(x)))


def _scaled(x: NDArray[Any], center: NDArray[np.float64], scale: float) -> NDArray[Any]:
    """Centre and scale a copy, in single precision where the codes are in it."""
    dtype = np.float32 if x.dtype == np.float32 else np.float64
    scaled: NDArray[Any] = np.subtract(x, center.astype(dtype), dtype=dtype)
    scaled /= scale
    return scaled
