"""Two puzzles made of one picture, for the reader and for the networks that solve them."""

from __future__ import annotations

from itertools import permutations

import torch
from torch import Tensor, nn

from ae_course.plotting.images import plot_reconstructions
from ae_course.utils.validation import check_tensors
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.inputs import check_digits, computed, with_article
from ae_course.widgets.packing import Pack

ORDERS = tuple(permutations(range(4)))  # of four quarters, counted row by row
SIDE = 28


def patch_game(
    fill: nn.Module,
    restore: nn.Module,
    mean: Tensor,
    images: Tensor,
    labels: Tensor,
    *,
    size: int = 14,
) -> InteractiveFigure:
    """Hide a patch of a digit, or shuffle its quarters, and see what two networks answer.

    Parameters
    ----------
    fill : nn.Module
        Maps images with a square erased, of shape (N, 1, 28, 28), to whole ones. It is packed in
        eight bits a weight, as is `restore`.
    restore : nn.Module
        Maps images whose quarters are shuffled to the scores (N, 24) of the orders, listed as
        ``itertools.permutations(range(4))`` does: at place p stands quarter ``order[p]``.
    mean : Tensor of shape (1, 28, 28)
        The guess to compare with `fill`: the mean of the training images.
    images : Tensor of shape (N, 1, 28, 28)
        Test digits to play with, in [0, 1].
    labels : Tensor of shape (N,)
    size : int, default=14
        The side of the square in pixels, from 2 to 26.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError
        If a model has a layer that cannot be packed, or `mean`, `images` or `labels` are no
        tensors.
    ValueError
        If `images` and `labels` do not belong together, `mean` is not such an image, a model does
        not return what it should, `size` is out of range, or weights and pictures exceed 600,000
        bytes.
    """
    check_digits(images, labels)
    check_tensors(mean=mean)
    if mean.shape != images.shape[1:]:
        raise ValueError(f"`mean` must have shape (1, 28, 28), got {tuple(mean.shape)}")
    if not 2 <= size <= SIDE - 2:
        raise ValueError(f"`size` must be between 2 and {SIDE - 2}, got {size}")
    corner = (SIDE - size) // 2
    hidden = images[:1].clone()
    hidden[..., corner : corner + size, corner : corner + size] = 0
    filled = computed("fill", fill, hidden, images[:1].shape)
    computed("restore", restore, images[:1], torch.Size([1, len(ORDERS)]))
    pack = Pack(bits=8)
    config = {
        "fill": pack.layers(fill),
        "restore": pack.layers(restore),
        "orders": ORDERS,
        "size": size,
        "mean": pack.pictures(mean[None]),
        "pictures": pack.pictures(images),
        "labels": labels.tolist(),
    }
    rows = {"hidden": hidden, "network": filled, "mean image": mean[None], "truth": images[:1]}
    alt = (
        f"{with_article(labels[0]).capitalize()} with an erased square, what a network draws "
        "there, the mean image in its place, and the digit as it was."
    )
    still = plot_reconstructions(rows)
    scripts = ["choosing.js", "patch_game.js"]
    return InteractiveFigure(scripts, config, bytes(pack), still=still, alt=alt)
