"""Exercise 3: a denoiser of convolutions, and how far it sees."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import NotYet, call, described, number, refuse_mistakes
from ae_course.exercises.networks import build_model, ends_with, refuse_untrained, traced


def check_denoiser(denoiser: Any) -> None:
    """Check task 3a: a convolutional denoiser."""
    net = build_model(denoiser, 3, 8)
    images = 3 * torch.randn(4, 1, 28, 28)
    drawn = call(net, images)
    ran = traced(net, images, nn.Conv2d)
    if not ran:
        raise NotYet("there is no nn.Conv2d in the network.")
    if not isinstance(drawn, Tensor) or drawn.shape != images.shape:
        raise NotYet(
            f"images of shape (4, 1, 28, 28) come back as {described(drawn)}. A convolution of "
            "3 × 3 cuts off a border of one pixel unless it is told to pad, and the last has one "
            "channel."
        )
    try:
        kept = call(net, torch.rand(1, 1, 20, 36)).shape == (1, 1, 20, 36)
    except NotYet:
        kept = False
    if not kept:
        raise NotYet(
            "it works for images of 28 × 28 only. A network of convolutions alone takes any size."
        )
    if len(ran) != 3:
        raise NotYet(f"a depth of 3 should give 3 convolutions, not {len(ran)}.")
    for layer, _, _ in ran:
        if layer.kernel_size != (3, 3) or layer.dilation != (1, 1):
            raise NotYet("the convolutions should be 3 × 3, without gaps.")
    if not ends_with(net, ran[-1][0], images):
        raise NotYet("something stands behind the last convolution. It should give the pixels.")
    for (_, _, before), (_, after, _) in pairwise(ran):
        border = (after.shape[-1] - before.shape[-1]) // 2  # of a layer that pads by itself
        inner = after[..., border : after.shape[-2] - border, border : after.shape[-1] - border]
        if inner.shape == before.shape and torch.allclose(inner, before):
            raise NotYet(
                "there is no ReLU between two convolutions: together they are one larger filter."
            )
        if inner.shape != before.shape or not torch.allclose(inner, before.relu()):
            raise NotYet("between two convolutions there should be a ReLU, and nothing else.")
    _channels(ran, 8)
    refuse_untrained(net, images)
    deeper = traced(build_model(denoiser, 5, 4), images, nn.Conv2d)
    if len(deeper) != 5:
        raise NotYet("its depth is the same whatever it is asked for. Use the argument.")
    _channels(deeper, 4)


def _channels(ran: list[tuple[Any, Tensor, Tensor]], wanted: int) -> None:
    between = {layer.out_channels for layer, _, _ in ran[:-1]}
    if between != {wanted}:
        raise NotYet(
            f"asked for {wanted} channels between the layers, it has {sorted(between)}. Use the "
            "argument."
        )


def check_field(field: Any) -> None:
    """Check task 3b: the receptive field of a stack of convolutions."""
    for kernels in ([9, 3, 5], [3], [5, 5], [3, 3, 3, 3], [9, 9, 9, 9, 9], []):
        found = number(call(field, kernels))
        sizes = np.array(kernels)
        wanted = 1 + (sizes - 1).sum()
        if found == wanted:
            continue
        table = (
            (sizes.sum(), "it adds up the sizes. But the squares of neighbouring pixels overlap."),
            (sizes.prod(), "it multiplies the sizes. Each layer adds a border."),
            (wanted - 1, "the pixel itself is missing."),
            (1 + (sizes // 2).sum(), "a layer adds a border on both sides, not on one."),
            (sizes.max(), "it is the largest layer's. The layers come one after the other."),
            (wanted**2, "it is the number of pixels. The side of the square is asked."),
        )
        refuse_mistakes(
            found, lambda a, b: a == b, [(v, f"for {kernels}: {text}") for v, text in table]
        )
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
    """Check task 3c: the error that a denoiser leaves."""
    clean = torch.rand(6, 1, 28, 28)
    noisy = clean + 0.5 * torch.randn(6, 1, 28, 28)
    result = call(error, _Halved().train(), noisy, clean)
    if isinstance(result, Tensor) and result.requires_grad:
        raise NotYet("the result still carries gradients. Measure inside torch.no_grad().")
    found = number(result)

    def against(made: Tensor, target: Tensor) -> float:
        return float((made - target).square().mean())

    def same(a: float, b: float) -> bool:
        return abs(a - b) < 1e-5 * max(1, b)

    right = against(noisy / 2, clean)
    if same(found, right):
        return
    table = (
        (against(noisy / 2, noisy), "it compares with the noisy images. The clean ones are asked."),
        (against(clean / 2, clean), "it cleans images that were clean already."),
        (against(noisy, clean), "it is the error of the noise itself. Ask the model."),
        (against(noisy / 10, clean), "the model was in training mode. Call model.eval() first."),
        (784 * right, "it adds up the pixels. The book's unit is the mean."),
        (right**0.5, "it is the root of the error. The book's unit has no root."),
    )
    refuse_mistakes(found, same, table)
    raise NotYet("that is not the mean squared error between model(noisy) and clean.")


CHECKS = {
    "3a": check_denoiser,
    "3b": check_field,
    "3c": check_error,
    "3d": check_comparison,
}
