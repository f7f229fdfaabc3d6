"""A plane of noisy points, and the arrows of a denoiser."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ae_course.utils.devices import device_of, evaluating
from ae_course.utils.validation import check_finite, check_tensors
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.inputs import answered
from ae_course.widgets.packing import Pack


def drop_a_point(points: Tensor, models: Mapping[float, nn.Module]) -> InteractiveFigure:
    """Drop a point on a plane, and watch a denoiser move it, step by step.

    Beside the networks' arrows it has those of the best possible denoiser: the mean of the clean
    points, each weighted by how likely it is that the noise has led from there.

    Parameters
    ----------
    points : Tensor of shape (N, 2)
        Clean points, each equally likely; a few hundred.
    models : mapping from float to nn.Module
        By the level of the noise that it was trained with: a network that maps noisy points
        (B, 2) to clean ones.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError
        If `points` is no tensor, a model is no module, or has a layer that cannot be packed.
    ValueError
        If `points` are not finite numbers of shape (N, 2), there is no model, a level is not above
        0 and finite, a model does not map (B, 2) to (B, 2), or all exceed 600,000 bytes.
    """
    import matplotlib.pyplot as plt

    _check(points, models)
    points = points.detach().cpu().float()
    pack = Pack()
    entries = [{"sigma": sigma, "layers": pack.layers(net)} for sigma, net in models.items()]
    sigma, model = next(iter(models.items()))
    middle = (points.max(0).values + points.min(0).values) / 2  # (2,)
    reach = (points - middle).abs().max().item() + 2 * sigma
    frame = [[centre - reach, centre + reach] for centre in middle.tolist()]
    start = (middle + reach * torch.tensor([-0.4, 0.3])).tolist()
    config = {
        "points": pack.array(points.flatten()),
        "models": entries,
        "frame": frame,
        "start": start,
    }

    side = torch.linspace(-reach, reach, 60)
    plane = middle + torch.cartesian_prod(side, side)  # (3600, 2)
    distances = torch.cdist(plane, points).square()
    log_density = torch.logsumexp(-distances / (2 * sigma**2), dim=1).view(60, 60)
    path = _path(model, start, steps=3)
    figure, ax = plt.subplots(figsize=(4.4, 4.2), layout="constrained")
    lowest = log_density.max().item() - 8
    ax.pcolormesh(
        *(side + middle[:, None]).numpy(),
        log_density.T.clamp(min=lowest).numpy(),
        cmap="gray_r",
        vmin=lowest,
        vmax=lowest + 20,
    )
    ax.plot(*points.T.numpy(), ".", markersize=2, color="black")
    ax.plot(*path.T.numpy(), "o-", color="#a3261b", markersize=5)
    ax.plot(*start, "o", markersize=14, fillstyle="none", color="#a3261b")
    ax.set(aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
    alt = (
        f"{len(points)} clean points on a plane, the density of noisy ones in grey, and the path "
        f"of a dropped point, the ring, in {len(path) - 1} steps of a denoiser towards them."
    )
    return InteractiveFigure(["drop_a_point.js"], config, bytes(pack), still=figure, alt=alt)


def _path(model: nn.Module, start: list[float], *, steps: int) -> Tensor:
    """Follow a point through `steps` steps: places of shape (steps + 1, 2)."""
    path = [torch.tensor([start])]
    with evaluating(model):
        for _ in range(steps):
            path.append(model(path[-1].to(device_of(model))).cpu())
    return torch.cat(path)


def _check(points: Tensor, models: Mapping[float, nn.Module]) -> None:
    check_tensors(points=points)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(f"`points` must have shape (N, 2) with N > 0, got {tuple(points.shape)}")
    check_finite(points=points)
    if not models:
        raise ValueError("`models` must hold at least one denoiser, got none")
    for sigma, model in models.items():
        if not 0 < sigma < math.inf:
            raise ValueError(f"the levels of `models` must be above 0 and finite, got {sigma}")
        if not isinstance(model, nn.Module):
            raise TypeError(f"`models[{sigma}]` must be an nn.Module, got {type(model).__name__}")
        answered(
            f"`models[{sigma}]`",
            model,
            points[:1].float(),
            model=model,
            takes="points of shape (B, 2)",
            gives="map (B, 2) to (B, 2)",
        )
