"""The plane of two-number codes, to walk in."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from ae_course.models.autoencoder import AutoEncoder
from ae_course.models.variational import VAE
from ae_course.plotting.images import DIGIT_MAP
from ae_course.plotting.points import plot_codes
from ae_course.utils.devices import device_of, evaluating
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.inputs import check_digits, reconstructed, with_article, without_draws
from ae_course.widgets.packing import Pack


def latent_explorer(
    models: Mapping[str, AutoEncoder | VAE], images: Tensor, labels: Tensor
) -> InteractiveFigure:
    """Move a point over the plane of codes, and see what the decoder draws there.

    Parameters
    ----------
    models : mapping from name to AutoEncoder or VAE
        With codes of two numbers. The last one is shown first.
    images : Tensor of shape (N, 1, 28, 28)
        Test digits to place on the planes, a few hundred, in [0, 1].
    labels : Tensor of shape (N,)
        Their classes, at least two.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError
        If a decoder has a layer that cannot be packed, or `images` or `labels` are no tensors.
    ValueError
        If there is no model, one is not for such images or its codes are not of two numbers,
        `images` and `labels` do not belong together, or weights and pictures exceed 600,000 bytes.
    """
    import matplotlib.pyplot as plt

    if not models:
        raise ValueError("`models` must hold at least one autoencoder, got none")
    check_digits(images, labels)
    if len(set(labels.tolist())) < 2:
        raise ValueError("`labels` must hold at least two classes, got one")
    for name, model in models.items():
        drawn = reconstructed(name, model, images[:1])  # of the last model it is shown
    pack, entries = Pack(bits=8), []
    for name, model in models.items():
        with evaluating(model):
            codes = model.encode(images.to(device_of(model))).cpu()
        if codes.shape != (len(images), 2):
            raise ValueError(
                f"the codes of {name!r} must have shape ({len(images)}, 2), "
                f"got {tuple(codes.shape)}"
            )
        entries.append(
            {
                "name": name,
                "codes": pack.array(codes),
                "decoder": pack.layers(without_draws(model).decoder),
            }
        )
    config = {"models": entries, "pictures": pack.pictures(images), "labels": labels.tolist()}

    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
    plot_codes(codes.numpy(), labels.numpy(), ax=left)  # of the last model
    left.plot(*codes[0].numpy(), "o", markersize=14, fillstyle="none", color="black")
    right.imshow(drawn[0, 0].numpy(), cmap=DIGIT_MAP, vmin=0, vmax=1)
    right.set(title="drawn at the ring", xticks=[], yticks=[])
    alt = (
        f"{len(images)} test digits on the plane of two-number codes of the model {name}, "
        f"and what its decoder draws at one point, the code of {with_article(labels[0])}."
    )
    return InteractiveFigure(["latent_explorer.js"], config, bytes(pack), still=figure, alt=alt)
