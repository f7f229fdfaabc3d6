"""Figures that take a digit from the reader's hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import avg_pool2d

from ae_course.evaluation.robustness import outlier_threshold
from ae_course.models.autoencoder import AutoEncoder
from ae_course.models.variational import VAE
from ae_course.nn.corruptions import add_gaussian
from ae_course.plotting.images import plot_reconstructions
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.inputs import check_digits, reconstructed, with_article, without_draws
from ae_course.widgets.packing import Pack


def draw_a_digit(
    models: Mapping[str, AutoEncoder | VAE], images: Tensor, labels: Tensor, *, pool: int = 1
) -> InteractiveFigure:
    """Draw a digit, add noise, and see what each model makes of it.

    Parameters
    ----------
    models : mapping from name to AutoEncoder or VAE
        For images of shape (1, 28 / `pool`, 28 / `pool`).
    images : Tensor of shape (N, 1, 28, 28)
        Test digits for those who would rather not draw, in [0, 1].
    labels : Tensor of shape (N,)
    pool : int, default=1
        The models see the mean of each square of `pool` × `pool` pixels.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError
        If a model has a layer that cannot be packed, or `images` or `labels` are no tensors.
    ValueError
        If there is no model, `images` and `labels` do not belong together, `pool` does not divide
        28, a model does not return images of the size it is given, or weights and pictures exceed
        600,000 bytes.
    """
    if not models:
        raise ValueError("`models` must hold at least one autoencoder, got none")
    check_digits(images, labels)
    if pool not in (1, 2, 4, 7):
        raise ValueError(f"`pool` must be 1, 2, 4 or 7, got {pool}")
    first = avg_pool2d(images[:1], pool)
    noisy = add_gaussian(first, 0.5, generator=torch.Generator().manual_seed(0))
    rows = {"clean": first, "with noise": noisy}
    pack, entries = Pack(), []
    for name, model in models.items():
        rows[name] = reconstructed(name, model, noisy)
        entries.append({"name": name, "layers": pack.layers(without_draws(model))})
    config = {
        "models": entries,
        "pool": pool,
        "pictures": pack.pictures(images),
        "labels": labels.tolist(),
    }
    alt = (
        f"{with_article(labels[0]).capitalize()}, the same with Gaussian noise, and what is made "
        f"of it by these networks: {', '.join(models)}."
    )
    scripts = ["drawing.js", "draw_a_digit.js"]
    still = plot_reconstructions(rows)
    return InteractiveFigure(scripts, config, bytes(pack), still=still, alt=alt)


def outlier_meter(
    model: AutoEncoder | VAE,
    images: Tensor,
    labels: Tensor,
    *,
    errors: ArrayLike,
    share: float = 0.01,
    strangers: Mapping[str, Tensor] | None = None,
) -> InteractiveFigure:
    """Draw anything, and see where its reconstruction error lies among those of known digits.

    The reader sets how many false alarms are accepted, which moves the threshold, and fades the
    picture, which lowers its error.

    Parameters
    ----------
    model : AutoEncoder or VAE
        For images of shape (1, 28, 28).
    images : Tensor of shape (N, 1, 28, 28)
        Digits to begin with, in [0, 1].
    labels : Tensor of shape (N,)
    errors : array of shape (M,)
        Mean squared errors of known digits that the model was not trained on, as from
        :func:`~ae_course.reconstruction_errors`. Of more than 10,000 the figure holds 10,000.
    share : float, default=0.01
        The share of false alarms that the figure begins with, from 0.001 to 0.2.
    strangers : mapping from name to Tensor of shape (1, 28, 28), optional
        Other pictures to try, each behind a button.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError
        If the model has a layer that cannot be packed, or `images`, `labels` or a stranger are no
        tensors.
    ValueError
        If `errors` is empty or holds something else than finite numbers from 0, `share` is not
        from 0.001 to 0.2, `images` and `labels` do not belong together, a stranger is no such
        image, or weights and pictures exceed 600,000 bytes.
    """
    import matplotlib.pyplot as plt

    check_digits(images, labels)
    others = dict(strangers or {})
    for one in others.values():
        check_digits(one[None], torch.zeros(1))
    known = np.sort(np.asarray(errors, dtype=float))
    if known.ndim != 1 or len(known) == 0 or not np.isfinite(known).all() or known[0] < 0:
        raise ValueError(
            "`errors` must be an array (M,) of finite numbers from 0, with M > 0, "
            f"got shape {known.shape}"
        )
    if not 0.001 <= share <= 0.2:
        raise ValueError(f"`share` must be from 0.001 to 0.2, got {share}")
    reconstructed("model", model, images[:1])
    pack = Pack()
    kept = known[np.linspace(0, len(known) - 1, min(len(known), 10_000)).astype(int)]
    config = {
        "layers": pack.layers(without_draws(model)),
        "errors": pack.array(kept),
        "count": len(known),
        "share": float(share),
        "pictures": pack.pictures(images),
        "labels": labels.tolist(),
        "names": list(others),
        "strangers": pack.pictures(torch.stack(list(others.values()))) if others else None,
    }
    threshold = outlier_threshold(known, share)
    figure, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
    ax.hist(known, bins=50, color="grey")
    ax.axvline(threshold, color="black", linestyle="--")
    ax.annotate("threshold", (threshold, 0), (4, 40), textcoords="offset points")
    ax.set(xlabel="reconstruction error", ylabel="known digits")
    alt = (
        f"Histogram of the reconstruction errors of {len(known)} known digits: "
        f"{(known <= threshold).mean():.1%} are not above a threshold of {threshold:.4f}."
    )
    scripts = ["drawing.js", "outlier_meter.js"]
    return InteractiveFigure(scripts, config, bytes(pack), still=figure, alt=alt)
