"""Two views of a digit, and its neighbours by networks, such as those trained with such views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ae_course.nn.corruptions import add_gaussian, occlude
from ae_course.nn.views import random_affine
from ae_course.utils.devices import device_of, evaluating
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.inputs import check_digits
from ae_course.widgets.packing import Pack

if TYPE_CHECKING:  # matplotlib is imported by whoever draws
    from matplotlib.figure import Figure

NOTHING = {
    "rotation": 0,
    "shift": 0,
    "scale": 1,
    "crop": 1,
    "half_turn": 0,
    "erase": 0,
    "noise": 0,
}
NEAREST = 8  # digits that are shown


def two_views(
    models: Mapping[str, nn.Module],
    images: Tensor,
    labels: Tensor,
    *,
    augmentations: Mapping[str, Mapping[str, float]] | None = None,
) -> InteractiveFigure:
    """Choose augmentations, see two views of a digit, and the digits nearest to it by the codes.

    Nearest is meant by the cosine of the angle between two codes. The codes are computed here and
    travel with the page; the views are drawn there. Without augmentations there are no views: the
    figure shows a digit and its neighbours by codes of any kind.

    Parameters
    ----------
    models : mapping from name to nn.Module
        Encoders from images (N, 1, 28, 28) to codes (N, Z). The first is shown first.
    images : Tensor of shape (N, 1, 28, 28)
        Some hundred test digits, in [0, 1]; two or more.
    labels : Tensor of shape (N,)
        Their classes.
    augmentations : mapping from name to mapping from augmentation to amount, optional
        For each of `models` what its views may do: ``rotation``, ``shift``, ``scale`` and ``crop``
        as in :func:`~ae_course.random_affine`, ``half_turn`` (0 or 1) for standing a view on its
        head, as a coin decides, ``erase`` for the side of
        :func:`~ae_course.occlude`, ``noise`` for the σ of :func:`~ae_course.add_gaussian`.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError
        If `images` or `labels` are no tensors, or a model is no module.
    ValueError
        If there is no model, one gives no finite codes (N, Z) of a length above zero or has no
        augmentations, an augmentation is not known or out of its range, `images` and `labels` do
        not belong together, there are fewer than two, or all exceed 600,000 bytes.
    """
    if not models:
        raise ValueError("`models` must hold at least one model, got none")
    check_digits(images, labels)
    if len(images) < 2:
        raise ValueError("`images` must be two digits or more, got 1")
    amounts = {} if augmentations is None else _all_amounts(models, augmentations, images[:1])
    units = {name: _units(name, model, images) for name, model in models.items()}
    pack = Pack()
    config = {
        "labels": labels.tolist(),
        "pictures": pack.pictures(images),
        "models": [
            {
                "name": name,
                "views": amounts.get(name),
                "same": _same(unit, labels),
                "vectors": pack.matrix(unit.numpy()),
            }
            for name, unit in units.items()
        ],
    }
    name = next(iter(models))
    what = f"A digit and those nearest to it by these codes: {', '.join(models)}."
    if amounts:
        what = (
            f"Two views of digits under these augmentations: {', '.join(models)}; and the digits "
            "that are nearest by the codes of networks trained with them."
        )
    alt = (
        f"{what} In the still picture a digit in each row, and its "
        f"{min(NEAREST, len(images) - 1)} nearest by the codes of {name}."
    )
    still = _still(images, labels, units[name])
    return InteractiveFigure(["two_views.js"], config, bytes(pack), still=still, alt=alt)


def _all_amounts(
    models: Mapping[str, nn.Module],
    augmentations: Mapping[str, Mapping[str, float]],
    image: Tensor,
) -> dict[str, dict[str, float]]:
    return {name: _amounts(name, augmentations.get(name), image) for name in models}


def _amounts(name: str, given: Mapping[str, float] | None, image: Tensor) -> dict[str, float]:
    """Fill in what an augmentation leaves as it is; refuse what the functions would refuse."""
    if given is None:
        raise ValueError(f"`augmentations` must have the amounts for {name!r}, got none")
    unknown = set(given) - set(NOTHING)
    if unknown:
        raise ValueError(
            f"`augmentations[{name!r}]` must be of {', '.join(NOTHING)}, got {sorted(unknown)}"
        )
    amounts = NOTHING | dict(given)
    if amounts["half_turn"] not in (0, 1):
        raise ValueError(f"`half_turn` must be 0 or 1, got {amounts['half_turn']}")
    affine = {key: amounts[key] for key in ("rotation", "shift", "scale", "crop")}
    drawn = torch.Generator().manual_seed(0)  # nobody's random numbers are used up
    view = random_affine(image, **affine, generator=drawn)
    erase: Any = amounts["erase"]
    add_gaussian(occlude(view, erase, generator=drawn), amounts["noise"], generator=drawn)
    return amounts


def _units(name: str, model: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """Give a model's codes on the CPU, brought to length one: (N, Z)."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"`models[{name!r}]` must be an nn.Module, got {type(model).__name__}")
    with evaluating(model):
        codes = model(images.to(device_of(model)))
    if not isinstance(codes, Tensor) or codes.ndim != 2 or len(codes) != len(images):
        got = tuple(codes.shape) if isinstance(codes, Tensor) else type(codes).__name__
        raise ValueError(f"{name!r} must give codes of shape ({len(images)}, Z), got {got}")
    lengths = codes.norm(dim=1)
    if not codes.isfinite().all() or not lengths.all():
        raise ValueError(f"{name!r} must give finite codes of a length above zero")
    return F.normalize(codes.detach().cpu().float(), dim=1)


def _nearest(unit: Tensor) -> Tensor:
    """Order the other digits by the cosine, for each digit: (N, N - 1)."""
    cosines = unit @ unit.T
    cosines.fill_diagonal_(-torch.inf)
    return cosines.argsort(dim=1, descending=True, stable=True)[:, :-1]


def _same(unit: Tensor, labels: Tensor) -> float:
    """Measure the share of digits whose nearest is of their class."""
    return float((labels[_nearest(unit)[:, 0]] == labels).double().mean())


def _still(images: Tensor, labels: Tensor, unit: Tensor) -> Figure:
    from ae_course.plotting.images import plot_reconstructions

    nearest, rows = _nearest(unit)[:, :NEAREST], {}
    for label in labels.unique()[:10].tolist():
        first = labels.tolist().index(label)
        rows[f"a {label}"] = images[[first, *nearest[first].tolist()]]
    return plot_reconstructions(rows)
