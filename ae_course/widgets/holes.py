"""Hide patches of a digit, and see how a masked autoencoder fills them, beside interpolation."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ae_course.models.masked import (
    MEAN,
    STD,
    MaskedAutoencoder,
    from_patches,
    hide_patches,
    to_patches,
)
from ae_course.plotting.images import plot_reconstructions
from ae_course.sampling.numpy_step import after_norm
from ae_course.utils.devices import device_of, evaluating
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.inputs import check_digits, with_article
from ae_course.widgets.packing import Pack


def fill_the_holes(
    model: MaskedAutoencoder, images: Tensor, labels: Tensor, *, ratio: float = 0.75
) -> InteractiveFigure:
    """Hide patches of a digit with a finger, and see what a masked autoencoder puts there.

    The network runs in the page. Beside it stands interpolation: each hidden pixel is the mean of
    its neighbours, which is Laplace's equation over the holes.

    Parameters
    ----------
    model : MaskedAutoencoder
    images : Tensor of shape (N, 1, 28, 28)
        Test digits to play with, in [0, 1].
    labels : Tensor of shape (N,)
        Their classes.
    ratio : float, default=0.75
        The share that is hidden at first, drawn from a generator of its own.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError, ValueError
        If `model` is no :class:`~ae_course.MaskedAutoencoder` or draws NaN, `images` and `labels`
        do not belong together, `ratio` is not between 0 and 1, or weights and pictures exceed
        600,000 bytes.
    """
    if not isinstance(model, MaskedAutoencoder):
        raise TypeError(f"`model` must be a MaskedAutoencoder, got {type(model).__name__}")
    check_digits(images, labels)
    images = images.detach().float().cpu()
    draws = torch.Generator().manual_seed(0)
    visible, hidden = (places.sort().values for places in hide_patches(1, ratio, generator=draws))
    patches, device = to_patches(images[:1]), device_of(model)
    with evaluating(model):
        drawn = model(patches.to(device), visible.to(device)).cpu()
    if not drawn.isfinite().all():
        raise ValueError("`model` must draw finite numbers: look for NaN in its weights")
    pack = Pack()
    config = {
        "labels": labels.tolist(),
        "hidden": hidden[0].tolist(),
        "pictures": pack.pictures(images),
        **_packed(model, pack),
    }
    seen, filled = patches.clone(), patches.clone()
    seen[0, hidden[0]] = 0.5
    filled[0, hidden[0]] = drawn[0, hidden[0]]
    error = (drawn[0, hidden[0]].clamp(0, 1) - patches[0, hidden[0]]).square().mean().item()
    rows = {"given": seen, "filled": filled, "as it was": patches}
    still = plot_reconstructions({name: from_patches(row) for name, row in rows.items()})
    alt = (
        f"{with_article(labels[0]).capitalize()} of which {hidden.shape[1]} of 49 patches are "
        f"hidden, what a network fills in, with an error of {error:.3f}, and the whole digit."
    )
    scripts = ["choosing.js", "attention.js", "fill_the_holes.js"]
    return InteractiveFigure(scripts, config, bytes(pack), still=still, alt=alt)


def _packed(model: MaskedAutoencoder, pack: Pack) -> dict[str, Any]:
    """Store the weights; scales and shifts of layer norms move into the matrices that follow."""
    *encoder, last = list[Any](model.encoder)
    *decoder, final = list[Any](model.decoder)

    def array(parameter: Tensor) -> Any:
        return parameter.detach().float().cpu().numpy()

    def plain(layer: nn.Linear) -> dict[str, Any]:
        return pack.affine(array(layer.weight), array(layer.bias))

    def positions(of: Tensor) -> dict[str, Any]:
        return {"values": pack.array(array(of)), "rows": of.shape[0], "columns": of.shape[1]}

    def packed(block: Any) -> dict[str, Any]:
        looks = block.self_attn
        return {
            "projected": pack.affine(
                *after_norm(block.norm1, looks.in_proj_weight, looks.in_proj_bias)
            ),
            "out": plain(looks.out_proj),
            "inner": pack.affine(
                *after_norm(block.norm2, block.linear1.weight, block.linear1.bias)
            ),
            "outer": plain(block.linear2),
        }

    return {
        "heads": encoder[0].self_attn.num_heads,
        "epsilon": last.eps,
        "mean": MEAN,
        "std": STD,
        "embed": plain(model.embed),
        "positions": positions(model.positions),
        "encoder": [packed(block) for block in encoder],
        "narrow": pack.affine(*after_norm(last, model.narrow.weight, model.narrow.bias)),
        "token": pack.array(array(model.mask_token)),
        "decoderPositions": positions(model.decoder_positions),
        "decoder": [packed(block) for block in decoder],
        "draw": pack.affine(*after_norm(final, model.draw.weight, model.draw.bias)),
    }
