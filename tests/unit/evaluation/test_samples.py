"""The judge: confident and varied are two things, and each is measured."""

import math

import pytest
import torch
from torch import nn

from ae_course import digit_classifier, digit_likeness


class Reads(nn.Module):
    """Takes the first K values of an image for its class scores."""

    def __init__(self, n_classes=10):
        super().__init__()
        self.n_classes = n_classes

    def forward(self, x):
        return x.flatten(1)[:, : self.n_classes]


class Broken(Reads):
    def forward(self, x):
        return super().forward(x) * torch.nan


def images_of(classes, certainty):
    """Images that `Reads` gives the class with the logit `certainty`."""
    x = torch.zeros(len(classes), 1, 4, 4)
    x.view(len(classes), -1)[torch.arange(len(classes)), torch.as_tensor(classes)] = certainty
    return x


def test_certain_and_varied():
    seen = digit_likeness(Reads(), images_of(list(range(10)) * 5, 50.0))
    assert seen == pytest.approx({"confidence": 1, "confident_share": 1, "effective_classes": 10})


def test_one_perfect_digit_is_read_with_confidence_but_is_one_class():
    seen = digit_likeness(Reads(), images_of([7] * 30, 50.0))
    assert seen == pytest.approx({"confidence": 1, "confident_share": 1, "effective_classes": 1})


def test_knowing_nothing_is_varied_but_not_confident():
    seen = digit_likeness(Reads(), torch.zeros(30, 1, 4, 4))
    assert seen == pytest.approx({"confidence": 0.1, "confident_share": 0, "effective_classes": 10})


def test_the_threshold_and_the_mean_by_hand():
    odds = math.log(0.95 / (0.05 / 9)), math.log(0.5 / (0.5 / 9))  # 95 % and 50 %
    x = torch.cat([images_of([3], odds[0]), images_of([3], odds[1])])
    seen = digit_likeness(Reads(), x)
    mean = [(0.05 + 0.5) / 18] * 9 + [(0.95 + 0.5) / 2]
    assert seen["confidence"] == pytest.approx((0.95 + 0.5) / 2)
    assert seen["confident_share"] == 0.5
    assert seen["effective_classes"] == pytest.approx(math.exp(-sum(p * math.log(p) for p in mean)))


def test_batches_do_not_matter_and_nothing_is_changed():
    torch.manual_seed(0)
    judge = digit_classifier().train()
    before = {name: value.clone() for name, value in judge.state_dict().items()}
    x = torch.rand(25, 1, 28, 28)
    assert digit_likeness(judge, x, batch_size=7) == pytest.approx(digit_likeness(judge, x))
    assert judge.training
    for name, value in judge.state_dict().items():
        torch.testing.assert_close(value, before[name])


def test_the_classifier_learns_where_a_blot_is():
    torch.manual_seed(0)
    labels = torch.arange(200) % 2
    x = torch.zeros(200, 1, 28, 28)
    x[labels == 0, :, 3:8, 3:8] = 1
    x[labels == 1, :, 18:23, 18:23] = 1
    judge = digit_classifier(2)
    optimizer = torch.optim.AdamW(judge.parameters(), lr=0.01)
    for _ in range(10):
        loss = nn.functional.cross_entropy(judge(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (judge.eval()(x).argmax(dim=1) == labels).all()


@pytest.mark.parametrize(
    ("classifier", "images", "error", "message"),
    [
        (torch.sum, torch.rand(2, 1, 4, 4), TypeError, "`classifier` must be an nn.Module"),
        (Reads(), torch.rand(2, 4, 4), ValueError, r"\(N, C, h, w\) with N > 0, got \(2, 4, 4\)"),
        (Reads(), torch.rand(0, 1, 4, 4), ValueError, "N > 0"),
        (Reads(), [1, 2], ValueError, "got list"),
        (Reads(), torch.full((1, 1, 4, 4), torch.nan), ValueError, "must be finite, got 16 values"),
        (nn.Identity(), torch.rand(2, 1, 4, 4), ValueError, r"scores \(B, K\), got shape"),
        (Broken(), torch.rand(2, 1, 4, 4), ValueError, "`classifier` must give finite scores"),
    ],
)
def test_bad_input_is_refused(classifier, images, error, message):
    with pytest.raises(error, match=message):
        digit_likeness(classifier, images)


def test_no_classes_are_refused():
    with pytest.raises(ValueError, match="`n_classes` must be a positive integer, got 0"):
        digit_classifier(0)
