"""Batches and pairs: exactly the data, each item once."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset

from ae_course import AutoEncodeDataset, batches


class Squares(Dataset):
    """An ordinary dataset: one item at a time, Python numbers for labels."""

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return torch.tensor([float(index), float(index) ** 2]), index


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


@given(st.integers(1, 40), st.integers(1, 50))
def test_batches_agree_with_a_plain_data_loader(count, batch_size):
    dataset = TensorDataset(torch.arange(count), -torch.arange(count))
    for ours, plain in zip(
        batches(dataset, batch_size), DataLoader(dataset, batch_size), strict=True
    ):
        assert torch.equal(ours[0], plain[0])
        assert torch.equal(ours[1], plain[1])


def test_a_batch_is_one_indexing_call():
    class Counting(TensorDataset):
        calls = 0

        def __getitem__(self, index):
            Counting.calls += 1
            return super().__getitem__(index)

    pairs = AutoEncodeDataset(Counting(torch.zeros(1000, 3), torch.zeros(1000)))
    assert len(list(batches(pairs, 100))) == Counting.calls == 10


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


def test_pairs_are_the_input_twice():
    pairs = AutoEncodeDataset(Squares())
    x, target = pairs[3]
    assert x is target
    assert x.tolist() == [3.0, 9.0]
    assert len(pairs) == 10


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: batches([], 4), ValueError, "at least one item, got an empty dataset"),
        (lambda: batches(tensors, 0), ValueError, "`batch_size` must be a positive integer, got 0"),
        (lambda: batches(tensors, 2.0), ValueError, "`batch_size` must be .* got 2.0"),
        (lambda: batches(iter([1])), TypeError, "map-style, .* got list_iterator"),
        (lambda: batches(Stream()), TypeError, "map-style.* Stream"),
        (lambda: AutoEncodeDataset(3), TypeError, "map-style, .* got int"),
        (lambda: AutoEncodeDataset(set()), TypeError, "map-style, .* got set"),
    ],
)
def test_bad_datasets_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
