"""Vector quantisation: a vector becomes the nearest of a few, and the gradient goes straight on."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, mse_loss

from ae_course.utils.validation import check_finite, check_positive_integers


class VectorQuantizer(nn.Module):
    """Replace each vector by the nearest entry of a codebook that is learned.

    The nearest entry has no gradient with respect to the vector. So the gradient of what is passed
    on is handed to the vector as it is (*straight-through*), and two terms of the loss bring vector
    and entry together: one moves the entry, the other, times `commitment`, the vector.

    Parameters
    ----------
    entries : int
        K, how many entries the codebook has.
    dim : int
        D, the numbers of each entry.
    commitment : float, default=0.25
        β, the weight of the second term.

    Raises
    ------
    ValueError
        If a size is not a positive integer or `commitment` is negative; on a call, if the vectors
        are not (B, D, ...) or not finite.

    References
    ----------
    van den Oord, Vinyals and Kavukcuoglu (2017), Neural Discrete Representation Learning,
    arXiv:1711.00937, equations 1 to 3.

    Examples
    --------
    >>> quantizer = VectorQuantizer(64, 8)
    >>> vectors, words, loss = quantizer(torch.randn(5, 8, 7, 7))
    >>> vectors.shape, words.shape, loss.shape
    (torch.Size([5, 8, 7, 7]), torch.Size([5, 7, 7]), torch.Size([]))
    """

    def __init__(self, entries: int, dim: int, *, commitment: float = 0.25) -> None:
        super().__init__()
        check_positive_integers(entries=entries, dim=dim)
        if not commitment >= 0:
            raise ValueError(f"`commitment` must not be negative, got {commitment}")
        self.commitment = commitment
        self.codebook = nn.Parameter(torch.randn(entries, dim))  # (K, D)

    def words(self, z: Tensor) -> Tensor:
        """Give the number of the nearest entry, (B, ...) of int64, for vectors (B, D, ...)."""
        self._check(z)
        flat = z.detach().movedim(1, -1).flatten(0, -2)  # (N, D)
        distance = torch.cdist(flat, self.codebook.detach())  # (N, K)
        return distance.argmin(dim=1).view(len(z), *z.shape[2:])

    def lookup(self, words: Tensor) -> Tensor:
        """Give the entries (B, D, ...) of words (B, ...)."""
        return embedding(words, self.codebook).movedim(-1, 1)

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map vectors (B, D, ...) to entries of the same shape, their words (B, ...), and a loss.

        The loss is a mean over all numbers: of the squared distance that moves the entries, plus
        `commitment` times that which moves the vectors.
        """
        words = self.words(z)
        nearest = self.lookup(words)
        loss = mse_loss(nearest, z.detach()) + self.commitment * mse_loss(z, nearest.detach())
        return z + (nearest - z).detach(), words, loss

    @torch.no_grad()
    def revive(self, z: Tensor, *, generator: torch.Generator | None = None) -> int:
        """Move each entry that none of the vectors (B, D, ...) is nearest to onto one of them.

        Parameters
        ----------
        z : Tensor of shape (B, D, ...)
            At least as many vectors as there are entries.
        generator : torch.Generator, optional
            What chooses the vectors, each at most once; by default PyTorch's global generator.

        Returns
        -------
        int
            How many entries were moved.
        """
        words = self.words(z)
        flat = z.movedim(1, -1).flatten(0, -2)  # (N, D)
        if len(flat) < len(self.codebook):
            raise ValueError(
                f"`z` must hold at least {len(self.codebook)} vectors, got {len(flat)}"
            )
        dead = words.flatten().bincount(minlength=len(self.codebook)) == 0  # (K,)
        place = torch.randperm(len(flat), generator=generator)[: int(dead.sum())]
        self.codebook[dead] = flat[place.to(flat.device)]
        return len(place)

    def extra_repr(self) -> str:
        """Say the sizes when the layer is printed."""
        entries, dim = self.codebook.shape
        return f"entries={entries}, dim={dim}, commitment={self.commitment}"

    def _check(self, z: Tensor) -> None:
        dim = self.codebook.shape[1]
        if z.ndim < 2 or z.shape[1] != dim or len(z) == 0:
            raise ValueError(f"`z` must have shape (B, {dim}, ...), got {tuple(z.shape)}")
        check_finite(z=z)
