"""The losses of two networks of which one forges and the other tells forgeries from real data."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from ae_course.utils.validation import check_finite


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Charge a discriminator for what it says of real data and of forgeries.

    With logits ℓ the discriminator's probability of *real* is D = sigmoid(ℓ). The loss is
    ``-mean ln D(real) - mean ln(1 - D(fake))``, in nats: 2 ln 2 = 1.386 for one that always
    says 1/2. The least that any can reach is ``2 ln 2 - 2 JS``, where JS is the Jensen-Shannon
    divergence of the two distributions, by D = p / (p + q).

    Parameters
    ----------
    real_logits, fake_logits : Tensor of any shape
        Not necessarily equally many; the mean of each counts the same.

    Returns
    -------
    Tensor
        A scalar.

    Raises
    ------
    ValueError
        If one of them has no numbers.

    References
    ----------
    Goodfellow et al. (2014), Generative Adversarial Nets, NeurIPS: equation 1, with its sign
    turned.

    Examples
    --------
    >>> discriminator_loss(torch.zeros(4), torch.zeros(4))
    tensor(1.3863)
    """
    _check_some(real_logits=real_logits, fake_logits=fake_logits)
    return softplus(-real_logits).mean() + softplus(fake_logits).mean()


def generator_loss(fake_logits: Tensor, *, saturating: bool = False) -> Tensor:
    """Charge a generator for what the discriminator says of its forgeries.

    Non-saturating, ``-mean ln D(fake)``: the gradient with respect to a logit is -(1 - D), large
    where a forgery is recognised. Saturating, ``mean ln(1 - D(fake))``: it is -D, and vanishes
    there. Both in nats.

    Parameters
    ----------
    fake_logits : Tensor of any shape
    saturating : bool, default=False

    Returns
    -------
    Tensor
        A scalar.

    Raises
    ------
    ValueError
        If there are no numbers.

    References
    ----------
    Goodfellow et al. (2014), Generative Adversarial Nets, NeurIPS: section 3.

    Examples
    --------
    >>> logits = torch.tensor([-10.0], requires_grad=True)
    >>> generator_loss(logits).backward()
    >>> logits.grad
    tensor([-1.0000])
    """
    _check_some(fake_logits=fake_logits)
    if saturating:
        return -softplus(fake_logits).mean()
    return softplus(-fake_logits).mean()


def gradient_penalty(discriminator: nn.Module, real: Tensor) -> Tensor:
    """Measure how steep a discriminator is at real data: R1.

    The square of the length of the logit's gradient with respect to the input, mean over B. Half
    of it, times a weight γ, is added to the discriminator's loss.

    Parameters
    ----------
    discriminator : nn.Module
        From (B, ...) to logits, one for each input. It is left as it is.
    real : Tensor of shape (B, ...)

    Returns
    -------
    Tensor
        A scalar that can be differentiated with respect to the weights.

    Raises
    ------
    ValueError
        If `real` has no batch, values that are not finite, or not one logit each.

    References
    ----------
    Mescheder, Geiger and Nowozin (2018), Which Training Methods for GANs do actually Converge?,
    ICML: equation 9.
    """
    if real.ndim < 2 or len(real) == 0:
        raise ValueError(f"`real` must have shape (B, ...) with B > 0, got {tuple(real.shape)}")
    check_finite(real=real)
    x = real.detach().requires_grad_()
    with torch.enable_grad():
        logits = discriminator(x)
        if logits.numel() != len(real):
            raise ValueError(
                f"`discriminator` must give one logit for each of {len(real)} inputs, "
                f"got {tuple(logits.shape)}"
            )
        (slope,) = torch.autograd.grad(logits.sum(), x, create_graph=True)  # (B, ...)
    return slope.flatten(1).square().sum(dim=1).mean()


def _check_some(**logits: Tensor) -> None:
    for name, values in logits.items():
        if values.numel() == 0:
            raise ValueError(f"`{name}` must hold at least one logit, got none")
