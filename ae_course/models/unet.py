"""A small U-Net that knows how much noise there is in its input."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from ae_course.utils.validation import check_positive_integers


class UNet(nn.Module):
    """Down to small maps and back, with skip connections from the way down to the way back.

    A code has no place for every grain of the noise; the maps that skip it have. Every block gets
    the noise level too, as a shift of its channels.

    Parameters
    ----------
    channels : sequence of int, default=(32, 64, 64)
        The channels at full, half, quarter, … height and width; multiples of 8.
    image_channels : int, default=1
        C, the channels of an image.

    Raises
    ------
    ValueError
        If a size is not a positive integer or not a multiple of 8, or, on a call, if the
        images cannot be halved that often.

    References
    ----------
    Ronneberger, Fischer and Brox (2015), MICCAI, 234-241.

    Ho, Jain and Abbeel (2020), NeurIPS: the level in every block.

    Examples
    --------
    >>> UNet((8, 16))(torch.rand(4, 1, 28, 28), torch.zeros(4)).shape
    torch.Size([4, 1, 28, 28])
    """

    def __init__(self, channels: Sequence[int] = (32, 64, 64), image_channels: int = 1) -> None:
        super().__init__()
        check_positive_integers(image_channels=image_channels)
        if not channels:
            raise ValueError("`channels` must name at least one size, got none")
        for size in channels:
            check_positive_integers(channels=size)
            if size % 8:
                raise ValueError(f"`channels` must be multiples of 8, got {size}")
        self.halvings = len(channels) - 1
        embedded = 4 * channels[0]
        self.embed = nn.Sequential(SinusoidalEmbedding(32), nn.Linear(32, embedded), nn.SiLU())
        self.first = nn.Conv2d(image_channels, channels[0], 3, padding=1)
        self.down = nn.ModuleList(_Block(size, size, embedded) for size in channels[:-1])
        self.downsample = nn.ModuleList(
            nn.Conv2d(before, after, 3, stride=2, padding=1) for before, after in pairwise(channels)
        )
        self.middle = _Block(channels[-1], channels[-1], embedded)
        self.upsample = nn.ModuleList(
            nn.ConvTranspose2d(after, before, 4, stride=2, padding=1)
            for before, after in pairwise(channels)
        )
        self.up = nn.ModuleList(_Block(2 * size, size, embedded) for size in channels[:-1])
        self.last = nn.Conv2d(channels[0], image_channels, 3, padding=1)
        nn.init.zeros_(self.last.weight)  # at first it finds no noise at all
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]  # it has one

    def forward(self, x: Tensor, log_sigma: Tensor) -> Tensor:
        """Map images (B, C, h, w) and log noise levels (B,) to (B, C, h, w)."""
        if any(side % 2**self.halvings for side in x.shape[-2:]):
            raise ValueError(
                f"`x` must have a height and a width that {2**self.halvings} divides, "
                f"got {tuple(x.shape)}"
            )
        level = self.embed(log_sigma)
        h, skips = self.first(x), []
        for block, downsample in zip(self.down, self.downsample, strict=True):
            h = block(h, level)
            skips.append(h)
            h = downsample(h)
        h = self.middle(h, level)
        for block, upsample in zip(reversed(self.up), reversed(self.upsample), strict=True):
            h = block(torch.cat([upsample(h), skips.pop()], dim=1), level)
        out: Tensor = self.last(h)
        return out


class _Block(nn.Module):
    """Two convolutions around the noise level, and a residual connection past them."""

    def __init__(self, before: int, after: int, embedded: int) -> None:
        super().__init__()
        self.first = nn.Sequential(
            nn.GroupNorm(8, before), nn.SiLU(), nn.Conv2d(before, after, 3, padding=1)
        )
        self.level = nn.Linear(embedded, after)
        self.second = nn.Sequential(
            nn.GroupNorm(8, after), nn.SiLU(), nn.Conv2d(after, after, 3, padding=1)
        )
        self.residual = nn.Identity() if before == after else nn.Conv2d(before, after, 1)

    def forward(self, h: Tensor, level: Tensor) -> Tensor:
        shifted = self.first(h) + self.level(level)[:, :, None, None]
        out: Tensor = self.second(shifted) + self.residual(h)
        return out


class SinusoidalEmbedding(nn.Module):
    """A number as sines and cosines of several frequencies, so that small steps are seen."""

    frequencies: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.logspace(-1, 1, size // 2) * math.pi / 4)

    def forward(self, value: Tensor) -> Tensor:
        """Map numbers (B,) to (B, `size`)."""
        angles = value[:, None] * self.frequencies  # (B, size / 2)
        return torch.cat([angles.sin(), angles.cos()], dim=1)
