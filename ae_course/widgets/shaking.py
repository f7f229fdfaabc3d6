"""The plane of a variational autoencoder's codes, to shake, for several weights β."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ae_course.models.variational import VAE
from ae_course.plotting.images import DIGIT_MAP
from ae_course.utils.devices import device_of, evaluating
from ae_course.utils.random import normal
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.inputs import answered, check_digits, reconstructed, with_article
from ae_course.widgets.packing import Pack

if TYPE_CHECKING:  # matplotlib is imported by whoever draws
    from matplotlib.figure import Figure

SIDE = 24  # cells of the map each way
SHAKES, DRAWS = 200, 2000
SURE = 0.9


def shake_the_cabinet(
    models: Mapping[float, VAE],
    judge: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    beta: float = 1.0,
    generator: torch.Generator | None = None,
) -> InteractiveFigure:
    """Add noise to a code of two numbers, and see what the decoder makes of it, for several β.

    For each model the plane is cut into 24 × 24 cells, and the judge says here what is drawn in
    the middle of each. The page draws codes by itself, with the models' own decoders.

    Parameters
    ----------
    models : mapping from beta to VAE
        Trained with these weights of the code's cost; with codes of two numbers.
    judge : nn.Module
        Maps images (B, 1, 28, 28) to class scores (B, K), K at most 10.
    images : Tensor of shape (N, 1, 28, 28)
        Test digits to place on the planes, a hundred or so, in [0, 1].
    labels : Tensor of shape (N,)
        Their classes.
    beta : float, default=1.0
        The model that is shown first.
    generator : torch.Generator, optional
        What draws the noise; by default a new one with the seed 0.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError
        If a model is no VAE or has a layer that cannot be packed, or `images` or `labels` are no
        tensors.
    ValueError
        If there is no model, `beta` is not among them, one is not for such images or its codes
        are not of two numbers, the judge does not give scores of at most ten classes, `images` and
        `labels` do not belong together, or weights and pictures exceed 600,000 bytes.
    """
    if beta not in models:
        raise ValueError(f"`beta` must be among the models' {list(models)}, got {beta}")
    check_digits(images, labels)
    for weight, model in models.items():
        if not isinstance(model, VAE):
            raise TypeError(f"`models[{weight}]` must be a VAE, got {type(model).__name__}")
        reconstructed(f"β = {weight}", model, images[:1])
        if model.latent_dim != 2:
            raise ValueError(
                f"the codes of `models[{weight}]` must have two numbers, got {model.latent_dim}"
            )
    if generator is None:
        generator = torch.Generator().manual_seed(0)
    shakes = normal((SHAKES, 2), images, generator)
    draws = normal((DRAWS, 2), images, generator)
    pack = Pack(bits=8)
    planes = [_plane(pack, model, judge, images, draws) for model in models.values()]
    config = {
        "models": [
            {"name": f"{weight:g}", **plane} for weight, plane in zip(models, planes, strict=True)
        ],
        "first": list(models).index(beta),
        "side": SIDE,
        "sure": SURE,
        "draws": DRAWS,
        "shakes": pack.array(shakes),
        "labels": labels.tolist(),
        "pictures": pack.pictures(images),
    }
    still = _still(models[beta], images, shakes)
    alt = (
        f"{with_article(labels[0]).capitalize()}, and what the decoder of β = {beta:g} draws when "
        "noise of 0, 0.5 and 1 is added to its code, eight draws each."
    )
    return InteractiveFigure(["shake_the_cabinet.js"], config, bytes(pack), still=still, alt=alt)


def cells(reach: float) -> Tensor:
    """Give the middles (SIDE², 2) of the map's cells, by rows from the top left."""
    middles = ((torch.arange(SIDE) + 0.5) * (2 / SIDE) - 1) * reach
    down, across = torch.meshgrid(-middles, middles, indexing="ij")
    return torch.stack([across.flatten(), down.flatten()], dim=1)


def _plane(
    pack: Pack, model: VAE, judge: nn.Module, images: Tensor, draws: Tensor
) -> dict[str, object]:
    """Pack one model: its decoder, the codes of the images, and the judge's map of its plane."""
    with evaluating(model):
        mean, log_variance = model.encode_distribution(images.to(device_of(model)))
    codes, width = mean.cpu(), torch.exp(0.5 * log_variance).cpu().mean().item()
    # all but the farthest codes fit, and so does the prior
    reach = max(3.0, 1.1 * codes.abs().flatten().quantile(0.98).item())
    surest, classes = _read(model, judge, cells(reach))
    return {
        "reach": reach,
        "codes": pack.array(codes),
        "width": width,
        "size": codes.std(dim=0).mean().item(),
        "decoder": pack.layers(nn.Sequential(model.decoder, nn.Sigmoid())),
        "classes": pack.array(classes.to(torch.uint8)),
        "surest": pack.array((255 * surest).floor().to(torch.uint8)),  # never more than it is
        "read": (_read(model, judge, draws)[0] > SURE).double().mean().item(),
    }


def _read(model: VAE, judge: nn.Module, codes: Tensor) -> tuple[Tensor, Tensor]:
    """Give the judge's highest probability (N,) for what is drawn at codes, and its class (N,)."""
    with evaluating(model):
        drawn = model.decode(codes.to(device_of(model))).cpu()

    def scores(pictures: Tensor) -> Tensor:
        found: Tensor = judge(pictures)
        if found.ndim != 2 or found.shape[1] > 10:
            raise ValueError(f"scores of shape {tuple(found.shape)}")
        if not torch.isfinite(found).all():
            raise ValueError("scores that are not finite")
        return torch.nn.functional.pad(found, (0, 10 - found.shape[1]), value=-math.inf)

    found = answered(
        "`judge`",
        scores,
        drawn,
        model=judge,
        shape=torch.Size([len(codes), 10]),
        takes=f"images of shape {tuple(drawn.shape)} and give finite scores (B, K), K at most 10",
        gives="give finite scores (B, K), K at most 10",
    )
    surest, classes = found.softmax(dim=1).max(dim=1)
    return surest, classes


def _still(model: VAE, images: Tensor, shakes: Tensor) -> Figure:
    """Draw the first image's code, shaken by three amounts."""
    import matplotlib.pyplot as plt

    with evaluating(model):
        place = device_of(model)
        code = model.encode(images[:1].to(place))
        rows = [model.decode(code + sigma * shakes[:8].to(place)).cpu() for sigma in (0, 0.5, 1)]
    figure, axes = plt.subplots(3, 8, figsize=(7, 3), layout="constrained")
    for sigma, row, line in zip((0, 0.5, 1), rows, axes, strict=True):
        for picture, ax in zip(row, line, strict=True):
            ax.imshow(picture[0].numpy(), cmap=DIGIT_MAP, vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
        line[0].set_ylabel(f"σ = {sigma:g}")
    return figure
