"""Samples beside real images by nearest neighbours: radii, balls, precision and recall."""

from __future__ import annotations

from typing import Any, TypedDict

import torch
from torch import Tensor

from ae_course.utils.validation import check_finite, check_integer_up_to

ROWS = 1000  # of a matrix of distances that are held at a time: 40 MB for 10,000 columns


class PrecisionRecall(TypedDict):
    """Two shares by nearest neighbours."""

    precision: float  # of samples that lie in the ball of some real image
    recall: float  # of real images that lie in the ball of some sample


def precision_and_recall(
    real_features: Tensor, sample_features: Tensor, *, k: int = 3
) -> PrecisionRecall:
    """Measure samples by two shares: those that look real, and the real ones that are reached.

    Around each point of a set lies a ball that reaches its `k`-th nearest neighbour in the same
    set. Together the balls stand for the region that the set occupies. Precision is the share of
    samples within the region of the real images, recall the share of real images within the region
    of the samples. One stray point makes a large ball, so both can be flattered: recall by
    scattered samples, precision by a real outlier. `sample_quality` draws balls around real images
    only, and counts balls rather than points.

    Parameters
    ----------
    real_features : Tensor of shape (M, H)
    sample_features : Tensor of shape (N, H)
        The paper has M = N; both numbers depend on the sizes, so compare at equal ones.
    k : int, default=3
        At most the smaller number minus 1. Distances are Euclidean, in float32.

    Returns
    -------
    dict
        With ``precision`` and ``recall``.

    Raises
    ------
    ValueError
        If the features are not two tensors (M, H) and (N, H) of finite numbers with at least two
        rows each, or `k` is not an integer from 1 to the smaller number minus 1.

    References
    ----------
    Kynkäänniemi et al. (2019), Improved Precision and Recall Metric for Assessing Generative
    Models, NeurIPS: equations 1 and 2.

    Examples
    --------
    >>> real = torch.tensor([[0.0], [1.0], [2.0], [10.0], [11.0]])
    >>> precision_and_recall(real, torch.tensor([[0.5], [1.5], [50.0], [50.5]]), k=1)
    {'precision': 0.5, 'recall': 0.6}
    """
    check_features(real_features=real_features, sample_features=sample_features)
    if real_features.shape[1] != sample_features.shape[1]:
        raise ValueError(
            "`real_features` and `sample_features` must have the same size H, "
            f"got {real_features.shape[1]} and {sample_features.shape[1]}"
        )
    check_integer_up_to(min(len(real_features), len(sample_features)) - 1, k=k)
    real, samples = real_features.detach().cpu(), sample_features.detach().cpu()
    _, looks_real = in_balls(real, neighbour_radii(real, k), samples)
    _, reached = in_balls(samples, neighbour_radii(samples, k), real)
    return PrecisionRecall(
        precision=looks_real.double().mean().item(), recall=reached.double().mean().item()
    )


def neighbour_radii(points: Tensor, k: int, rows: int = ROWS) -> Tensor:
    """Give each point's distance to its k-th nearest neighbour among the others: (N, H) to (N,)."""
    radii = []
    for start in range(0, len(points), rows):
        distances = torch.cdist(points[start : start + rows], points)  # (B, N)
        own = torch.arange(len(distances))
        distances[own, start + own] = torch.inf  # a point is no neighbour of itself
        radii.append(distances.kthvalue(k, dim=1).values)
    return torch.cat(radii)


def in_balls(
    centers: Tensor, radii: Tensor, points: Tensor, rows: int = ROWS
) -> tuple[Tensor, Tensor]:
    """Tell which balls have a point in them (M,), and which points lie in a ball (N,)."""
    filled, inside = [], torch.zeros(len(points), dtype=torch.bool)
    for some, reach in zip(centers.split(rows), radii.split(rows), strict=True):
        near = torch.cdist(some, points) <= reach[:, None]  # (B, N)
        filled.append(near.any(dim=1))
        inside |= near.any(dim=0)
    return torch.cat(filled), inside


def check_features(**values: Any) -> None:
    """Refuse what is not a float tensor (N, H) with N > 1 and finite values, by its name."""
    for name, features in values.items():
        if not isinstance(features, Tensor) or features.ndim != 2 or len(features) < 2:
            got = tuple(features.shape) if isinstance(features, Tensor) else type(features).__name__
            raise ValueError(f"`{name}` must be a tensor of shape (N, H) with N > 1, got {got}")
        if not features.is_floating_point():
            raise ValueError(f"`{name}` must be of floating point numbers, got {features.dtype}")
        check_finite(**{name: features})
