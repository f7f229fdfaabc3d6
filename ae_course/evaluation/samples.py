"""A stronger test of samples: whether a fixed classifier takes invented images for digits."""

from __future__ import annotations

from typing import TypedDict

import torch
from torch import Tensor, nn

from ae_course.utils.devices import device_of, evaluating
from ae_course.utils.validation import check_modules, check_positive_integers


class Likeness(TypedDict):
    """What a classifier says about a set of images."""

    confidence: float  # the probability of the likeliest class, its mean over the images
    confident_share: float  # the share of images for which that probability exceeds 0.9
    effective_classes: float  # how many classes the images are spread over: 1 to K


def digit_likeness(classifier: nn.Module, images: Tensor, *, batch_size: int = 1000) -> Likeness:
    """Measure how digit-like a classifier finds images, and over how many digits they are spread.

    The Inception Score multiplies the same two wishes; here they stay apart, since neither number
    is enough alone. A classifier is confident of a model that draws the same
    perfect seven again and again, and noise may be spread over all classes. The effective number
    of classes is the exponential of the entropy of the mean prediction: K where all are predicted
    equally often, 1 where only one is.

    Parameters
    ----------
    classifier : nn.Module
        Maps images to class scores (B, K). It stays on its device and gets its training mode back.
    images : Tensor of shape (N, C, h, w)
    batch_size : int, default=1000

    Returns
    -------
    dict
        With ``confidence``, ``confident_share`` and ``effective_classes``.

    Raises
    ------
    TypeError, ValueError
        If the classifier is no module, `images` is not (N, C, h, w) with N > 0 and finite values,
        or the classifier does not give finite class scores.

    References
    ----------
    Salimans et al. (2016), Improved Techniques for Training GANs, NeurIPS: the same two wishes,
    for ImageNet's classes and in one number.
    """
    check_modules(classifier=classifier)
    if not isinstance(images, Tensor) or images.ndim != 4 or len(images) == 0:
        shape = tuple(images.shape) if isinstance(images, Tensor) else type(images).__name__
        raise ValueError(f"`images` must be a tensor of shape (N, C, h, w) with N > 0, got {shape}")
    if not torch.isfinite(images).all():
        raise ValueError(
            f"`images` must be finite, got {int((~torch.isfinite(images)).sum())} values that "
            "are not"
        )
    check_positive_integers(batch_size=batch_size)
    with evaluating(classifier):
        scores = [
            classifier(part.to(device_of(classifier))).cpu()
            for part in torch.split(images, batch_size)
        ]
    if scores[0].ndim != 2:
        raise ValueError(
            f"`classifier` must map images to scores (B, K), got shape {tuple(scores[0].shape)}"
        )
    if not all(torch.isfinite(part).all() for part in scores):
        raise ValueError("`classifier` must give finite scores, got NaN or infinity")
    probabilities = torch.cat(scores).double().softmax(dim=1)  # (N, K)
    likeliest = probabilities.max(dim=1).values
    entropy = torch.special.entr(probabilities.mean(dim=0)).sum()
    return Likeness(
        confidence=likeliest.mean().item(),
        confident_share=(likeliest > 0.9).double().mean().item(),
        effective_classes=entropy.exp().item(),
    )
