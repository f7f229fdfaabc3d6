"""The variational autoencoder: each code a normal distribution, and the bound that trains it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ae_course.models.autoencoder import checked_shape
from ae_course.models.dense import dense_layers
from ae_course.utils.devices import device_of, evaluating
from ae_course.utils.random import normal
from ae_course.utils.validation import check_modules, check_positive_integers


class VAEOutput(NamedTuple):
    """What a pass through a :class:`VAE` gives, and what its loss needs."""

    logits: Tensor  # (B, C, h, w): the log-odds of ink in each pixel
    mean: Tensor  # (B, Z), of the code's distribution q(z | x)
    log_variance: Tensor  # (B, Z), its natural logarithm


class VAE(nn.Module):
    """A variational autoencoder: the encoder gives a normal distribution of codes, not one code.

    q(z | x) is normal with a mean and a variance for each of the Z numbers; the decoder gives the
    probability of ink in each pixel. In both modes a pass draws one code from q(z | x).

    Parameters
    ----------
    encoder : nn.Module
        Maps x of shape (B, C, h, w) to (B, 2 Z): the means, then the log-variances.
    decoder : nn.Module
        Maps codes (B, Z) to log-odds of shape (B, C, h, w).
    latent_dim : int
        Z, the number of values of a code.

    Raises
    ------
    TypeError
        If encoder or decoder is not an ``nn.Module``.
    ValueError
        If `latent_dim` is not a positive integer, or, on a call, if the encoder does not give
        2 Z numbers.

    References
    ----------
    Kingma and Welling (2014), Auto-Encoding Variational Bayes, arXiv:1312.6114.

    Rezende, Mohamed and Wierstra (2014), ICML, PMLR 32, 1278-1286.

    Examples
    --------
    >>> vae = dense_vae([784, 400, 20])
    >>> logits, mean, log_variance = vae(torch.rand(64, 1, 28, 28))
    >>> logits.shape, mean.shape, vae.sample(5).shape
    (torch.Size([64, 1, 28, 28]), torch.Size([64, 20]), torch.Size([5, 1, 28, 28]))
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, latent_dim: int) -> None:
        super().__init__()
        check_modules(encoder=encoder, decoder=decoder)
        check_positive_integers(latent_dim=latent_dim)
        self.encoder = encoder
        self.decoder = decoder
        self.latent_dim = latent_dim

    def encode(self, x: Tensor) -> Tensor:
        """Map images (B, C, h, w) to codes (B, Z): the means of q(z | x)."""
        return self.encode_distribution(x)[0]

    def encode_distribution(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map images (B, C, h, w) to means and log-variances of q(z | x), each (B, Z)."""
        both: Tensor = self.encoder(x)
        if both.shape != (len(x), 2 * self.latent_dim):
            raise ValueError(
                f"`encoder` must give (B, {2 * self.latent_dim}), means and log-variances, "
                f"got {tuple(both.shape)}"
            )
        mean, log_variance = both.chunk(2, dim=1)
        return mean, log_variance

    def decode(self, z: Tensor) -> Tensor:
        """Map codes (B, Z) to probabilities of ink (B, C, h, w)."""
        return torch.sigmoid(self.decoder(z))

    def forward(self, x: Tensor, *, generator: torch.Generator | None = None) -> VAEOutput:
        """Draw a code from q(z | x) for each image, and decode it to log-odds."""
        mean, log_variance = self.encode_distribution(x)
        z = reparameterize(mean, log_variance, generator=generator)
        return VAEOutput(self.decoder(z), mean, log_variance)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Decode the codes of x, with nothing drawn, to probabilities of ink (B, C, h, w)."""
        return self.decode(self.encode(x))

    @torch.no_grad()
    def sample(self, count: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Decode codes from the prior, the standard normal, to images (count, C, h, w)."""
        check_positive_integers(count=count)
        like = next(self.decoder.parameters(), torch.empty(0))
        z = normal((count, self.latent_dim), like, generator)
        with evaluating(self):
            return self.decode(z)


def dense_vae(
    sizes: Sequence[int],
    *,
    activation: Callable[[], nn.Module] = nn.ReLU,
    batch_norm: bool = False,
    image_shape: Sequence[int] | None = None,
) -> VAE:
    """Build a fully connected :class:`VAE`, the decoder the mirror image of the encoder.

    Parameters
    ----------
    sizes : sequence of int
        From the input to the code, for instance ``[784, 400, 20]``.
    activation, batch_norm, image_shape
        As in :func:`dense_autoencoder`.

    Returns
    -------
    VAE

    Raises
    ------
    ValueError
        If there are fewer than two sizes, one is not a positive integer, or `image_shape` does
        not hold the first size.
    """
    sizes = list(sizes)
    shape = checked_shape(sizes, image_shape)
    encoder_layers = dense_layers([*sizes[:-1], 2 * sizes[-1]], activation, batch_norm, 0.0)
    decoder_layers = dense_layers(sizes[::-1], activation, batch_norm, 0.0)
    encoder = nn.Sequential(nn.Flatten(), *encoder_layers)
    decoder = nn.Sequential(*decoder_layers, nn.Unflatten(1, shape))
    return VAE(encoder, decoder, sizes[-1])


def reparameterize(
    mean: Tensor, log_variance: Tensor, *, generator: torch.Generator | None = None
) -> Tensor:
    """Draw a code from each normal distribution, so that the gradient reaches its parameters.

    ``z = mean + exp(log_variance / 2) · ε`` with ε from the standard normal distribution: the
    chance is in ε, which needs no gradient.

    Parameters
    ----------
    mean, log_variance : Tensor of shape (B, Z)
    generator : torch.Generator, optional

    Returns
    -------
    Tensor of shape (B, Z)

    References
    ----------
    Kingma and Welling (2014), section 2.4.
    """
    noise = normal(mean.shape, mean, generator)
    return mean + torch.exp(0.5 * log_variance) * noise


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Compute the Kullback-Leibler divergence of normal distributions from the standard normal.

    Parameters
    ----------
    mean, log_variance : Tensor of shape (B, Z)
        The logarithm is the natural one.

    Returns
    -------
    Tensor of shape (B, Z)
        In nats, for each number of each code: ``(mean² + variance − log variance − 1) / 2``.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Kingma and Welling (2014), appendix B.
    """
    if mean.shape != log_variance.shape:
        raise ValueError(
            "`mean` and `log_variance` must have one shape, got "
            f"{tuple(mean.shape)} and {tuple(log_variance.shape)}"
        )
    return 0.5 * (mean.square() + log_variance.exp() - log_variance - 1)


def negative_elbo(output: VAEOutput, target: Tensor, *, beta: float = 1.0) -> Tensor:
    """Compute the negative evidence lower bound (ELBO), the loss of a :class:`VAE`.

    The reconstruction term, the cross-entropy of the pixels as Bernoulli variables, plus `beta`
    times the Kullback-Leibler divergence of q(z | x) from the prior.

    Parameters
    ----------
    output : VAEOutput
    target : Tensor of shape (B, C, h, w)
        Pixels in [0, 1], outcomes of Bernoulli variables. With values strictly between, as in grey
        images, it is a loss but no longer the bound of a probability.
    beta : float, default=1.0
        1 for the bound itself; other weights are the β-VAE's.

    Returns
    -------
    Tensor of shape ()
        Nats an image: summed over pixels and over the code, the mean over B. With `beta` = 1 and
        binary pixels, an upper bound of −log p(x), in expectation.

    Raises
    ------
    ValueError
        If the target's shape is not that of the logits, a pixel is not in [0, 1], or `beta` is
        negative.

    References
    ----------
    Kingma and Welling (2014), eq. 10.

    Higgins et al. (2017), β-VAE, ICLR.
    """
    if output.logits.shape != target.shape:
        raise ValueError(
            "`target` must have the shape of the logits, got "
            f"{tuple(target.shape)} and {tuple(output.logits.shape)}"
        )
    _check_pixels("target", target)
    if not beta >= 0:
        raise ValueError(f"`beta` must be at least 0, got {beta}")
    pixels = F.binary_cross_entropy_with_logits(output.logits, target, reduction="sum")
    codes = gaussian_kl(output.mean, output.log_variance).sum()
    return (pixels + beta * codes) / len(target)


def importance_bound(
    vae: VAE, x: Tensor, *, samples: int = 100, generator: torch.Generator | None = None
) -> Tensor:
    """Compute a tighter upper bound of −log p(x), from many codes for each image.

    The logarithm of the mean of p(x, z) / q(z | x) over `samples` draws from q(z | x). With one
    draw it is the ELBO in expectation, with ever more it tends to log p(x).

    Parameters
    ----------
    vae : VAE
        It stays on its device and gets its training mode back.
    x : Tensor of shape (B, C, h, w)
        Binary pixels.
    samples : int, default=100
    generator : torch.Generator, optional

    Returns
    -------
    Tensor of shape (B,)
        Nats, one bound an image.

    Raises
    ------
    ValueError
        If `samples` is not a positive integer, or a pixel is not in [0, 1].

    References
    ----------
    Burda, Grosse and Salakhutdinov (2016), Importance Weighted Autoencoders, ICLR, eq. 8.
    """
    check_positive_integers(samples=samples)
    _check_pixels("x", x)
    with evaluating(vae):
        x = x.to(device_of(vae))
        mean, log_variance = vae.encode_distribution(x)
        log_weights = []
        for _ in range(samples):  # one draw for all images at a time: memory stays small
            z = reparameterize(mean, log_variance, generator=generator)
            noise = (z - mean) * torch.exp(-0.5 * log_variance)
            pixels = F.binary_cross_entropy_with_logits(vae.decoder(z), x, reduction="none")
            # log p(z) − log q(z | x): the constants cancel
            prior = 0.5 * (noise.square() + log_variance - z.square()).sum(dim=1)
            log_weights.append(prior - pixels.flatten(1).sum(dim=1))  # (B,)
        total = torch.logsumexp(torch.stack(log_weights), dim=0)
    return math.log(samples) - total


def _check_pixels(name: str, pixels: Tensor) -> None:
    low, high = pixels.aminmax()
    if not 0 <= low <= high <= 1:  # standardised pixels, for instance; NaN too
        raise ValueError(
            f"`{name}` must hold pixels in [0, 1], got values from {low:.3g} to {high:.3g}"
        )
