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
        lambda output, target: F.mse_loss(output.sigmoid(), target),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.int64])
@pytest.mark.parametrize(
    ("output", "target"),
    [
        ((8, 1), (8,)),  # every prediction against every answer
        ((8,), (8, 1)),
        ((8, 1, 6, 6), (8, 6, 6, 1)),
        ((6, 1, 6, 6), (6, 6, 6)),
        ((8, 3, 6, 6), (8, 1, 6, 6)),
        ((8, 1, 28, 28), (8, 784)),  # images against rows: torch's own message names no remedy
    ],
)
def test_a_comparison_of_different_shapes_is_refused(loss_fn, output, target, dtype):
    message = re.escape(f"must have one shape, got {output} and {target}")
    with pytest.raises(ValueError, match=message):
        check_first_loss(loss_fn)(torch.rand(output), torch.ones(target, dtype=dtype))


def one_step(data, model=None):
    model = nn.Linear(5, 5) if model is None else model
    evaluate(model, F.mse_loss, batches(data, 2))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            torch.rand(8, 5),
            r"`batches` must hold pairs \(x, target\) of tensors, got a Tensor: .*Auto",
        ),
        (
            [{"image": torch.rand(5), "label": 0}] * 4,
            r"pairs \(x, target\) of tensors, got a dict: .* in AutoEncodeDataset",
        ),
        (
            TensorDataset(*[torch.rand(8, 5)] * 3),
            "got a (list|tuple) of Tensor, Tensor, Tensor",
        ),
        (
            TensorDataset(*[torch.rand(8, 5).double()] * 2),
            "inputs of torch.float32, .* got torch.fl",
        ),
        (
            TensorDataset(*[torch.ones(8, 5).byte()] * 2),
            "inputs of torch.float32, .* got torch.uint8",
        ),
    ],
)
def test_batches_of_another_kind_are_refused(data, message):
    with pytest.raises(TypeError, match=message):
        one_step(data)


def test_tokens_and_models_in_double_precision_are_read():
    one_step(TensorDataset(*[torch.rand(8, 5).double()] * 2), nn.Linear(5, 5).double())
    tokens = TensorDataset(torch.ones(8, dtype=torch.int64), torch.rand(8, 5))
    one_step(tokens, nn.Embedding(3, 5))


def test_what_is_no_model_is_refused():
    data = batches(TensorDataset(*[torch.rand(8, 5)] * 2), 2)
    with pytest.raises(TypeError, match=r"`model` must be an nn\.Module, got function"):
        evaluate(lambda x: x, F.mse_loss, data)


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
