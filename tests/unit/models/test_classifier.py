"""The classifier that judges samples: a small convolutional network."""

import pytest
import torch
from torch import nn

from ae_course import digit_classifier


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


def test_no_classes_are_refused():
    with pytest.raises(ValueError, match="`n_classes` must be a positive integer, got 0"):
        digit_classifier(0)
