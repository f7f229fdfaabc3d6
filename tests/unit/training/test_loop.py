"""Training: what a row of history means, and what a run must leave as it found it."""

import copy
import inspect
import json
import math

import pandas as pd
import pytest
import torch
from lines import DATA, fit, line, noisy_model, shuffled
from torch import nn
from torch.nn.functional import mse_loss
from torch.utils.data import TensorDataset

from ae_course import batches, encode_dataset, evaluate, one_cycle, train_epoch


class Interrupted:
    """Batches during which a reader presses *Interrupt* in pass number `last`."""

    def __init__(self, last):
        self.passes, self.last = 0, last

    def __len__(self):
        return 7

    def __iter__(self):
        self.passes += 1
        for number, batch in enumerate(batches(DATA, 8)):
            if self.passes == self.last and number == 3:
                raise KeyboardInterrupt
            yield batch


def test_training_finds_the_line():
    model = line()
    history = fit(
        model,
        mse_loss,
        shuffled(),
        epochs=60,
        optimizer=torch.optim.SGD(model.parameters(), lr=0.2),
    )
    assert model.weight.item() == pytest.approx(1.0, abs=1e-3)
    assert model.bias.item() == pytest.approx(2.0, abs=1e-3)
    assert history[-1]["train_loss"] < 1e-5 < history[0]["train_loss"]


def test_history_is_a_table_with_one_row_an_epoch():
    table = pd.DataFrame(fit(line(), mse_loss, shuffled(), epochs=3, val_batches=batches(DATA, 8)))
    assert table.columns.tolist() == ["epoch", "train_loss", "val_loss", "seconds"]
    assert table["epoch"].tolist() == [1, 2, 3]
    assert (table["seconds"] > 0).all()
    assert fit(line(), mse_loss, shuffled(), epochs=1)[0]["val_loss"] is None


def test_losses_weigh_each_batch_by_its_size():
    model = line()  # 50 items in batches of 8: the last has 2
    unweighted = torch.stack([mse_loss(model(x), y) for x, y in batches(DATA, 8)]).mean().item()
    whole = mse_loss(model(DATA.tensors[0]), DATA.tensors[1]).item()
    assert evaluate(model, mse_loss, batches(DATA, 8)) == pytest.approx(whole, rel=1e-5)
    assert unweighted != pytest.approx(whole, rel=1e-3)
    frozen = torch.optim.SGD(model.parameters(), lr=0.0)
    history = fit(model, mse_loss, batches(DATA, 8), epochs=1, optimizer=frozen)
    assert history[0]["train_loss"] == pytest.approx(whole, rel=1e-5)


def test_validation_is_measured_in_evaluation_mode():
    model = nn.Sequential(line(), nn.Dropout(0.5))
    row = fit(
        model,
        mse_loss,
        batches(DATA, 50),
        epochs=1,
        optimizer=torch.optim.SGD(model.parameters(), lr=0.0),
        val_batches=batches(DATA, 50),
    )[0]
    expected = mse_loss(model[0](DATA.tensors[0]), DATA.tensors[1]).item()
    assert row["val_loss"] == pytest.approx(expected, rel=1e-5)
    assert row["train_loss"] != pytest.approx(expected, rel=1e-3)  # half the outputs were dropped
    assert not any(module.training for module in model.modules())


def test_evaluate_and_encode_leave_the_model_as_it_was():
    model = nn.Sequential(nn.Linear(1, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 1))
    model[1].eval()  # a reader may have frozen one layer
    before = copy.deepcopy(model.state_dict())
    evaluate(model, mse_loss, batches(DATA, 8))
    encode_dataset(model, DATA)
    assert [module.training for module in model] == [True, False, True, True]
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_modes_come_back_after_an_error():
    model = nn.Sequential(nn.Linear(2, 1))  # the data have one column
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        evaluate(model, mse_loss, batches(DATA, 8))
    assert model.training


def test_encode_dataset_keeps_the_order():
    model = line()
    codes, labels = encode_dataset(model, DATA, batch_size=7)
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(codes), model(DATA.tensors[0]))
    assert labels.tolist() == DATA.tensors[1].tolist()


def test_clipping_bounds_the_step():
    model = line()
    start = copy.deepcopy(model.state_dict())
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    fit(model, mse_loss, batches(DATA, 50), epochs=1, optimizer=optimizer, clip_norm=0.01)
    moved = math.dist(
        [start["weight"].item(), start["bias"].item()], [model.weight.item(), model.bias.item()]
    )
    assert moved == pytest.approx(0.01, rel=1e-3)


def test_a_diverging_loss_stops_with_the_place_and_keeps_the_weights():
    model = line()
    start = copy.deepcopy(model.state_dict())
    losses = iter([1.0, 1.0, math.nan])

    def loss_fn(output, target):
        return output.mean() * 0 + next(losses)

    with pytest.raises(
        FloatingPointError, match=r"nan at epoch 1, step 3.* rate of 0.001.*clip_norm"
    ):
        fit(model, loss_fn, shuffled(), epochs=1, lr=1e-3)
    assert torch.equal(model.weight, start["weight"])
    assert not model.training


def test_infinite_data_are_noticed():
    data = TensorDataset(torch.full((4, 1), torch.inf), torch.zeros(4, 1))
    with pytest.raises(FloatingPointError, match="inf at epoch 1, step 1"):
        fit(line(), mse_loss, batches(data, 2), epochs=1)


def test_an_interrupt_returns_the_finished_epochs():
    model = line()
    history = fit(model, mse_loss, Interrupted(3), epochs=9)
    assert [row["epoch"] for row in history] == [1, 2]
    assert not model.training


def test_mixed_precision_reaches_nearly_the_same_loss():
    losses = {}
    for mixed in (False, True):
        model = noisy_model()
        torch.manual_seed(0)
        fit(model, mse_loss, shuffled(), epochs=20, mixed_precision=mixed)
        assert all(parameter.dtype == torch.float32 for parameter in model.parameters())
        losses[mixed] = evaluate(model, mse_loss, batches(DATA, 8))
    # bfloat16 keeps 8 bits of a number: the runs differ, and end close
    assert losses[True] == pytest.approx(losses[False], rel=0.2)
    assert losses[True] != losses[False]


def test_the_bar_leaves_nothing_in_the_terminal(capfd, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "0")
    fit(line(), mse_loss, shuffled(), epochs=2)
    out, err = capfd.readouterr()
    assert out == ""
    assert "14/14" in err  # it was there
    assert err.rsplit("\r", 1)[-1] == ""  # and the last thing written wiped it


def test_the_loop_over_an_epoch_can_be_read_and_is_what_train_repeats():
    source = inspect.getsource(train_epoch)
    body = source.split('"""')[2].strip().splitlines()
    assert len(body) <= 20
    by_hand, trained = noisy_model(), noisy_model()
    torch.manual_seed(1)
    optimizer = torch.optim.AdamW(by_hand.parameters(), lr=0.01, weight_decay=0.0, fused=True)
    scheduler = one_cycle(optimizer, 14)
    options = {"scheduler": scheduler, "clip_norm": 0.5}
    losses = [
        train_epoch(by_hand, mse_loss, batches(DATA, 8), optimizer, **options) for _ in range(2)
    ]
    assert by_hand.training
    torch.manual_seed(1)
    history = fit(
        trained, mse_loss, batches(DATA, 8), epochs=2, lr=0.01, schedule=one_cycle, clip_norm=0.5
    )
    assert [row["train_loss"] for row in history] == losses
    for name, value in by_hand.state_dict().items():
        assert torch.equal(value, trained.state_dict()[name]), name


def test_an_epoch_tells_every_loss_before_its_step():
    model, seen = line(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def on_loss(loss):
        seen.append((loss, model.weight.item()))

    start = model.weight.item()
    mean = train_epoch(model, mse_loss, batches(DATA, 25), optimizer, on_loss=on_loss)
    assert mean == pytest.approx(sum(loss for loss, _ in seen) / 2)
    assert seen[0][1] == start != seen[1][1]


def test_a_hook_gets_each_finished_row_after_the_checkpoint_of_its_epoch(tmp_path):
    path, rows = tmp_path / "line.json", []

    def on_epoch(row):
        rows.append(row)
        assert json.loads(path.read_text())["history"] == rows
        if len(rows) == 3:
            raise KeyboardInterrupt  # as a rule for stopping early may do

    history = fit(line(), mse_loss, shuffled(), epochs=9, checkpoint=path, on_epoch=on_epoch)
    assert history == rows
    assert [row["epoch"] for row in rows] == [1, 2, 3]


def test_a_loss_over_stretched_tensors_is_refused_before_the_first_step():
    model = nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1))
    start = copy.deepcopy(model[0].state_dict())
    data = TensorDataset(torch.rand(9, 1, 4, 4), torch.rand(9, 4, 4, 1))
    message = r"one shape, got \(3, 1, 4, 4\) and \(3, 4, 4, 1\)"
    with pytest.raises(ValueError, match=message):
        fit(model, mse_loss, batches(data, 3), epochs=1)
    assert torch.equal(model[0].weight, start["weight"])
    with pytest.raises(ValueError, match=message):
        evaluate(model, mse_loss, batches(data, 3))
