"""Exercise 4: a decoder that shares all its weights with the encoder."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from ae_course.autoencoders import AutoEncoder
from ae_course.exercises.saying import NotYet, array, call, linear, module
from ae_course.layers import TransposeLinear

SIZES = [784, 40, 30, 12]
MEAN_IMAGE = 0.0675  # the error of predicting it, on the test set


def check_tied(tied: Any) -> None:
    model = module(call(tied, SIZES))
    if not isinstance(model, AutoEncoder):
        raise NotYet(f"it should return an ae.AutoEncoder, not a {type(model).__name__}.")
    images, codes = 3 * torch.randn(8, 1, 28, 28), torch.randn(8, 12)
    found = call(model.encode, images)
    if found.shape != codes.shape:
        raise NotYet(f"the codes of 8 images should be {(8, 12)}, not {tuple(found.shape)}.")
    try:
        drawn = call(model.decode, codes)
    except NotYet:
        raise NotYet(
            "the decoder cannot read a code of 12 numbers. Its first layer is the transpose of "
            "the encoder's last."
        ) from None
    if drawn.shape != images.shape:
        raise NotYet(f"8 codes should become {tuple(images.shape)}, not {tuple(drawn.shape)}.")
    matrices = [weight for weight in model.parameters() if weight.ndim == 2]
    if len(matrices) != len(SIZES) - 1:
        raise NotYet(
            f"for four sizes there should be 3 matrices to train, and there are {len(matrices)}. "
            "ae.TransposeLinear(linear) uses the weight of `linear` and has none of its own."
        )
    if not all(weight.requires_grad for weight in model.parameters()):
        raise NotYet("some weights are frozen. Both halves should train the shared ones.")
    if not any(isinstance(layer, TransposeLinear) for layer in model.decoder.modules()):
        raise NotYet("the decoder should be made of ae.TransposeLinear layers.")
    biases = sum(weight.ndim == 1 for weight in model.parameters())
    if biases != 2 * (len(SIZES) - 1):
        raise NotYet(
            f"there should be 6 biases, three in each half, and there are {biases}. "
            "Leave out BatchNorm too."
        )
    if linear(model.encode, images) or linear(model.decode, codes):
        raise NotYet("one half is linear. Put a ReLU behind each layer but the last of a half.")
    if (found >= 0).all():
        raise NotYet("the codes are never negative. There should be no ReLU on the code.")
    if (drawn >= 0).all():
        raise NotYet("the images are never negative. There should be no ReLU on the output.")


def check_count(count: Any) -> None:
    first, second, frozen = nn.Linear(7, 5), nn.Linear(5, 3), nn.Linear(3, 11)
    frozen.requires_grad_(False)
    model = nn.Sequential(
        first, nn.BatchNorm1d(5), second, TransposeLinear(second), TransposeLinear(first), frozen
    )
    found = int(array(call(count, model), (), "the result"))
    each = list(model.parameters())
    free = [weight for weight in each if weight.requires_grad]
    every = [*each, first.weight, second.weight]
    saved = model.state_dict().values()
    for value, sentence in (
        (sum(weight.numel() for weight in free), None),
        (
            sum(weight.numel() for weight in each),
            "frozen parameters count too. Look at requires_grad.",
        ),
        (sum(weight.numel() for weight in every), "shared weights are counted twice."),
        (
            sum(weight.numel() for weight in every) - 44,
            "shared weights are counted twice. model.parameters() gives each once.",
        ),
        (
            sum(weight.numel() for weight in saved),
            "state_dict() names shared weights twice, and holds the running means of BatchNorm.",
        ),
        (len(each), "it counts tensors. Each holds many values: numel()."),
        (len(free), "it counts tensors. Each holds many values: numel()."),
        (
            sum(w.numel() for w in free if w.ndim == 2),
            "the biases are missing. They are trained too.",
        ),
    ):
        if found == value:
            if sentence is None:
                return
            raise NotYet(sentence)
    raise NotYet(
        f"a network with shared and with frozen weights has {found:,}, it says. It has not."
    )


def check_rows(rows: Any) -> None:
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise NotYet("give a list of rows, one dictionary for each run.")
    names = {"images", "decoder", "seed", "error"}
    for row in rows:
        if set(row) != names:
            raise NotYet(f"a row has the entries {sorted(map(str, row))}, not {sorted(names)}.")
        array(row["error"], (), "the error of a row")
    amounts, decoders = sorted({row["images"] for row in rows}), {row["decoder"] for row in rows}
    if decoders != {"shared", "unshared"}:
        raise NotYet(f'the decoders are "shared" and "unshared", not {sorted(map(str, decoders))}.')
    if len(amounts) < 2:
        raise NotYet(
            "there is one amount of images only, and the question is what the amount does."
        )
    errors: dict[Any, list[float]] = {}
    for row in rows:
        errors.setdefault((row["images"], row["decoder"]), []).append(float(row["error"]))
    for amount in amounts:
        for decoder in sorted(decoders):
            if len(errors.get((amount, decoder), [])) < 3:
                raise NotYet(
                    f"at least three seeds for each: {amount} images, {decoder}, has fewer."
                )
    if all(errors[a, "shared"] == errors[a, "unshared"] for a in amounts):
        raise NotYet("both decoders gave the same errors. Was the same network trained twice?")
    if max(map(max, errors.values())) > MEAN_IMAGE:
        raise NotYet(
            f"an error is above {MEAN_IMAGE}, which the mean image has. Was that network trained?"
        )
    few, many = (
        np.mean([errors[amount, decoder] for decoder in decoders])
        for amount in (amounts[0], amounts[-1])
    )
    if few < many:
        raise NotYet(
            "the error is lower with fewer images. Was it measured on the images of the training?"
        )


CHECKS = {"4a": check_tied, "4b": check_count, "4c": check_rows}
