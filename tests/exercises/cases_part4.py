"""The Build exercises of part 4: their right answers and their common wrong ones."""

import math

import torch
from torch import nn
from torch.distributions import Categorical
from torch.nn.functional import binary_cross_entropy_with_logits

import ae_course as ae


def coder(maps=2, last=True, middle=None):
    layers = [nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU()]
    layers += [nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.BatchNorm2d(32), nn.ReLU()]
    return [*layers, *(middle or []), *([nn.Conv2d(32, maps, 3, padding=1)] if last else [])]


def maps(encoder=None, decoder=None, maps=2):
    drawn = [nn.Conv2d(maps, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU()]
    drawn += [nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU()]
    drawn += [nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1)]
    layers = encoder or coder(maps)
    return ae.AutoEncoder(nn.Sequential(*layers), nn.Sequential(*(decoder or drawn)))


def dense_inside():
    dense = [nn.Flatten(), nn.Linear(98, 98), nn.Unflatten(1, (2, 7, 7))]
    return maps([*coder(), *dense])


class Place(nn.Module):
    def forward(self, x):
        return x + torch.arange(x.shape[-1]) / x.shape[-1]


def in_use(code):
    return int((code > 0).any(dim=0).sum())


def bits(code, units=None, extra=40, log=math.log2):
    return log(math.comb(units or in_use(code), 10)) + extra


def often(code):
    return int(((code > 0).float().mean(dim=0) > 0.01).sum())


def parts(output, target):
    picture = binary_cross_entropy_with_logits(output.logits, target, reduction="sum")
    return picture / len(target), ae.gaussian_kl(output.mean, output.log_variance)


def free_bits(output, target, beta=1, charge=lambda kl: kl.mean(0).clamp(min=0.5).sum()):
    picture, kl = parts(output, target)
    return picture + beta * charge(kl)


def keyword_only(output, target, *, beta=1.0):
    return free_bits(output, target, beta)


def charged(charge):
    return lambda output, target, beta: free_bits(output, target, beta, charge)


def scaled(factor):
    def loss(output, target, beta):
        return free_bits(output, target, beta) + (factor - 1) * parts(output, target)[0]

    return loss


def beta_inside(output, target, beta):
    picture, kl = parts(output, target)
    return picture + (beta * kl.mean(0)).clamp(min=0.5).sum()


def write(
    writer,
    wish,
    first=64,
    forbid=True,
    steps=49,
    likeliest=False,
    state=True,
    again=True,
    temperature=1,
):
    token, past, page = first + wish, None, []
    with torch.no_grad():
        for _ in range(steps):
            logits, new = writer.step(token, past)
            past = new if state else None
            if forbid:
                logits[:, 64:] = -math.inf
            drawn = (
                Categorical(logits=logits / temperature).sample()
                if not likeliest
                else logits.argmax(1)
            )
            token = drawn if again else token
            page.append(drawn)
    return torch.stack(page, dim=1)


def flat(writer, wish):
    pages = write(writer, wish)
    return torch.randint(64, pages.shape)


def without_reading(writer, wish):
    token, state, page = 64 + wish, None, []
    for _ in range(49):
        logits, state = writer.step(token, state)
        logits[:, 64:] = -math.inf
        page.append(Categorical(logits=logits).sample())
        token = Categorical(logits=logits).sample()
    return torch.stack(page, dim=1)


class Flattened:
    """Any writer, at a temperature."""

    def __init__(self, writer, step=None):
        self.writer = writer

    def step(self, token, state):
        logits, state = self.writer.step(token, state)
        return logits / 100, state


RIGHT = {"4.1": maps, "4.2": bits, "4.3": free_bits, "4.4": write}
RIGHT_TOO = [
    ("4.4", lambda *asked: write(*asked).view(-1, 7, 7)),
    ("4.3", keyword_only),
    ("4.2", lambda code: torch.tensor(bits(code))),
    (
        "4.3",
        charged(lambda kl: torch.maximum(kl.mean(0), torch.tensor(0.5)).sum()),
    ),
]

# task, wrong answer, what it is told
WRONG = [
    ("4.1", maps(), "the function that makes the network"),
    ("4.1", lambda: nn.Sequential(*coder()), "no `encoder`"),
    ("4.1", dense_inside, "a dense layer"),
    ("4.1", lambda: maps(decoder=[nn.Conv2d(2, 1, 3, padding=1)]), "of shape (6, 1, 28, 28), not"),
    ("4.1", lambda: maps(maps=4), "the code of (6, 1, 28, 28) should be"),
    ("4.1", lambda: maps([*coder(), nn.ReLU()]), "Is there a ReLU"),
    (
        "4.1",
        lambda: maps(coder(middle=[nn.Conv2d(32, 32, 3, padding=1), nn.ReLU()])),
        "has 4 convolutions",
    ),
    ("4.1", lambda: maps([*coder(), nn.Sigmoid()]), "a sigmoid behind it"),
    ("4.1", lambda: maps([Place(), *coder()]), "the same at every place"),
    (
        "4.1",
        lambda: maps(decoder=[nn.Conv2d(2, 784, 7), nn.Flatten(), nn.Unflatten(1, (1, 28, 28))]),
        "as wide as the map",
    ),
    ("4.2", lambda code: bits(code, extra=0), "which units are active. Each"),
    ("4.2", lambda code: 40, "these are the coefficients"),
    ("4.2", lambda code: bits(code, units=90), "never in use"),
    ("4.2", lambda code: bits(code, units=often(code)), "that one image uses"),
    ("4.2", lambda code: math.ceil(bits(code)), "rounded up"),
    ("4.2", lambda code: 10 * math.log2(in_use(code)) + 40, "in another order"),
    ("4.2", lambda code: math.log2(math.perm(in_use(code), 10)) + 40, "are the same code"),
    ("4.2", lambda code: in_use(code) + 40, "not the shortest"),
    ("4.2", lambda code: bits(code, log=math.log), "have base 2"),
    ("4.2", lambda code: bits(code, extra=4 * in_use(code)), "coefficients of zero"),
    ("4.2", lambda code: bits(code, extra=4), "pays for one coefficient"),
    ("4.2", lambda code: len(code) * bits(code), "bits of all pictures"),
    ("4.2", lambda code: bits(code) + 1, "units in use take"),
    ("4.3", charged(lambda kl: kl.mean(0).sum()), "nothing is free"),
    ("4.3", charged(lambda kl: kl.clamp(min=0.5).mean(0).sum()), "Take the mean over the batch"),
    ("4.3", charged(lambda kl: kl.sum(1).clamp(min=0.5).mean()), "for the whole code"),
    ("4.3", charged(lambda kl: (kl.sum(1) - 0.5).clamp(min=0).mean()), "for the whole code"),
    (
        "4.3",
        charged(lambda kl: kl.detach().mean(0).clamp(min=0.5).sum()),
        "its gradient for `mean`",
    ),
    ("4.3", charged(lambda kl: (kl.mean(0) - 0.5).clamp(min=0).sum()), "the larger of the two"),
    ("4.3", charged(lambda kl: kl.mean(0).clamp(max=0.5).sum()), "Take the larger"),
    ("4.3", lambda output, target, beta: free_bits(output, target), "does not use beta"),
    ("4.3", charged(lambda kl: kl.mean(0).clamp(min=0.5).mean()), "Sum over them"),
    ("4.3", beta_inside, "compares after beta"),
    ("4.3", scaled(8), "Divide by the number of pictures"),
    ("4.3", scaled(1 / 784), "that of a pixel"),
    ("4.3", lambda *asked, **named: free_bits(*asked, **named).detach(), "no gradient"),
    ("4.3", lambda *asked, **named: free_bits(*asked, **named) + 1, "and should give"),
    ("4.4", lambda *asked: write(*asked, first=0), "words 0 to 9"),
    ("4.4", lambda writer, wish: write(writer, 0 * wish), "begin alike"),
    ("4.4", lambda writer, wish: write(writer, 9 - wish), "64 and the class"),
    ("4.4", lambda *asked: write(*asked, state=False), "not handed on"),
    ("4.4", lambda *asked: write(*asked, forbid=False), "from 64 on"),
    ("4.4", lambda *asked: write(*asked, steps=48), "not a tensor of shape (400, 48)"),
    ("4.4", lambda *asked: write(*asked, steps=1).expand(-1, 49), "asks the writer 1 times"),
    ("4.4", lambda *asked: write(*asked, again=False), "again and again"),
    ("4.4", without_reading, "it reads another than it wrote"),
    ("4.4", lambda *asked: write(*asked).view(7, -1), "of shape (400, 49), not"),
    ("4.4", lambda writer, wish: writer(64 + wish[:, None]), "reads the text again"),
    ("4.4", lambda *asked: write(*asked, temperature=0.7), "Is there a temperature"),
    ("4.4", lambda *asked: write(*asked).float(), "whole numbers"),
    ("4.4", lambda writer, wish: torch.zeros(400, 49, dtype=torch.long), "does not ask"),
    ("4.4", lambda writer, wish: write(Flattened(writer), wish), "finds unlikely"),
    ("4.4", lambda *asked: write(*asked, likeliest=True), "takes the likeliest"),
]
