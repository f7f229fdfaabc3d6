"""Scores against the known ones of normal distributions, and samplers against what they sample."""

import math

import pytest
import torch
from torch import nn

from ae_course import (
    ScoreModel,
    UNet,
    annealed_langevin,
    denoising_score_matching,
    langevin,
)
from ae_course.models.score import ScoreOutput


class BestGuess(nn.Module):
    """The exact noise estimate where the clean data are normal with a mean and a spread."""

    def __init__(self, mean=2.0, spread=0.5):
        super().__init__()
        self.mean, self.spread = mean, spread

    def forward(self, x, log_sigma):
        sigma = log_sigma.exp()[:, None]
        noisy = x * (1 + sigma**2).sqrt()
        return sigma * (noisy - self.mean) / (self.spread**2 + sigma**2)


def test_score_and_denoiser_of_a_normal_distribution():
    model = ScoreModel(BestGuess(), sigma_min=0.1, sigma_max=3)
    x, sigma = torch.randn(50, 1), torch.rand(50) + 0.1
    variance = 0.25 + sigma[:, None] ** 2
    torch.testing.assert_close(model.score(x, sigma), (2 - x) / variance)
    posterior = (0.25 * x + sigma[:, None] ** 2 * 2) / variance
    torch.testing.assert_close(model.denoise(x, sigma), posterior)


def test_the_loss_of_the_exact_score_is_the_smallest():
    torch.manual_seed(0)
    x = 2 + 0.5 * torch.randn(40_000, 1)

    def loss(network):
        torch.manual_seed(1)
        output = ScoreModel(network, sigma_min=0.1, sigma_max=3)(x)
        return denoising_score_matching(output, x).item()

    best = loss(BestGuess())
    assert best < min(loss(BestGuess(2.2)), loss(BestGuess(2, 0.6)), loss(BestGuess(2, 0.4)))


def test_the_loss_by_its_definition():
    """Vincent (2011), eq. 11, times σ²: the score of the model against that of the noise added."""
    torch.manual_seed(0)
    x = 2 + 0.5 * torch.randn(500, 1)
    model = ScoreModel(BestGuess(), sigma_min=0.1, sigma_max=3)
    generator = torch.Generator().manual_seed(1)
    loss = denoising_score_matching(model(x, generator=generator), x)
    generator.manual_seed(1)
    sigma = (math.log(0.1) + torch.rand(500, generator=generator) * math.log(30)).exp()
    noise = torch.randn(500, 1, generator=generator)
    added = -noise / sigma[:, None]  # ∇ log N(noisy; x, σ²)
    difference = model.score(x + sigma[:, None] * noise, sigma) - added
    expected = (sigma[:, None] * difference).square().mean()
    torch.testing.assert_close(loss, expected, rtol=1e-4, atol=0)


def test_levels_are_even_on_a_logarithmic_scale():
    seen = []

    class Spy(nn.Module):
        def forward(self, x, log_sigma):
            seen.append(log_sigma)
            return torch.zeros_like(x)

    torch.manual_seed(0)
    ScoreModel(Spy(), sigma_min=0.01, sigma_max=10)(torch.zeros(20_000, 1))
    low, high = math.log(0.01), math.log(10)
    assert low <= seen[0].min() <= seen[0].max() <= high
    share = ((seen[0] - low) / (high - low)).quantile(torch.tensor([0.1, 0.5, 0.9]))
    torch.testing.assert_close(share, torch.tensor([0.1, 0.5, 0.9]), atol=0.02, rtol=0)


def test_the_noise_added_has_its_level():
    class Hands(nn.Module):
        def forward(self, x, log_sigma):
            return x

    torch.manual_seed(0)
    # the input is all noise, scaled to spread one where data have none: σ / √(1 + σ²)
    clean = torch.zeros(100_000, 1)
    output = ScoreModel(Hands(), sigma_min=2, sigma_max=2)(clean)
    error = (output.denoised - clean) / output.sigma[:, None]
    expected = abs(2 / math.sqrt(5) - 1)
    assert error.std().item() == pytest.approx(expected, rel=0.02)


def test_a_trained_score_is_near_the_known_one():
    torch.manual_seed(0)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(2, 64), nn.SiLU(), nn.Linear(64, 1))

        def forward(self, x, log_sigma):
            return self.layers(torch.cat([x, log_sigma[:, None]], dim=1))

    model = ScoreModel(Net(), sigma_min=0.3, sigma_max=1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(400):
        x = torch.randn(512, 1)
        loss = denoising_score_matching(model(x), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    x, sigma = torch.linspace(-1.5, 1.5, 50)[:, None], torch.full((50,), 0.5)
    torch.testing.assert_close(model.score(x, sigma), -x / 1.25, atol=0.15, rtol=0)


def test_langevin_steps_reach_the_distribution_from_elsewhere():
    torch.manual_seed(0)
    start = torch.full((4000, 1), 9.0)
    x = langevin(lambda at: (2 - at) / 0.25, start, step=0.01, steps=300)
    assert (start == 9).all()
    assert x.mean().item() == pytest.approx(2, abs=0.03)
    # the exact spread of steps of this size on this slope: s²/(1 − step/(2 s²)) instead of s²
    assert x.std().item() == pytest.approx((0.25 / (1 - 0.01 / 0.5)) ** 0.5, rel=0.04)


def test_one_langevin_step_by_hand():
    generator = torch.Generator().manual_seed(3)
    noise = torch.randn(5, 2, generator=torch.Generator().manual_seed(3))
    start = torch.ones(5, 2)
    x = langevin(lambda at: -3 * at, start, step=0.02, steps=1, generator=generator)
    torch.testing.assert_close(x, 1 - 0.06 + math.sqrt(0.04) * noise)


def test_annealing_reaches_both_hills_in_their_proportion():
    """Two hills, twenty spreads apart: at the lowest level alone nobody would cross."""

    def score(x, sigma):
        variance = 0.1**2 + sigma[:, None] ** 2
        left, right = -(x + 1), 1 - x
        weights = torch.softmax(
            torch.cat(
                [
                    math.log(0.2) - left.square() / (2 * variance),
                    math.log(0.8) - right.square() / (2 * variance),
                ],
                dim=1,
            ),
            dim=1,
        )
        return (weights[:, :1] * left + weights[:, 1:] * right) / variance

    torch.manual_seed(0)
    levels = torch.logspace(0.7, -2, 30).tolist()
    x = annealed_langevin(score, 5 * torch.randn(4000, 1), levels, step=0.1, steps=20)
    assert (x > 0).float().mean().item() == pytest.approx(0.8, abs=0.05)
    # its steps shrink with the level, so the last ones settle a hill's width only nearly
    assert x[x > 0].std().item() == pytest.approx(0.1, rel=0.15)
    lowest = torch.full((4000,), levels[-1])
    settled = langevin(lambda at: score(at, lowest), x, step=5e-4, steps=200)
    assert settled[settled > 0].std().item() == pytest.approx(math.hypot(0.1, 0.01), rel=0.05)


def test_the_unet_keeps_shapes_sees_the_level_and_starts_at_nothing():
    torch.manual_seed(0)
    net = UNet((8, 16, 16))
    x = torch.randn(3, 1, 28, 28)
    assert torch.equal(net(x, torch.zeros(3)), torch.zeros_like(x))
    nn.init.normal_(net.last.weight)
    one, other = net(x, torch.zeros(3)), net(x, torch.full((3,), 0.3))
    assert one.shape == x.shape
    assert not torch.allclose(one, other)


def test_the_unet_hands_fine_grain_across():
    """White noise of 64 pixels does not pass a narrow place of 32 values."""

    def cut(block, given):
        h, level = given
        own = h.shape[1] // 2  # the second half of the channels was handed across
        return torch.cat([h[:, :own], torch.zeros_like(h[:, own:])], dim=1), level

    losses = {}
    for whole in (True, False):
        torch.manual_seed(0)
        net = UNet((8, 8, 8))
        for block in () if whole else net.up:
            block.register_forward_pre_hook(cut)
        optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
        for _ in range(40):
            x = torch.randn(16, 1, 8, 8)
            loss = (net(x, torch.zeros(16)) - x).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        losses[whole] = loss.item()
    assert losses[True] < 0.1
    assert losses[False] > 0.5  # by PCA half of the variance is lost at least


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ScoreModel(3, sigma_min=1, sigma_max=2), TypeError, "`network` must be an nn"),
        (
            lambda: ScoreModel(nn.Identity(), sigma_min=0, sigma_max=2),
            ValueError,
            "0 < sigma_min <= sigma_max, got 0 and 2",
        ),
        (
            lambda: ScoreModel(nn.Identity(), sigma_min=3, sigma_max=2),
            ValueError,
            "got 3 and 2",
        ),
        (
            lambda: denoising_score_matching(
                ScoreOutput(torch.zeros(2, 3), torch.ones(2)), torch.zeros(2, 1)
            ),
            ValueError,
            r"shape of the denoised items, got \(2, 1\) and \(2, 3\)",
        ),
        (
            lambda: langevin(torch.neg, torch.zeros(1), step=0, steps=1),
            ValueError,
            "`step` must be positive, got 0",
        ),
        (
            lambda: langevin(torch.neg, torch.zeros(1), step=1, steps=0),
            ValueError,
            "`steps` must be a positive integer, got 0",
        ),
        (
            lambda: annealed_langevin(torch.mul, torch.zeros(1), []),
            ValueError,
            r"`sigmas` must be positive and fall .* got \[\]",
        ),
        (
            lambda: annealed_langevin(torch.mul, torch.zeros(1), [1, 2]),
            ValueError,
            r"got \[1, 2\]",
        ),
        (lambda: UNet(()), ValueError, "at least one size"),
        (lambda: UNet((8, 12)), ValueError, "multiples of 8, got 12"),
        (
            lambda: UNet((8, 8, 8))(torch.zeros(1, 1, 14, 14), torch.zeros(1)),
            ValueError,
            "that 4 divides, got",
        ),
    ],
)
def test_bad_input_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
