"""Two views of one picture: each image of a batch turned, moved, scaled and cropped by chance.

torchvision's ``v2.RandomAffine`` draws one transformation for a whole batch. Here each image has
its own, and one call of ``grid_sample`` does them all.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from ae_course.utils.random import uniform


def random_affine(
    x: Tensor,
    *,
    rotation: float = 0,
    shift: float = 0,
    scale: float = 1,
    crop: float = 1,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Turn, move, scale and crop every image by an amount of its own.

    Between pixels it interpolates linearly; what comes in from outside is zero. At the defaults
    every image stays as it is, but for rounding.

    Parameters
    ----------
    x : Tensor of shape (B, C, h, w)
    rotation : float, default=0
        The largest angle in degrees, to either side, from 0 to 180.
    shift : float, default=0
        The largest shift in pixels, in each of the four directions.
    scale : float, default=1
        An image is made larger or smaller by a factor between `scale` and its inverse, uniform in
        its logarithm; at least 1.
    crop : float, default=1
        The side of the window that is cut out, as a share of the image's side, above 0. The window
        lies anywhere within the image and is blown up to the image's size.
    generator : torch.Generator, optional
        What draws; by default PyTorch's global generator.

    Returns
    -------
    Tensor of shape (B, C, h, w)

    Raises
    ------
    TypeError
        If `x` does not hold floating-point values.
    ValueError
        If `x` has no shape (B, C, h, w), or one of the amounts is out of its range.
    """
    _check(x, rotation, shift, scale, crop)
    u = 2 * uniform((6, len(x)), x, generator) - 1  # from -1 to 1
    angle = math.radians(rotation) * u[0]
    size = crop * scale ** u[1]  # of the window
    height, width = x.shape[-2:]
    dx = 2 * shift / width * u[2] + (1 - crop) * u[3]
    dy = 2 * shift / height * u[4] + (1 - crop) * u[5]
    cos, sin = size * angle.cos(), size * angle.sin()
    theta = torch.stack([cos, -sin, dx, sin, cos, dy], dim=1).view(-1, 2, 3).to(x.dtype)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


def _check(x: Tensor, rotation: float, shift: float, scale: float, crop: float) -> None:
    if not x.is_floating_point():
        raise TypeError(f"`x` must hold floating-point values, got {x.dtype}")
    if x.ndim != 4:
        raise ValueError(f"`x` must be images of shape (B, C, h, w), got shape {tuple(x.shape)}")
    ranges = {
        "rotation": (rotation, 0 <= rotation <= 180, "an angle from 0 to 180 degrees"),
        "shift": (shift, 0 <= shift < math.inf, "a finite number of pixels of at least 0"),
        "scale": (scale, 1 <= scale < math.inf, "a finite factor of at least 1"),
        "crop": (crop, 0 < crop <= 1, "a share of the side above 0 and at most 1"),
    }
    for name, (value, good, wanted) in ranges.items():
        if not good:
            raise ValueError(f"`{name}` must be {wanted}, got {value}")
