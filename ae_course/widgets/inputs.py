"""What the figures check before they do any work."""

from __future__ import annotations

import torch
from torch import Tensor

from ae_course.models.autoencoder import AutoEncoder
from ae_course.utils.devices import device_of, evaluating


def check_digits(images: Tensor, labels: Tensor) -> None:
    """Refuse what is not (N, 1, 28, 28) floats in [0, 1] with N labels."""
    for name, value in (("images", images), ("labels", labels)):
        if not isinstance(value, Tensor):
            raise TypeError(f"`{name}` must be a tensor, got {type(value).__name__}")
    if images.ndim != 4 or images.shape[1:] != (1, 28, 28) or len(images) == 0:
        raise ValueError(
            f"`images` must have shape (N, 1, 28, 28) with N > 0, got {tuple(images.shape)}"
        )
    if not images.is_floating_point() or images.min() < 0 or images.max() > 1:
        raise ValueError(
            f"`images` must be floats from 0 to 1, got {images.dtype} from {images.min().item():g} "
            f"to {images.max().item():g}"
        )
    if labels.shape != (len(images),):
        raise ValueError(f"`labels` must have shape ({len(images)},), got {tuple(labels.shape)}")


def redrawn(name: str, model: AutoEncoder, images: Tensor) -> Tensor:
    """What the model makes of images, on the CPU; refuse a model that is not for such images."""
    try:
        with evaluating(model), torch.no_grad():
            drawn = model(images.to(device_of(model))).cpu()
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"{name!r} must take images of shape {tuple(images.shape)}") from error
    if drawn.shape != images.shape:
        raise ValueError(
            f"{name!r} must return images of shape {tuple(images.shape)}, got {tuple(drawn.shape)}"
        )
    return drawn  # type: ignore[no-any-return]
