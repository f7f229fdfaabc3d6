"""Facts on which widely read sources are wrong, shown where no chapter shows them yet."""

import math

import pytest
import torch
from torch.distributions import Categorical, Normal, kl_divergence
from torch.nn.functional import cross_entropy


def test_masking_by_uniform_noise_hides_nothing():
    generator = torch.Generator().manual_seed(0)
    x = torch.ones(10_000)
    uniform = x * 2 * torch.rand(10_000, generator=generator)  # what the source calls masking
    masked = x * torch.bernoulli(0.5 * x, generator=generator)
    assert (uniform == 0).float().mean() < 0.001
    assert (masked == 0).float().mean() == pytest.approx(0.5, abs=0.02)


def test_temperature_flattens_when_high_and_takes_the_likeliest_when_low():
    logits = torch.tensor([2.0, 1.0, 0.0, -1.0])
    entropies = [
        Categorical(logits=logits / t).entropy().item() for t in (0.01, 0.5, 1.0, 2.0, 100.0)
    ]
    assert entropies == sorted(entropies)
    assert entropies[0] == pytest.approx(0, abs=1e-6)
    assert entropies[-1] == pytest.approx(math.log(4), abs=1e-3)  # uniform
    assert Categorical(logits=logits / 0.01).sample((100,)).eq(0).all()


def gradient_norm(steps, reduction):
    weight = torch.zeros(5, requires_grad=True)
    targets = torch.zeros(steps, dtype=torch.long)
    cross_entropy(weight.expand(steps, 5), targets, reduction=reduction).backward()
    return weight.grad.norm().item()


def test_a_sequence_loss_that_sums_makes_the_gradient_grow_with_the_length():
    assert gradient_norm(250, "sum") == pytest.approx(10 * gradient_norm(25, "sum"), rel=1e-4)
    assert gradient_norm(250, "mean") == pytest.approx(gradient_norm(25, "mean"), rel=1e-4)


def kl_to_standard_normal(mean, log_variance, variance):
    return 0.5 * (variance + mean**2 - 1 - log_variance)


def test_a_log_variance_must_keep_its_base():
    mean, sigma = torch.tensor(0.3), torch.tensor(0.5)
    exact = kl_divergence(Normal(mean, sigma), Normal(torch.tensor(0.0), torch.tensor(1.0)))
    log_variance = torch.log(sigma**2)
    right = kl_to_standard_normal(mean, log_variance, torch.exp(log_variance))
    mixed = kl_to_standard_normal(mean, log_variance, 2**log_variance)
    torch.testing.assert_close(right, exact)
    assert abs(mixed - exact) > 0.05
