"""How many directions codes use: the spectrum of their covariance, and collapse."""

from __future__ import annotations

import torch
from torch import Tensor

from ae_course.evaluation.neighbours import check_features


def effective_rank(codes: Tensor) -> float:
    """Count the directions in which codes vary, each by its share of the variance.

    It is the exponential of the entropy of the shares: 1 if all variance lies in one direction, Z
    if it is spread evenly over all. Codes that do not vary at all have 0.

    Parameters
    ----------
    codes : Tensor of shape (N, Z)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `codes` is no tensor (N, Z) of finite numbers with at least two rows.

    References
    ----------
    Roy and Vetterli (2007), The effective rank, EUSIPCO, 606-610: here of the covariance matrix.

    Examples
    --------
    >>> round(effective_rank(torch.tensor([[1.0, 0], [-1, 0], [0, 1], [0, -1]])), 3)
    2.0
    """
    check_features(codes=codes)
    centered = codes.detach().double() - codes.detach().double().mean(dim=0)
    variances = torch.linalg.svdvals(centered).square()
    if variances.sum() == 0:
        return 0.0
    shares = variances / variances.sum()
    return float(torch.special.entr(shares).sum().exp())
