"""The contrastive loss: find, among many codes, the other view of the same picture."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def info_nce(z_one: Tensor, z_two: Tensor, *, temperature: float = 0.2) -> Tensor:
    """Ask each code which of the others belongs to the same picture.

    All 2B codes are brought to length one. For each, the cosines to the 2B − 1 others, divided by
    the temperature, are the logits of a classification whose right answer is its partner.

    Parameters
    ----------
    z_one, z_two : Tensor of shape (B, Z)
        Codes of two views; row i of both is of the same picture.
    temperature : float, default=0.2
        Above 0. The smaller it is, the more the nearest of the wrong codes count.

    Returns
    -------
    Tensor of shape ()
        Mean over the 2B codes, in nats. ln(2B − 1) is the loss of codes that are all the same.

    Raises
    ------
    ValueError
        If the codes have not the same shape (B, Z) with B > 1, or the temperature is not a finite
        number above 0.

    References
    ----------
    Chen et al. (2020), A simple framework for contrastive learning of visual representations,
    ICML: equation 1. There it is called NT-Xent.

    Examples
    --------
    >>> z = torch.eye(2)
    >>> round(info_nce(z, z, temperature=1).item(), 4)  # ln(e + 2) - 1
    0.5514
    """
    if z_one.shape != z_two.shape or z_one.ndim != 2 or len(z_one) < 2:
        raise ValueError(
            "`z_one` and `z_two` must have the same shape (B, Z) with B > 1, "
            f"got {tuple(z_one.shape)} and {tuple(z_two.shape)}"
        )
    if not 0 < temperature < math.inf:
        raise ValueError(f"`temperature` must be a finite number above 0, got {temperature}")
    z = F.normalize(torch.cat([z_one, z_two]), dim=1)  # (2B, Z)
    logits = z @ z.T / temperature
    itself = torch.eye(len(z), dtype=torch.bool, device=z.device)
    partner = torch.arange(len(z), device=z.device).roll(len(z_one))
    return F.cross_entropy(logits.masked_fill(itself, -torch.inf), partner)
