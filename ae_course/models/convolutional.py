"""The convolutional autoencoder: layers that know which pixels are neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, get_args

from torch import nn

from ae_course.models.autoencoder import AutoEncoder
from ae_course.nn.layers import OUTPUT_GAIN, linear_layer
from ae_course.utils.validation import check_modules, check_positive_integers

Resizing = Literal["strided", "pooled"]


def conv_autoencoder(
    channels: Sequence[int] = (16, 32),
    latent_dim: int = 28,
    *,
    resizing: Resizing = "strided",
    noise: nn.Module | None = None,
    image_shape: tuple[int, int, int] = (1, 28, 28),
) -> AutoEncoder:
    """Build an autoencoder of convolutions down to a small map, a dense code, and the way back.

    Each convolution of 3 × 3 pixels, with BatchNorm and ReLU after it, gives maps with a quarter of
    the places. The decoder mirrors the encoder. The code and the output are linear, and the output
    layer starts with weights a tenth of the usual size.

    Parameters
    ----------
    channels : sequence of int, default=(16, 32)
        How many maps each convolution makes.
    latent_dim : int, default=28
        Z, the number of values of the code.
    resizing : {"strided", "pooled"}, default="strided"
        How maps are halved and doubled. Strided: the convolution takes every second place, and on
        the way back a transposed convolution of 4 × 4 doubles; its size is a multiple of its
        stride, so every place gets equally many contributions (Odena et al., 2016). Pooled: a
        plain convolution, then the largest of 2 × 2 places; on the way back each place is
        repeated, and a plain convolution follows. That takes more than twice the operations.
    noise : nn.Module, optional
        What corrupts the input while training, as the encoder's first layer.
    image_shape : (C, h, w), default=(1, 28, 28)
        Two must divide height and width, once for each convolution.

    Returns
    -------
    AutoEncoder
        Maps (B, C, h, w) to codes (B, Z) and back.

    Raises
    ------
    TypeError
        If `noise` is not an ``nn.Module``.
    ValueError
        If a size is not a positive integer, or the image cannot be halved that often, or
        `resizing` is another word.

    References
    ----------
    Masci et al. (2011), ICANN, 52-59.

    Odena, Dumoulin and Olah (2016), Distill, doi:10.23915/distill.00003.

    Examples
    --------
    >>> import torch
    >>> model = conv_autoencoder()
    >>> x = torch.rand(64, 1, 28, 28)
    >>> model.encode(x).shape, model(x).shape
    (torch.Size([64, 28]), torch.Size([64, 1, 28, 28]))
    """
    _check(channels, image_shape)
    check_positive_integers(latent_dim=latent_dim)
    if resizing not in get_args(Resizing):
        raise ValueError(f"`resizing` must be one of {get_args(Resizing)}, got {resizing!r}")
    if noise is not None:
        check_modules(noise=noise)
    encoder_layers = [] if noise is None else [noise]
    depth, height, width = image_shape
    halvings = 2 ** len(channels)
    small = (channels[-1], height // halvings, width // halvings)  # the last maps
    values = small[0] * small[1] * small[2]
    for before, after in pairwise((depth, *channels)):
        encoder_layers += downsampling(before, after, resizing)
    encoder_layers += [nn.Flatten(), linear_layer(values, latent_dim)]
    decoder_layers: list[nn.Module] = [linear_layer(latent_dim, values), nn.Unflatten(1, small)]
    for before, after in pairwise((*channels[::-1], depth)):
        decoder_layers += [nn.BatchNorm2d(before), nn.ReLU()]
        decoder_layers += upsampling(before, after, resizing)
    output = decoder_layers[-1]
    nn.init.xavier_uniform_(output.weight, gain=OUTPUT_GAIN)  # type: ignore[arg-type]  # a convolution
    return AutoEncoder(nn.Sequential(*encoder_layers), nn.Sequential(*decoder_layers))


def downsampling(before: int, after: int, resizing: Resizing = "strided") -> list[nn.Module]:
    """Go from `before` maps to `after` maps of half the height and width, normalised and active."""
    stride = 2 if resizing == "strided" else 1
    layers = [
        nn.Conv2d(before, after, 3, stride=stride, padding=1),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    ]
    return layers if resizing == "strided" else [*layers, nn.MaxPool2d(2)]


def upsampling(before: int, after: int, resizing: Resizing) -> list[nn.Module]:
    """Go from `before` maps to `after` maps of twice the height and width."""
    if resizing == "strided":
        return [nn.ConvTranspose2d(before, after, 4, stride=2, padding=1)]
    return [nn.Upsample(scale_factor=2), nn.Conv2d(before, after, 3, padding=1)]


def _check(channels: Sequence[int], image_shape: Sequence[int]) -> None:
    if not channels:
        raise ValueError("`channels` must name at least one convolution, got none")
    for size in channels:
        check_positive_integers(channels=size)
    if len(image_shape) != 3:
        raise ValueError(f"`image_shape` must be (C, h, w), got {tuple(image_shape)}")
    for size in image_shape:
        check_positive_integers(image_shape=size)
    halvings = 2 ** len(channels)
    if image_shape[1] % halvings or image_shape[2] % halvings:
        raise ValueError(
            f"`image_shape` must have a height and a width that {halvings} divides, for "
            f"{len(channels)} convolutions, got {tuple(image_shape)}"
        )
