"""Autoencoders: one contract, and the shallow ones, whose encoder is a single layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Integral

from torch import Tensor, nn

from ae_course.nn.layers import TransposeLinear, linear_layer
from ae_course.utils.validation import check_modules


class AutoEncoder(nn.Module):
    """An encoder and a decoder, trained as one network to give back its input.

    Parameters
    ----------
    encoder : nn.Module
        Maps x of shape (B, C, h, w) to codes z of shape (B, Z).
    decoder : nn.Module
        Maps codes z of shape (B, Z) to reconstructions of shape (B, C, h, w).

    Raises
    ------
    TypeError
        If either is not an ``nn.Module``.

    Examples
    --------
    >>> import torch
    >>> model = pca_autoencoder(784, 2)
    >>> x = torch.rand(64, 1, 28, 28)
    >>> model.encode(x).shape, model(x).shape
    (torch.Size([64, 2]), torch.Size([64, 1, 28, 28]))
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        check_modules(encoder=encoder, decoder=decoder)
        self.encoder = encoder
        self.decoder = decoder

    def encode(self, x: Tensor) -> Tensor:
        """Map inputs (B, C, h, w) to codes (B, Z)."""
        z: Tensor = self.encoder(x)
        return z

    def decode(self, z: Tensor) -> Tensor:
        """Map codes (B, Z) to reconstructions (B, C, h, w)."""
        x_hat: Tensor = self.decoder(z)
        return x_hat

    def forward(self, x: Tensor) -> Tensor:
        """Reconstruct: (B, C, h, w) to (B, C, h, w)."""
        return self.decode(self.encode(x))

    def reconstruct(self, x: Tensor) -> Tensor:
        """Reconstruct x (B, C, h, w), with nothing drawn: what every autoencoder here can do."""
        out: Tensor = self(x)
        return out


def pca_autoencoder(
    input_dim: int = 784,
    latent_dim: int = 2,
    *,
    centered: bool = True,
    image_shape: Sequence[int] | None = None,
) -> AutoEncoder:
    """Build the linear autoencoder with tied weights, whose optimum is PCA.

    ``z = W x + c`` and ``x_hat = Wᵀ z + b``. With its biases the optimum is PCA of the centred
    data; without them it is PCA of the data as they are, mean included, which reconstructs worse.

    Parameters
    ----------
    input_dim : int, default=784
        D, the number of values of one input.
    latent_dim : int, default=2
        Z, the number of values of its code.
    centered : bool, default=True
        Whether to learn the biases c of shape (Z,) and b of shape (D,), both starting at zero.
    image_shape : sequence of int, optional
        The shape of one input. By default (1, 28, 28) where `input_dim` is 784, and
        (`input_dim`,) elsewhere.

    Returns
    -------
    AutoEncoder
        With W of orthonormal rows (Saxe et al., 2014) as the start.

    Raises
    ------
    ValueError
        If a size is not a positive integer, `latent_dim` exceeds `input_dim`, or `image_shape`
        does not hold `input_dim` values.

    References
    ----------
    Bourlard and Kamp (1988), Biological Cybernetics 59, 291-294.

    Baldi and Hornik (1989), Neural Networks 2(1), 53-58.
    """
    shape = checked_shape([input_dim, latent_dim], image_shape)
    if latent_dim > input_dim:
        raise ValueError(
            f"`latent_dim` must be at most `input_dim`={input_dim} for tied orthonormal weights, "
            f"got {latent_dim}"
        )
    linear = linear_layer(input_dim, latent_dim, bias=centered)
    nn.init.orthogonal_(linear.weight)
    encoder = nn.Sequential(nn.Flatten(), linear)
    return AutoEncoder(
        encoder, nn.Sequential(TransposeLinear(linear, bias=centered), nn.Unflatten(1, shape))
    )


def nonlinear_pca(
    input_dim: int = 784,
    latent_dim: int = 2,
    *,
    activation: Callable[[], nn.Module] = nn.Tanh,
    image_shape: Sequence[int] | None = None,
) -> AutoEncoder:
    """Build an autoencoder with one nonlinearity: ``z = f(W x + c)`` and ``x_hat = V z + b``.

    The weights are not tied, since f bounds or bends the code and V must undo its scale.
    With ``activation=nn.Identity`` it is the linear model of the same parameters: the fair
    opponent of any other activation.

    Parameters
    ----------
    input_dim, latent_dim : int
        D and Z, as in :func:`pca_autoencoder`.
    activation : callable returning nn.Module, default=nn.Tanh
        Called once, without arguments.
    image_shape : sequence of int, optional
        As in :func:`pca_autoencoder`.

    Returns
    -------
    AutoEncoder

    Raises
    ------
    ValueError
        If a size is not a positive integer, or `image_shape` does not hold `input_dim` values.
    """
    shape = checked_shape([input_dim, latent_dim], image_shape)
    encoder = nn.Sequential(nn.Flatten(), linear_layer(input_dim, latent_dim), activation())
    decoder = nn.Sequential(linear_layer(latent_dim, input_dim), nn.Unflatten(1, shape))
    return AutoEncoder(encoder, decoder)


def checked_shape(sizes: Sequence[int], image_shape: Sequence[int] | None) -> tuple[int, ...]:
    """Give the shape of one reconstruction, once every size has been found valid."""
    if len(sizes) < 2 or not all(isinstance(size, Integral) and size > 0 for size in sizes):
        raise ValueError(
            f"sizes must be at least two positive integers, from input to code, got {list(sizes)}"
        )
    if image_shape is None:
        return (1, 28, 28) if sizes[0] == 784 else (sizes[0],)
    if math.prod(image_shape) != sizes[0]:
        raise ValueError(
            f"`image_shape` must hold the {sizes[0]} values of one input, "
            f"got {tuple(image_shape)} with {math.prod(image_shape)}"
        )
    return tuple(image_shape)
