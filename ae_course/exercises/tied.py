"""Exercise 4: a decoder that shares all its weights with the encoder."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import NotYet, call, number, refuse_mistakes, tensor
from ae_course.exercises.networks import build_model, refuse_untrained
from ae_course.models.autoencoder import AutoEncoder
from ae_course.nn.layers import TransposeLinear

SIZES = [784, 40, 30, 12]


def check_tied(tied: Any) -> None:
    """Check task 4a: a decoder that has no weights of its own."""
    model = build_model(tied, SIZES)
    if not isinstance(model, AutoEncoder):
        raise NotYet(f"it should return an ae.AutoEncoder, not a {type(model).__name__}.")
    images, codes = torch.randn(8, 1, 28, 28), torch.randn(8, 12)
    tensor(call(model.encode, images), (8, 12), "the codes of 8 images")
    try:
        drawn = call(model.decode, codes)
    except NotYet:
        raise NotYet(
            "the decoder cannot read a code of 12 numbers. Its first layer is the transpose of "
            "the encoder's last."
        ) from None
    tensor(drawn, (8, 1, 28, 28), "what 8 codes become")
    _weights(model, len(SIZES))
    refuse_untrained(model, images)
    model = copy.deepcopy(model)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim == 1:
                weight.zero_()
        _relus(model, images, codes)
    deeper = build_model(tied, [784, 50, 40, 20, 8])
    _weights(deeper, 5)


def _weights(model: nn.Module, sizes: int) -> None:
    matrices = sum(weight.ndim == 2 for weight in model.parameters())
    if matrices != sizes - 1:
        raise NotYet(
            f"for {sizes} sizes there should be {sizes - 1} matrices to train, and there are "
            f"{matrices}. ae.TransposeLinear(linear) uses the weight of `linear` and has none of "
            "its own."
        )
    if not all(weight.requires_grad for weight in model.parameters()):
        raise NotYet("some weights are frozen. Both halves should train the shared ones.")
    if not any(isinstance(layer, TransposeLinear) for layer in model.modules()):
        raise NotYet("the decoder should be made of ae.TransposeLinear layers.")
    biases = sum(weight.ndim == 1 for weight in model.parameters())
    if biases != 2 * (sizes - 1):
        raise NotYet(
            f"there should be {2 * (sizes - 1)} biases, half of them in the decoder, and there are "
            f"{biases}. There is no BatchNorm."
        )


def _relus(model: AutoEncoder, images: Tensor, codes: Tensor) -> None:
    """Whether each half, without biases, is its matrices with a ReLU between any two."""
    found = {tuple(weight.shape): weight for weight in model.parameters() if weight.ndim == 2}
    try:
        encoder_matrices = [found[40, 784], found[30, 40], found[12, 30]]
    except KeyError:
        raise NotYet(f"for {SIZES} its matrices have the shapes {sorted(found)}.") from None
    decoder_matrices = [matrix.T for matrix in reversed(encoder_matrices)]
    for half, start, matrices, end in (
        (model.encode, images, encoder_matrices, "the code"),
        (model.decode, codes, decoder_matrices, "the output"),
    ):
        bent = flat = start.flatten(1) @ matrices[0].T
        for matrix in matrices[1:]:
            bent, flat = bent.relu() @ matrix.T, flat @ matrix.T
        got = call(half, start).flatten(1)
        if torch.allclose(got, bent, atol=1e-5):
            continue
        table = (
            (flat, "one half is linear. Put a ReLU behind each layer but the last of a half."),
            (bent.relu(), f"there should be no ReLU on {end}."),
        )
        refuse_mistakes(got, lambda a, b: torch.allclose(a, b, atol=1e-5), table)
        raise NotYet(
            "a half is not its linear layers with a ReLU behind each but the last: look at "
            f"{end}, and at what stands between the layers."
        )


def check_count(count: Any) -> None:
    """Check task 4b: the number of weights, shared ones counted once."""
    first, second, frozen = nn.Linear(7, 5), nn.Linear(5, 3), nn.Linear(3, 11)
    frozen.requires_grad_(False)
    model = nn.Sequential(
        first, nn.BatchNorm1d(5), second, TransposeLinear(second), TransposeLinear(first), frozen
    )

    def values(weights: Any) -> int:
        return sum(weight.numel() for weight in weights)

    each = list(model.parameters())
    free = [weight for weight in each if weight.requires_grad]
    twice = [*free, first.weight, second.weight]
    found = number(call(count, model))
    if found == values(free):
        return
    table = (
        (values(each), "frozen parameters count too. Look at requires_grad."),
        (values(twice), "shared weights are counted twice. model.parameters() gives each once."),
        (
            values([*twice, *frozen.parameters()]),
            "shared weights are counted twice, and frozen ones count too.",
        ),
        (
            values(model.state_dict().values()),
            "state_dict() names shared weights twice, and holds the running means of BatchNorm.",
        ),
        (len(each), "it counts tensors. Each holds many values: numel()."),
        (len(free), "it counts tensors. Each holds many values: numel()."),
        (values(w for w in free if w.ndim == 2), "the biases are missing. They are trained too."),
    )
    refuse_mistakes(found, lambda a, b: a == b, table)
    raise NotYet(f"a network with shared and with frozen weights has {found:,g}, it says.")


CHECKS = {"4a": check_tied, "4b": check_count, "4c": check_comparison}
