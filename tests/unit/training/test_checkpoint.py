"""Checkpoints: a run that stopped goes on as if it had not, and nothing half-written is left."""

import json
from functools import partial

import pytest
import torch
from lines import DATA, fit, line, noisy_model, shuffled
from torch import nn
from torch.nn.functional import mse_loss

from ae_course import batches, one_cycle
from ae_course.training.checkpoint import Checkpoint


@pytest.mark.parametrize("schedule", [None, one_cycle])
@pytest.mark.parametrize("own_generator", [True, False])
def test_resuming_gives_the_weights_of_a_run_that_never_stopped(tmp_path, schedule, own_generator):
    path = tmp_path / "runs" / "line.json"

    def loader():
        return shuffled(1) if own_generator else batches(DATA, 8, shuffle=True)

    def run(model, loader, **arguments):
        return fit(model, mse_loss, loader, epochs=4, lr=0.01, schedule=schedule, **arguments)

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
        (one_cycle, 4, "it has a schedule over 14 steps, this run a schedule over 28 steps"),
        (None, 2, "it has a schedule over 14 steps, this run no schedule"),
    ],
)
def test_another_schedule_cannot_be_resumed(tmp_path, schedule, epochs, message):
    path = tmp_path / "line.json"
    fit(line(), mse_loss, shuffled(), epochs=2, schedule=one_cycle, checkpoint=path)
    again = partial(fit, line(), mse_loss, shuffled(), checkpoint=path, resume=True)
    with pytest.raises(ValueError, match=message):
        again(epochs=epochs, schedule=schedule)


def test_without_resume_an_earlier_checkpoint_is_replaced(tmp_path):
    path = tmp_path / "line.json"
    fit(line(), mse_loss, shuffled(), epochs=3, checkpoint=path)
    fit(line(), mse_loss, shuffled(), epochs=1, checkpoint=path)
    assert len(json.loads(path.read_text())["history"]) == 1
    assert len(list(tmp_path.iterdir())) == 2


def plain(model):
    return model


def compiled(model):
    return torch.compile(model, backend="eager")


def compiled_within(model):
    model[0] = torch.compile(model[0], backend="eager")
    return model


class Parallel(nn.DataParallel):
    """It calls its module, as on a machine without GPUs."""

    def __init__(self, module):
        super().__init__(module)
        self.device_ids = []


@pytest.mark.parametrize("before", [plain, compiled, compiled_within, Parallel])
@pytest.mark.parametrize("after", [plain, compiled, compiled_within, Parallel])
def test_a_run_goes_on_however_the_model_is_wrapped(tmp_path, before, after):
    path = tmp_path / "line.json"
    first, second = noisy_model(), noisy_model()
    nn.init.zeros_(second[0].weight)
    fit(before(first), mse_loss, batches(DATA, 25), epochs=1, checkpoint=path)
    rows = fit(after(second), mse_loss, batches(DATA, 25), epochs=1, checkpoint=path, resume=True)
    assert len(rows) == 1
    torch.testing.assert_close(
        [*first.state_dict().values()], [*second.state_dict().values()], rtol=0, atol=0
    )


def test_a_part_that_is_called_module_keeps_its_name(tmp_path):
    class Holder(nn.Module):
        def __init__(self):
            super().__init__()
            self.module = line()

        def forward(self, x):
            return self.module(x)

    path = tmp_path / "line.json"
    fit(Holder(), mse_loss, batches(DATA, 25), epochs=1, checkpoint=path)
    with pytest.raises(ValueError, match=r"differs in bias, module.bias"):
        fit(line(), mse_loss, batches(DATA, 25), epochs=1, checkpoint=path, resume=True)
