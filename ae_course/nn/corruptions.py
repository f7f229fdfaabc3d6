"""Ways to corrupt an image on purpose, as functions of a level and as layers that train with it.

Rotation is torchvision's. The others are not, because ``gaussian_noise`` of its ``transforms.v2``
takes no generator, ``erase`` cuts the same place out of all images, and it has neither masking nor
salt and pepper.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from numbers import Integral

import torch
from torch import Tensor, nn

from ae_course.utils.random import normal, uniform

# corrupt(x, level, generator=...): images (B, C, h, w) in, images of the same shape out
Corruption = Callable[..., Tensor]


def add_gaussian(x: Tensor, sigma: float, *, generator: torch.Generator | None = None) -> Tensor:
    """Add noise from a normal distribution of standard deviation `sigma` to every value.

    The result is not clipped: values leave [0, 1], and their mean stays what it was.

    Parameters
    ----------
    x : Tensor
        Of any shape.
    sigma : float
        In the unit of `x`.
    generator : torch.Generator, optional
        What draws the noise; by default PyTorch's global generator.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    TypeError
        If `x` holds integers.
    ValueError
        If `sigma` is negative, NaN or infinite.
    """
    _check_values(x)
    _check_scale("sigma", sigma)
    return x + sigma * normal(x.shape, x, generator)


def mask_pixels(
    x: Tensor, p: float, *, rescale: bool = False, generator: torch.Generator | None = None
) -> Tensor:
    """Set every value to zero with probability `p`, independently of all others.

    Of an image with several channels, each channel's value is drawn by itself.

    Parameters
    ----------
    x : Tensor
        Of any shape.
    p : float
        Between 0 and 1.
    rescale : bool, default=False
        Whether to divide the values that stay by 1 − p, so that their mean is kept: this is
        the noise of dropout.
    generator : torch.Generator, optional
        What draws the mask; by default PyTorch's global generator.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    TypeError
        If `x` holds integers.
    ValueError
        If `p` is not between 0 and 1, or is 1 with `rescale`.
    """
    _check_values(x)
    _check_probability(p)
    if rescale and p == 1:
        raise ValueError("`p` must be below 1 to rescale what is left, got 1")
    kept = torch.where(uniform(x.shape, x, generator) < p, 0, x)
    return kept / (1 - p) if rescale else kept


def salt_and_pepper(x: Tensor, p: float, *, generator: torch.Generator | None = None) -> Tensor:
    """Replace every value with probability `p`: by 0 or by 1, as a coin decides.

    Parameters
    ----------
    x : Tensor
        Of any shape.
    p : float
        Between 0 and 1.
    generator : torch.Generator, optional
        What draws; by default PyTorch's global generator.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    TypeError
        If `x` holds integers.
    ValueError
        If `p` is not between 0 and 1.
    """
    _check_values(x)
    _check_probability(p)
    # below p / 2: black, from there to p: white, else untouched
    draw = uniform(x.shape, x, generator)
    return torch.where(draw < p, (draw < p / 2).to(x.dtype), x)


def occlude(x: Tensor, side: int, *, generator: torch.Generator | None = None) -> Tensor:
    """Set a square of `side` × `side` pixels to zero, at another place in every image.

    Parameters
    ----------
    x : Tensor of shape (B, C, h, w)
    side : int
        In pixels.
    generator : torch.Generator, optional
        What draws the places; by default PyTorch's global generator.

    Returns
    -------
    Tensor of shape (B, C, h, w)

    Raises
    ------
    TypeError
        If `x` holds integers.
    ValueError
        If `side` is not an integer from 0 to the images' smaller side, or `x` has no
        shape (B, C, h, w).
    """
    _check_images(x)
    height, width = x.shape[-2:]
    if not isinstance(side, Integral) or not 0 <= side <= min(height, width):
        raise ValueError(
            f"`side` must be an integer from 0 to {min(height, width)}, the images' smaller "
            f"side, got {side!r}"
        )
    draw = uniform((2, len(x)), x, generator)
    rows, columns = _inside(draw[0], side, height), _inside(draw[1], side, width)
    hole = rows[:, None, :, None] & columns[:, None, None, :]  # (B, 1, h, w)
    return torch.where(hole, 0, x)


def rotate(x: Tensor, degrees: float, *, generator: torch.Generator | None = None) -> Tensor:
    """Turn every image about its centre by `degrees`, to the left or right as a coin decides.

    Between pixels it interpolates linearly; what comes in from outside is zero.

    Parameters
    ----------
    x : Tensor of shape (B, C, h, w)
    degrees : float
        The angle, the same for all images; at least 0.
    generator : torch.Generator, optional
        What draws the directions; by default PyTorch's global generator.

    Returns
    -------
    Tensor of shape (B, C, h, w)

    Raises
    ------
    TypeError
        If `x` holds integers.
    ValueError
        If `degrees` is negative, NaN or infinite, or `x` has no shape (B, C, h, w).
    """
    _check_images(x)
    _check_scale("degrees", degrees)
    if degrees == 0:
        return x.clone()  # exactly, where interpolation would round
    from torchvision.transforms import v2  # type: ignore[import-untyped]  # takes a second

    left, right = (
        v2.functional.rotate(x, angle, interpolation=v2.InterpolationMode.BILINEAR)
        for angle in (float(degrees), -float(degrees))
    )
    coin = uniform((len(x), 1, 1, 1), x, generator) < 0.5
    return torch.where(coin, left, right)


CORRUPTIONS: dict[str, Corruption] = {
    "Gaussian": add_gaussian,
    "masking": mask_pixels,
    "dropout": partial(mask_pixels, rescale=True),
    "salt and pepper": salt_and_pepper,
    "occlusion": occlude,
    "rotation": rotate,
}
"""The corruptions by name: functions of images (B, C, h, w), a level and a generator."""


class AdditiveGaussNoise(nn.Module):
    """Add Gaussian noise while training; in evaluation mode, the identity.

    Parameters
    ----------
    sigma : float, default=0.5
        Standard deviation, in the unit of the input: for pixels in [0, 1], 0.5 is half the way
        from black to white. Mean squared error between input and output: `sigma` squared.
    generator : torch.Generator, optional
        What draws the noise; by default PyTorch's global generator. A checkpoint of
        :func:`~ae_course.train` keeps the state of the global one alone.

    Raises
    ------
    ValueError
        If `sigma` is negative, NaN or infinite.

    References
    ----------
    Vincent, Larochelle, Bengio and Manzagol (2008), ICML, 1096-1103.

    Examples
    --------
    >>> noise = AdditiveGaussNoise(0.5)
    >>> x = torch.zeros(64, 1, 28, 28)
    >>> torch.equal(noise(x), x), torch.equal(noise.eval()(x), x)
    (False, True)
    """

    def __init__(self, sigma: float = 0.5, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        _check_scale("sigma", sigma)
        self.sigma = sigma
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape of x, whatever it is."""
        return add_gaussian(x, self.sigma, generator=self.generator) if self.training else x

    def extra_repr(self) -> str:
        """Say the level when the layer is printed."""
        return f"sigma={self.sigma}"


class MaskingNoise(nn.Module):
    """Set values to zero while training; in evaluation mode, the identity.

    Unlike ``nn.Dropout`` it does not enlarge the values that stay: a masked image is an image
    with holes, on the same scale as a whole one.

    Parameters
    ----------
    p : float, default=0.5
        The probability of each value to be zeroed, independently.
    generator : torch.Generator, optional
        What draws the mask; as in :class:`AdditiveGaussNoise`.

    Raises
    ------
    ValueError
        If `p` is not between 0 and 1.

    References
    ----------
    Vincent, Larochelle, Lajoie, Bengio and Manzagol (2010), JMLR 11, 3371-3408.
    """

    def __init__(self, p: float = 0.5, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        _check_probability(p)
        self.p = p
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape of x, whatever it is."""
        return mask_pixels(x, self.p, generator=self.generator) if self.training else x

    def extra_repr(self) -> str:
        """Say the probability when the layer is printed."""
        return f"p={self.p}"


def _inside(draw: Tensor, side: int, length: int) -> Tensor:
    """Mark a stretch of `side` among `length` positions, placed by `draw` (B,) in [0, 1)."""
    start = (draw * (length - side + 1)).long()[:, None]  # (B, 1)
    position = torch.arange(length, device=draw.device)
    return (position >= start) & (position < start + side)  # (B, length)


def _check_values(x: Tensor) -> None:
    if not x.is_floating_point():
        raise TypeError(f"`x` must hold floating-point values, got {x.dtype}")


def _check_images(x: Tensor) -> None:
    _check_values(x)
    if x.ndim != 4:
        raise ValueError(f"`x` must be images of shape (B, C, h, w), got shape {tuple(x.shape)}")


def _check_scale(name: str, value: float) -> None:
    if not 0 <= value < math.inf:
        raise ValueError(f"`{name}` must be a finite number of at least 0, got {value}")


def _check_probability(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"`p` must be a probability between 0 and 1, got {p}")
