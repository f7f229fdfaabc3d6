"""Training: what a row of history means, and what a run must leave as it found it."""

import copy
import json
import math
import sys
from functools import partial

import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn.functional import mse_loss
from torch.utils.data import TensorDataset

from ae_course import (
    batches,
    dense_vae,
    encode_dataset,
    evaluate,
    negative_elbo,
    one_cycle,
    train,
)
from ae_course.training.checkpoint import Checkpoint

DATA = TensorDataset(
    torch.linspace(-1, 1, 50).reshape(50, 1), torch.linspace(1, 3, 50).reshape(50, 1)
)
fit = partial(train, device="cpu")


def line() -> nn.Linear:
    torch.manual_seed(3)
    return nn.Linear(1, 1)


def shuffled(seed: int = 0):
    return batches(DATA, 8, shuffle=True, generator=torch.Generator().manual_seed(seed))


class TopInterrupt:
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


def test_one_cycle_rises_then_falls_to_nearly_zero():
    model = line()
    rates = []
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)

    def record(output, target):
        rates.append(optimizer.param_groups[0]["lr"])
        return mse_loss(output, target)

    fit(model, record, shuffled(), epochs=10, optimizer=optimizer, schedule=one_cycle(0.1))
    assert max(rates) == pytest.approx(0.1, rel=0.01)
    assert 15 <= rates.index(max(rates)) <= 25  # of 70 steps
    assert rates[-1] < 1e-3 < rates[0] < 0.01


def test_a_diverging_loss_stops_with_the_place_and_keeps_the_weights():
    model = line()
    start = copy.deepcopy(model.state_dict())
    losses = iter([1.0, 1.0, math.nan])

    def loss_fn(output, target):
        return output.mean() * 0 + next(losses)

    with pytest.raises(
        FloatingPointError, match=r"nan at epoch 1, step 3.* rate of 0.001.*clip_norm"
    ):
        fit(
            model,
            loss_fn,
            shuffled(),
            epochs=1,
            optimizer=torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0),
        )
    assert torch.equal(model.weight, start["weight"])
    assert not model.training


def test_infinite_data_are_noticed():
    data = TensorDataset(torch.full((4, 1), torch.inf), torch.zeros(4, 1))
    with pytest.raises(FloatingPointError, match="inf at epoch 1, step 1"):
        fit(line(), mse_loss, batches(data, 2), epochs=1)


def test_an_interrupt_returns_the_finished_epochs():
    model = line()
    history = fit(model, mse_loss, TopInterrupt(3), epochs=9)
    assert [row["epoch"] for row in history] == [1, 2]
    assert not model.training


def noisy_model() -> nn.Module:
    torch.manual_seed(5)
    return nn.Sequential(
        nn.Linear(1, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1)
    )


@pytest.mark.parametrize("schedule", [None, one_cycle(0.01)])
@pytest.mark.parametrize("own_generator", [True, False])
def test_resuming_gives_the_weights_of_a_run_that_never_stopped(tmp_path, schedule, own_generator):
    path = tmp_path / "runs" / "line.json"

    def loader():
        return shuffled(1) if own_generator else batches(DATA, 8, shuffle=True)

    def run(model, loader, **arguments):
        return fit(model, mse_loss, loader, epochs=4, schedule=schedule, **arguments)

    whole = noisy_model()
    torch.manual_seed(7)
    expected = run(whole, loader())

    stopped = noisy_model()
    torch.manual_seed(7)
    interrupted = loader()
    saves = []
    original = Checkpoint.save

    def save_twice(self, history):
        original(self, history)
        saves.append(len(history))
        if len(saves) == 2:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoint, "save", save_twice)
        assert len(run(stopped, interrupted, checkpoint=path)) == 2

    resumed = noisy_model()
    torch.manual_seed(999)  # a new session knows nothing of the old one's random numbers
    history = run(resumed, loader(), checkpoint=path, resume=True)
    assert [row["epoch"] for row in history] == [1, 2, 3, 4]
    assert [row["train_loss"] for row in history] == [row["train_loss"] for row in expected]
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    assert sorted(p.suffix for p in path.parent.iterdir()) == [".json", ".safetensors"]


def test_a_finished_run_resumes_to_nothing_and_a_missing_one_starts(tmp_path):
    path = tmp_path / "line.json"
    model = line()
    first = fit(model, mse_loss, shuffled(), epochs=2, checkpoint=path, resume=True)
    again = line()
    assert fit(again, mse_loss, shuffled(), epochs=2, checkpoint=path, resume=True) == first
    assert torch.equal(again.weight, model.weight)


@pytest.mark.parametrize("broken", ["tensors", "json"])
def test_a_failed_save_keeps_the_checkpoint_before(tmp_path, monkeypatch, broken):
    path = tmp_path / "line.json"
    model = line()
    fit(model, mse_loss, shuffled(), epochs=1, checkpoint=path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    target = {
        "tensors": "ae_course.training.checkpoint.save_file",
        "json": "pathlib.Path.write_text",
    }[broken]
    monkeypatch.setattr(target, full)
    with pytest.raises(OSError, match="No space left"):
        fit(model, mse_loss, shuffled(), epochs=2, checkpoint=path, resume=True)
    after = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    assert before.items() <= after.items()
    assert not any(name.endswith(".tmp") for name in after)
    monkeypatch.undo()
    assert len(fit(line(), mse_loss, shuffled(), epochs=2, checkpoint=path, resume=True)) == 2


def tensors_of(path):
    return next(path.parent.glob("*.safetensors"))


def damaged(tmp_path, damage):
    path = tmp_path / "line.json"
    fit(line(), mse_loss, shuffled(), epochs=1, checkpoint=path)
    damage(path)
    model = nn.Linear(1, 2) if damage is leave else line()
    fit(
        model,
        lambda a, b: mse_loss(a[:, :1], b),
        shuffled(),
        epochs=2,
        checkpoint=path,
        resume=True,
    )


def leave(path):
    """Nothing is wrong with the files; the model is another."""


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.write_text("{"), "line.json' must be a checkpoint in JSON"),
        (lambda path: path.write_text(json.dumps({})), "must be a checkpoint, found no .'history'"),
        (
            lambda path: tensors_of(path).write_bytes(b"junk"),
            r"line-\w+.safetensors' must be the tensors of the checkpoint",
        ),
        (lambda path: tensors_of(path).unlink(), "missing or damaged file"),
        (leave, r"differs in bias, weight: expected \(2,\), found \(1,\)"),
    ],
)
def test_a_damaged_checkpoint_is_refused(tmp_path, damage, message):
    with pytest.raises(ValueError, match=message):
        damaged(tmp_path, damage)


@pytest.mark.parametrize("resume", [False, True])
def test_a_file_that_is_no_checkpoint_is_refused_before_any_work(tmp_path, resume):
    path = tmp_path / "thesis.json"
    path.write_text('{"chapters": 7}')
    model = line()
    with pytest.raises(ValueError, match="must be a checkpoint, found no"):
        fit(model, mse_loss, shuffled(), epochs=1, checkpoint=path, resume=resume)
    assert path.read_text() == '{"chapters": 7}'
    assert torch.equal(model.weight, line().weight)


@pytest.mark.parametrize(
    ("schedule", "epochs", "message"),
    [
        (one_cycle(0.1), 4, "it has a schedule over 14 steps, this run a schedule over 28 steps"),
        (None, 2, "it has a schedule over 14 steps, this run no schedule"),
    ],
)
def test_another_schedule_cannot_be_resumed(tmp_path, schedule, epochs, message):
    path = tmp_path / "line.json"
    fit(line(), mse_loss, shuffled(), epochs=2, schedule=one_cycle(0.1), checkpoint=path)
    again = partial(fit, line(), mse_loss, shuffled(), checkpoint=path, resume=True)
    with pytest.raises(ValueError, match=message):
        again(epochs=epochs, schedule=schedule)


def test_without_resume_an_earlier_checkpoint_is_replaced(tmp_path):
    path = tmp_path / "line.json"
    fit(line(), mse_loss, shuffled(), epochs=3, checkpoint=path)
    fit(line(), mse_loss, shuffled(), epochs=1, checkpoint=path)
    assert len(json.loads(path.read_text())["history"]) == 1
    assert len(list(tmp_path.iterdir())) == 2


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


def logged(folder):
    """What a TensorBoard would show: tag -> [(epoch, value)], and the same of images."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder)).Reload()
    scalars = {
        tag: [(event.step, event.value) for event in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }
    images = {
        tag: [(event.step, event.width, event.height) for event in events.Images(tag)]
        for tag in events.Tags()["images"]
    }
    return scalars, images


def test_a_log_holds_the_history_and_changes_nothing(tmp_path):
    plain, watched = noisy_model(), noisy_model()
    settings = {"epochs": 3, "schedule": one_cycle(0.1), "val_batches": batches(DATA, 50)}
    torch.manual_seed(2)
    fit(plain, mse_loss, batches(DATA, 8, shuffle=True), **settings)
    torch.manual_seed(2)
    history = fit(
        watched,
        mse_loss,
        batches(DATA, 8, shuffle=True),
        log_dir=tmp_path / "a" / "run",
        **settings,
    )
    assert all(
        torch.equal(a, b) for a, b in zip(plain.parameters(), watched.parameters(), strict=True)
    )
    scalars, images = logged(tmp_path / "a" / "run")
    assert set(scalars) == {"loss/train", "loss/validation", "learning rate"}
    for tag, key in (("loss/train", "train_loss"), ("loss/validation", "val_loss")):
        assert [step for step, _ in scalars[tag]] == [1, 2, 3]
        assert [value for _, value in scalars[tag]] == pytest.approx([row[key] for row in history])
    assert scalars["learning rate"][-1][1] < scalars["learning rate"][0][1]
    assert images == {}  # these are numbers


@pytest.mark.parametrize(("clean", "rows"), [(True, 2), (False, 3)])
def test_a_log_shows_images_and_what_becomes_of_them(tmp_path, clean, rows):
    pictures = torch.rand(20, 1, 6, 5)
    pairs = TensorDataset(pictures if clean else pictures.flip(3), pictures)
    model = nn.Conv2d(1, 1, 3, padding=1)
    fit(
        model,
        mse_loss,
        batches(pairs, 10),
        epochs=2,
        val_batches=batches(pairs, 10),
        log_dir=tmp_path,
    )
    _, images = logged(tmp_path)
    assert images == {"input, output, target": [(1, 8 * 5, rows * 6), (2, 8 * 5, rows * 6)]}


def test_a_log_of_a_model_that_draws_and_gives_no_plain_image_changes_nothing(tmp_path):
    pairs = TensorDataset(*[torch.rand(20, 1, 6, 6).round()] * 2)
    models = []
    for log in (None, tmp_path):
        torch.manual_seed(0)
        models.append(dense_vae([36, 8, 2], image_shape=(1, 6, 6)))
        fit(
            models[-1],
            negative_elbo,
            batches(pairs, 10, shuffle=True),
            epochs=2,
            val_batches=batches(pairs, 10),
            log_dir=log,
        )
    one, other = (model.state_dict() for model in models)
    assert all(torch.equal(one[name], other[name]) for name in one)
    _, images = logged(tmp_path)
    assert images == {"input, output, target": [(1, 8 * 6, 2 * 6), (2, 8 * 6, 2 * 6)]}


def test_a_log_leaves_out_images_where_there_are_none(tmp_path):
    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Conv2d(1, 1, 1)

        def forward(self, x):
            return self.layer(x), x

    pairs = TensorDataset(*[torch.rand(20, 1, 6, 6)] * 2)
    fit(
        Pair(),
        lambda output, target: mse_loss(output[0], target),
        batches(pairs, 10),
        epochs=1,
        val_batches=batches(pairs, 10),
        log_dir=tmp_path,
    )
    assert logged(tmp_path)[1] == {}


def test_without_tensorboard_a_log_is_refused_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    model = line()
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(ImportError, match="pip install tensorboard"):
        fit(model, mse_loss, shuffled(), epochs=1, log_dir=tmp_path)
    assert model.state_dict() == before
    assert list(tmp_path.iterdir()) == []


OTHER = nn.Linear(1, 1)


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
        (lambda: one_cycle(0), ValueError, "`max_lr` must be positive, got 0"),
        (lambda: one_cycle(-1e-3), ValueError, "`max_lr` must be positive, got -0.001"),
        (lambda: evaluate(line(), mse_loss, []), ValueError, "`batches` must hold at least one"),
        (lambda: encode_dataset(lambda x: x, DATA), TypeError, "nn.Module, got function"),
        (lambda: encode_dataset(line(), []), ValueError, "at least one item"),
    ],
)
def test_bad_arguments_are_refused_before_any_work(call, error, message):
    with pytest.raises(error, match=message):
        call()
