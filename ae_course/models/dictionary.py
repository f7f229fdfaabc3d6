"""A sparse autoencoder for the states of a network."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, relu

from ae_course.nn.sparse import KSparse
from ae_course.utils.validation import check_positive_integers


class SparseDictionary(nn.Module):
    """Write each state as a sum of at most k of many directions of length one, its features.

    The mean state is taken off first. A feature adds its direction ``words[i]``, times its value,
    and begins by listening for the same direction.

    Parameters
    ----------
    states : Tensor of shape (N, H)
        Their mean is where `center` begins.
    units : int, default=1024
        The number of features.
    k : int, default=16
        How many may be active at a time.
    plain : bool, default=False
        Begin without the mean, and listen for other random directions than those that are added.
    generator : torch.Generator, optional
        What draws the directions; by default PyTorch's global generator.

    Raises
    ------
    ValueError
        If `states` are not (N, H), or `units` or `k` is not a positive integer.

    References
    ----------
    Cunningham et al. (2023), arXiv:2309.08600; Gao et al. (2024), arXiv:2406.04093, for top-k.

    Examples
    --------
    >>> dictionary = SparseDictionary(torch.randn(50, 8), units=20, k=3)
    >>> int((dictionary.encode(torch.randn(5, 8)) != 0).sum(dim=1).max()) <= 3
    True
    """

    def __init__(
        self,
        states: Tensor,
        *,
        units: int = 1024,
        k: int = 16,
        plain: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        check_positive_integers(units=units)
        if states.ndim != 2 or len(states) == 0:
            raise ValueError(f"`states` must have shape (N, H), got {tuple(states.shape)}")
        start = _directions(units, states, generator)
        listen = _directions(units, states, generator) if plain else start.clone()
        mean = states.mean(dim=0)
        self.words, self.listen = nn.Parameter(start), nn.Parameter(listen)  # (units, H)
        self.bias = nn.Parameter(torch.zeros(units, device=states.device))
        self.center = nn.Parameter(torch.zeros_like(mean) if plain else mean)
        self.rule = KSparse(k)

    def encode(self, h: Tensor) -> Tensor:
        """Give the features' values (N, units) of states (N, H)."""
        z: Tensor = self.rule(relu((h - self.center) @ self.listen.T + self.bias))
        return z

    def decode(self, z: Tensor) -> Tensor:
        """Give states (N, H) from the features' values (N, units)."""
        return z @ self.words + self.center

    def forward(self, h: Tensor) -> Tensor:
        """Give the states as the features redraw them, (N, H)."""
        return self.decode(self.encode(h))


def _directions(units: int, states: Tensor, generator: torch.Generator | None) -> Tensor:
    drawn = torch.randn(units, states.shape[1], generator=generator)
    return normalize(drawn).to(states.device, states.dtype)
