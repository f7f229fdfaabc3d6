"""What the figures check before they do any work."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from torch import Size, Tensor, nn

from ae_course.models.autoencoder import AutoEncoder
from ae_course.models.variational import VAE
from ae_course.utils.devices import device_of, evaluating
from ae_course.utils.validation import check_tensors


def check_digits(images: Tensor, labels: Tensor) -> None:
    """Refuse what is not (N, 1, 28, 28) floats in [0, 1] with N labels."""
    check_tensors(images=images, labels=labels)
    if images.ndim != 4 or images.shape[1:] != (1, 28, 28) or len(images) == 0:
        raise ValueError(
            f"`images` must have shape (N, 1, 28, 28) with N > 0, got {tuple(images.shape)}"
        )
    if not images.is_floating_point() or not (images.min() >= 0 and images.max() <= 1):
        raise ValueError(
            f"`images` must be floats from 0 to 1, got {images.dtype} from {images.min().item():g} "
            f"to {images.max().item():g}"
        )
    if labels.shape != (len(images),):
        raise ValueError(f"`labels` must have shape ({len(images)},), got {tuple(labels.shape)}")


def with_article(label: Tensor) -> str:
    """Put the article before a class: "a 7", "an 8"."""
    number = str(label.item())
    return f"{'an' if number.startswith('8') or number in ('11', '18') else 'a'} {number}"


def without_draws(model: AutoEncoder | VAE) -> AutoEncoder:
    """Copy a variational autoencoder into the plain one that it is once nothing is drawn.

    Its code is the mean, and a sigmoid makes probabilities of the decoder's logits. An
    :class:`AutoEncoder` is returned as it is.

    Raises
    ------
    TypeError
        If a VAE's encoder does not end in a linear layer, whose first rows give the means.
    """
    if not isinstance(model, VAE):
        return model
    encoder = copy.deepcopy(model.encoder)
    both = encoder[-1] if isinstance(encoder, nn.Sequential) else encoder
    if not isinstance(both, nn.Linear):
        raise TypeError(f"a VAE's encoder must end in an nn.Linear, got {type(both).__name__}")
    both.weight = nn.Parameter(both.weight[: model.latent_dim])
    both.bias = None if both.bias is None else nn.Parameter(both.bias[: model.latent_dim])
    return AutoEncoder(encoder, nn.Sequential(model.decoder, nn.Sigmoid()))


def reconstructed(name: str, model: AutoEncoder | VAE, images: Tensor) -> Tensor:
    """Reconstruct images, on the CPU; refuse a model that is not for such images."""
    wanted = f"images of shape {tuple(images.shape)}"
    return answered(
        repr(name), model.reconstruct, images, model=model, takes=wanted, gives=f"return {wanted}"
    )


def computed(name: str, model: nn.Module, images: Tensor, shape: Size) -> Tensor:
    """Give what a model makes of images, on the CPU; refuse one that returns another shape."""
    takes, gives = f"images of shape {tuple(images.shape)}", f"return shape {tuple(shape)}"
    return answered(f"`{name}`", model, images, model=model, shape=shape, takes=takes, gives=gives)


def answered(
    name: str,
    compute: Callable[[Tensor], Any],
    given: Tensor,
    *,
    model: nn.Module | None = None,
    shape: Size | None = None,
    takes: str,
    gives: str,
) -> Tensor:
    """Give what `compute` makes of a tensor, on the CPU, without gradients.

    Where a `model` computes, it does so on its device and in evaluation mode. By default the answer
    has the shape of what was given.

    Raises
    ------
    ValueError
        "`name` must take `takes`" or "`name` must `gives`".
    """
    place = given.device if model is None else device_of(model)
    try:
        with nullcontext() if model is None else evaluating(model):
            output = compute(given.to(place))
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"{name} must take {takes}") from error
    got = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
    if got != tuple(given.shape if shape is None else shape):
        raise ValueError(f"{name} must {gives}, got {got}")
    kept: Tensor = output.detach().cpu()
    return kept
