"""What codes are worth to whoever uses them: to a search, a clustering, a single unit's reader."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ae_course.evaluation.encoding import check_same_size, codes_and_labels
from ae_course.utils.validation import check_integer_up_to


def retrieval_precision(
    codes: ArrayLike,
    labels: ArrayLike,
    query_codes: ArrayLike,
    query_labels: ArrayLike,
    *,
    k: int = 10,
) -> float:
    """Search by example: measure how many of the k nearest items are of the query's class.

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

    x, y = codes_and_labels("codes", codes, "labels", labels)
    queries, wanted = codes_and_labels("query_codes", query_codes, "query_labels", query_labels)
    check_same_size("codes", x, "query_codes", queries)
    check_integer_up_to(len(x), k=k)
    nearest = NearestNeighbors(n_neighbors=k).fit(x).kneighbors(queries, return_distance=False)
    return float((y[nearest] == wanted[:, None]).mean())


def cluster_homogeneity(
    codes: ArrayLike, labels: ArrayLike, *, n_clusters: int = 10, random_state: int = 0
) -> float:
    """Group codes by k-means without looking at labels, then see how pure the groups are.

    Parameters
    ----------
    codes : array of shape (N, Z)
    labels : array of shape (N,)
    n_clusters : int, default=10
    random_state : int, default=0
        Where ``sklearn.cluster.KMeans`` starts; the best of three starts is kept.

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

    x, y = codes_and_labels("codes", codes, "labels", labels)
    check_integer_up_to(len(x), n_clusters=n_clusters)
    groups = KMeans(n_clusters, n_init=3, random_state=random_state).fit_predict(x)
    return float(homogeneity_score(y, groups))


def unit_purity(activations: ArrayLike, labels: ArrayLike, *, top: int = 20) -> NDArray[np.float64]:
    """Measure each unit's selectivity: the share of one class among the items it is highest for.

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
        If activations and labels do not match in number, a value is not finite, or `top` is not
        between 1 and N.
    """
    a, y = codes_and_labels("activations", activations, "labels", labels)
    check_integer_up_to(len(a), top=top)
    most = np.argsort(-a, axis=0, kind="stable")[:top]  # (top, Z)
    purity: NDArray[Any] = np.array(
        [np.unique(y[column], return_counts=True)[1].max() / top for column in most.T]
    )
    purity[(a > 0).sum(axis=0) < top] = np.nan
    return purity
