"""Random numbers for tensors on any device, drawn where the generator lives."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def normal(shape: Sequence[int], like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Draw standard normal numbers, of the data type of `like` and on its device."""
    draw = torch.randn(*shape, generator=generator, dtype=like.dtype, device=_at(like, generator))
    return draw.to(like.device)


def uniform(shape: Sequence[int], like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Draw numbers in [0, 1) on the device of `like`, in single precision: half is too coarse."""
    return torch.rand(*shape, generator=generator, device=_at(like, generator)).to(like.device)


def _at(like: Tensor, generator: torch.Generator | None) -> torch.device:
    return like.device if generator is None else generator.device  # a generator has a device too
