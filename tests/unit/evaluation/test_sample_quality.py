"""The stronger test: what flatters one of its numbers must fail another."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from ae_course import batches, digit_classifier, one_cycle, sample_quality, train
from ae_course.data.sample import read_sample


@pytest.fixture(scope="module")
def digits():
    """4,000 training digits and 1,000 test digits, images and labels."""
    found = {}
    for name in ("train", "test"):
        pixels, labels = read_sample(train=name == "train")
        found[name] = (pixels[:, None].float() / 255, labels)
    return found


@pytest.fixture(scope="module")
def judges(digits):
    found = []
    for seed in range(3):
        torch.manual_seed(seed)
        judge = digit_classifier()
        pairs = torch.utils.data.TensorDataset(*digits["train"])
        loader = batches(pairs, 64, shuffle=True)
        train(judge, cross_entropy, loader, epochs=3, lr=0.01, schedule=one_cycle)
        found.append(judge)
    return found


def test_real_digits_reach_what_the_lemma_promises(judges, digits):
    images = digits["test"][0][torch.randperm(1000, generator=torch.Generator().manual_seed(0))]
    seen = sample_quality(judges, images[:500], images[500:])
    assert seen["fidelity"] > 0.8
    assert seen["variety"] > 9.5
    assert seen["coverage"] == pytest.approx(1 - 2**-5, abs=0.04)  # a standard error is 0.01


def test_training_digits_are_near_it(judges, digits):
    seen = sample_quality(judges, digits["train"][0][::4], digits["test"][0])
    assert seen["fidelity"] > 0.8
    assert seen["coverage"] > 0.85


def test_ten_templates_have_everything_but_coverage(judges, digits):
    images, labels = digits["train"]
    templates = []
    for digit in range(10):  # the digit that the judges are surest of
        ours = images[labels == digit]
        with torch.no_grad():
            sure = sum(judge(ours).softmax(1)[:, digit] for judge in judges)
        templates.append(ours[sure.argmax()])
    seen = sample_quality(judges, torch.stack(templates).repeat(100, 1, 1, 1), digits["test"][0])
    assert seen["fidelity"] == 1
    assert seen["variety"] == pytest.approx(10)
    assert seen["coverage"] < 0.1


def test_one_class_has_neither_variety_nor_coverage(judges, digits):
    images, labels = digits["train"]
    sevens = images[labels == 7].repeat(3, 1, 1, 1)[:1000]
    seen = sample_quality(judges, sevens, digits["test"][0])
    assert seen["fidelity"] > 0.8
    assert seen["variety"] < 1.5
    assert seen["coverage"] < 0.3


def test_noise_covers_nothing_and_is_not_read(judges, digits):
    noise = torch.rand(1000, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    seen = sample_quality(judges, noise, digits["test"][0])
    assert seen["fidelity"] < 0.5
    assert seen["coverage"] < 0.1


def reader(scale=1.0, classes=3):
    """A judge whose features are the first pixels, and whose scores are these times `scale`."""
    linear = nn.Linear(classes, classes, bias=False)
    linear.weight.data = scale * torch.eye(classes)
    return nn.Sequential(nn.Flatten(), linear)


def points(*rows):
    return torch.tensor(rows).view(len(rows), 1, 1, 3)


def test_the_three_numbers_by_hand():
    # real: four points on a line, so each has a neighbour at a distance of 1
    real = points([0.0, 0, 0], [1, 0, 0], [2, 0, 0], [9, 0, 0])
    samples = points([0.0, 4, 0], [9, 0, 0], [9, 0, 0], [0.5, 0, 0])
    seen = sample_quality([reader()], samples, real, k=1)
    # p = e^4 / (e^4 + 2) = 0.965, two of e^9, and one of e^0.5 / (e^0.5 + 2) = 0.45
    assert seen["fidelity"] == 0.75
    # two thirds and one third
    assert seen["variety"] == pytest.approx(math.exp(math.log(3) - 2 / 3 * math.log(2)))
    # radii 1, 1, 1, 7: the balls round 0, 1 and 9 have a sample, that round 2 has not
    assert seen["coverage"] == 0.75


def test_judges_vote_by_their_mean_probability():
    samples, real = points([3.0, 0, 0], [0.0, 3, 0]), points([0.0, 0, 0], [0.0, 0, 1])
    alone = sample_quality([reader()], samples, real, k=1)
    assert alone["fidelity"] == 1  # e^3 / (e^3 + 2) = 0.909
    against = sample_quality([reader(), reader(-1.0)], samples, real, k=1)
    assert against == {"fidelity": 0, "variety": 0, "coverage": alone["coverage"]}


def test_more_neighbours_never_cover_less_and_copies_cover_all(judges, digits):
    real, samples = digits["test"][0][:300], digits["train"][0][::13][:300]
    covered = [sample_quality(judges[:1], samples, real, k=k)["coverage"] for k in (1, 3, 9, 299)]
    assert covered == sorted(covered)
    assert covered[0] < covered[-1]
    assert sample_quality(judges[:1], real, real, k=1)["coverage"] == 1


def test_batches_do_not_matter_and_nothing_is_changed(digits):
    torch.manual_seed(0)
    judge = digit_classifier().train()
    before = {name: value.clone() for name, value in judge.state_dict().items()}
    real, samples = digits["test"][0][::10], digits["train"][0][::40]
    parts = sample_quality([judge], samples, real, batch_size=7)
    assert parts == pytest.approx(sample_quality([judge], samples, real))
    assert judge.training
    for name, value in judge.state_dict().items():
        torch.testing.assert_close(value, before[name])


X = torch.rand(4, 1, 1, 3, generator=torch.Generator().manual_seed(0))
NAN = X.clone()
NAN[0, 0, 0, 0] = torch.nan


@pytest.mark.parametrize(
    ("judges", "samples", "real", "options", "error", "message"),
    [
        (reader(), X, X, {}, TypeError, "`judges` must be a list of nn.Sequential .* Sequential"),
        ([], X, X, {}, TypeError, "got list without any"),
        ([nn.Linear(3, 3)], X, X, {}, TypeError, "must each be an nn.Sequential .* got Linear"),
        ([nn.Sequential(nn.Flatten(), nn.ReLU())], X, X, {}, TypeError, "nn.Linear, got ReLU"),
        ([reader(), reader(classes=2)], X, X, {}, ValueError, r"of classes, got \[3, 2\]"),
        ([reader()], X[:, 0], X, {}, ValueError, r"`samples` .* \(N, C, h, w\)"),
        ([reader()], X, [1], {}, ValueError, "`real` must be a tensor .* got list"),
        ([reader()], X[:2], X, {}, ValueError, "equally many .* 1, 1, 3.* and .*4, 1, 1, 3"),
        ([reader()], NAN, X, {}, ValueError, "`samples` must be finite, got 1 values"),
        ([reader()], X, NAN, {}, ValueError, "`real` must be finite, got 1 values"),
        ([reader()], X[:1], X[:1], {}, ValueError, "at least two images each, got one"),
        ([reader()], X, X, {"k": 4}, ValueError, "`k` must be an integer from 1 to 3, got 4"),
        ([reader()], X, X, {"k": 0}, ValueError, "`k` must be an integer from 1 to 3, got 0"),
        ([reader()], X, X, {"k": 1, "batch_size": 0}, ValueError, "`batch_size` must be a pos"),
        ([reader(torch.nan)], X, X, {"k": 1}, ValueError, "`judges` must give finite scores"),
    ],
)
def test_bad_input_is_refused(judges, samples, real, options, error, message):
    with pytest.raises(error, match=message):
        sample_quality(judges, samples, real, **options)


def test_nothing_is_computed_before_the_input_is_checked():
    class Never(nn.Module):
        def forward(self, x):
            raise AssertionError("computed")

    judge = nn.Sequential(Never(), nn.Linear(3, 3))
    with pytest.raises(ValueError, match="equally many"):
        sample_quality([judge], X[:2], X)
