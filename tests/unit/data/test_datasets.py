"""Pairs: whatever a person may hand over works, or is refused in one sentence."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset

from ae_course import AutoEncodeDataset, batches
from ae_course.data.items import check_item


class Items(Dataset):
    """An ordinary dataset: one item at a time, of whatever kind."""

    def __init__(self, make, count=10):
        self.make, self.count = make, count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return self.make(index)


class Stream(IterableDataset):
    """A dataset without a length."""

    def __iter__(self):
        return iter(())


IMAGES = torch.arange(10.0)[:, None, None, None].expand(10, 2, 5, 6)
LABELS = torch.arange(10)
MASK = LABELS % 3 == 1


@pytest.mark.parametrize(
    "dataset",
    [
        TensorDataset(IMAGES, LABELS),
        TensorDataset(IMAGES),
        IMAGES,
        list(IMAGES),
        list(zip(IMAGES, LABELS.tolist(), strict=True)),
        IMAGES.numpy(),
        Items(lambda index: IMAGES[index]),
        Items(lambda index: (IMAGES[index],)),
        Items(lambda index: (IMAGES[index], index)),
        Items(lambda index: [IMAGES[index], str(index)]),
        Items(lambda index: (IMAGES[index].numpy(), index)),
        Subset(TensorDataset(IMAGES), range(10)),
        Subset(TensorDataset(IMAGES), LABELS),
        Subset(IMAGES, LABELS.numpy()),
        AutoEncodeDataset(IMAGES),
    ],
)
def test_pairs_are_the_input_twice(dataset):
    pairs = AutoEncodeDataset(dataset)
    assert len(pairs) == 10
    x, target = pairs[3]
    assert x is target
    assert torch.equal(x, IMAGES[3])  # and no channel of it taken for a label
    found = list(batches(pairs, 4))
    assert [len(x) for x, _ in found] == [4, 4, 2]
    assert torch.equal(torch.cat([x for x, _ in found]), IMAGES)
    assert torch.equal(torch.cat([target for _, target in found]), IMAGES)


def test_pairs_take_many_indices_where_the_dataset_does():
    for dataset in (IMAGES, TensorDataset(IMAGES), TensorDataset(IMAGES, LABELS)):
        pairs = AutoEncodeDataset(dataset)
        for index in ([0, 4, 8], torch.tensor([0, 4, 8]), slice(0, 9, 4)):
            x, target = pairs[index]
            assert x is target
            assert torch.equal(x, IMAGES[[0, 4, 8]])


@pytest.mark.parametrize("indices", [torch.where(MASK)[0], list(torch.where(MASK)[0])])
def test_a_subset_by_a_condition_is_that_of_a_plain_data_loader(indices):
    subset = Subset(TensorDataset(IMAGES, LABELS), indices)
    plain = list(DataLoader(subset, 2))
    for ours, theirs in zip(batches(subset, 2), plain, strict=True):
        assert torch.equal(ours[0], theirs[0])
        assert torch.equal(ours[1], theirs[1])
    for dataset in (AutoEncodeDataset(subset), Subset(AutoEncodeDataset(IMAGES), indices)):
        for (x, target), theirs in zip(batches(dataset, 2), plain, strict=True):
            assert torch.equal(x, theirs[0])
            assert torch.equal(target, theirs[0])


def test_looking_at_the_first_item_changes_no_later_draw():
    noisy = Items(lambda index: (torch.rand(3), index))
    before = torch.get_rng_state()
    AutoEncodeDataset(noisy)
    batches(noisy)
    assert torch.equal(before, torch.get_rng_state())


def test_check_item_gives_the_input_of_the_first_item():
    assert torch.equal(check_item(TensorDataset(IMAGES, LABELS)), IMAGES[0])
    assert check_item([torch.zeros(3, dtype=torch.float16)]).shape == (3,)
    torch.set_default_dtype(torch.float64)
    try:  # then models compute in double precision
        assert check_item(torch.zeros(2, 3)).dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("shape", [(5, 6), (28, 28), (1, 28, 28), (3, 32, 32), (3, 4, 3), (7, 2)])
def test_shapes_that_are_no_images_with_channels_last_pass(shape):
    assert AutoEncodeDataset(torch.zeros(2, *shape))[0][0].shape == shape


ROWS = np.random.default_rng(0).integers(0, 256, (20, 784))  # as scikit-learn gives digits


@pytest.mark.parametrize(
    ("dataset", "error", "message"),
    [
        (3, TypeError, "map-style, .* got int"),
        (set(), TypeError, "map-style, .* got set"),
        (Stream(), TypeError, "map-style.* Stream"),
        (torch.tensor(1.0), TypeError, "map-style.* Tensor"),
        (torch.from_numpy(ROWS / 255), TypeError, r"float64 of shape \(784,\): .* x\.float\(\)$"),
        (ROWS / 255, TypeError, r"torch\.float32, as models compute in, got torch\.float64"),
        (
            TensorDataset(torch.from_numpy(ROWS.astype(np.uint8)), torch.zeros(20)),
            TypeError,
            r"got torch\.uint8 of shape \(784,\): .* x\.float\(\) / 255$",
        ),
        (torch.from_numpy(ROWS), TypeError, r"got torch\.int64"),
        (torch.zeros(9, 28, 28, 1), ValueError, r"\(C, h, w\), .*\(28, 28, 1\).* x\.permute\(2, 0"),
        (torch.zeros(9, 32, 32, 3), ValueError, r"got the shape \(32, 32, 3\)"),
        (torch.zeros(9), ValueError, r"at least one axis, got single numbers"),
        (
            Items(lambda index: {"image": IMAGES[index], "label": index}),
            TypeError,
            r"x, \(x,\) or \(x, y\), .* got a dictionary with the keys \['image', 'label'\]",
        ),
        (Items(lambda index: (IMAGES[index], index, 0)), TypeError, r"a tuple of \(Tensor, int, i"),
        (Items(lambda index: ("a.png", 3)), TypeError, r"got a tuple of \(str, int\)"),
        (Items(lambda index: None), TypeError, "got NoneType"),
        ({"image": IMAGES}, TypeError, r"dataset\[0\] its first item, got dict without a 0"),
        ((IMAGES, LABELS), TypeError, r"got a tuple: use TensorDataset\(\*tensors\)"),
        (Subset(IMAGES, MASK), ValueError, r"true and false: use .*torch\.where\(mask\)\[0\]"),
        (Subset(IMAGES, MASK.tolist()), ValueError, r"true and false"),
        (Subset(IMAGES, MASK.numpy()), ValueError, r"true and false"),
    ],
)
def test_what_cannot_be_pairs_is_refused(dataset, error, message):
    with pytest.raises(error, match=message):
        AutoEncodeDataset(dataset)


def test_an_empty_dataset_has_no_first_item_to_refuse():
    assert len(AutoEncodeDataset(TensorDataset(torch.zeros(0, 3)))) == 0
