"""Autoencoders: one contract, and builders that take sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from numbers import Integral

from torch import Tensor, nn

from ae_course.layers import Reshape, TransposeLinear

# The output layer starts at a tenth of the usual size. Random drawings are worse than none, and
# training would first spend its largest steps on erasing them.
FAINT = 0.1


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
        for name, part in (("encoder", encoder), ("decoder", decoder)):
            if not isinstance(part, nn.Module):
                raise TypeError(f"`{name}` must be an nn.Module, got {type(part).__name__}")
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


def pca_autoencoder(
    input_dim: int = 784,
    latent_dim: int = 2,
    *,
    centered: bool = True,
    image_shape: Sequence[int] | None = None,
) -> AutoEncoder:
    """The linear autoencoder with tied weights, whose optimum is PCA.

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
    shape = _checked_shape([input_dim, latent_dim], image_shape)
    if latent_dim > input_dim:
        raise ValueError(
            f"`latent_dim` must be at most `input_dim`={input_dim} for tied orthonormal weights, "
            f"got {latent_dim}"
        )
    linear = _linear(input_dim, latent_dim, bias=centered)
    nn.init.orthogonal_(linear.weight)
    encoder = nn.Sequential(nn.Flatten(), linear)
    return AutoEncoder(
        encoder, nn.Sequential(TransposeLinear(linear, bias=centered), Reshape(*shape))
    )


def nonlinear_pca(
    input_dim: int = 784,
    latent_dim: int = 2,
    *,
    activation: Callable[[], nn.Module] = nn.Tanh,
    image_shape: Sequence[int] | None = None,
) -> AutoEncoder:
    """One nonlinearity on the code: ``z = f(W x + c)`` and ``x_hat = V z + b``.

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
    shape = _checked_shape([input_dim, latent_dim], image_shape)
    encoder = nn.Sequential(nn.Flatten(), _linear(input_dim, latent_dim), activation())
    decoder = nn.Sequential(_linear(latent_dim, input_dim), Reshape(*shape))
    return AutoEncoder(encoder, decoder)


def dense_autoencoder(
    sizes: Sequence[int],
    *,
    activation: Callable[[], nn.Module] = nn.ReLU,
    batch_norm: bool = True,
    noise: nn.Module | None = None,
    dropout: float = 0.0,
    image_shape: Sequence[int] | None = None,
) -> AutoEncoder:
    """A fully connected autoencoder, the decoder the mirror image of the encoder.

    Each hidden layer is linear, BatchNorm, activation, dropout; the code and the output are
    linear, and the output starts faint: with weights a tenth of the usual size. With `noise` or
    `dropout` it is a denoising autoencoder: it must find the clean input, its target, from a
    spoiled one.

    Parameters
    ----------
    sizes : sequence of int
        From the input to the code, for instance ``[784, 392, 261, 196, 2]``.
    activation : callable returning nn.Module, default=nn.ReLU
        Called once for each hidden layer.
    batch_norm : bool, default=True
        Whether hidden layers normalise over the batch before the activation.
    noise : nn.Module, optional
        What spoils the input while training, as the encoder's first layer: an
        :class:`ae_course.AdditiveGaussNoise`, for instance, or ``nn.Dropout(0.2)``.
    dropout : float, default=0.0
        The probability with which each hidden unit is zeroed while training; the others are
        divided by 1 − `dropout`. With 0 there is no such layer.
    image_shape : sequence of int, optional
        As in :func:`pca_autoencoder`.

    Returns
    -------
    AutoEncoder

    Raises
    ------
    TypeError
        If `noise` is not an ``nn.Module``.
    ValueError
        If there are fewer than two sizes, one is not a positive integer, `dropout` is not at
        least 0 and below 1, or `image_shape` does not hold the first size.

    References
    ----------
    Hinton and Salakhutdinov (2006), Science 313, 504-507.
    Srivastava et al. (2014), JMLR 15, 1929-1958: dropout.

    Examples
    --------
    >>> model = dense_autoencoder([784, 392, 261, 196, 2])
    >>> sum(isinstance(layer, nn.Linear) for layer in model.modules())
    8
    """
    sizes = list(sizes)
    shape = _checked_shape(sizes, image_shape)
    if noise is not None and not isinstance(noise, nn.Module):
        raise TypeError(f"`noise` must be an nn.Module, got {type(noise).__name__}")
    if not 0 <= dropout < 1:
        raise ValueError(f"`dropout` must be at least 0 and below 1, got {dropout}")
    spoil = [] if noise is None else [noise]
    there = _dense_layers(sizes, activation, batch_norm, dropout)
    back = _dense_layers(sizes[::-1], activation, batch_norm, dropout)
    nn.init.xavier_uniform_(back[-1].weight, gain=FAINT)  # type: ignore[arg-type]  # an nn.Linear
    encoder = nn.Sequential(*spoil, nn.Flatten(), *there)
    return AutoEncoder(encoder, nn.Sequential(*back, Reshape(*shape)))


def _dense_layers(
    sizes: Sequence[int], activation: Callable[[], nn.Module], batch_norm: bool, dropout: float
) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes[:-1]):
        layers.append(_linear(before, after))
        if batch_norm:
            layers.append(nn.BatchNorm1d(after))
        layers.append(activation())
        if dropout:
            layers.append(nn.Dropout(dropout))
    return [*layers, _linear(sizes[-2], sizes[-1])]


def _linear(input_dim: int, output_dim: int, *, bias: bool = True) -> nn.Linear:
    linear = nn.Linear(input_dim, output_dim, bias=bias)
    nn.init.xavier_uniform_(linear.weight)
    if bias:
        nn.init.zeros_(linear.bias)
    return linear


def _checked_shape(sizes: Sequence[int], image_shape: Sequence[int] | None) -> tuple[int, ...]:
    """The shape of one reconstruction, once every size has been found valid."""
    if len(sizes) < 2 or not all(isinstance(size, int | Integral) and size > 0 for size in sizes):
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
