"""Exercise 6, an image pixel by pixel: its right answers and its common wrong ones."""

import math

import torch
from torch import nn


def sequences(images):
    y = nn.functional.avg_pool2d(images[..., 2:26, 2:26], 2).flatten(1)
    return nn.functional.pad(y[:, :-1], (1, 0)), y


def mixture(parameters, width=torch.exp, shares=lambda logits: logits.log_softmax(-1)):
    logits, means, widths = parameters.chunk(3, dim=-1)
    return shares(logits), torch.distributions.Normal(means, width(widths))


def mixture_loss(parameters, pixels, **options):
    shares, bells = mixture(parameters, **options)
    return -(shares + bells.log_prob(pixels[..., None])).logsumexp(-1)


def averaged_logarithms(parameters, pixels):
    shares, bells = mixture(parameters)
    return -(shares.exp() * bells.log_prob(pixels[..., None])).sum(-1).mean()


def squared_error(parameters, pixels):
    shares, bells = mixture(parameters)
    return ((shares.exp() * bells.mean).sum(-1) - pixels).square().mean()


@torch.no_grad()
def paint(model, draw, count, keep=True, feed=True, clamp=(0, 1), late=False):
    x, state, pixels = torch.zeros(count, 1), None, []
    for place in range(144):
        parameters, state = model(x, state if keep else None, start=place)
        drawn = draw(parameters)
        x = drawn.clamp(*clamp) if feed else torch.zeros(count, 1)
        pixels.append(drawn.clamp(*clamp))
    images = torch.cat(pixels, dim=1).view(count, 1, 12, 12)
    return images.clamp(0, 1) if late else images


def careful_paint(model, draw, count):
    device = next(model.parameters()).device
    x, state = torch.zeros(count, 1, device=device), None
    pixels = torch.zeros(count, 144, device=device)
    with torch.inference_mode():
        for place in torch.arange(144):
            parameters, state = model(x, state, start=place)
            x = draw(parameters).clip(0, 1)
            pixels[:, place] = x[:, 0]
    return pixels.reshape(-1, 1, 12, 12)


def one_picture(model, draw, count):
    return paint(model, draw, 1).expand(count, -1, -1, -1)


RIGHT = {
    "6a": sequences,
    "6c": lambda p, x: mixture_loss(p, x).mean(),
    "6b": paint,
}

# the same answers as others would write them
RIGHT_TOO = [
    ("6a", lambda x: list(sequences(x))),
    ("6b", careful_paint),
]

# task, wrong answer, what it is told
WRONG = [
    ("6a", lambda x: sequences(x)[::-1], "exchanged"),
    ("6a", lambda x: sequences(x)[1], "a pair"),
    ("6a", lambda x: 2 * (sequences(x)[1],), "only to copy"),
    ("6a", lambda x: (sequences(x)[1].roll(-1, 1), sequences(x)[1]), "*after*"),
    ("6a", lambda x: (sequences(x)[1].roll(1, 1), sequences(x)[1]), "begins with the last pixel"),
    ("6a", lambda x: sequences(x.mT), "column by column"),
    (
        "6a",
        lambda x: 2 * (nn.functional.max_pool2d(x[..., 2:26, 2:26], 2).flatten(1),),
        "the largest",
    ),
    ("6a", lambda x: 2 * (x[..., 2:26:2, 2:26:2].flatten(1),), "every second pixel"),
    ("6a", lambda x: 2 * (x.flatten(1),), "shape (3, 144), not a tensor of shape (3, 784)"),
    ("6a", lambda x: [part.numpy() for part in sequences(x)], "a tensor of shape (3, 144), not"),
    ("6c", lambda p, x: -mixture_loss(p, x).mean(), "sign"),
    ("6c", lambda p, x: mixture_loss(p, x).sum(), "adds up"),
    ("6c", lambda p, x: mixture_loss(p, x).mean() / math.log(2), "in bits"),
    ("6c", lambda p, x: mixture_loss(p, x, shares=lambda s: s).mean(), "softmax"),
    ("6c", averaged_logarithms, "averages the logarithms"),
    ("6c", lambda p, x: mixture_loss(p, x, width=nn.functional.softplus).mean(), "exponential"),
    ("6c", lambda p, x: mixture_loss(p, x, width=lambda w: (w / 2).exp()).mean(), "variance"),
    ("6c", squared_error, "no density"),
    ("6c", lambda p, x: 7.7, "by hand"),
    ("6c", lambda p, x: mixture_loss(p, x).mean().item(), "without a gradient"),
    ("6c", lambda p, x: mixture_loss(p, x), "one number, not an array of shape (4, 7)"),
    ("6b", lambda *asked: paint(*asked, keep=False), "thrown away"),
    ("6b", lambda *asked: paint(*asked, feed=False), "zeros only"),
    ("6b", lambda *asked: paint(*asked, clamp=(-9, 9)), "not clamped"),
    ("6b", lambda *asked: paint(*asked, clamp=(-9, 9), late=True), "before"),
    ("6b", lambda *asked: paint(*asked).mT, "rows and columns"),
    ("6b", lambda model, draw, count: paint(model, draw, 1), "(3, 1, 12, 12), not"),
    ("6b", paint.__wrapped__, "carry gradients"),
    ("6b", lambda *asked: 1 - paint(*asked), "count from 0 to 143"),
    ("6b", lambda model, draw, count: paint(model, draw, 3), "of shape (5, 1, 12, 12), not"),
    ("6b", one_picture, "the same one"),
    ("6c", lambda p, x: mixture_loss(p[..., :15], x.clamp(0, 1)).mean(), "narrow ones"),
]
