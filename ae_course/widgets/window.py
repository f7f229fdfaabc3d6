"""A convolution's window under the finger: products, sum, and the map they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.inputs import check_digits, with_article
from ae_course.widgets.packing import Pack

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def moving_window(
    kernels: Mapping[str, Tensor], images: Tensor, labels: Tensor
) -> InteractiveFigure:
    """Move a window of nine weights over a digit and see the map of sums grow.

    The figure shows the nine pixels under the window, each times its weight, and their sum, which
    becomes the map's value at that place: ``conv2d(image, kernel, padding=1)``. The weights can be
    chosen by name, and changed.

    Parameters
    ----------
    kernels : mapping from name to Tensor of shape (3, 3)
        The first one is shown first. From a layer: ``layer.weight[0, 0].detach()``.
    images : Tensor of shape (N, 1, 28, 28)
        A few digits, in [0, 1].
    labels : Tensor of shape (N,)
        Their classes.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError
        If `images` or `labels` are no tensors.
    ValueError
        If there is no kernel, one is not (3, 3) of finite numbers from -99 to 99 or is named "your
        own", or `images` and `labels` do not belong together.
    """
    if not kernels:
        raise ValueError("`kernels` must hold at least one kernel, got none")
    for name, kernel in kernels.items():
        _check(name, kernel)
    check_digits(images, labels)
    pack = Pack()
    weights = {name: kernel.detach().float().cpu() for name, kernel in kernels.items()}
    config = {
        "names": list(weights),
        "labels": labels.tolist(),
        "kernels": [pack.array(kernel.flatten()) for kernel in weights.values()],
        "images": pack.pictures(images),
    }
    alt = (
        f"{with_article(labels[0]).capitalize()} and what a window of nine weights makes of it, "
        f"one map for each of these kernels: {', '.join(weights)}."
    )
    still = _maps(weights, images[:1].detach().float().cpu())
    return InteractiveFigure(["moving_window.js"], config, bytes(pack), still=still, alt=alt)


def _check(name: str, kernel: Tensor) -> None:
    if name == "your own":
        raise ValueError("`kernels` must not have the name 'your own', which the figure uses")
    if not isinstance(kernel, Tensor) or kernel.shape != (3, 3):
        got = tuple(kernel.shape) if isinstance(kernel, Tensor) else type(kernel).__name__
        raise ValueError(f"`kernels[{name!r}]` must be a tensor of shape (3, 3), got {got}")
    if not torch.isfinite(kernel).all() or kernel.abs().max() > 99:
        raise ValueError(f"`kernels[{name!r}]` must have finite numbers from -99 to 99")


def _maps(kernels: Mapping[str, Tensor], image: Tensor) -> Figure:
    import matplotlib.pyplot as plt

    panels = {"image": image[0, 0]}
    for name, kernel in kernels.items():
        panels[name] = conv2d(image, kernel[None, None], padding=1)[0, 0]
    figure, axes = plt.subplots(
        1, len(panels), figsize=(1.4 * len(panels), 1.7), layout="constrained", squeeze=False
    )
    for ax, (name, values) in zip(axes[0], panels.items(), strict=True):
        most = values.abs().max().clamp(min=1e-9)
        ax.imshow(values.numpy(), cmap="RdGy", vmin=-most, vmax=most)
        ax.set_title(name, fontsize=9)
        ax.set(xticks=[], yticks=[])
    return figure
