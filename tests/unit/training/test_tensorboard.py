"""TensorBoard: what a log shows, and that it changes nothing."""

import copy
import sys

import pytest
import torch
from lines import DATA, fit, line, noisy_model, shuffled
from torch import nn
from torch.nn.functional import mse_loss
from torch.utils.data import TensorDataset

from ae_course import batches, dense_vae, negative_elbo, one_cycle


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
    settings = {"epochs": 3, "lr": 0.1, "schedule": one_cycle, "val_batches": batches(DATA, 50)}
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


def test_a_log_shows_what_a_model_calls_its_reconstruction(tmp_path, monkeypatch):
    class Logits(nn.Conv2d):
        def reconstruct(self, x):
            return torch.sigmoid(self(x))

    shown = []
    log = sys.modules["ae_course.training.tensorboard"].TensorBoardLog
    model = Logits(1, 1, 1)
    pairs = TensorDataset(*[torch.rand(8, 1, 6, 5)] * 2)
    with log(tmp_path, model, torch.optim.SGD(model.parameters()), batches(pairs, 8)) as written:
        monkeypatch.setattr(written.writer, "add_image", lambda tag, grid, _: shown.append(grid))
        written.write({"epoch": 1, "train_loss": 0.0, "val_loss": None})
    with torch.no_grad():
        expected = torch.sigmoid(model(pairs.tensors[0]))
    torch.testing.assert_close(shown[0][:, 6:], torch.cat(list(expected), dim=2))
