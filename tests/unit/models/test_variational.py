"""The VAE: its bound against exact integrals, its KL against Monte Carlo, its gradient."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from ae_course import VAE, dense_vae, gaussian_kl, importance_bound, negative_elbo
from ae_course.models.variational import VAEOutput


def small(latent_dim=1, seed=0):
    """A VAE of five pixels."""
    torch.manual_seed(seed)
    return dense_vae([5, 8, latent_dim]).double()


def exact_log_likelihood(vae, x):
    """−log p(x) by adding up over a fine grid of the one latent number."""
    z = torch.linspace(-8, 8, 4001, dtype=torch.float64)[:, None]
    with torch.no_grad():
        pixels = Bernoulli(logits=vae.decoder(z)).log_prob(x[:, None]).sum(dim=2)  # (B, grid)
    log_p = pixels + Normal(0, 1).log_prob(z[:, 0])
    return -(torch.logsumexp(log_p, dim=1) + math.log(16 / 4000))


def test_the_kl_is_that_of_torch():
    torch.manual_seed(0)
    mean, log_variance = torch.randn(2, 7, 3, dtype=torch.float64)
    expected = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0, 1))
    torch.testing.assert_close(gaussian_kl(mean, log_variance), expected)


def test_the_kl_is_the_mean_of_log_q_minus_log_p():
    torch.manual_seed(0)
    mean, log_variance = torch.tensor([[1.5, -0.3]]), torch.tensor([[-2.0, 0.7]])
    q = Normal(mean, (0.5 * log_variance).exp())
    z = q.sample((200_000,))
    drawn = q.log_prob(z) - Normal(0, 1).log_prob(z)
    error = drawn.std(dim=0) / len(z) ** 0.5
    assert ((drawn.mean(dim=0) - gaussian_kl(mean, log_variance)).abs() < 4 * error).all()


def test_the_kl_is_zero_for_the_prior_alone():
    assert torch.equal(gaussian_kl(torch.zeros(2, 3), torch.zeros(2, 3)), torch.zeros(2, 3))
    assert (gaussian_kl(torch.ones(1, 1), torch.zeros(1, 1)) == 0.5).all()


def test_the_bound_is_above_the_exact_value_and_the_tighter_bound_reaches_it():
    vae, x = small(), torch.bernoulli(torch.full((6, 5), 0.5)).double()
    exact = exact_log_likelihood(vae, x)
    torch.manual_seed(1)
    elbo = importance_bound(vae, x.repeat(2000, 1), samples=1).view(2000, 6).mean(dim=0)
    tight = importance_bound(vae, x, samples=20_000)
    assert (elbo > exact).all()
    torch.testing.assert_close(tight, exact, atol=0.04, rtol=0)  # the spread of 20,000 draws


def test_one_draw_is_the_elbo_in_the_mean():
    vae, x = small(2), torch.bernoulli(torch.full((4, 5), 0.5)).double()
    torch.manual_seed(1)
    many = x.repeat(40, 1)  # each loss is a mean over 40 draws
    losses = torch.stack([negative_elbo(vae(many), many) for _ in range(100)])
    torch.manual_seed(2)
    bounds = importance_bound(vae, x.repeat(4000, 1), samples=1).view(4000, 4).mean(dim=1)
    spread = (losses.var() / 100 + bounds.var() / 4000) ** 0.5
    assert abs(losses.mean() - bounds.mean()) < 4 * spread


def test_the_loss_by_its_definition():
    torch.manual_seed(0)
    output = VAEOutput(*torch.randn(3, 4, 6, dtype=torch.float64).unbind())
    x = torch.bernoulli(torch.full((4, 6), 0.5)).double()
    pixels = Independent(Bernoulli(logits=output.logits), 1).log_prob(x)
    codes = gaussian_kl(output.mean, output.log_variance).sum(dim=1)
    torch.testing.assert_close(negative_elbo(output, x), (codes - pixels).mean())
    torch.testing.assert_close(negative_elbo(output, x, beta=4), (4 * codes - pixels).mean())


def test_the_gradient_gets_through_the_draw():
    """Against finite differences, with the same draw."""
    vae, x = small(2), torch.rand(3, 5, dtype=torch.float64)

    last = vae.encoder[3]
    assert isinstance(last, nn.Linear)
    bias = last.bias.detach().clone().requires_grad_()

    def with_bias(value):
        generator = torch.Generator().manual_seed(0)
        output = torch.func.functional_call(
            vae, {"encoder.3.bias": value}, (x,), {"generator": generator}
        )
        return negative_elbo(output, x)

    assert torch.autograd.gradcheck(with_bias, (bias,))


def test_a_drawn_code_has_the_mean_and_the_width_it_should():
    class Told(nn.Module):
        def forward(self, x):
            return torch.tensor([[2.0, -1.0, math.log(0.25), math.log(4.0)]]).expand(len(x), 4)

    vae = VAE(Told(), nn.Identity(), 2)
    torch.manual_seed(0)
    z = vae(torch.zeros(50_000, 1)).logits  # the decoder hands on the code
    torch.testing.assert_close(z.mean(dim=0), torch.tensor([2.0, -1.0]), atol=0.04, rtol=0)
    torch.testing.assert_close(z.std(dim=0), torch.tensor([0.5, 2.0]), atol=0.03, rtol=0)


def test_shapes_probabilities_and_generators():
    vae = dense_vae([784, 30, 4], batch_norm=True)
    x = torch.rand(6, 1, 28, 28)
    output = vae(x)
    assert [part.shape for part in output] == [(6, 1, 28, 28), (6, 4), (6, 4)]
    drawn = [vae.sample(3, generator=torch.Generator().manual_seed(5)) for _ in range(2)]
    assert torch.equal(*drawn)
    assert drawn[0].shape == (3, 1, 28, 28)
    assert 0 <= drawn[0].min() <= drawn[0].max() <= 1
    assert vae.double().sample(2).dtype == torch.float64  # a code is of the decoder's type
    vae.float()
    assert vae.training  # sampling and bounds give the mode back
    importance_bound(vae, x.round(), samples=2)
    assert vae.training


def test_it_has_the_contract_of_every_autoencoder():
    vae, x = dense_vae([784, 30, 4]), torch.rand(6, 1, 28, 28)
    z = vae.encode(x)
    assert torch.equal(z, vae.encode_distribution(x)[0])
    assert torch.equal(vae.reconstruct(x), torch.sigmoid(vae.decoder(z)))  # and nothing is drawn
    assert torch.equal(vae.reconstruct(x), vae.reconstruct(x))


def test_it_learns_two_pictures():
    torch.manual_seed(0)
    x = torch.tensor([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]]).repeat(50, 1).float()
    vae = dense_vae([6, 16, 1], image_shape=(6,))
    optimizer = torch.optim.AdamW(vae.parameters(), lr=0.01)
    for _ in range(300):
        loss = negative_elbo(vae(x), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    # a fair coin's worth of news is the least that such data can cost; one bit is 0.69 nats
    assert 0.69 < importance_bound(vae, x[:2], samples=2000).mean() < 1.0
    kinds = vae.sample(400).round()
    known = (kinds[:, None] == x[:2][None]).all(dim=2).any(dim=1)
    assert known.float().mean() > 0.9


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: VAE(torch.sum, nn.Identity(), 2), TypeError, "`encoder` must be an nn.Module"),
        (lambda: VAE(nn.Identity(), 3, 2), TypeError, "`decoder` must be an nn.Module, got int"),
        (lambda: VAE(nn.Identity(), nn.Identity(), 0), ValueError, "`latent_dim` must be a pos"),
        (
            lambda: VAE(nn.Identity(), nn.Identity(), 2)(torch.rand(3, 5)),
            ValueError,
            r"must give \(B, 4\), .* got \(3, 5\)",
        ),
        (lambda: dense_vae([784]), ValueError, "at least two positive integers"),
        (lambda: dense_vae([5, 2]).sample(0), ValueError, "`count` must be a positive integer"),
        (
            lambda: gaussian_kl(torch.zeros(2, 3), torch.zeros(2, 1)),
            ValueError,
            r"one shape, got \(2, 3\) and \(2, 1\)",
        ),
        (
            lambda: negative_elbo(small()(torch.rand(3, 5).double()), torch.rand(3, 4)),
            ValueError,
            r"shape of the logits, got \(3, 4\) and \(3, 5\)",
        ),
        (
            lambda: negative_elbo(small()(torch.rand(3, 5).double()), 3 - torch.ones(3, 5)),
            ValueError,
            r"pixels in \[0, 1\], got values from 2 to 2",
        ),
        (
            lambda: negative_elbo(
                small()(torch.rand(3, 5).double()), torch.full((3, 5), torch.nan)
            ),
            ValueError,
            r"pixels in \[0, 1\], got values from nan",
        ),
        (
            lambda: negative_elbo(
                small()(torch.rand(3, 5).double()), torch.rand(3, 5).double(), beta=-1
            ),
            ValueError,
            "`beta` must be at least 0, got -1",
        ),
        (
            lambda: importance_bound(small(), 2 * torch.ones(3, 5).double()),
            ValueError,
            r"`x` must hold pixels in \[0, 1\], got values from 2 to 2",
        ),
        (
            lambda: importance_bound(small(), torch.rand(3, 5).double(), samples=0),
            ValueError,
            "`samples` must be a positive integer",
        ),
    ],
)
def test_bad_input_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
