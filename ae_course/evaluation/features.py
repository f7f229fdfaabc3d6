"""Which label goes with a unit, and how well."""

from __future__ import annotations

import torch
from torch import Tensor


def label_units(activity: Tensor, marks: Tensor, *, rarest: float = 0.001) -> tuple[Tensor, Tensor]:
    """Choose a label for each unit on the first half of the places, and score it on the second.

    The label is the one with the largest correlation, by size; the score is the correlation on
    the other half, turned by the sign that it had on the first.

    Parameters
    ----------
    activity : Tensor of shape (N, units)
        What each unit is at each place, in the order of the text.
    marks : Tensor of shape (N, L)
        Whether each of L labels holds there: 1 or 0.
    rarest : float, default=0.001
        A unit that is active (not zero) on a smaller share of the first half has no score.

    Returns
    -------
    tuple of Tensor
        The scores (units,), at most 1, and NaN for a unit that is active too rarely; and the chosen
        columns of `marks`, int64 of shape (units,).

    Raises
    ------
    ValueError
        If the two are not matrices with as many rows, at least four.
    """
    if activity.ndim != 2 or marks.ndim != 2 or len(activity) != len(marks) or len(marks) < 4:
        raise ValueError(
            "`activity` and `marks` must have shapes (N, units) and (N, L) with N of at least 4, "
            f"got {tuple(activity.shape)} and {tuple(marks.shape)}"
        )
    half = len(activity) // 2
    chosen = _correlations(activity[:half], marks[:half])
    label = chosen.abs().argmax(dim=1)
    score = _correlations(activity[half:], marks[half:]).gather(1, label[:, None])[:, 0]
    sign = chosen.gather(1, label[:, None])[:, 0].sign()
    alive = (activity[:half] != 0).float().mean(dim=0) > rarest
    return torch.where(alive, score * sign, torch.nan), label


def _correlations(activity: Tensor, marks: Tensor) -> Tensor:
    """Give each unit's correlation with each label, (units, L); 0 where one never changes."""
    a, b = (one - one.mean(dim=0) for one in (activity, marks))
    a, b = (one / one.norm(dim=0).clamp(min=1e-6) for one in (a, b))
    product: Tensor = a.T @ b
    return product
