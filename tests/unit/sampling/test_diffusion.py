"""The way from noise back to data, against the normal distributions where all is known."""

import pytest
import torch

from ae_course import ScoreModel, alpha_bars, ddim

SPREAD, MEAN = 0.5, 2.0


def exact(x, log_sigma):
    """The expected noise in x where the clean data are normal with mean 2 and spread 0.5."""
    sigma = log_sigma.exp()[:, None]
    kept = 1 / (1 + sigma**2)
    variance = kept * SPREAD**2 + 1 - kept
    return (1 - kept).sqrt() * (x - kept.sqrt() * MEAN) / variance


def chosen(count, steps=1000):
    return alpha_bars()[torch.linspace(steps - 1, 0, count).round().long()]


def test_the_schedule_is_what_many_small_steps_leave():
    left, expected = 1.0, []
    for beta in torch.linspace(1e-4, 0.02, 1000).tolist():
        left *= 1 - beta
        expected.append(left)
    torch.testing.assert_close(alpha_bars(), torch.tensor(expected), rtol=1e-4, atol=1e-6)
    assert alpha_bars()[-1] < 1e-4
    assert alpha_bars(1, first=0.25, last=0.25).tolist() == [0.75]


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_samples_have_the_mean_and_the_spread_of_the_data(eta):
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(20_000, 1, generator=generator)
    x = ddim(exact, start, chosen(400), eta=eta, generator=generator)
    assert x.mean().item() == pytest.approx(MEAN, abs=0.02)
    assert x.std().item() == pytest.approx(SPREAD, rel=0.04)  # 400 steps of 1,000


def test_without_noise_it_is_the_way_down_the_levels_of_score_matching():
    """In units of the signal, x / √ᾱ goes the share (σ - σ') / σ of the way to the guess."""
    model = ScoreModel(Noise(), sigma_min=0.01, sigma_max=200)
    levels = chosen(20)
    sigmas = ((1 - levels) / levels).sqrt().tolist()
    start = torch.randn(50, 1)
    x = start * (1 + sigmas[0] ** 2) ** 0.5
    for sigma, lower in zip(sigmas, [*sigmas[1:], 0.0], strict=True):
        guess = model.denoise(x, torch.full((50,), sigma))
        x = x + (sigma - lower) / sigma * (guess - x)
    torch.testing.assert_close(ddim(exact, start, levels), x, rtol=1e-3, atol=1e-4)


class Noise(torch.nn.Module):
    def forward(self, x, log_sigma):
        return exact(x, log_sigma)


def test_with_full_noise_a_step_is_the_ancestral_one():
    """Ho et al., algorithm 2, from one of two neighbouring levels to the next."""
    a = alpha_bars()[[500, 499]]
    beta = 1 - a[0] / a[1]
    start = torch.randn(1000, 1, generator=torch.Generator().manual_seed(0))
    noise = exact(start, ((1 - a[0]) / a[0]).log().expand(1000) / 2)
    mean = (start - beta / (1 - a[0]).sqrt() * noise) / (1 - beta).sqrt()
    fresh = torch.randn(1000, 1, generator=torch.Generator().manual_seed(1))
    after = mean + (beta * (1 - a[1]) / (1 - a[0])).sqrt() * fresh
    seen = []

    def watched(x, log_sigma):
        seen.append(x)
        return exact(x, log_sigma)

    ddim(watched, start, a, eta=1, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(seen[1], after, rtol=1e-3, atol=1e-4)


def test_the_same_start_gives_the_same_end_and_noise_another():
    start = torch.randn(1, 1).repeat(8, 1)
    assert ddim(exact, start, chosen(10)).unique().numel() == 1
    assert ddim(exact, start, chosen(10), eta=1).unique().numel() == 8


def test_the_start_and_the_generator_s_peace():
    start = torch.randn(5, 1)
    kept, state = start.clone(), torch.get_rng_state()
    x = ddim(exact, start.requires_grad_(), chosen(5), eta=1, generator=torch.Generator())
    assert torch.equal(start, kept)
    assert not x.requires_grad
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("levels", "eta", "message"),
    [
        ([], 0, "alpha_bars"),
        ([0.5, 0.5], 0, "rise"),
        ([0.5, 0.2], 0, "rise"),
        ([0.0, 0.2], 0, "between 0 and 1"),
        ([0.5, 1.0], 0, "between 0 and 1"),
        ([0.5], -0.1, "eta"),
        ([0.5], 1.1, "eta"),
        ([0.5], float("nan"), "eta"),
    ],
)
def test_what_is_no_way_down_is_refused(levels, eta, message):
    with pytest.raises(ValueError, match=message):
        ddim(exact, torch.zeros(1, 1), levels, eta=eta)


@pytest.mark.parametrize("given", [{"steps": 0}, {"first": 0}, {"last": 1}, {"first": 0.5}])
def test_what_is_no_schedule_is_refused(given):
    with pytest.raises(ValueError, match="must be"):
        alpha_bars(**given)
