"""A small network that finds the noise in codes, told how much there is and, perhaps, the class."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot, silu

from ae_course.utils.validation import check_positive_integers


class CodeDenoiser(nn.Module):
    """Predict the noise in a code, given its level and a class, with residual blocks.

    A class can be withheld: the number `classes` says that none is given. Whoever trains it with
    some of the labels withheld has both predictions that :meth:`guided` puts together.

    Parameters
    ----------
    latent_dim : int
        Z, the numbers of a code.
    classes : int, default=10
    width : int, default=160
        Units of each block.
    blocks : int, default=3

    Raises
    ------
    ValueError
        If a size is not a positive integer.

    References
    ----------
    Ho, Jain and Abbeel (2020), Denoising Diffusion Probabilistic Models, NeurIPS: ε-prediction.

    Examples
    --------
    >>> model = CodeDenoiser(16)
    >>> model(torch.randn(4, 16), torch.zeros(4), torch.tensor([0, 1, 2, 10])).shape
    torch.Size([4, 16])
    """

    def __init__(
        self, latent_dim: int, *, classes: int = 10, width: int = 160, blocks: int = 3
    ) -> None:
        super().__init__()
        check_positive_integers(latent_dim=latent_dim, classes=classes, width=width, blocks=blocks)
        self.latent_dim, self.classes = latent_dim, classes
        self.first = nn.Linear(latent_dim, width)
        self.blocks = nn.ModuleList(_Block(width, 1 + classes + 1) for _ in range(blocks))
        self.last = nn.Linear(width, latent_dim)

    def forward(self, x: Tensor, log_sigma: Tensor, labels: Tensor) -> Tensor:
        """Map noisy codes (B, Z) of variance about 1, levels (B,) and labels (B,) to noise (B, Z).

        A label is a class from 0, or `classes` for none. The level is ln σ, where σ is the noise
        in units of the signal, as in :class:`ScoreModel`.
        """
        told = torch.cat([log_sigma[:, None], one_hot(labels, self.classes + 1)], dim=1)
        h = self.first(x)
        for block in self.blocks:
            h = block(h, told)
        noise: Tensor = self.last(silu(h))
        return noise

    def guided(self, x: Tensor, log_sigma: Tensor, labels: Tensor, weight: float) -> Tensor:
        """Predict with the class, and go on from the prediction without it by `weight` times.

        ``(1 + w) · ε(x, class) - w · ε(x, none)``: 0 takes the class as it is, and -1 takes none.

        References
        ----------
        Ho and Salimans (2022), Classifier-Free Diffusion Guidance, eq. 6.
        """
        asked = self(x, log_sigma, labels)
        nothing = self(x, log_sigma, torch.full_like(labels, self.classes))
        noise: Tensor = asked + weight * (asked - nothing)
        return noise


class _Block(nn.Module):
    """Two linear layers around what the network is told, and a residual connection past them."""

    def __init__(self, width: int, told: int) -> None:
        super().__init__()
        self.enter = nn.Linear(width, width)
        self.told = nn.Linear(told, width)
        self.leave = nn.Linear(width, width)

    def forward(self, h: Tensor, told: Tensor) -> Tensor:
        out: Tensor = h + self.leave(silu(self.enter(h) + self.told(told)))
        return out
