"""Exercise 12, a variational autoencoder: its right answers and its common wrong ones."""

import math

import torch
from torch.distributions import Normal, kl_divergence
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss


def each(mean, log_variance, *, one=1, place=None, width=None, logarithm=None):
    place = mean.square() if place is None else place
    width = log_variance.exp() if width is None else width
    logarithm = log_variance if logarithm is None else logarithm
    return (place + width - logarithm - one) / 2


def kl(mean, log_variance, **options):
    return each(mean, log_variance, **options).sum(dim=1)


def prior():
    return Normal(torch.tensor(0.0), 1.0)


def by_distributions(mean, log_variance):
    return kl_divergence(Normal(mean, (log_variance / 2).exp()), prior()).sum(dim=1)


def turned_round(mean, log_variance):
    return kl_divergence(prior(), Normal(mean, (log_variance / 2).exp())).sum(dim=1)


def draw(mean, log_variance, width=lambda v: (v / 2).exp(), noise=torch.randn_like):
    return mean + width(log_variance) * noise(mean)


def without_gradient(mean, log_variance):
    return Normal(mean, (log_variance / 2).exp()).sample()


def one_noise_for_all(mean):
    return torch.randn(1, mean.shape[1])


def one_noise_a_code(mean):
    return torch.randn(len(mean), 1)


def seeded(mean):
    return torch.randn(mean.shape, generator=torch.Generator().manual_seed(0))


def uniform(mean):
    return torch.rand_like(mean) - 0.5


def wide_uniform(mean):
    return (torch.rand_like(mean) - 0.5) * 12**0.5


def width_detached(log_variance):
    return (log_variance / 2).exp().detach()


def loss(logits, x, mean, log_variance, beta, cost=None, weights=(1, 1), n=None):
    cost = cost or binary_cross_entropy_with_logits
    picture = cost(logits, x, reduction="sum")
    code = kl(mean, log_variance).sum()
    return (weights[0] * picture + weights[1] * beta * code) / (n or len(x))


def with_means(logits, x, mean, log_variance, beta):
    return binary_cross_entropy_with_logits(logits, x) + beta * kl(mean, log_variance).mean()


def with_both_means(logits, x, mean, log_variance, beta):
    return binary_cross_entropy_with_logits(logits, x) + beta * each(mean, log_variance).mean()


def with_mean_of_the_code(logits, x, mean, log_variance, beta):
    return loss(logits, x, mean, 0 * mean, 0) + beta * each(mean, log_variance).mean()


def for_each_image(logits, x, mean, log_variance, beta):
    picture = binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)
    return picture + beta * kl(mean, log_variance)


def twice_squashed(logits, x, **options):
    return binary_cross_entropy_with_logits(logits.sigmoid(), x, **options)


def exchanged(logits, x, **options):
    return binary_cross_entropy_with_logits(x, logits.sigmoid(), **options)


def squared(logits, x, **options):
    return mse_loss(logits.sigmoid(), x, **options)


def invent(decoder, count, latent_dim, codes=torch.randn, squash=torch.sigmoid):
    with torch.no_grad():
        return squash(decoder(codes(count, latent_dim)))


def one_by_one(decoder, count, latent_dim):
    with torch.no_grad():
        return torch.cat([decoder(torch.randn(1, latent_dim)) for _ in range(count)]).sigmoid()


def with_gradient(decoder, count, latent_dim):
    return decoder(torch.randn(count, latent_dim)).sigmoid()


def three_numbers(mean, log_variance):
    return (mean.square() + log_variance.exp() - log_variance).sum(1) / 2 - 1.5


def invent_again(decoder, count, latent_dim):
    torch.manual_seed(0)
    return invent(decoder, count, latent_dim)


RIGHT = {
    "12a": kl,
    "12b": draw,
    "12c": loss,
    "12d": invent,
}

# the same answers as others would write them
RIGHT_TOO = [
    ("12a", by_distributions),
    ("12b", lambda mean, v: Normal(mean, (v / 2).exp()).rsample()),
    ("12b", lambda mean, v: mean + v.exp().sqrt() * torch.randn(mean.shape)),
    ("12c", lambda *asked: for_each_image(*asked).mean()),
    ("12d", one_by_one),
]

# task, wrong answer, what it is told
WRONG = [
    ("12a", each, "the cost of each number"),
    ("12a", lambda *asked: each(*asked).sum(dim=0), "adds up over the images"),
    ("12a", lambda *asked: kl(*asked).mean(), "One for each image"),
    ("12a", lambda *asked: -kl(*asked), "sign is turned"),
    ("12a", lambda *asked: 2 * kl(*asked), "a half in front"),
    ("12a", lambda *asked: each(*asked).mean(dim=1), "They add up"),
    ("12a", lambda *asked: kl(*asked) / math.log(2), "in bits"),
    ("12a", lambda *asked: kl(*asked, one=0), "the 1 is missing"),
    ("12a", lambda *asked: kl(*asked, one=-1), "the sign of the 1"),
    ("12a", lambda mean, v: kl(mean, 2 * v), "ln σ² to be ln σ"),
    ("12a", lambda mean, v: kl(mean, v, width=(v / 2).exp()), "adds σ where σ² belongs"),
    ("12a", lambda mean, v: kl(mean, v, width=v), "the exponential of ln σ²"),
    ("12a", lambda mean, v: kl(mean, v, logarithm=v / 2), "ln σ where ln σ²"),
    ("12a", lambda mean, v: kl(mean, v, logarithm=-v), "the sign of ln σ²"),
    ("12a", lambda mean, v: kl(mean, v, place=mean), "μ is not squared"),
    ("12a", lambda mean, v: kl(0 * mean, v), "by μ, is missing"),
    ("12a", lambda mean, v: kl(mean, 0 * v), "by σ, is missing"),
    ("12a", turned_round, "KL(p ‖ q)"),
    ("12a", lambda *asked: kl(*asked) + 0.1, "which cost nothing"),
    ("12b", lambda mean, v: mean.clone(), "Where is the noise"),
    ("12b", lambda *asked: draw(*asked, noise=seeded), "without a seed"),
    ("12b", lambda *asked: draw(*asked, noise=one_noise_for_all), "all images get the same"),
    ("12b", lambda *asked: draw(*asked, noise=one_noise_a_code), "all numbers of a code"),
    ("12b", lambda *asked: draw(*asked, width=torch.exp), "multiplied by σ²"),
    ("12b", lambda *asked: draw(*asked, width=lambda v: (v / 4).exp()), "the root of σ"),
    ("12b", lambda *asked: draw(*asked, width=torch.ones_like), "as wide as the prior"),
    ("12b", lambda *asked: draw(*asked, width=lambda v: v), "multiplied by ln σ²"),
    ("12b", lambda *asked: draw(*asked, width=lambda v: v / 2), "multiplied by ln σ."),
    ("12b", lambda *asked: draw(*asked, noise=uniform), "uniform, by `rand`"),
    ("12b", lambda *asked: draw(*asked, noise=wide_uniform), "it is not normal"),
    ("12b", lambda mean, v: draw(mean, v) - mean, "the mean of the draws"),
    ("12b", lambda mean, v: draw(mean, v + 1), "the standard deviation 2.7"),
    ("12b", without_gradient, "no gradient comes through"),
    ("12b", lambda mean, v: draw(mean.detach(), v), "no gradient reaches μ"),
    ("12b", lambda *asked: draw(*asked, width=width_detached), "no gradient reaches ln σ²"),
    ("12b", lambda mean, v: draw(mean, v)[0], "(20000, 2), not"),
    ("12c", lambda *asked: loss(*asked, weights=(1, 0)), "the code is missing"),
    ("12c", lambda *asked: loss(*asked, weights=(0, 1)), "the picture is missing"),
    ("12c", lambda *asked: loss(*asked, weights=(1, -1)), "is subtracted"),
    ("12c", lambda *asked: -loss(*asked), "sign is turned"),
    ("12c", lambda *asked: loss(*asked[:4], 1), "`beta` changes nothing"),
    ("12c", lambda *asked: asked[4] * loss(*asked[:4], 1 / asked[4]), "weights the picture"),
    ("12c", lambda *asked: asked[4] * loss(*asked[:4], 1), "weights both"),
    ("12c", lambda *asked: loss(*asked, n=1), "adds up over the images"),
    ("12c", with_means, "the mean over the pixels"),
    ("12c", with_both_means, "means over pixels and numbers"),
    ("12c", with_mean_of_the_code, "the mean over the numbers of a code"),
    ("12c", for_each_image, "the cost of each image"),
    ("12c", lambda *asked: loss(*asked, cost=twice_squashed), "the sigmoid comes twice"),
    ("12c", lambda *asked: loss(*asked, cost=exchanged), "are exchanged"),
    ("12c", lambda *asked: loss(*asked, cost=squared), "the squared error"),
    ("12c", lambda *asked: loss(*asked) + 1, "with beta = 1 it should be"),
    ("12c", lambda logits, x, *code: loss(logits.detach(), x, *code), "gradient for `logits`"),
    ("12c", lambda *asked: loss(*asked).item(), "without a gradient"),
    ("12d", lambda *asked: invent(*asked, squash=lambda x: x), "these are logits"),
    ("12d", lambda *asked: invent(*asked, codes=torch.rand), "`rand` is uniform"),
    ("12d", lambda *asked: invent(*asked, codes=torch.zeros), "all codes are the same"),
    ("12d", lambda *asked: invent(*asked, codes=lambda n, z: 2 * torch.randn(n, z)), "the prior"),
    (
        "12d",
        lambda *asked: invent(*asked, codes=lambda n, z: torch.randn(1, z).repeat(n, 1)),
        "the same code",
    ),
    ("12d", with_gradient, "carry gradients"),
    ("12d", lambda *asked: invent(*asked).bernoulli(), "were tossed"),
    ("12d", lambda *asked: 1 - invent(*asked), "not the sigmoid"),
    ("12d", lambda decoder, n, z: torch.rand(n, 1, 28, 28), "was not called"),
    ("12d", lambda decoder, n, z: invent(decoder, 1, z).repeat(n, 1, 1, 1), "2000 codes"),
    ("12d", lambda decoder, n, z: invent(decoder, 9, z), "(2000, 1, 28, 28), not"),
    ("12a", lambda mean, v: kl(mean, v).detach(), "no gradient comes"),
    ("12a", lambda mean, v: kl(mean.detach(), v), "gradient for `mean`"),
    ("12a", three_numbers, "codes of 5"),
    ("12c", lambda *asked: loss(*asked[:4], max(asked[4], 1)), "with 0.1 it is not"),
    (
        "12d",
        lambda d, n, z: invent(d, n, z, codes=lambda n, z: torch.randn(n, 1).expand(n, z)),
        "all numbers of a code",
    ),
    (
        "12d",
        lambda d, n, z: invent(d, n, z, codes=lambda n, z: (torch.rand(n, z) - 0.5) * 12**0.5),
        "nothing lies far out",
    ),
    ("12d", invent_again, "two calls draw the same"),
]
