"""Layers that an autoencoder needs beyond those of ``torch.nn``."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# An output layer starts at a tenth of the usual size. Random drawings and random predictions are
# worse than none, and training would first spend its largest steps on erasing them.
OUTPUT_GAIN = 0.1


class TransposeLinear(nn.Module):
    """Decode with the transpose of an encoder's weight: ``x_hat = z W + b``.

    The weight is shared, not copied: training either layer trains both.

    Parameters
    ----------
    linear : nn.Linear
        The encoder layer, weight W of shape (Z, D).
    bias : bool, default=True
        Whether to learn a bias of shape (D,), starting at zero.

    Raises
    ------
    TypeError
        If `linear` is not an ``nn.Linear``.

    References
    ----------
    Baldi and Hornik (1989), Neural Networks 2(1), 53-58.

    Examples
    --------
    >>> encoder = nn.Linear(784, 2)
    >>> decoder = TransposeLinear(encoder)
    >>> decoder(encoder(torch.zeros(64, 784))).shape
    torch.Size([64, 784])
    >>> decoder.weight is encoder.weight
    True
    """

    def __init__(self, linear: nn.Linear, bias: bool = True) -> None:
        super().__init__()
        if not isinstance(linear, nn.Linear):
            raise TypeError(f"`linear` must be an nn.Linear, got {type(linear).__name__}")
        self.weight = linear.weight  # the same Parameter, so it stays tied wherever the model goes
        if bias:
            self.bias = nn.Parameter(linear.weight.new_zeros(linear.in_features))
        else:
            self.register_parameter("bias", None)

    def forward(self, z: Tensor) -> Tensor:
        """Map codes (B, Z) to inputs (B, D)."""
        return F.linear(z, self.weight.T, self.bias)  # (B, D)

    def extra_repr(self) -> str:
        """Say the sizes when the layer is printed."""
        latent_dim, input_dim = self.weight.shape
        return f"in_features={latent_dim}, out_features={input_dim}, bias={self.bias is not None}"


def orthogonality_penalty(weight: Tensor) -> Tensor:
    """Measure how far the rows of a weight are from being orthonormal: ``‖W Wᵀ − I‖²``.

    Parameters
    ----------
    weight : Tensor of shape (Z, D)
        An encoder's weight, one row for each number of the code.

    Returns
    -------
    Tensor of shape ()
        The squared Frobenius norm, summed over the Z × Z entries; zero exactly when every row
        has length one and is at right angles to the others.

    Raises
    ------
    ValueError
        If `weight` is not a matrix, or has more rows than columns: more than D vectors in
        D dimensions cannot be orthonormal.

    Examples
    --------
    >>> orthogonality_penalty(torch.eye(2, 784)).item()
    0.0
    """
    if weight.ndim != 2 or weight.shape[0] > weight.shape[1]:
        raise ValueError(
            f"`weight` must have shape (Z, D) with Z <= D, got shape {tuple(weight.shape)}"
        )
    gram = weight @ weight.T  # (Z, Z)
    return (gram - torch.eye(len(gram), dtype=gram.dtype, device=gram.device)).square().sum()


def linear_layer(input_dim: int, output_dim: int, *, bias: bool = True) -> nn.Linear:
    """Make a linear layer with Glorot and Bengio's initialisation and a bias of zero.

    Parameters
    ----------
    input_dim, output_dim : int
    bias : bool, default=True

    Returns
    -------
    nn.Linear

    References
    ----------
    Glorot and Bengio (2010), AISTATS, PMLR 9, 249-256.
    """
    linear = nn.Linear(input_dim, output_dim, bias=bias)
    nn.init.xavier_uniform_(linear.weight)
    if bias:
        nn.init.zeros_(linear.bias)
    return linear


def prediction_head(hidden_dim: int, vocab_size: int) -> nn.Sequential:
    """Make the layers from what a model holds, (..., H), to logits, (..., V)."""
    narrow = nn.Linear(hidden_dim, max(hidden_dim // 2, 1))
    out = nn.Linear(narrow.out_features, vocab_size)
    nn.init.xavier_uniform_(narrow.weight)
    # all characters begin nearly equally likely
    nn.init.xavier_uniform_(out.weight, gain=OUTPUT_GAIN)
    nn.init.zeros_(narrow.bias)
    nn.init.zeros_(out.bias)
    return nn.Sequential(narrow, nn.LeakyReLU(0.1), nn.LayerNorm(narrow.out_features), out)
