"""Digits under noise that a slider moves, and what models of any size make of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ae_course.plotting.images import plot_reconstructions
from ae_course.utils.random import normal
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.inputs import answered, check_digits, with_article
from ae_course.widgets.packing import Pack

LEVELS = tuple(tenth / 10 for tenth in range(11))


def noise_slider(
    models: Mapping[str, Callable[[Tensor], Tensor]],
    images: Tensor,
    labels: Tensor,
    *,
    curves: Mapping[str, Mapping[float, float]],
    generator: torch.Generator | None = None,
) -> InteractiveFigure:
    """Move the noise over a digit, and see what each model makes of it, beside its average.

    The models draw their pictures here, for eleven levels from 0 to 1, and the pictures travel
    with the page. So a model may be of any size, and the noise is the same for all.

    Parameters
    ----------
    models : mapping from name to nn.Module or function
        What maps images (B, 1, 28, 28) to images of the same shape. The curve of the last one is
        shown first.
    images : Tensor of shape (N, 1, 28, 28)
        A few test digits, in [0, 1]; each takes about 9,000 bytes a model.
    labels : Tensor of shape (N,)
        Their classes.
    curves : mapping from name to mapping from sigma to error
        For each of `models` its mean squared error over many images, at two levels or more from 0
        to 1. Other names are left out.
    generator : torch.Generator, optional
        What draws the noise; by default a new one with the seed 0.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError
        If `images` or `labels` are no tensors, or a model cannot be called.
    ValueError
        If there is no model, one does not return finite images of the shape it is given or has no
        curve, a curve is not of finite errors at two levels from 0 to 1, `images` and `labels` do
        not belong together, or the pictures exceed 600,000 bytes.
    """
    if not models:
        raise ValueError("`models` must hold at least one model, got none")
    check_digits(images, labels)
    lines = [_points(name, curves.get(name, {})) for name in models]
    if generator is None:
        generator = torch.Generator().manual_seed(0)
    noise = normal(images.shape, images, generator)
    noisy = torch.stack([images + level * noise for level in LEVELS], dim=1)  # (N, 11, 1, 28, 28)
    rows = {"with noise": noisy}
    for name, model in models.items():
        rows[name] = _redrawn(name, model, noisy.flatten(0, 1)).view(noisy.shape)
    drawn = torch.stack(list(rows.values()), dim=2)  # (N, 11, models + 1, 1, 28, 28)
    errors = (drawn - images[:, None, None]).square().flatten(3).mean(dim=3)
    pack = Pack()
    config = {
        "names": list(models),
        "labels": labels.tolist(),
        "levels": LEVELS,
        "curves": lines,
        "clean": pack.pictures(images),
        "pictures": pack.pictures(drawn.flatten(0, 2)),
        "errors": pack.array(errors.flatten()),
    }
    still = plot_reconstructions({name: row[0, ::2] for name, row in rows.items()})
    alt = (
        f"{with_article(labels[0]).capitalize()} under noise that grows from 0 to 1, and what is "
        f"made of it by these models: {', '.join(models)}."
    )
    return InteractiveFigure(["noise_slider.js"], config, bytes(pack), still=still, alt=alt)


def _points(name: str, curve: Mapping[float, float]) -> list[list[float]]:
    """Put a curve into the order of its levels."""
    points = [[float(sigma), float(error)] for sigma, error in sorted(curve.items())]
    good = all(0 <= sigma <= LEVELS[-1] and 0 <= error < math.inf for sigma, error in points)
    if len(points) < 2 or not good:
        raise ValueError(
            f"`curves[{name!r}]` must have finite errors at two levels or more from 0 to 1, "
            f"got {dict(curve)}"
        )
    return points


def _redrawn(name: str, model: Callable[[Tensor], Any], images: Tensor) -> Tensor:
    """Let a model reconstruct images, on its device; refuse what it cannot be."""
    if not callable(model):
        raise TypeError(f"`models[{name!r}]` must be callable, got {type(model).__name__}")
    wanted = f"images of shape {tuple(images.shape)}"
    gives = f"return finite {wanted}"
    module = model if isinstance(model, nn.Module) else None
    compute = getattr(module, "reconstruct", model)
    drawn = answered(repr(name), compute, images, model=module, takes=wanted, gives=gives)
    if not drawn.isfinite().all():
        raise ValueError(f"{name!r} must {gives}, got values that are not finite")
    return drawn
