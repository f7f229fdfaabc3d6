"""Exercise 3: a denoiser of convolutions, and how far it sees."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ae_course.exercises.saying import NotYet, array, call, linear, module


def check_denoiser(denoiser: Any) -> None:
    net = module(call(denoiser, 3, 8))
    found = [layer for layer in net.modules() if isinstance(layer, nn.Conv2d)]
    if not found:
        raise NotYet("there is no nn.Conv2d in the network.")
    images = 3 * torch.randn(4, 1, 28, 28)
    drawn = call(net, images)
    if not isinstance(drawn, Tensor) or drawn.shape != images.shape:
        shape = tuple(drawn.shape) if isinstance(drawn, Tensor) else type(drawn).__name__
        raise NotYet(
            f"images of shape (4, 1, 28, 28) come back as {shape}. A convolution of 3 × 3 cuts off "
            "a border of one pixel unless it is told to pad, and the last has one channel."
        )
    try:
        kept = call(net, torch.rand(1, 1, 20, 36)).shape == (1, 1, 20, 36)
    except NotYet:
        kept = False
    if not kept:
        raise NotYet(
            "it works for images of 28 × 28 only. A network of convolutions alone takes any size."
        )
    if (drawn >= 0).all():
        raise NotYet("what it gives is never negative. The last layer has no ReLU behind it.")
    if len(found) != 3:
        raise NotYet(f"a depth of 3 should give 3 convolutions, not {len(found)}.")
    if any(layer.kernel_size != (3, 3) for layer in found):
        raise NotYet(f"the convolutions should be 3 × 3, not {found[0].kernel_size}.")
    if linear(net, images):
        raise NotYet(
            "it is linear: three convolutions without a ReLU between are one larger filter."
        )
    between = {layer.out_channels for layer in found[:-1]}
    if between != {8}:
        raise NotYet(
            f"between the layers there should be 8 channels, as asked, not {sorted(between)}."
        )
    if sum(isinstance(layer, nn.Conv2d) for layer in module(call(denoiser, 5, 4)).modules()) != 5:
        raise NotYet("its depth is the same whatever it is asked for. Use the argument.")


def check_field(field: Any) -> None:
    for kernels in ([3, 5, 9], [3], [5, 5], [3, 3, 3, 3]):
        found = float(array(call(field, kernels), (), "the result"))
        sizes = np.array(kernels)
        wanted = 1 + (sizes - 1).sum()
        if found == wanted:
            continue
        for value, sentence in (
            (sizes.sum(), "it adds up the sizes. But the squares of neighbouring pixels overlap."),
            (sizes.prod(), "it multiplies the sizes. Each layer adds a border."),
            (wanted - 1, "the pixel itself is missing."),
            (1 + (sizes // 2).sum(), "a layer adds a border on both sides, not on one."),
            (sizes.max(), "it is the largest layer's. The layers come one after the other."),
            (wanted**2, "it is the number of pixels. The side of the square is asked."),
        ):
            if found == value:
                raise NotYet(f"for {kernels}: {sentence}")
        raise NotYet(
            f"for {kernels} it gives {found:g}. Draw the layers above each other, and count."
        )


class _Halved(nn.Module):
    """Half of what comes in; in training mode, a tenth."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(0.5))

    def forward(self, x: Tensor) -> Tensor:
        return x * (self.scale / 5 if self.training else self.scale)


def check_error(error: Any) -> None:
    clean = torch.rand(6, 1, 28, 28)
    noisy = clean + 0.5 * torch.randn(6, 1, 28, 28)
    result = call(error, _Halved().train(), noisy, clean)
    if isinstance(result, Tensor) and result.requires_grad:
        raise NotYet("the result still carries gradients. Measure inside torch.no_grad().")
    found = float(array(result, (), "the result"))

    def against(made: Tensor, target: Tensor) -> float:
        return float((made - target).square().mean())

    half = noisy / 2
    for value, sentence in (
        (against(half, clean), None),
        (against(half, noisy), "it compares with the noisy images. The clean ones are the aim."),
        (against(clean / 2, clean), "it cleans images that were clean already."),
        (against(noisy, clean), "it is the error of the noise itself. Ask the model."),
        (against(noisy / 10, clean), "the model was in training mode. Call model.eval() first."),
        (784 * against(half, clean), "it adds up the pixels. The book's unit is the mean."),
        (against(half, clean) ** 0.5, "it is the root of the error. The book's unit has no root."),
    ):
        if abs(found - value) < 1e-5 * max(1, value):
            if sentence is None:
                return
            raise NotYet(sentence)
    raise NotYet("that is not the mean squared error between model(noisy) and clean.")


CHECKS = {"3a": check_denoiser, "3b": check_field, "3c": check_error}
