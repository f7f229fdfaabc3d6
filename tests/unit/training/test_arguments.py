"""What training refuses before any work, each in one sentence."""

import copy
import math

import pytest
import torch
from lines import DATA, fit, line, shuffled
from torch import nn
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader

from ae_course import batches, encode_dataset, evaluate, train

OTHER = nn.Linear(1, 1)


def refused(**options):
    train(line(), mse_loss, shuffled(), **({"epochs": 1, "device": "cpu"} | options))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: fit(line(), mse_loss, shuffled(), epochs=0),
            ValueError,
            "`epochs` must be .* got 0",
        ),
        (
            lambda: fit(line(), mse_loss, shuffled(), epochs=1.5),
            ValueError,
            "`epochs` must be .* 1.5",
        ),
        (lambda: fit(line(), mse_loss, [], epochs=1), ValueError, "`train_batches` .* got none"),
        (
            lambda: fit(line(), mse_loss, iter([]), epochs=1),
            TypeError,
            "again and again.*list_iter",
        ),
        (
            lambda: fit(line(), mse_loss, shuffled(), epochs=1, val_batches=[]),
            ValueError,
            "`val_batches` must hold at least one batch",
        ),
        (
            lambda: fit(line(), mse_loss, shuffled(), epochs=1, clip_norm=0),
            ValueError,
            "`clip_norm` must be positive, got 0",
        ),
        (
            lambda: fit(line(), mse_loss, shuffled(), epochs=1, resume=True),
            ValueError,
            "needs the path of a `checkpoint`",
        ),
        (
            lambda: fit(
                line(),
                mse_loss,
                shuffled(),
                epochs=1,
                optimizer=torch.optim.SGD(OTHER.parameters()),
            ),
            ValueError,
            r"parameters of `model` only, got one of shape \(1, 1\)",
        ),
        (lambda: refused(lr=0), ValueError, "`lr` must be positive and finite, got 0.0"),
        (lambda: refused(lr=-1e-3), ValueError, "`lr` must be positive and finite, got -0.001"),
        (lambda: refused(lr=math.inf), ValueError, "`lr` must be positive and finite, got inf"),
        (lambda: refused(lr=math.nan), ValueError, "`lr` must be positive and finite, got nan"),
        (lambda: refused(lr="0.1"), TypeError, "`lr` must be a number, got str"),
        (
            lambda: refused(lr=0.1, optimizer=torch.optim.SGD(OTHER.parameters(), lr=0.2)),
            ValueError,
            "`lr` must be left out where an `optimizer` brings its own, got 0.1 and SGD with 0.2",
        ),
        (lambda: refused(schedule=7), TypeError, "`schedule` must be callable, got int"),
        (lambda: refused(on_epoch=[print]), TypeError, "`on_epoch` must be callable, got list"),
        (
            lambda: fit(line(), "mse", shuffled(), epochs=1),
            TypeError,
            "`loss_fn` must be callable, got str",
        ),
        (lambda: refused(device="gpu"), ValueError, "`device` must be one of .* got 'gpu'"),
        (lambda: evaluate(line(), mse_loss, []), ValueError, "`batches` must hold at least one"),
        (lambda: encode_dataset(lambda x: x, DATA), TypeError, "nn.Module, got function"),
        (lambda: encode_dataset(line(), []), ValueError, "at least one item"),
    ],
)
def test_bad_arguments_are_refused_before_any_work(call, error, message):
    with pytest.raises(error, match=message):
        call()


def with_batch_norm() -> nn.Module:
    return nn.Sequential(nn.Linear(1, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))


@pytest.mark.parametrize(
    "loader",
    [
        lambda: batches(DATA, 7),  # 50 items: one is left
        lambda: batches(DATA, 49, shuffle=True),
        lambda: batches(DATA, 1),
        lambda: DataLoader(DATA, 7),
    ],
)
def test_a_last_batch_of_one_item_is_refused_before_any_work(loader):
    model = with_batch_norm()
    start = copy.deepcopy(model.state_dict())
    with pytest.raises(ValueError, match=r"one item.*drop_last=True.*got 50 items in batches of"):
        fit(model, mse_loss, loader(), epochs=1)
    assert all(torch.equal(start[name], value) for name, value in model.state_dict().items())


def test_a_batch_of_one_item_that_could_not_be_foreseen_is_explained():
    listed = list(batches(DATA, 7))
    with pytest.raises(ValueError, match=r"one item.*drop_last=True"):
        fit(with_batch_norm(), mse_loss, listed, epochs=1)


@pytest.mark.parametrize(
    ("model", "loader"),
    [
        (with_batch_norm, lambda: DataLoader(DATA, 7, drop_last=True)),
        (with_batch_norm, lambda: batches(DATA, 8)),  # the last has two
        (line, lambda: batches(DATA, 7)),
    ],
)
def test_other_batches_and_other_models_are_trained(model, loader):
    assert len(fit(model(), mse_loss, loader(), epochs=1)) == 1


def test_other_errors_of_a_model_come_as_they_are():
    class Choosy(nn.Linear):
        def forward(self, x):
            raise ValueError("this is not about batches")

    with pytest.raises(ValueError, match=r"^this is not about batches$"):
        fit(Choosy(1, 1), mse_loss, batches(DATA, 8), epochs=1)


def test_batch_norm_over_sequences_may_meet_a_batch_of_one():
    """Behind a Conv1d one item has many places, and so a spread."""
    sequences = torch.rand(9, 1, 16)
    model = nn.Sequential(nn.Conv1d(1, 2, 3), nn.BatchNorm1d(2), nn.Conv1d(2, 1, 3))
    data = torch.utils.data.TensorDataset(sequences, torch.rand(9, 1, 12))
    assert len(train(model, mse_loss, batches(data, 4), epochs=1, device="cpu")) == 1
