"""Exact PCA, the yardstick of this course."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch.utils.data import Dataset

from ae_course.data.items import check_map_style
from ae_course.evaluation.inputs import labelled_batches, stacked
from ae_course.models.autoencoder import AutoEncoder, pca_autoencoder

if TYPE_CHECKING:  # scikit-learn takes a second to import; whoever calls these functions pays it
    from sklearn.decomposition import PCA


def fit_pca(dataset: Dataset[Any], *, n_components: int | None = None) -> PCA:
    """Fit exact PCA to a dataset's inputs, by the eigenvectors of their covariance.

    The inputs are centred before they are multiplied: in single precision the products of numbers
    far from zero would hide how they vary.

    Parameters
    ----------
    dataset : map-style dataset of (x, y) pairs, or of x alone
        Each x with D values.
    n_components : int, optional
        By default all: min(N, D).

    Returns
    -------
    sklearn.decomposition.PCA
        Fitted; ``components_`` of shape (n_components, D), ``mean_`` of shape (D,).

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two items, a value is not finite, or `n_components` is not between
        1 and min(N, D).
    """
    from sklearn.decomposition import PCA

    x = _inputs(dataset)
    most = min(x.shape)
    if len(x) < 2:
        raise ValueError(f"`dataset` must hold at least two items to have directions, got {len(x)}")
    if n_components is not None and not 1 <= n_components <= most:
        raise ValueError(f"`n_components` must be between 1 and {most}, got {n_components}")
    mean = x.mean(axis=0, dtype=np.float64).astype(x.dtype)  # (D,)
    x -= mean
    pca = PCA(n_components, copy=False, svd_solver="covariance_eigh").fit(x)
    pca.mean_ += mean
    return pca


def pca_as_autoencoder(
    pca: PCA, n_components: int, *, image_shape: Sequence[int] | None = None
) -> AutoEncoder:
    """Put the first components of a fitted PCA into the form of every other model here.

    Parameters
    ----------
    pca : sklearn.decomposition.PCA
        Fitted, usually by :func:`fit_pca`; D features.
    n_components : int
        Z, how many components are kept.
    image_shape : sequence of int, optional
        As in :func:`~ae_course.pca_autoencoder`.

    Returns
    -------
    AutoEncoder
        Its codes are the coordinates along the components; nothing is left to train.

    Raises
    ------
    ValueError
        If `n_components` is not between 1 and the number that `pca` was fitted with, or
        `image_shape` does not hold D values.
    """
    fitted = len(pca.components_)
    if not isinstance(n_components, Integral) or not 1 <= n_components <= fitted:
        raise ValueError(f"`n_components` must be between 1 and {fitted}, got {n_components!r}")
    axes = torch.from_numpy(pca.components_[:n_components]).double()  # (Z, D)
    mean = torch.from_numpy(pca.mean_).double()  # (D,)
    model = pca_autoencoder(pca.n_features_in_, n_components, image_shape=image_shape)
    with torch.no_grad():
        weight, code_bias, bias = model.parameters()
        weight.copy_(axes)
        code_bias.copy_(-axes @ mean)
        bias.copy_(mean)
    return model.eval()


def pca_errors(pca: PCA, dataset: Dataset[Any]) -> NDArray[np.float64]:
    """Compute the reconstruction error of PCA for every number of components at once.

    Parameters
    ----------
    pca : sklearn.decomposition.PCA
        Fitted, usually by :func:`fit_pca` on the training set.
    dataset : map-style dataset of (x, y) pairs, or of x alone

    Returns
    -------
    ndarray of shape (n_components + 1,)
        At index k the mean squared error per value, over N and D, with the first k components.
        Index 0 is the error of predicting the training mean.

    Raises
    ------
    TypeError, ValueError
        If the inputs have another number of values than `pca` was fitted on, or one that is not
        finite.

    Notes
    -----
    The components are orthonormal, so each removes the square of its own coordinate and nothing
    else: the errors are one cumulative sum.
    """
    x = _inputs(dataset)
    if x.shape[1] != pca.n_features_in_:
        raise ValueError(
            f"`dataset` must have {pca.n_features_in_} values an item, as `pca` was fitted on, "
            f"got {x.shape[1]}"
        )
    x -= pca.mean_.astype(x.dtype)
    removed = np.square(x @ pca.components_.T).sum(axis=0, dtype=np.float64)  # (k,)
    total = np.square(x).sum(dtype=np.float64)
    errors: NDArray[np.float64] = (total - np.concatenate([[0.0], np.cumsum(removed)])) / x.size
    return errors.clip(min=0)  # all components leave zero, up to rounding


def equivalent_components(error: float, errors: ArrayLike) -> int:
    """Count the PCA components it takes to reach an error: the unit of compression in this book.

    Parameters
    ----------
    error : float
        A mean squared error per value.
    errors : array of shape (K + 1,)
        The errors of PCA with 0 to K components, from :func:`pca_errors`.

    Returns
    -------
    int
        The smallest k with ``errors[k] <= error``.

    Raises
    ------
    ValueError
        If `error` is negative or NaN, or below what all K components reach.

    Examples
    --------
    >>> equivalent_components(0.5, [1.0, 0.6, 0.4, 0.0])
    2
    """
    curve = np.asarray(errors, dtype=float)
    if not error >= 0:
        raise ValueError(f"`error` must be a number of at least 0, got {error}")
    if curve.ndim != 1 or curve.size == 0:
        raise ValueError(f"`errors` must be one row of errors, got shape {curve.shape}")
    if error < curve[-1]:
        raise ValueError(
            f"`error` must be at least {curve[-1]:.4g}, what {curve.size - 1} components reach, "
            f"got {error:.4g}"
        )
    return int(np.argmax(curve <= error))


def principal_angles(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Compute the principal angles between two subspaces, in degrees, largest first.

    Parameters
    ----------
    a, b : array of shape (Z, D)
        The rows span the subspaces; they need not be orthonormal.

    Returns
    -------
    ndarray of shape (Z,)
        All zero when the rows span the same subspace, whatever the axes within it.

    Raises
    ------
    ValueError
        If the arrays are not matrices of the same D, a value is not finite, or a row depends on
        the others.

    References
    ----------
    Björck and Golub (1973), Mathematics of Computation 27, 579-594.

    Examples
    --------
    >>> principal_angles([[1.0, 0.0, 0.0]], [[1.0, 1.0, 0.0]]).round(3)
    array([45.])
    """
    from scipy.linalg import subspace_angles

    first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1]:
        raise ValueError(
            "`a` and `b` must be matrices with the same number of columns, "
            f"got shapes {first.shape} and {second.shape}"
        )
    for name, matrix in (("a", first), ("b", second)):
        if not np.isfinite(matrix).all():
            raise ValueError(f"`{name}` must be finite, got values that are not")
        rank = np.linalg.matrix_rank(matrix)
        if rank < len(matrix):
            raise ValueError(
                f"`{name}` must have linearly independent rows, got {len(matrix)} rows "
                f"of rank {rank}"
            )
    angles: NDArray[np.float64] = np.degrees(subspace_angles(first.T, second.T))
    return angles


def _inputs(dataset: Dataset[Any]) -> NDArray[Any]:
    """Copy all inputs into one array (N, D): in single precision if they are, else in double."""
    rows = (x.reshape(len(x), -1) for x, _ in labelled_batches(dataset, 8192))
    doubles = (row if row.dtype in (torch.float32, torch.float64) else row.double() for row in rows)
    array: NDArray[Any] = stacked(doubles, check_map_style(dataset)).numpy()
    return array
