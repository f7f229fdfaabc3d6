"""Learn the score of noisy data by denoising."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ae_course.utils.random import normal, uniform
from ae_course.utils.validation import check_modules


class ScoreOutput(NamedTuple):
    """What a pass through a :class:`ScoreModel` gives, and what its loss needs."""

    denoised: Tensor  # (B, ...): its estimate of the clean items
    sigma: Tensor  # (B,): the level of the noise that it was given


class ScoreModel(nn.Module):
    """A denoiser for many noise levels at once; its arrows are the score of the noisy data.

    The network is asked for the noise in units of its level, so what it is asked for is of one
    size at every level. What it finds is subtracted, and by Tweedie's formula the score follows
    from it. Called in either mode, the module adds noise to its input itself, with a level drawn
    for each item, evenly on a logarithmic scale.

    Parameters
    ----------
    network : nn.Module
        ``network(x, log_sigma)`` maps noisy items (B, ...), divided by √(1 + σ²), and levels (B,)
        to the noise in units of σ, of the items' shape.
    sigma_min, sigma_max : float
        The lowest and the highest noise level. Items are taken to have a spread of about one.

    Raises
    ------
    TypeError
        If `network` is not an ``nn.Module``.
    ValueError
        If not 0 < `sigma_min` <= `sigma_max`.

    References
    ----------
    Vincent (2011), Neural Computation 23(7), 1661-1674.

    Song and Ermon (2019), Generative Modeling by Estimating Gradients, NeurIPS.
    """

    def __init__(self, network: nn.Module, *, sigma_min: float, sigma_max: float) -> None:
        super().__init__()
        check_modules(network=network)
        if not 0 < sigma_min <= sigma_max < math.inf:
            raise ValueError(
                "`sigma_min` and `sigma_max` must be 0 < sigma_min <= sigma_max, got "
                f"{sigma_min} and {sigma_max}"
            )
        self.network = network
        self.sigma_min = sigma_min
        self.sigma_max = sigma_max

    def predict_noise(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Estimate the noise in x (B, ...) at levels (B,), in units of σ."""
        scale = _beside(1 + sigma.square(), x).sqrt()
        estimate: Tensor = self.network(x / scale, sigma.log())
        return estimate

    def score(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Estimate ∇ log p_σ(x) of the noisy data, for items (B, ...) and levels (B,)."""
        return -self.predict_noise(x, sigma) / _beside(sigma, x)

    def denoise(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Estimate the mean of the clean items that x (B, ...) at levels (B,) may come from."""
        return x - _beside(sigma, x) * self.predict_noise(x, sigma)

    def forward(self, x: Tensor, *, generator: torch.Generator | None = None) -> ScoreOutput:
        """Add noise to x (B, ...), at a level drawn for each item, and remove it again."""
        draw = uniform([len(x)], x, generator).to(x.dtype)
        low, high = torch.tensor([self.sigma_min, self.sigma_max]).log()
        sigma = (low + draw * (high - low)).exp()  # (B,)
        noise = normal(x.shape, x, generator)
        return ScoreOutput(self.denoise(x + _beside(sigma, x) * noise, sigma), sigma)


def denoising_score_matching(output: ScoreOutput, target: Tensor) -> Tensor:
    """Compute the loss of a :class:`ScoreModel`: its squared denoising error, in units of σ².

    The squared distance to the clean items, divided by σ², is σ² times the squared distance
    between the model's score and the score of the noise that was added. Its minimum over all
    functions is the score of the noisy data.

    Parameters
    ----------
    output : ScoreOutput
    target : Tensor of shape (B, ...)
        The clean items, which the model was called with.

    Returns
    -------
    Tensor of shape ()
        Mean over B and all values.

    Raises
    ------
    ValueError
        If the target's shape is not that of the items.

    References
    ----------
    Vincent (2011), eq. 11; Song and Ermon (2019), eqs. 5 and 6 with λ(σ) = σ².
    """
    if output.denoised.shape != target.shape:
        raise ValueError(
            "`target` must have the shape of the denoised items, got "
            f"{tuple(target.shape)} and {tuple(output.denoised.shape)}"
        )
    return ((output.denoised - target) / _beside(output.sigma, target)).square().mean()


def _beside(values: Tensor, x: Tensor) -> Tensor:
    """Shape one value an item, (B,), so that it multiplies items (B, ...)."""
    return values.view(-1, *[1] * (x.ndim - 1))
