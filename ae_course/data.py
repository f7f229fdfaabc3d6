"""The dataset of pairs (x, x), and batches fetched by one indexing call."""

from __future__ import annotations

from collections.abc import Sized
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

from ae_course.checks import check_positive_integers
from ae_course.text import AutoRegressiveDataset


class AutoEncodeDataset(Dataset[tuple[Tensor, Tensor]]):
    """Pairs (x, x) from a dataset of pairs (x, y): the input is its own target.

    Parameters
    ----------
    dataset : map-style dataset
        Anything with ``len`` whose items are pairs.

    Raises
    ------
    TypeError
        If `dataset` has no ``len`` or cannot be indexed.

    Examples
    --------
    >>> pairs = AutoEncodeDataset(TensorDataset(torch.rand(9, 1, 28, 28), torch.arange(9)))
    >>> x, target = pairs[3]
    >>> x is target
    True
    >>> pairs[[0, 4, 8]][0].shape
    torch.Size([3, 1, 28, 28])
    """

    def __init__(self, dataset: Dataset[Any]) -> None:
        _check_map_style(dataset)
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)  # type: ignore[arg-type]  # checked to be sized

    def __getitem__(self, index: Any) -> tuple[Tensor, Tensor]:
        x, _ = self.dataset[index]
        return x, x


def batches(
    dataset: Dataset[Any],
    batch_size: int = 128,
    *,
    shuffle: bool = False,
    device: torch.device | str | None = None,
    generator: torch.Generator | None = None,
) -> DataLoader[Any]:
    """Batches of a dataset, each fetched by one indexing call where the dataset allows it.

    A ``TensorDataset``, as from :func:`ae_course.load_mnist`, an :class:`AutoRegressiveDataset`,
    and a subset or an :class:`AutoEncodeDataset` of one, take a whole list of indices. Any other
    map-style dataset is read item by item.

    Parameters
    ----------
    dataset : map-style dataset
    batch_size : int, default=128
        B; the last batch holds what is left.
    shuffle : bool, default=False
        Whether to draw a new order for each pass.
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
        If `dataset` has no ``len`` or cannot be indexed.
    ValueError
        If `dataset` is empty or `batch_size` is not a positive integer.

    Examples
    --------
    >>> loader = batches(TensorDataset(torch.rand(300, 2), torch.arange(300)))
    >>> [len(x) for x, y in loader]
    [128, 128, 44]
    """
    size = _check_map_style(dataset)
    if size == 0:
        raise ValueError("`dataset` must hold at least one item, got an empty dataset")
    check_positive_integers(batch_size=batch_size)

    def put(batch: Any) -> Any:
        return batch if device is None else [part.to(device) for part in batch]

    sized: Any = dataset  # what the check above has found
    order = RandomSampler(sized, generator=generator) if shuffle else SequentialSampler(sized)
    if _takes_many_indices(dataset):
        sampler = BatchSampler(order, batch_size, drop_last=False)
        return DataLoader(
            dataset, sampler=sampler, batch_size=None, collate_fn=put, generator=generator
        )
    return DataLoader(
        dataset,
        batch_size,
        sampler=order,
        collate_fn=lambda items: put(default_collate(items)),
        generator=generator,
    )


def _takes_many_indices(dataset: Dataset[Any]) -> bool:
    if isinstance(dataset, AutoEncodeDataset | Subset):
        return _takes_many_indices(dataset.dataset)
    return isinstance(dataset, TensorDataset | AutoRegressiveDataset)


def _check_map_style(dataset: Any) -> int:
    if not isinstance(dataset, Sized) or not hasattr(dataset, "__getitem__"):
        raise TypeError(
            "`dataset` must be map-style, with len(dataset) and dataset[index], "
            f"got {type(dataset).__name__}"
        )
    return len(dataset)
