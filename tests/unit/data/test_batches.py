"""Batches: exactly the data, each item once, as a plain DataLoader would give it."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset

from ae_course import AutoEncodeDataset, AutoRegressiveDataset, Vocabulary, batches
from ae_course.data.images import ImageDataset


class Squares(Dataset):
    """An ordinary dataset: one item at a time, Python numbers for labels."""

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return torch.tensor([float(index), float(index) ** 2]), index


class Named(Squares):
    """A dataset of dictionaries."""

    def __getitem__(self, index):
        return {"x": torch.tensor([float(index)]), "label": index, "name": str(index)}


class Stream(IterableDataset):
    """A dataset without a length."""

    def __iter__(self):
        return iter(())


tensors = TensorDataset(torch.arange(10.0).reshape(10, 1), torch.arange(10))


@pytest.mark.parametrize(
    "dataset", [tensors, Squares(), Subset(tensors, [3, 1, 4]), AutoEncodeDataset(tensors)]
)
@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_hold_every_item_once(dataset, shuffle):
    loader = batches(dataset, 4, shuffle=shuffle)
    parts = [x for x, _ in loader]
    assert len(parts) == len(loader) == -(-len(dataset) // 4)
    found = torch.cat(parts)
    expected = torch.stack([dataset[i][0] for i in range(len(dataset))])
    if not shuffle:
        assert torch.equal(found, expected)
    assert torch.equal(found.sort(0).values, expected.sort(0).values)


@given(st.integers(1, 40), st.integers(1, 50), st.booleans())
def test_batches_agree_with_a_plain_data_loader(count, batch_size, drop_last):
    dataset = TensorDataset(torch.arange(count), -torch.arange(count))
    if drop_last and batch_size > count:
        with pytest.raises(ValueError, match=f"at most {count}, the size of `dataset`, with drop_"):
            batches(dataset, batch_size, drop_last=True)
        return
    ours = batches(dataset, batch_size, drop_last=drop_last)
    plain = DataLoader(dataset, batch_size, drop_last=drop_last)
    assert len(ours) == len(plain)
    for found, expected in zip(ours, plain, strict=True):
        assert torch.equal(found[0], expected[0])
        assert torch.equal(found[1], expected[1])


@pytest.mark.parametrize("dataset", [torch.zeros(10, 3), [torch.zeros(3)] * 10])
def test_a_tensor_or_a_list_of_tensors_is_a_dataset_of_inputs_alone(dataset):
    for device in (None, "meta"):
        found = list(batches(dataset, 4, device=device))
        assert [x.shape for x in found] == [(4, 3), (4, 3), (2, 3)]
        assert {x.device.type for x in found} == {device or "cpu"}


def test_a_smaller_last_batch_can_be_left_out_for_batch_normalisation():
    norm = nn.BatchNorm1d(2)
    for dataset in (TensorDataset(torch.rand(9, 2)), Subset(Squares(), range(9))):
        assert [len(batch[0]) for batch in batches(dataset, 4)] == [4, 4, 1]
        loader = batches(dataset, 4, shuffle=True, drop_last=True)
        assert len(loader) == 2
        assert [norm(batch[0]).shape for batch in loader] == [(4, 2), (4, 2)]


def images():
    return ImageDataset(torch.rand(90, 1, 4, 4), torch.zeros(90), source="here", classes=("a",))


@pytest.mark.parametrize(
    "dataset",
    [
        TensorDataset(torch.zeros(90, 3)),
        images(),
        torch.zeros(90, 3),
        AutoRegressiveDataset("ab" * 90, Vocabulary("ab"), chunk=2),
        AutoEncodeDataset(Subset(Subset(images(), range(90)), list(range(90)))),
    ],
)
def test_a_batch_is_one_indexing_call(dataset, monkeypatch):
    calls, kind = [], type(dataset)
    once = kind.__getitem__
    monkeypatch.setattr(
        kind, "__getitem__", lambda self, index: calls.append(index) or once(self, index)
    )
    count = len(list(batches(dataset, 30)))
    assert len(calls) == count == 3


@pytest.mark.parametrize("kind", [TensorDataset, ImageDataset, AutoEncodeDataset])
def test_a_subclass_that_draws_per_item_is_asked_for_each_item(kind):
    class Flipping(kind):
        def __getitem__(self, index):
            assert isinstance(index, int)
            x = super().__getitem__(index)[0]
            return x.flip(-1) if torch.rand(()) < 0.5 else x

    rows = torch.tensor([[0.0, 1.0]]).expand(100, 2)
    dataset = {
        TensorDataset: lambda: Flipping(rows),
        ImageDataset: lambda: Flipping(rows, rows, source="here", classes=()),
        AutoEncodeDataset: lambda: Flipping(rows),
    }[kind]()
    torch.manual_seed(0)
    for wrapped in (dataset, Subset(dataset, range(100))):
        (x,) = batches(wrapped, 100)
        assert 20 < int(x[:, 0].sum()) < 80  # not all flipped together


def test_the_generator_alone_decides_the_order():
    def orders(seed):
        loader = batches(tensors, 3, shuffle=True, generator=torch.Generator().manual_seed(seed))
        return [torch.cat([y for _, y in loader]).tolist() for _ in range(2)]

    before = torch.get_rng_state()
    first, second = orders(1)
    assert first != second  # a new order for each pass
    assert orders(1) == [first, second]
    assert orders(2) != [first, second]
    assert torch.equal(before, torch.get_rng_state())


def test_batches_are_put_on_the_device():
    for dataset in (tensors, Squares()):
        for x, y in batches(dataset, 4, device="meta"):
            assert x.device.type == y.device.type == "meta"
    for batch in batches(Named(), 4, device="meta"):
        assert batch["x"].device.type == batch["label"].device.type == "meta"
        assert set(batch["name"]) <= set("0123456789")  # what is no tensor stays


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: batches([], 4), ValueError, "at least one item, got an empty dataset"),
        (lambda: batches(tensors, 0), ValueError, "`batch_size` must be a positive integer, got 0"),
        (lambda: batches(tensors, 2.0), ValueError, "`batch_size` must be .* got 2.0"),
        (lambda: batches(tensors, 11, drop_last=True), ValueError, "must be at most 10, .* got 11"),
        (lambda: batches(iter([1])), TypeError, "map-style, .* got list_iterator"),
        (lambda: batches(Stream()), TypeError, "map-style.* Stream"),
        (lambda: batches((1, 2)), TypeError, "one dataset, got a tuple"),
        (lambda: batches({"x": 1}), TypeError, r"got dict without a 0"),
        (lambda: batches([object()]), TypeError, "can be stacked, got object"),
        (lambda: batches([(torch.rand(2), None)]), TypeError, r"a tuple of \(Tensor, NoneType\)"),
    ],
)
def test_bad_datasets_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
