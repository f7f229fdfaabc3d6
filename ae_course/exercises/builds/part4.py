"""The *Build* exercises of part 4: a code that is a map, bits, free bits, pages on demand."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from ae_course.exercises.feedback import NotYet, agree, call, close, number, refuse_mistakes, tensor
from ae_course.exercises.networks import build_model, refuse_gradient

STEPS, START = 49, 64


def check_small_maps(small_maps: Any) -> None:
    """Check the Build of 4.1: a code of two small maps, which moves with the picture."""
    model = build_model(small_maps)
    encoder = getattr(model, "encoder", None)
    if not isinstance(encoder, nn.Module):
        raise NotYet("the network has no `encoder`. `ae.AutoEncoder(encoder, decoder)` has.")
    if any(isinstance(layer, nn.Linear) for layer in model.modules()):
        raise NotYet("there is a dense layer. Leave out all of them.")
    x = torch.rand(6, 1, 28, 28)
    tensor(call(model, x), (6, 1, 28, 28), "what the network draws of (6, 1, 28, 28)")
    z = tensor(call(encoder, x), (6, 2, 7, 7), "the code of (6, 1, 28, 28)").detach()
    if z.min() >= 0:
        raise NotYet("no number of the code is negative. Is there a ReLU or a sigmoid behind it?")
    count = sum(isinstance(layer, nn.Conv2d) for layer in encoder.modules())
    if count != 3:
        raise NotYet(f"the encoder has {count} convolutions. Three are asked.")
    for layer in encoder.modules():  # one that has seen data, so that no map is all zeros
        if isinstance(layer, nn.BatchNorm2d):
            layer.train()
    call(encoder, x, copies=False)
    encoder.eval()
    picture = torch.zeros(1, 1, 28, 28)
    picture[..., 8:18, 8:14] = torch.rand(10, 6)
    with torch.no_grad():
        still, moved = (call(encoder, torch.roll(picture, by, dims=3)) for by in (0, 4))
    if not agree(moved[..., 3:6], still[..., 2:5]):
        raise NotYet(
            "where the picture moves by 4 pixels, the code should move by one place. Does each "
            "layer do the same at every place?"
        )
    large = [part for part in model.modules() if isinstance(part, nn.Conv2d | nn.ConvTranspose2d)]
    if any(max(part.kernel_size) > 5 for part in large):
        raise NotYet("a convolution as wide as the map is a dense layer. Take small ones.")


def check_bits(bits: Any) -> None:
    """Check the Build of 4.2: what a code of ten active units costs, rounded to four bits each."""
    code = torch.zeros(300, 90)
    for row in code:
        row[torch.randperm(69)[:10]] = torch.rand(10) + 0.1  # 20 units are never active
    code[250, code[250].argmax()], code[250, 69] = 0, 0.5  # and one on a single image
    found = number(call(bits, code), "the bits")
    which = math.log2(math.comb(70, 10))
    if close(found, which + 40):
        return
    table = [
        (which, "these say which units are active. Each coefficient takes 4 bits more."),
        (40, "these are the coefficients. Which units are active takes bits as well."),
        (math.log2(math.comb(90, 10)) + 40, "it counts units that are never in use."),
        (math.log2(math.comb(69, 10)) + 40, "it leaves out a unit that one image uses."),
        (math.ceil(which) + 40, "it is rounded up. Give the number as it is."),
        (10 * math.log2(70) + 40, "it counts orders: the same ten in another order are the same."),
        (math.log2(math.perm(70, 10)) + 40, "it counts orders: the same ten are the same code."),
        (70 + 40, "a bit for each unit in use is a way, and not the shortest."),
        (math.log(math.comb(70, 10)) + 40, "the logarithm should have base 2."),
        (which + 4 * 70, "it pays for coefficients of zero. Only ten are not."),
        (which + 4, "it pays for one coefficient. There are ten."),
        (300 * (which + 40), "these are the bits of all pictures. Give those of one."),
    ]
    refuse_mistakes(found, close, table)
    raise NotYet(f"it gives {found:.2f} bits, and 10 of the 70 units in use take {which + 40:.2f}.")


class _Output(NamedTuple):
    """What a variational autoencoder returns."""

    logits: Tensor
    mean: Tensor
    log_variance: Tensor


def check_free_bits(free_bits: Any) -> None:
    """Check the Build of 4.3: the first half nat of each number of the code is free."""
    logits = torch.randn(8, 1, 28, 28, requires_grad=True)
    mean = (torch.randn(8, 5) * torch.tensor([2.0, 1, 0.5, 0.1, 0.01])).requires_grad_()
    log_variance = (0.3 * torch.randn(8, 5)).requires_grad_()
    target, beta = torch.rand(8, 1, 28, 28).round(), 3.0
    output = _Output(logits, mean, log_variance)
    loss = call(free_bits, output, target, copies=False, beta=beta)  # as `fit_deep` calls it
    found = tensor(loss, (), "the loss")
    picture = binary_cross_entropy_with_logits(logits, target, reduction="sum") / 8
    kl = (mean.square() + log_variance.exp() - log_variance - 1) / 2  # (8, 5)
    mean_kl = kl.mean(dim=0)  # (5,)
    charge = mean_kl.clamp(min=0.5)
    right = picture + beta * charge.sum()
    if not agree(found, right):
        whole = kl.sum(dim=1).mean()
        table = [
            (picture + beta * whole, "it charges for every nat: nothing is free."),
            (
                picture + beta * kl.clamp(min=0.5).sum(dim=1).mean(),
                "it compares for each picture. Take the mean over the batch first.",
            ),
            (
                picture + beta * (kl.sum(dim=1) - 0.5).clamp(min=0).mean(),
                "half a nat is free for the whole code. It should be free for each number.",
            ),
            (
                picture + beta * kl.sum(dim=1).clamp(min=0.5).mean(),
                "half a nat is free for the whole code. It should be free for each number.",
            ),
            (
                picture + beta * (mean_kl - 0.5).clamp(min=0).sum(),
                "it charges for what is above half a nat. Charge for the larger of the two.",
            ),
            (
                picture + beta * mean_kl.clamp(max=0.5).sum(),
                "it takes the smaller of the two. Take the larger.",
            ),
            (
                picture + charge.sum(),
                "it does not use beta.",
            ),
            (
                picture + beta * charge.mean(),
                "it takes the mean over the numbers of the code. Sum over them.",
            ),
            (
                picture + (beta * mean_kl).clamp(min=0.5).sum(),
                "it compares after beta. Compare the KL itself.",
            ),
            (
                8 * picture + beta * charge.sum(),
                "the picture's cost is that of the batch. Divide by the number of pictures.",
            ),
            (
                picture / 784 + beta * charge.sum(),
                "the picture's cost is that of a pixel. Sum over the pixels.",
            ),
        ]
        refuse_mistakes(found, agree, table)
        raise NotYet(f"it gives {found.item():.3f}, and should give {right.item():.3f}.")
    refuse_gradient(found, right, output._asdict())


class _Script(nn.Module):
    """A writer that finds two words likely at each place, 1 to 3, and ten that are no words."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.read: list[Tensor] = []
        self.states: list[Any] = []

    def forward(self, tokens: Tensor) -> Tensor:
        """Refuse to read a text as a whole."""
        raise NotYet("it reads the text again for each word. Use the writer's `step`.")

    def step(self, token: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Give logits (B, 74) and a new state, which counts the places."""
        place = 0 if state is None else int(state[0][0, 0])
        self.read.append(token.clone())
        self.states.append(state)
        logits = torch.full((len(token), 74), -60.0)
        logits[:, START:] = 20.0
        logits[:, place], logits[:, place + 1] = 10.0, 10.0 + math.log(3)
        return logits, (torch.full((len(token), 1), place + 1.0),)


def check_write(write: Any) -> None:
    """Check the Build of 4.4: pages of a class that was asked for, written word by word."""
    writer, wish = _Script(), torch.arange(10).repeat(40)
    pages = call(write, writer, wish, copies=False)
    if isinstance(pages, Tensor) and pages.shape == (400, 7, 7):
        pages = pages.flatten(1)  # as the lesson's own `write` has them
    found = tensor(pages, (400, STEPS), "the pages")
    if found.is_floating_point():
        raise NotYet("words should be whole numbers.")
    if not writer.read:
        raise NotYet("it does not ask the writer's `step`.")
    first = writer.read[0]
    if first.shape != (400,):
        raise NotYet(f"`step` should read a word for each page, and reads {tuple(first.shape)}.")
    if torch.equal(first, wish):
        raise NotYet("it begins with words 0 to 9. The classes are words 64 to 73.")
    if (first == first[0]).all():
        raise NotYet("all pages begin alike. Begin each with the word of its class.")
    if not torch.equal(first, START + wish):
        raise NotYet("the first word that it reads should be 64 and the class.")
    if any(state is None for state in writer.states[1:]):
        raise NotYet("the state is not handed on: each step is the writer's first.")
    if found.max() >= START:
        raise NotYet("there are words from 64 on in the pages. Forbid them.")
    if len(writer.read) < STEPS:
        raise NotYet(f"it asks the writer {len(writer.read)} times for {STEPS} words.")
    for place, (before, after) in enumerate(pairwise(writer.read[:STEPS])):
        if torch.equal(after, before):
            raise NotYet("the writer reads the same word again and again.")
        if not torch.equal(after, found[:, place]):
            raise NotYet(f"after word {place}, counted from 0, it reads another than it wrote.")
    later = (found - torch.arange(STEPS)).float()  # 0 or 1: which of the two likely words
    if later.min() < 0 or later.max() > 1:
        raise NotYet("it writes words that the writer finds unlikely.")
    if later.mean() in (0, 1):
        raise NotYet("it takes the likeliest word. Draw it with its probability.")
    if abs(later.mean() - 0.75) > 0.02:  # of 19,600 draws
        raise NotYet(
            f"a word of probability 0.75 is written with {later.mean():.2f}. "
            "Is there a temperature?"
        )


CHECKS = {
    "4.1": check_small_maps,
    "4.2": check_bits,
    "4.3": check_free_bits,
    "4.4": check_write,
}
