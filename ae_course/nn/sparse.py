"""Sparse codes: layers and penalties that let few units be active at once."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ae_course.utils.validation import check_positive_integers


class KSparse(nn.Module):
    """Keep the k largest values of each code, and set the others to zero.

    The gradient passes through the values kept, and through no other.

    Parameters
    ----------
    k : int
        How many units may be active at once. It can be changed at any time.

    Raises
    ------
    ValueError
        If `k` is not a positive integer, or, on a call, if the codes are not (B, Z) with Z >= k.

    References
    ----------
    Makhzani and Frey (2014), k-Sparse Autoencoders, ICLR.

    Examples
    --------
    >>> KSparse(2)(torch.tensor([[0.5, -1.0, 2.0, 0.1]]))
    tensor([[0.5000, 0.0000, 2.0000, 0.0000]])
    """

    def __init__(self, k: int) -> None:
        super().__init__()
        check_positive_integers(k=k)
        self.k = k

    def forward(self, z: Tensor) -> Tensor:
        """Map codes (B, Z) to codes (B, Z) with at most k values that are not zero."""
        if z.ndim != 2 or z.shape[1] < self.k:
            raise ValueError(
                f"`z` must have shape (B, Z) with Z of at least k={self.k}, got {tuple(z.shape)}"
            )
        values, places = z.topk(self.k, dim=1)
        return torch.zeros_like(z).scatter(1, places, values)

    def extra_repr(self) -> str:
        """Say k when the layer is printed."""
        return f"k={self.k}"


def kl_sparsity(activity: Tensor, target: float) -> Tensor:
    """Compute the KL sparsity penalty: how far mean activations are from a sparsity `target`.

    Parameters
    ----------
    activity : Tensor of shape (B, Z)
        In [0, 1], for instance behind a sigmoid.
    target : float
        ρ, the wished mean of each unit over the batch, between 0 and 1.

    Returns
    -------
    Tensor of shape ()
        In nats, the sum over units of the Kullback-Leibler divergence between two Bernoulli
        distributions, one with probability ρ and one with the unit's mean activation.

    Raises
    ------
    ValueError
        If `activity` is not (B, Z) in [0, 1], or `target` is not strictly between 0 and 1.

    References
    ----------
    Ng (2011), Sparse autoencoder, CS294A lecture notes, Stanford.
    """
    if not 0 < target < 1:
        raise ValueError(f"`target` must be between 0 and 1, got {target}")
    if activity.ndim != 2 or len(activity) == 0:
        raise ValueError(f"`activity` must have shape (B, Z), got {tuple(activity.shape)}")
    low, high = activity.min().item(), activity.max().item()
    if not 0 <= low <= high <= 1:
        raise ValueError(f"`activity` must lie in [0, 1], got values from {low:.3g} to {high:.3g}")
    mean = activity.mean(dim=0)
    # a silent unit costs much, not infinitely; its gradient passes, which a clamp alone would stop
    mean = mean + (mean.clamp(1e-6, 1 - 1e-6) - mean).detach()
    on = target * torch.log(target / mean)
    off = (1 - target) * torch.log((1 - target) / (1 - mean))
    return (on + off).sum()
