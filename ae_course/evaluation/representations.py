"""What codes are worth to whoever uses them: to a classifier, a search, a clustering."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn
from torch.utils.data import Dataset

from ae_course.data.datasets import batches
from ae_course.utils.devices import device_of, evaluating
from ae_course.utils.validation import check_integer_up_to, check_modules


def linear_probe(
    train_codes: ArrayLike,
    train_labels: ArrayLike,
    test_codes: ArrayLike,
    test_labels: ArrayLike,
    *,
    labels_per_class: int | None = None,
    seed: int = 0,
) -> float:
    """The test accuracy of a linear classifier that sees codes and only a few labels.

    Logistic regression, hardly penalised, on codes that are centred and divided by one number:
    the root of their mean squared norm. Mean and scale come from all of `train_codes`, which takes
    no labels. One scale for all, because a scale for each feature would blow up those that are
    rarely active, and so handicap raw pixels.

    Parameters
    ----------
    train_codes, test_codes : array of shape (N, Z)
    train_labels, test_labels : array of shape (N,)
    labels_per_class : int, optional
        How many labelled items of each class to draw; by default all.
    seed : int, default=0
        Which are drawn.

    Returns
    -------
    float
        The share of test items put in their class.

    Raises
    ------
    ValueError
        If codes and labels do not match in number, the codes' sizes differ, a value is not
        finite, or a class has fewer than `labels_per_class` items.

    References
    ----------
    Alain and Bengio (2016), arXiv:1610.01644.
    """
    from sklearn.linear_model import LogisticRegression

    x, y = _codes_and_labels("train_codes", train_codes, "train_labels", train_labels)
    x_test, y_test = _codes_and_labels("test_codes", test_codes, "test_labels", test_labels)
    _check_same_size("train_codes", x, "test_codes", x_test)
    center = x.mean(axis=0)
    scale = float(np.sqrt(np.square(x - center).sum(axis=1).mean()))
    if scale == 0:
        raise ValueError(f"`train_codes` must differ from one another, got {len(x)} times the same")
    if labels_per_class is not None:
        drawn = _draw_per_class(y, labels_per_class, np.random.default_rng(seed))
        x, y = x[drawn], y[drawn]
    probe = LogisticRegression(C=100, max_iter=2000).fit((x - center) / scale, y)
    return float(probe.score((x_test - center) / scale, y_test))


def retrieval_precision(
    codes: ArrayLike,
    labels: ArrayLike,
    query_codes: ArrayLike,
    query_labels: ArrayLike,
    *,
    k: int = 10,
) -> float:
    """Search by example: the share of the k nearest items that are of the query's class.

    Parameters
    ----------
    codes, query_codes : array of shape (N, Z)
        What is searched, and what is searched for; nearness is Euclidean.
    labels, query_labels : array of shape (N,)
    k : int, default=10

    Returns
    -------
    float
        Precision at k, the mean over all queries.

    Raises
    ------
    ValueError
        If codes and labels do not match in number, the codes' sizes differ, a value is not
        finite, or `k` is not between 1 and N.
    """
    from sklearn.neighbors import NearestNeighbors

    x, y = _codes_and_labels("codes", codes, "labels", labels)
    queries, wanted = _codes_and_labels("query_codes", query_codes, "query_labels", query_labels)
    _check_same_size("codes", x, "query_codes", queries)
    check_integer_up_to(len(x), k=k)
    nearest = NearestNeighbors(n_neighbors=k).fit(x).kneighbors(queries, return_distance=False)
    return float((y[nearest] == wanted[:, None]).mean())


def cluster_homogeneity(
    codes: ArrayLike, labels: ArrayLike, *, n_clusters: int = 10, seed: int = 0
) -> float:
    """Group codes by k-means without looking at labels, then see how pure the groups are.

    Parameters
    ----------
    codes : array of shape (N, Z)
    labels : array of shape (N,)
    n_clusters : int, default=10
    seed : int, default=0
        Where k-means starts; it keeps the best of three starts.

    Returns
    -------
    float
        Homogeneity: 1 when every group holds one class alone, 0 when the groups say nothing
        about the class.

    Raises
    ------
    ValueError
        If codes and labels do not match in number, a value is not finite, or `n_clusters` is
        not between 1 and N.

    References
    ----------
    Rosenberg and Hirschberg (2007), EMNLP-CoNLL, 410-420.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import homogeneity_score

    x, y = _codes_and_labels("codes", codes, "labels", labels)
    check_integer_up_to(len(x), n_clusters=n_clusters)
    groups = KMeans(n_clusters, n_init=3, random_state=seed).fit_predict(x)
    return float(homogeneity_score(y, groups))


def _draw_per_class(
    labels: NDArray[Any], per_class: int, random: np.random.Generator
) -> NDArray[np.int64]:
    classes, counts = np.unique(labels, return_counts=True)
    if not 1 <= per_class <= counts.min():
        raise ValueError(
            f"`labels_per_class` must be between 1 and {counts.min()}, the size of class "
            f"{classes[counts.argmin()]}, got {per_class}"
        )
    return np.concatenate(
        [random.choice(np.flatnonzero(labels == c), per_class, replace=False) for c in classes]
    )


def _codes_and_labels(
    codes_name: str, codes: ArrayLike, labels_name: str, labels: ArrayLike
) -> tuple[NDArray[Any], NDArray[Any]]:
    x, y = np.asarray(codes), np.asarray(labels)
    if x.ndim != 2 or y.ndim != 1 or len(x) != len(y) or len(x) == 0:
        raise ValueError(
            f"`{codes_name}` must have shape (N, Z) and `{labels_name}` shape (N,), "
            f"with N > 0, got {x.shape} and {y.shape}"
        )
    if not np.isfinite(x).all():
        raise ValueError(
            f"`{codes_name}` must be finite, got {(~np.isfinite(x)).sum()} values that are not"
        )
    return x, y


def _check_same_size(a_name: str, a: NDArray[Any], b_name: str, b: NDArray[Any]) -> None:
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            f"`{a_name}` and `{b_name}` must have the same size Z, got {a.shape[1]} and "
            f"{b.shape[1]}"
        )


def encode_dataset(
    encoder: nn.Module, dataset: Dataset[Any], *, batch_size: int = 1024
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """The code and the label of every item, as arrays.

    Parameters
    ----------
    encoder : nn.Module
        Maps (B, ...) to codes (B, Z), for instance ``model.encoder``. It stays on its device and
        gets its training mode back.
    dataset : map-style dataset of (x, y) pairs
    batch_size : int, default=1024

    Returns
    -------
    codes : ndarray of shape (N, Z)
    labels : ndarray of shape (N,)

    Raises
    ------
    TypeError, ValueError
        If `encoder` is not a module, or `dataset` is not map-style or empty.
    """
    check_modules(encoder=encoder)
    device = device_of(encoder)
    codes, labels = [], []
    with evaluating(encoder):
        for x, y in batches(dataset, batch_size):
            codes.append(encoder(x.to(device)).cpu())  # (B, Z)
            labels.append(y.cpu())
    return torch.cat(codes).numpy(), torch.cat(labels).numpy()


def unit_purity(activations: ArrayLike, labels: ArrayLike, *, top: int = 20) -> NDArray[np.float64]:
    """What each unit listens to: the share of one class among the items that excite it most.

    Parameters
    ----------
    activations : array of shape (N, Z)
    labels : array of shape (N,)
    top : int, default=20
        How many items of a unit to look at.

    Returns
    -------
    ndarray of shape (Z,)
        The share of the commonest class among the `top` items, from 1 / `top` to 1; NaN for a unit
        that is not above zero for `top` items.

    Raises
    ------
    ValueError
        If activations and labels do not match in number, or `top` is not between 1 and N.
    """
    a, y = np.asarray(activations), np.asarray(labels)
    if a.ndim != 2 or y.shape != (len(a),):
        raise ValueError(
            "`activations` must have shape (N, Z) and `labels` shape (N,), got "
            f"{a.shape} and {y.shape}"
        )
    check_integer_up_to(len(a), top=top)
    most = np.argsort(-a, axis=0, kind="stable")[:top]  # (top, Z)
    purity: NDArray[Any] = np.array(
        [np.unique(y[column], return_counts=True)[1].max() / top for column in most.T]
    )
    purity[(a > 0).sum(axis=0) < top] = np.nan
    return purity
