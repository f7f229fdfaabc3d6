"""The forger's and the judge's losses against their definitions, and facts about both."""

import math

import pytest
import torch
from torch import nn

import ae_course as ae

LINE = torch.linspace(-12, 12, 4801, dtype=torch.float64)
STEP = LINE[1] - LINE[0]


def density(mean, width):
    return torch.distributions.Normal(mean, width).log_prob(LINE)


def test_the_losses_are_their_definitions():
    real, fake = torch.randn(2, 50, dtype=torch.float64)
    d_real, d_fake = real.sigmoid(), fake.sigmoid()
    expected = -d_real.log().mean() - (1 - d_fake).log().mean()
    torch.testing.assert_close(ae.discriminator_loss(real, fake), expected)
    torch.testing.assert_close(ae.generator_loss(fake), -d_fake.log().mean())
    saturating = ae.generator_loss(fake, saturating=True)
    torch.testing.assert_close(saturating, (1 - d_fake).log().mean())


@pytest.mark.parametrize("logit", [-80.0, -5.0, 0.0, 5.0, 80.0])
def test_gradients_of_a_forgery(logit):
    d = 1 / (1 + math.exp(-logit))
    for saturating, expected in ((False, -(1 - d)), (True, -d)):
        fake = torch.tensor(logit, dtype=torch.float64, requires_grad=True)
        ae.generator_loss(fake, saturating=saturating).backward()
        assert fake.grad.item() == pytest.approx(expected, abs=1e-12)


def test_the_best_discriminator_is_p_over_p_plus_q_and_pays_for_all_but_the_divergence():
    p, q = density(-1.0, 0.7), density(0.5, 1.2)
    best = p - q  # the logit of p / (p + q)

    def loss(logit):
        softplus = nn.functional.softplus
        return ((p.exp() * softplus(-logit) + q.exp() * softplus(logit)).sum() * STEP).item()

    middle = ((p.exp() + q.exp()) / 2).log()
    js = ((p.exp() * (p - middle) + q.exp() * (q - middle)).sum() * STEP / 2).item()
    # torch's softplus is linear beyond 20: 1e-9 off there
    assert loss(best) == pytest.approx(2 * math.log(2) - 2 * js, abs=1e-7)
    for other in (best + 0.1, 0.9 * best, torch.zeros_like(best)):
        assert loss(other) > loss(best)


def test_the_penalty_of_a_linear_discriminator_is_the_square_of_its_weight():
    judge = nn.Linear(3, 1).double()
    x = torch.randn(7, 3, dtype=torch.float64)
    penalty = ae.gradient_penalty(judge, x)
    torch.testing.assert_close(penalty, judge.weight.square().sum())
    penalty.backward()
    torch.testing.assert_close(judge.weight.grad, 2 * judge.weight)
    assert x.grad is None
    assert not x.requires_grad


def test_the_penalty_is_that_of_each_image_alone():
    judge = nn.Sequential(nn.Flatten(), nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1)).double()
    images = torch.randn(6, 1, 2, 2, dtype=torch.float64)
    squares = []
    for image in images:
        slope = torch.autograd.functional.jacobian(lambda x: judge(x[None]).squeeze(), image)
        squares.append(slope.square().sum())
    torch.testing.assert_close(ae.gradient_penalty(judge, images), torch.stack(squares).mean())
    with torch.no_grad():  # a measurement is allowed where nothing is trained
        torch.testing.assert_close(ae.gradient_penalty(judge, images), torch.stack(squares).mean())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ae.discriminator_loss(torch.ones(0), torch.ones(2)), "`real_logits` must hold"),
        (lambda: ae.discriminator_loss(torch.ones(2), torch.ones(0)), "`fake_logits` must hold"),
        (lambda: ae.generator_loss(torch.ones(0)), "at least one logit, got none"),
        (
            lambda: ae.gradient_penalty(nn.Linear(3, 1), torch.ones(3)),
            r"`real` must have shape \(B, ...\) with B > 0, got \(3,\)",
        ),
        (lambda: ae.gradient_penalty(nn.Linear(3, 1), torch.ones(0, 3)), "with B > 0"),
        (lambda: ae.gradient_penalty(nn.Linear(3, 1), torch.full((2, 3), torch.nan)), "finite"),
        (
            lambda: ae.gradient_penalty(nn.Linear(3, 2), torch.ones(2, 3)),
            r"one logit for each of 2 inputs, got \(2, 2\)",
        ),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
