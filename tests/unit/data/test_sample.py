"""The sample of MNIST: two sets that share nothing."""

import gzip

import numpy as np
import pytest
import torch

from ae_course.data import sample


def test_train_and_test_share_no_image():
    parts = [sample.read_sample(train=train) for train in (True, False)]
    pixels = torch.cat([pixels for pixels, _ in parts]).flatten(1)
    assert pixels.dtype == torch.uint8
    assert len(pixels.unique(dim=0)) == 5000
    for (_, labels), per_class in zip(parts, (400, 100), strict=True):
        assert labels.dtype == torch.int64
        assert labels.bincount().tolist() == [per_class] * 10


def test_an_image_stands_with_its_label():
    pixels, labels = sample.read_sample(train=False)
    means = torch.stack([pixels[labels == digit].float().mean(0) for digit in range(10)])
    assert means[1].sum() < means.sum((1, 2)).median()  # a one has the fewest bright pixels
    assert means[0, 13:15, 13:15].mean() < means[1, 13:15, 13:15].mean()  # a zero is hollow


def test_another_table_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sample, "FILE", tmp_path / "table.csv.gz")
    with gzip.open(tmp_path / "table.csv.gz", "wt") as stream:
        np.savetxt(stream, np.zeros((4, 784)), fmt="%d", delimiter=",")
    with pytest.raises(ValueError, match=r"must hold rows of 785 numbers, found shape \(4, 784\)"):
        sample.read_sample(train=True)
