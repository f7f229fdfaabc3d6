"""A layer through which each example sees the spread of its batch."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class BatchSpread(nn.Module):
    """Append the standard deviation of each feature over the batch to each example.

    A discriminator that ends in it can compare whole batches: forgeries that are all alike give
    themselves away by their spread. It computes the same in evaluation mode, and depends on the
    batch there too, so a batch must be all real or all forged.

    The features are (B, D), and 2D come out. The spread is the root of the variance plus 1e-8, so
    that equal features have a gradient.

    Raises
    ------
    ValueError
        On a call, if the features are not (B, D) with at least two rows.

    References
    ----------
    Karras et al. (2018), Progressive Growing of GANs, ICLR: section 3, there as one number, the
    mean over the features. Salimans et al. (2016), Improved Techniques for Training GANs, NeurIPS,
    have the idea (minibatch discrimination).

    Examples
    --------
    >>> BatchSpread()(torch.tensor([[0.0], [2.0]]))
    tensor([[0.0000, 1.4142],
            [2.0000, 1.4142]])
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        """Map features (B, D) to (B, 2D): themselves, and their spread over the batch."""
        if x.ndim != 2 or len(x) < 2:
            raise ValueError(
                f"the features must have shape (B, D) with B of 2 or more, got {tuple(x.shape)}"
            )
        spread = (x.var(dim=0) + 1e-8).sqrt()  # (D,)
        return torch.cat([x, spread.expand_as(x)], dim=1)
