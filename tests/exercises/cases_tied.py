"""Exercise 4, shared weights: its right answers and its common wrong ones."""

from itertools import pairwise

import numpy as np
from torch import nn

import ae_course as ae

IMAGE = nn.Unflatten(1, (1, 28, 28))


def tied(sizes, code=(), out=(), between=nn.ReLU, bias=True, layer=ae.TransposeLinear):
    down = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    up = [layer(linear, bias=bias) for linear in reversed(down)]
    down, up = ([part for x in half for part in (x, between())][:-1] for half in (down, up))
    return ae.AutoEncoder(
        nn.Sequential(nn.Flatten(), *down, *code),
        nn.Sequential(*up, *out, IMAGE),
    )


def own(linear, bias):
    return nn.Linear(linear.out_features, linear.in_features, bias=bias)


def frozen(sizes):
    model = tied(sizes)
    model.encoder[1].weight.requires_grad_(False)
    return model


def count(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


RIGHT = {
    "4a": tied,
    "4b": count,
}

# the same answers as others would write them
RIGHT_TOO = [
    ("4b", lambda m: np.sum([p.numel() for p in set(m.parameters()) if p.requires_grad])),
]

# task, wrong answer, what it is told
WRONG = [
    ("4a", lambda sizes: tied(sizes, layer=own), "3 matrices to train, and there are 6"),
    ("4a", lambda sizes: tied(sizes, code=[nn.ReLU()]), "no ReLU on the code"),
    ("4a", lambda sizes: tied(sizes, out=[nn.Tanh()]), "look at the output"),
    ("4a", lambda sizes: tied([*sizes[:1], *sizes[-3:]]), "for 5 sizes there should be 4"),
    ("4a", lambda sizes: tied(sizes, between=nn.Sigmoid), "look at the code"),
    ("4a", lambda sizes: tied(sizes, out=[nn.ReLU()]), "no ReLU on the output"),
    ("4a", lambda sizes: tied(sizes, between=nn.Identity), "one half is linear"),
    ("4a", lambda sizes: tied(sizes, bias=False), "6 biases"),
    ("4a", lambda sizes: tied([784, 12]), "3 matrices to train, and there are 1"),
    (
        "4a",
        lambda sizes: ae.AutoEncoder(tied(sizes).encoder, tied(sizes).decoder[::-1]),
        "cannot read a code of 12",
    ),
    ("4a", lambda sizes: tied(sizes[:-1]), "shape (8, 12), not a tensor of shape (8, 30)"),
    ("4a", frozen, "frozen"),
    ("4a", lambda sizes: nn.Linear(784, 12), "ae.AutoEncoder, not a Linear"),
    ("4b", lambda m: sum(p.numel() for p in m.parameters()), "frozen parameters count too"),
    ("4b", lambda m: sum(v.numel() for v in m.state_dict().values()), "running means"),
    (
        "4b",
        lambda m: sum(p.numel() for x in m for p in x.parameters() if p.requires_grad),
        "counted twice",
    ),
    ("4b", lambda m: len(list(m.parameters())), "counts tensors"),
    (
        "4b",
        lambda m: sum(p.numel() for p in m.parameters() if p.requires_grad and p.ndim == 2),
        "biases are missing",
    ),
    ("4b", lambda m: 5, "has 5, it says"),
]
