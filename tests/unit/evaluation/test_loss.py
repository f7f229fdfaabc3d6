"""The loss of a model: what is compared with what, and what is no number."""

import math
import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from ae_course import batches, evaluate
from ae_course.evaluation.loss import check_first_loss

OUTPUT, TARGET = torch.rand(8, 1), torch.rand(8)


def by_hand(output, target):
    return (output - target).square().mean()


def accuracy(output, target):
    return (target == output).float().mean()


@pytest.mark.parametrize(
    "loss_fn",
    [
        F.mse_loss,
        F.l1_loss,
        F.smooth_l1_loss,
        F.huber_loss,
        nn.MSELoss(),
        by_hand,
        accuracy,
        torch.dist,
        lambda output, target: target.sub(output).abs().mean(),
        lambda output, target: F.mse_loss(input=output, target=target),
        lambda output, target: output.square().mean() + F.mse_loss(output, target),
    ],
)
@pytest.mark.parametrize(
    ("output", "target", "stretched"),
    [
        ((8, 1), (8,), "(8, 8)"),  # every prediction against every answer
        ((8,), (8, 1), "(8, 8)"),
        ((8, 1, 6, 6), (8, 6, 6, 1), "(8, 6, 6, 6)"),
        ((6, 1, 6, 6), (6, 6, 6), "(6, 6, 6, 6)"),
        ((8, 3, 6, 6), (8, 1, 6, 6), "(8, 3, 6, 6)"),
    ],
)
def test_a_comparison_that_would_stretch_a_tensor_is_refused(loss_fn, output, target, stretched):
    message = re.escape(f"must have one shape, got {output} and {target}: ")
    with pytest.raises(ValueError, match=message + ".*" + re.escape(f"two tensors of {stretched}")):
        check_first_loss(loss_fn)(torch.rand(output), torch.rand(target))


@pytest.mark.parametrize(
    ("loss_fn", "output", "target"),
    [
        (F.mse_loss, torch.rand(8, 2), torch.rand(8, 2)),
        (F.cross_entropy, torch.rand(8, 4), torch.zeros(8, dtype=torch.int64)),
        (
            lambda output, target: F.cross_entropy(output.transpose(1, 2), target),
            torch.rand(8, 5, 4),  # (B, T, V)
            torch.zeros(8, 5, dtype=torch.int64),
        ),
        (  # a score model has drawn its target itself
            lambda output, _target: output.square().mean(),
            torch.rand(8, 1),
            torch.zeros(8),
        ),
        (  # two outputs, a mean and a log-variance, for one target
            lambda output, target: F.gaussian_nll_loss(output[:, :1], target, output[:, 1:].exp()),
            torch.rand(8, 2),
            torch.rand(8, 1),
        ),
        (  # what a reader does about it
            lambda output, target: F.mse_loss(output.view_as(target), target),
            OUTPUT,
            TARGET,
        ),
        (lambda output, target: F.mse_loss(output[0], target), (TARGET, OUTPUT), TARGET),
    ],
)
def test_losses_that_know_what_they_do_pass(loss_fn, output, target):
    assert check_first_loss(loss_fn)(output, target) == loss_fn(output, target)


def test_the_first_loss_alone_is_checked_and_the_loss_is_called_once_a_batch():
    calls = []

    def loss_fn(output, target):
        calls.append(len(output))
        return by_hand(output, target)

    checked = check_first_loss(loss_fn)
    checked(OUTPUT, OUTPUT)
    checked(OUTPUT, TARGET)  # a training does not pay for the check at each step
    assert calls == [8, 8]


def test_a_loss_that_is_many_numbers_is_refused():
    data = TensorDataset(OUTPUT, OUTPUT)
    with pytest.raises(ValueError, match=r"`loss_fn` must give one number.*got shape \(4, 1\)"):
        evaluate(nn.Identity(), nn.MSELoss(reduction="none"), batches(data, 4))


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("where", ["data", "weights"])
def test_a_loss_that_is_no_number_is_said_with_its_place(value, where):
    x, model = torch.rand(12, 1), nn.Linear(1, 1)
    if where == "data":
        x[9] = value
    else:
        nn.init.constant_(model.bias, value)
    place = "batch 3 of 3" if where == "data" else "batch 1 of 3"
    with pytest.raises(FloatingPointError, match=f"finite, got (nan|inf) in {place}: look for NaN"):
        evaluate(model, F.mse_loss, batches(TensorDataset(x, torch.rand(12, 1)), 4))
    assert model.training
