"""Weights and pictures in few bytes, for a script that unpacks them again."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ae_course.models.autoencoder import AutoEncoder
from ae_course.nn.corruptions import AdditiveGaussNoise, MaskingNoise
from ae_course.nn.layers import TransposeLinear

Array = NDArray[Any]

SMALL = 4096  # weights with fewer numbers stay float32: they weigh nothing
SILENT = (  # layers that do nothing in evaluation mode, or that only change a shape
    nn.Flatten,
    nn.Identity,
    nn.Dropout,
    nn.Unflatten,
    AdditiveGaussNoise,
    MaskingNoise,
)


class Pack:
    """Arrays one after another in one block of bytes.

    Each method returns what a script needs to find its array again: plain lists, numbers and
    names, ready for JSON.

    Parameters
    ----------
    bits : {8, 16}, default=16
        For each weight of a large matrix. Eight halve the size. They are enough for a decoder
        of two numbers; where the input is a noisy picture, or errors add up from character to
        character, they are not (``tests/browser/test_arithmetic.py`` measures it).
    """

    def __init__(self, bits: int = 16) -> None:
        self._bytes, self._bits = bytearray(), bits

    def __bytes__(self) -> bytes:
        return bytes(self._bytes)

    def array(self, values: Any) -> list[Any]:
        """Store whole numbers as they are, others as float32: ``[type, byte offset, count]``."""
        array = np.asarray(values)
        if array.dtype not in (np.int8, np.int16, np.uint8):
            array = array.astype("<f4")
        self._bytes.extend(bytes(-len(self._bytes) % 4))  # a view of floats must begin at a four
        place = [f"{array.dtype.kind}{array.itemsize}", len(self._bytes), array.size]
        self._bytes.extend(np.ascontiguousarray(array).tobytes())
        return place

    def matrix(self, weight: Array) -> dict[str, Any]:
        """Store a matrix (rows, columns): integers and a scale a row, or float32 if it is small."""
        rows, columns = weight.shape
        shape = {"rows": rows, "columns": columns}
        if weight.size < SMALL:
            return {"values": self.array(weight)} | shape
        values, scales = rounded(weight, self._bits)
        return {"values": self.array(values), "scales": self.array(scales)} | shape

    def affine(self, weight: Array, bias: Array) -> dict[str, Any]:
        """Store a weight (rows, columns) and a bias (rows,)."""
        return {"weight": self.matrix(weight), "bias": self.array(bias)}

    def layers(self, module: nn.Module) -> list[dict[str, Any]]:
        """Store a stack of layers, as it computes in evaluation mode.

        A BatchNorm moves into the linear layer before it.

        Raises
        ------
        TypeError
            If a layer is of a kind that the script does not know.
        """
        packed: list[dict[str, Any]] = []
        stack = list(_flat(module))
        for place, layer in enumerate(stack):
            following = stack[place + 1] if place + 1 < len(stack) else None
            if isinstance(layer, nn.Linear | TransposeLinear):
                norm = following if isinstance(following, nn.BatchNorm1d) else None
                packed.append({"op": "affine", **self.affine(*_weight_and_bias(layer, norm))})
            elif isinstance(layer, nn.LeakyReLU):
                packed.append({"op": "leaky_relu", "slope": layer.negative_slope})
            elif isinstance(layer, nn.ReLU | nn.Tanh | nn.Sigmoid):
                packed.append({"op": type(layer).__name__.lower()})
            elif isinstance(layer, nn.BatchNorm1d) and place > 0:
                if not isinstance(stack[place - 1], nn.Linear | TransposeLinear):
                    raise TypeError("a BatchNorm1d must follow a linear layer to be packed")
            elif not isinstance(layer, SILENT):
                raise TypeError(f"cannot pack a layer of type {type(layer).__name__}")
        return packed

    def pictures(self, images: Tensor) -> dict[str, Any]:
        """Store images (N, ...) in [0, 1] as bytes, in which a zero is followed by their number."""
        values = (images.detach().cpu().flatten(1).clamp(0, 1) * 255).round().to(torch.uint8)
        return {
            "values": self.array(_without_zeros(values.numpy().ravel())),
            "count": len(values),
            "size": values.shape[1],
        }


def rounded(weight: Array, bits: int) -> tuple[Array, Array]:
    """Round to integers of 8 or 16 bits, with a scale for each row: ``weight ≈ values * scales``.

    Parameters
    ----------
    weight : array of shape (rows, columns)
    bits : {8, 16}

    Returns
    -------
    values : int8 or int16 array of shape (rows, columns)
        The largest of each row is 127 or 32,767.
    scales : float32 array of shape (rows, 1)
    """
    scales = np.abs(weight).max(axis=1, keepdims=True) / (2 ** (bits - 1) - 1)
    scales[scales == 0] = 1  # a row of zeros
    values = np.rint(weight / scales).astype(np.int8 if bits == 8 else np.int16)
    return values, scales.astype(np.float32)


def _flat(module: nn.Module) -> list[nn.Module]:
    if isinstance(module, nn.Sequential):
        return [layer for part in module for layer in _flat(part)]
    if isinstance(module, AutoEncoder):
        return [*_flat(module.encoder), *_flat(module.decoder)]
    return [module]


def _weight_and_bias(
    layer: nn.Linear | TransposeLinear, norm: nn.BatchNorm1d | None
) -> tuple[Array, Array]:
    weight = layer.weight.detach().cpu().double()
    if isinstance(layer, TransposeLinear):
        weight = weight.T
    bias = weight.new_zeros(len(weight)) if layer.bias is None else layer.bias.detach().cpu()
    if norm is not None:
        mean, variance = norm.running_mean, norm.running_var
        if mean is None or variance is None:
            raise TypeError("a BatchNorm1d must keep running statistics to be packed")
        scale = (variance.cpu().double() + norm.eps).rsqrt()
        shift = 0.0 if norm.bias is None else norm.bias.detach().cpu().double()
        if norm.weight is not None:
            scale = scale * norm.weight.detach().cpu().double()
        weight, bias = weight * scale[:, None], (bias - mean.cpu()) * scale + shift
    return weight.float().numpy(), bias.float().numpy()


def _without_zeros(values: Array) -> Array:
    """Write each run of up to 255 zeros as two bytes: 0 and its length."""
    packed: list[int] = []
    zeros = 0
    for value in [*values.tolist(), -1]:  # -1 ends the last run
        if value == 0 and zeros < 255:
            zeros += 1
            continue
        if zeros:
            packed += [0, zeros]
        zeros = int(value == 0)
        if value > 0:
            packed.append(value)
    return np.array(packed, dtype=np.uint8)
