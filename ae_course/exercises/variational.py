"""Exercise 12: the loss of a variational autoencoder, its draw, and its inventions."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Normal, kl_divergence
from torch.nn import functional as F

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import (
    NotYet,
    agree,
    array,
    call,
    furthest_off,
    number,
    refuse_mistakes,
    tensor,
    written_apart,
)
from ae_course.exercises.networks import refuse_gradient


def check_kl(kl: Any) -> None:
    """Check task 12a: what the codes cost, in nats for an image."""
    mean, log_variance = torch.randn(4, 3) + 0.5, torch.randn(4, 3)
    q, p = Normal(mean, (log_variance / 2).exp()), Normal(torch.tensor(0.0), 1.0)
    each = kl_divergence(q, p)  # (4, 3)
    result = call(kl, mean, log_variance)
    if isinstance(result, Tensor) and result.shape == (4, 3):
        raise NotYet("it is the cost of each number. Add up over the numbers of a code.")
    if isinstance(result, Tensor) and result.shape == (3,):
        raise NotYet("it adds up over the images. Add up over the numbers of a code.")
    if isinstance(result, Tensor) and result.ndim == 0:
        raise NotYet("it is one number for all images. One for each image is asked, (B,).")
    found = tensor(result, (4,), "the cost")
    right = each.sum(1)
    if agree(found, right):
        leaves = {"mean": torch.randn(2, 5), "log_variance": torch.randn(2, 5)}
        for leaf in leaves.values():
            leaf.requires_grad_()
        q = Normal(leaves["mean"], (leaves["log_variance"] / 2).exp())
        wanted, result = kl_divergence(q, p).sum(1), call(kl, *leaves.values(), copies=False)
        if not agree(result, wanted):
            raise NotYet("for codes of 3 numbers it is right, and for codes of 5 it is not.")
        refuse_gradient(result.sum(), wanted.sum(), leaves)
        return
    square, variance = mean.square(), log_variance.exp()

    def cost(square: Tensor, variance: Tensor, logarithm: Tensor) -> Tensor:
        return (square + variance - logarithm - 1).sum(1) / 2

    table = [
        (-right, "its sign is turned. A divergence is never negative."),
        (2 * right, "it is twice the cost: there is a half in front."),
        (each.mean(1), "it is the mean over the numbers of a code. They add up."),
        (right / torch.log(torch.tensor(2.0)), "it is in bits. Nats are asked."),
        (right + 1.5, "the 1 is missing: a code like the prior should cost nothing."),
        (right + 3, "the sign of the 1 is turned: a code like the prior should cost nothing."),
        (cost(square, log_variance.mul(2).exp(), 2 * log_variance), "it takes ln σ² to be ln σ."),
        (cost(square, variance.sqrt(), log_variance), "it adds σ where σ² belongs."),
        (cost(square, log_variance.square(), log_variance), "σ² is the exponential of ln σ²."),
        (cost(square, log_variance, log_variance), "σ² is the exponential of ln σ²."),
        (cost(square, variance, log_variance / 2), "it subtracts ln σ where ln σ² belongs."),
        (cost(square, variance, -log_variance), "the sign of ln σ² is turned."),
        (cost(mean, variance, log_variance), "μ is not squared."),
        (cost(mean.abs(), variance, log_variance), "μ is not squared."),
        (cost(0 * mean, variance, log_variance), "the cost of the place, by μ, is missing."),
        (cost(square, 0 * variance + 1, 0 * variance), "the cost of the width, by σ, is missing."),
        (kl_divergence(p, q).sum(1), "it is KL(p ‖ q). The encoder's q comes first."),
    ]
    refuse_mistakes(found, agree, table)
    place, is_, should_be = furthest_off(found, right)
    raise NotYet(
        f"for code {place} of the check, counted from 0, it should be {should_be} nats, and it is "
        f"{is_}. Try μ = 0 and ln σ² = 0, which cost nothing."
    )


def check_draw(draw: Any) -> None:
    """Check task 12b: a draw whose gradient reaches the mean and the logarithm of the variance."""
    mean = torch.tensor([-1.0, 2.0]).repeat(20_000, 1)
    log_variance = torch.tensor([1.0, -2.0]).repeat(20_000, 1)
    z = tensor(call(draw, mean, log_variance), (20_000, 2), "the draw")
    z = z.detach()
    if (z - mean).abs().max() < 1e-6:
        raise NotYet("it is the mean. Where is the noise?")
    if torch.equal(z, call(draw, mean, log_variance).detach()):
        raise NotYet("two calls draw the same. Draw new noise each time, without a seed.")
    noise = (z - mean) / (log_variance / 2).exp()
    if noise.std(0).max() < 1e-3:
        raise NotYet("all images get the same noise. Each has its own: `torch.randn_like`.")
    if (noise[:, 0] - noise[:, 1]).abs().max() < 1e-3:
        raise NotYet("all numbers of a code get the same noise. Each has its own.")
    _refuse_other_moments(z, noise)
    _refuse_no_gradient(draw)


def _refuse_other_moments(z: Tensor, noise: Tensor) -> None:
    width = z.std(0)
    wanted = torch.tensor([0.5, -1.0]).exp()  # σ of the two numbers

    def near(found: Tensor, value: Tensor) -> bool:  # of 20,000 draws
        return bool((found / value - 1).abs().max() < 0.05)

    table = [
        (wanted.square(), "the noise is multiplied by σ². Multiply it by σ."),
        (wanted.sqrt(), "the noise is multiplied by the root of σ. Multiply it by σ."),
        (torch.tensor([1.0, 1.0]), "the noise is as wide as the prior. Multiply it by σ."),
        (torch.tensor([1.0, 2.0]), "the noise is multiplied by ln σ². Multiply it by σ."),
        (torch.tensor([0.5, 1.0]), "the noise is multiplied by ln σ. Multiply it by σ."),
        (wanted / 12**0.5, "the noise is uniform, by `rand`. `randn` is normal."),
    ]
    if not near(width, wanted):
        refuse_mistakes(width, near, table)
        raise NotYet(
            f"the draws of a number have the standard deviation {width[0]:.2f}, and σ is "
            f"{wanted[0]:.2f}."
        )
    if noise.mean(0).abs().max() > 0.05:
        raise NotYet("the mean of the draws is not μ.")
    if noise.abs().max() < 2.5:
        raise NotYet("its noise has the right width, and it is not normal: nothing lies far out.")


def _refuse_no_gradient(draw: Any) -> None:
    mean = torch.zeros(5, 2, requires_grad=True)
    log_variance = torch.zeros(5, 2, requires_grad=True)
    z = call(draw, mean, log_variance, copies=False)
    if not z.requires_grad:
        raise NotYet("no gradient comes through the draw. Compute it as μ + σ ε.")
    ways = torch.autograd.grad(z.sum(), (mean, log_variance), allow_unused=True)
    for name, gradient in zip(("μ", "ln σ²"), ways, strict=True):
        if gradient is None or not gradient.any():
            raise NotYet(f"no gradient reaches {name}. Compute the draw as μ + σ ε.")
    if not agree(ways[0], torch.ones(5, 2)):
        raise NotYet("the gradient to μ is not 1.")
    if not agree(ways[1], z / 2):  # σ is 1 here, so that ε = z
        raise NotYet("the gradient to ln σ² is not that of μ + σ ε.")


def check_loss(loss: Any) -> None:
    """Check task 12c: nats for an image, with a weight on the code's."""
    logits, x = 2 * torch.randn(3, 1, 28, 28), (torch.rand(3, 1, 28, 28) < 0.3).float()
    mean, log_variance = torch.randn(3, 4), torch.randn(3, 4)
    leaves = {"logits": logits, "mean": mean, "log_variance": log_variance}
    for leaf in leaves.values():
        leaf.requires_grad_()
    code = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(torch.tensor(0.0), 1.0))
    picture = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    a, b = picture.sum() / 3, code.sum() / 3
    for beta in (1.0, 2.5):
        result = call(loss, logits, x, mean, log_variance, beta, copies=False)
        if isinstance(result, Tensor) and result.shape == (3,):
            raise NotYet("it is the cost of each image. The mean over the images is asked.")
        found = number(result)
        if agree(found, a + beta * b):
            continue
        again = F.binary_cross_entropy_with_logits(logits.sigmoid(), x, reduction="sum") / 3
        wrong = F.binary_cross_entropy_with_logits(x, logits.sigmoid(), reduction="sum") / 3
        squared = (logits.sigmoid() - x).square().sum() / 3
        table = [
            (a, "the cost of the code is missing."),
            (beta * b, "the cost of the picture is missing."),
            (a - beta * b, "the cost of the code is subtracted. Both costs add up."),
            (-a - beta * b, "its sign is turned."),
            (a + b, "`beta` changes nothing."),
            (beta * a + b, "`beta` weights the picture. It weights the code."),
            (beta * (a + b), "`beta` weights both costs. It weights the code."),
            (3 * (a + beta * b), "it adds up over the images. Take their mean."),
            (picture.mean() + beta * b, "it takes the mean over the pixels. They add up."),
            (picture.mean() + beta * code.mean(), "it takes means over pixels and numbers."),
            (a + beta * code.mean(), "it takes the mean over the numbers of a code. They add up."),
            (a + beta * code.sum(), "it adds up the codes of all images. Take the images' mean."),
            (3 * a + beta * b, "it adds up the pictures of all images. Take the images' mean."),
            (again + beta * b, "the sigmoid comes twice: the cross-entropy *with logits* has one."),
            (wrong + beta * b, "what was drawn and what is real are exchanged."),
            (squared + beta * b, "it is the squared error. The cross-entropy is asked."),
        ]
        refuse_mistakes(found, agree, table)
        is_, should_be = written_apart(found, a + beta * b)
        raise NotYet(
            f"with beta = {beta:g} it should be {should_be} nats, {a:.2f} for the picture and "
            f"{b:.2f} for the code. It is {is_}."
        )
    refuse_gradient(result, a + 2.5 * b, leaves)
    if not agree(number(call(loss, logits, x, mean, log_variance, 0.1)), a + 0.1 * b):
        raise NotYet("with beta = 1 and 2.5 it is right, and with 0.1 it is not.")


class _Recorder(nn.Module):
    """A decoder that keeps the codes that it was given, and knows whether it may train."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 784)
        self.dropout = nn.Dropout(0.5)
        self.codes: list[Tensor] = []

    def forward(self, z: Tensor) -> Tensor:
        self.codes.append(z.detach())
        logits: Tensor = self.linear(self.dropout(z))
        return logits.view(-1, 1, 28, 28)

    def __deepcopy__(self, memo: dict[int, Any]) -> _Recorder:
        return self  # what it was given is asked afterwards


def check_invent(invent: Any) -> None:
    """Check task 12d: pictures of codes that are drawn from the prior."""
    decoder = _Recorder().eval()
    result = call(invent, decoder, 2000, 3)
    found = tensor(result, (2000, 1, 28, 28), "the pictures")
    if not decoder.codes:
        raise NotYet("the decoder was not called.")
    codes = torch.cat([z for z in decoder.codes if z.ndim == 2 and z.shape[1] == 3] or [found])
    if codes.shape != (2000, 3):
        raise NotYet("the decoder should get 2000 codes of 3 numbers, one for each picture.")
    if codes.std() < 1e-3:
        raise NotYet("all codes are the same. Draw each from the prior.")
    if codes.std(0).max() < 1e-3:
        raise NotYet("all pictures have the same code. Draw one for each.")
    if codes.min() >= 0:
        raise NotYet("no code is negative: `rand` is uniform, and the prior is normal: `randn`.")
    if (codes.std(0) - 1).abs().max() > 0.1 or codes.mean(0).abs().max() > 0.1:
        raise NotYet("the codes should come from the prior, with mean 0 and standard deviation 1.")
    if (codes[:, 0] - codes[:, 1]).abs().max() < 1e-3:
        raise NotYet("all numbers of a code are the same. Each is drawn by itself.")
    if codes.abs().max() < 2.5:
        raise NotYet("the codes have the right width, and are not normal: nothing lies far out.")
    if result.requires_grad:
        raise NotYet("the pictures carry gradients. Draw inside torch.no_grad().")
    logits = decoder.linear(codes).view(-1, 1, 28, 28)
    if agree(found, logits):
        raise NotYet("these are logits. A picture shows the probability of ink: take the sigmoid.")
    if set(array(found[:9], (9, 1, 28, 28), "the pictures").flat) <= {0.0, 1.0}:
        raise NotYet("the pixels were tossed. A picture shows the probability of ink.")
    if not agree(found, logits.sigmoid()):
        raise NotYet("the pictures are not the sigmoid of what the decoder gives for its codes.")
    decoder.codes.clear()
    call(invent, decoder, 2000, 3)
    if torch.equal(codes, torch.cat(decoder.codes)):
        raise NotYet("two calls draw the same codes. Draw new ones each time, without a seed.")


CHECKS = {
    "12a": check_kl,
    "12b": check_draw,
    "12c": check_loss,
    "12d": check_invent,
    "12e": check_comparison,
}
