"""The deep, fully connected autoencoder, clean or denoising."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from torch import nn

from ae_course.models.autoencoder import AutoEncoder, checked_shape
from ae_course.nn.layers import OUTPUT_GAIN, linear_layer
from ae_course.utils.validation import check_modules


def dense_autoencoder(
    sizes: Sequence[int],
    *,
    activation: Callable[[], nn.Module] = nn.ReLU,
    batch_norm: bool = True,
    noise: nn.Module | None = None,
    dropout: float = 0.0,
    image_shape: Sequence[int] | None = None,
) -> AutoEncoder:
    """Build a fully connected autoencoder, the decoder the mirror image of the encoder.

    Each hidden layer is linear, BatchNorm, activation, dropout; the code and the output are
    linear, and the output layer starts with weights a tenth of the usual size. With `noise` or
    `dropout` it is a denoising autoencoder: it must find the clean input, its target, from a
    corrupted one.

    Parameters
    ----------
    sizes : sequence of int
        From the input to the code, for instance ``[784, 392, 261, 196, 2]``.
    activation : callable returning nn.Module, default=nn.ReLU
        Called once for each hidden layer.
    batch_norm : bool, default=True
        Whether hidden layers normalise over the batch before the activation.
    noise : nn.Module, optional
        What corrupts the input while training, as the encoder's first layer: an
        :class:`~ae_course.AdditiveGaussNoise`, for instance, or ``nn.Dropout(0.2)``.
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
    shape = checked_shape(sizes, image_shape)
    if noise is not None:
        check_modules(noise=noise)
    if not 0 <= dropout < 1:
        raise ValueError(f"`dropout` must be at least 0 and below 1, got {dropout}")
    encoder_layers = dense_layers(sizes, activation, batch_norm, dropout)
    decoder_layers = dense_layers(sizes[::-1], activation, batch_norm, dropout)
    output = decoder_layers[-1]
    nn.init.xavier_uniform_(output.weight, gain=OUTPUT_GAIN)  # type: ignore[arg-type]  # an nn.Linear
    corruption = [] if noise is None else [noise]
    return AutoEncoder(
        nn.Sequential(*corruption, nn.Flatten(), *encoder_layers),
        nn.Sequential(*decoder_layers, nn.Unflatten(1, shape)),
    )


def dense_layers(
    sizes: Sequence[int], activation: Callable[[], nn.Module], batch_norm: bool, dropout: float
) -> list[nn.Module]:
    """Make hidden layers between `sizes`, each normalised and active, and a linear one last."""
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes[:-1]):
        layers.append(linear_layer(before, after))
        if batch_norm:
            layers.append(nn.BatchNorm1d(after))
        layers.append(activation())
        if dropout:
            layers.append(nn.Dropout(dropout))
    return [*layers, linear_layer(sizes[-2], sizes[-1])]
