"""A small diffusion model of codes, to be run in the page step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ae_course.models.denoiser import CodeDenoiser
from ae_course.plotting.images import plot_reconstructions
from ae_course.sampling.diffusion import alpha_bars, ddim
from ae_course.utils.devices import device_of, evaluating
from ae_course.utils.random import normal
from ae_course.utils.validation import check_finite
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.inputs import answered
from ae_course.widgets.packing import Pack

if TYPE_CHECKING:  # matplotlib is imported by whoever draws
    from matplotlib.figure import Figure

STEPS = 1000  # of the schedule
SHOWN = 5  # starts
FIRST_CALLS = 20
STAYS = 200  # the step whose level is kept in literal denoising


def sampler(
    denoiser: CodeDenoiser,
    decoder: nn.Sequential,
    center: Tensor,
    scale: Tensor,
    *,
    generator: torch.Generator | None = None,
) -> InteractiveFigure:
    """Sample codes step by step, with noise or without, with guidance, from the same starts.

    The page runs the denoiser and the decoder itself, with weights of 8 bits. The schedule is that
    of :func:`~ae_course.alpha_bars` with a thousand steps.

    Parameters
    ----------
    denoiser : CodeDenoiser
        Trained on codes of mean 0 and standard deviation 1, for ten classes at most.
    decoder : nn.Sequential
        The decoder of a :func:`~ae_course.conv_autoencoder` for images (1, 28, 28), with strided
        resizing.
    center, scale : Tensor of shape (Z,)
        What was taken from the codes, and by what they were divided then.
    generator : torch.Generator, optional
        What draws the still picture's starts; by default a new one with the seed 0.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError
        If the denoiser is another network, or the decoder has a layer that cannot be packed.
    ValueError
        If there are more than ten classes, the sizes of the codes differ, `center` or `scale` is
        not finite or `scale` not positive, the decoder does not give images of 28 × 28, or the
        weights exceed 600,000 bytes.
    """
    if not isinstance(denoiser, CodeDenoiser):
        raise TypeError(f"`denoiser` must be a CodeDenoiser, got {type(denoiser).__name__}")
    if denoiser.classes > 10:
        raise ValueError(f"`denoiser` must have at most ten classes, got {denoiser.classes}")
    shape = (denoiser.latent_dim,)
    for name, value in (("center", center), ("scale", scale)):
        if not isinstance(value, Tensor) or value.shape != shape:
            got = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
            raise ValueError(f"`{name}` must be a tensor of shape {shape}, got {got}")
    check_finite(center=center, scale=scale)
    if not (scale > 0).all():
        raise ValueError(f"`scale` must be positive, got {scale.min().item():g}")
    pack = Pack(bits=8)
    config = {
        "calls": FIRST_CALLS,
        "stays": STAYS,
        "shown": SHOWN,
        "size": denoiser.latent_dim,
        "classes": denoiser.classes,
        "alphaBars": pack.array(alpha_bars(STEPS)),
        "center": pack.array(center.cpu()),
        "scale": pack.array(scale.cpu()),
        "denoiser": _packed_denoiser(pack, denoiser),
        "decoder": _packed_decoder(pack, decoder),
    }
    if generator is None:
        generator = torch.Generator().manual_seed(0)
    start = normal((SHOWN, denoiser.latent_dim), center.cpu(), generator)
    still = _still(denoiser, decoder, center.cpu(), scale.cpu(), start)
    alt = (
        f"{SHOWN} starts from noise, one a row, and what the decoder makes of the denoiser's guess "
        f"after more and more of {FIRST_CALLS} steps without noise: blurs first, digits at the end."
    )
    return InteractiveFigure(["play.js", "sampler.js"], config, bytes(pack), still=still, alt=alt)


def _packed_denoiser(pack: Pack, model: CodeDenoiser) -> dict[str, Any]:
    """Pack the layers of a denoiser."""

    def packed(layer: Any) -> dict[str, Any]:
        weight, bias = (part.detach().cpu().numpy() for part in (layer.weight, layer.bias))
        return pack.affine(weight, bias)

    blocks = [
        {name: packed(getattr(one, name)) for name in ("enter", "told", "leave")}
        for one in model.blocks
    ]
    return {"first": packed(model.first), "blocks": blocks, "last": packed(model.last)}


def _packed_decoder(pack: Pack, decoder: nn.Sequential) -> list[dict[str, Any]]:
    """Pack a linear layer and transposed convolutions; a BatchNorm moves into the layer before."""
    packed, layers = [], list(decoder)
    for place, layer in enumerate(layers):
        after = layers[place + 1 :]
        if after and isinstance(after[0], nn.Unflatten):
            after = after[1:]
        norm = after[0] if after and isinstance(after[0], nn.BatchNorm2d) else None
        active = any(isinstance(one, nn.ReLU) for one in after[:2])
        if isinstance(layer, nn.Linear):
            weight, bias = layer.weight.detach().cpu(), layer.bias.detach().cpu()
        elif isinstance(layer, nn.ConvTranspose2d) and (
            (layer.kernel_size, layer.stride, layer.padding) == ((4, 4), (2, 2), (1, 1))
        ):
            weight = layer.weight.detach().cpu().transpose(0, 1).flatten(1)  # (out, in · 16)
            bias = torch.zeros(len(weight)) if layer.bias is None else layer.bias.detach().cpu()
        elif isinstance(layer, nn.ReLU | nn.BatchNorm2d | nn.Unflatten):
            continue
        else:
            raise TypeError(f"cannot pack a layer of type {type(layer).__name__}")
        if norm is not None:
            weight, bias = _normalised(norm, weight, bias)
        op = "affine" if isinstance(layer, nn.Linear) else "spread"
        packed.append({"op": op, "relu": active, **pack.affine(weight.numpy(), bias.numpy())})
    return packed


def _normalised(norm: nn.BatchNorm2d, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Move a BatchNorm of C maps into the layer before, whose rows are C or C times the places."""
    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None:
        raise TypeError("a BatchNorm2d must keep running statistics to be packed")
    times = len(bias) // norm.num_features
    by = norm.weight.detach().cpu() * (variance.cpu() + norm.eps).rsqrt()
    mean, by, shift = (one.cpu().repeat_interleave(times) for one in (mean, by, norm.bias.detach()))
    return weight * by[:, None], (bias - mean) * by + shift


def _still(
    denoiser: CodeDenoiser, decoder: nn.Sequential, center: Tensor, scale: Tensor, start: Tensor
) -> Figure:
    """Draw the guesses on the way down without noise, of digits in order."""
    guesses, place = [], device_of(denoiser)
    labels = torch.arange(SHOWN, device=place) % denoiser.classes
    levels = alpha_bars(STEPS)[torch.linspace(STEPS - 1, 0, FIRST_CALLS).round().long()]

    def predict(x: Tensor, log_sigma: Tensor) -> Tensor:
        noise = denoiser.guided(x, log_sigma, labels, 0.0)
        sigma = log_sigma.exp()[:, None]
        guesses.append((x * (1 + sigma**2).sqrt() - sigma * noise).cpu())
        return noise

    with evaluating(denoiser), evaluating(decoder):
        ddim(predict, start.to(place), levels)
        pictures = [
            answered(
                "`decoder`",
                lambda z: decoder(z * scale.to(z) + center.to(z)),
                guess,
                model=decoder,
                shape=torch.Size([SHOWN, 1, 28, 28]),
                takes=f"codes of shape {tuple(start.shape)}",
                gives=f"give images of shape ({SHOWN}, 1, 28, 28)",
            )
            for guess in guesses
        ]
    shown = [*pictures[:-1:3], pictures[-1]]
    rows = {f"start {row + 1}": torch.stack([one[row] for one in shown]) for row in range(SHOWN)}
    return plot_reconstructions(rows)
