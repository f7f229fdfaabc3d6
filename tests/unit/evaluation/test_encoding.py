"""Codes of datasets: from each kind of model, in order, and never from nonsense."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import Dataset, TensorDataset

from ae_course import (
    conv_autoencoder,
    dense_autoencoder,
    dense_vae,
    encode_dataset,
)

X = torch.rand(50, 1, 28, 28, generator=torch.Generator().manual_seed(0))
DATA = TensorDataset(X, torch.arange(50) % 10)


@pytest.mark.parametrize("build", [dense_autoencoder, dense_vae])
def test_a_model_is_asked_for_its_codes(build):
    torch.manual_seed(0)
    model = build([784, 16, 3]).train()
    codes, labels = encode_dataset(model, DATA, batch_size=7)
    assert codes.shape == (50, 3)
    with torch.no_grad():
        expected = model.eval().encode(X)
    np.testing.assert_allclose(codes, expected.numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(labels, DATA.tensors[1])


def test_any_other_module_is_called_itself():
    model = conv_autoencoder()
    codes, _ = encode_dataset(model, DATA)
    np.testing.assert_array_equal(encode_dataset(model.encoder, DATA)[0], codes)
    pixels, _ = encode_dataset(nn.Flatten(), DATA)
    np.testing.assert_array_equal(pixels, X.flatten(1))


class Named(Dataset):
    """Read item by item; its labels are words."""

    def __len__(self):
        return 5

    def __getitem__(self, index):
        return X[index], f"number {index}"


def test_labels_are_whatever_the_dataset_has():
    for unlabelled in (X, TensorDataset(X)):
        codes, labels = encode_dataset(nn.Flatten(), unlabelled, batch_size=20)
        assert codes.shape == (50, 784)
        assert labels is None
    assert list(encode_dataset(nn.Flatten(), Named())[1]) == [f"number {i}" for i in range(5)]


def test_the_model_is_left_as_it_was():
    model = dense_autoencoder([784, 16, 2], dropout=0.5).train()
    model.decoder[0].eval()
    modes = [part.training for part in model.modules()]
    codes = encode_dataset(model, DATA)[0]
    np.testing.assert_array_equal(codes, encode_dataset(model, DATA)[0])  # dropout plays no part
    assert [part.training for part in model.modules()] == modes


class Gives(nn.Module):
    """Gives the same value, whatever it is asked."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def forward(self, x):
        return self.value


class Shrinks(nn.Module):
    """Codes of one number less from batch to batch."""

    def forward(self, x):
        self.size = getattr(self, "size", 4) - 1
        return x.flatten(1)[:, : self.size]


def test_codes_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match="all items must have the same size, got 3 and 2"):
        encode_dataset(Shrinks(), DATA, batch_size=20)


NAN = X.clone()
NAN[3, 0, 0, :2] = torch.nan


@pytest.mark.parametrize(
    ("model", "dataset", "error", "message"),
    [
        (lambda x: x, DATA, TypeError, "`model` must be an nn.Module, got function"),
        (nn.Identity(), DATA, ValueError, r"\(50, Z\), got torch.float32 of shape \(50, 1, 28"),
        (Gives(torch.zeros(49, 2)), DATA, ValueError, r"got torch.float32 of shape \(49, 2\)"),
        (Gives(torch.zeros(50, 2).long()), DATA, ValueError, "got torch.int64 of shape"),
        (Gives((X, X)), DATA, ValueError, "floating-point numbers .* got tuple"),
        (Gives(torch.full((50, 2), torch.inf)), DATA, ValueError, "finite numbers, got 100 in"),
        (nn.Flatten(), NAN, ValueError, "`dataset` must have finite values, got 2 in a batch"),
        (nn.Flatten(), X[:0], ValueError, "at least one item"),
        (nn.Flatten(), TensorDataset(X, X, X), TypeError, r"items x, \(x,\) or \(x, y\)"),
        (nn.Flatten(), [{"x": X[0]}], TypeError, r"items x, \(x,\) or \(x, y\)"),
        (nn.Flatten(), ["a word"], TypeError, r"items x, \(x,\) or \(x, y\)"),
    ],
)
def test_what_has_no_codes_is_refused(model, dataset, error, message):
    with pytest.raises(error, match=message):
        encode_dataset(model, dataset)
