"""The dataset of pairs (x, x), and batches fetched by one indexing call."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    RandomSampler,
    SequentialSampler,
    Subset,
    TensorDataset,
    default_collate,
)

from ae_course.data.chunks import AutoRegressiveDataset
from ae_course.data.images import ImageDataset
from ae_course.data.items import check_collatable, check_item, check_map_style, input_of
from ae_course.utils.validation import check_positive_integers


class AutoEncodeDataset(Dataset[tuple[Tensor, Tensor]]):
    """Pairs (x, x) from a dataset of x, or of pairs (x, y): the input is its own target.

    Parameters
    ----------
    dataset : map-style dataset
        Anything with ``len`` whose items are x, (x,) or (x, y), for instance images of shape
        (C, h, w) or rows of shape (D,): a dataset of PyTorch's, with labels or without, a tensor of
        shape (N, ...), or a list of tensors. Arrays become tensors.

    Raises
    ------
    TypeError, ValueError
        If `dataset` has no ``len`` or cannot be indexed, or its first x is no tensor or
        array of floating-point numbers with at least one axis, or an image with its channels last.

    Examples
    --------
    >>> pairs = AutoEncodeDataset(TensorDataset(torch.rand(9, 1, 28, 28), torch.arange(9)))
    >>> x, target = pairs[3]
    >>> x is target
    True
    >>> pairs[[0, 4, 8]][0].shape
    torch.Size([3, 1, 28, 28])
    >>> len(AutoEncodeDataset(torch.rand(9, 1, 28, 28)))
    9
    """

    def __init__(self, dataset: Dataset[Any] | Tensor) -> None:
        if check_map_style(dataset) > 0:
            check_item(dataset)
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)  # type: ignore[arg-type]  # checked to be sized

    def __getitem__(self, index: Any) -> tuple[Tensor, Tensor]:
        x = input_of(self.dataset[index])
        return x, x


def batches(
    dataset: Dataset[Any] | Tensor,
    batch_size: int = 128,
    *,
    shuffle: bool = False,
    drop_last: bool = False,
    device: torch.device | str | None = None,
    generator: torch.Generator | None = None,
) -> DataLoader[Any]:
    """Make batches of a dataset, each by one indexing call where the dataset allows it.

    A ``TensorDataset``, what :func:`~ae_course.load_images` gives, an
    :class:`AutoRegressiveDataset`, a tensor, and a subset or an :class:`AutoEncodeDataset` of one,
    take a whole list of indices. Any other map-style dataset is read item by item, a subclass of
    these too, since it may do something else for each item.

    Parameters
    ----------
    dataset : map-style dataset
    batch_size : int, default=128
        B; the last batch holds what is left.
    shuffle : bool, default=False
        Whether to draw a new order for each pass.
    drop_last : bool, default=False
        Whether to leave out a last batch that is smaller than the others. Batch normalisation
        (``nn.BatchNorm1d`` and its kin) cannot train on a batch of one item.
    device : torch.device or str, optional
        Where the batches are put; by default they stay where the dataset has them.
    generator : torch.Generator, optional
        What draws the order; by default PyTorch's global generator.

    Returns
    -------
    DataLoader
        Iterable, with ``len`` the number of batches.

    Raises
    ------
    TypeError
        If `dataset` has no ``len`` or cannot be indexed, or its items cannot be stacked.
    ValueError
        If `dataset` is empty, `batch_size` is not a positive integer, or `drop_last` would leave
        no batch.

    Examples
    --------
    >>> loader = batches(TensorDataset(torch.rand(300, 2), torch.arange(300)))
    >>> [len(x) for x, y in loader]
    [128, 128, 44]
    """
    size = check_map_style(dataset)
    if size == 0:
        raise ValueError("`dataset` must hold at least one item, got an empty dataset")
    check_positive_integers(batch_size=batch_size)
    if drop_last and batch_size > size:
        raise ValueError(
            f"`batch_size` must be at most {size:,}, the size of `dataset`, with drop_last=True, "
            f"got {batch_size:,}"
        )

    def put(batch: Any) -> Any:
        return batch if device is None else _moved(batch, device)

    sized: Any = dataset  # what the check above has found
    order = RandomSampler(sized, generator=generator) if shuffle else SequentialSampler(sized)
    if _takes_many_indices(dataset):
        sampler = BatchSampler(order, batch_size, drop_last=drop_last)
        return DataLoader(
            sized, sampler=sampler, batch_size=None, collate_fn=put, generator=generator
        )
    check_collatable(dataset)
    return DataLoader(
        sized,
        batch_size,
        sampler=order,
        collate_fn=lambda items: put(default_collate(items)),
        drop_last=drop_last,
        generator=generator,
    )


def _moved(batch: Any, device: torch.device | str) -> Any:
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: _moved(part, device) for key, part in batch.items()}
    if isinstance(batch, list | tuple):
        return [_moved(part, device) for part in batch]
    return batch  # a name, for instance


def _takes_many_indices(dataset: Any) -> bool:
    """Whether dataset[list of indices] is known to be the batch that single items would give."""
    if type(dataset) is Subset:  # a tensor of indices would be taken for a list of tensors
        whole = isinstance(dataset.indices, range) or all(
            isinstance(index, Integral) for index in dataset.indices
        )
        return whole and _takes_many_indices(dataset.dataset)
    if type(dataset) is AutoEncodeDataset:
        return _takes_many_indices(dataset.dataset)
    return type(dataset) in (TensorDataset, ImageDataset, AutoRegressiveDataset, Tensor)
