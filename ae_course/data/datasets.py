"""The dataset of pairs (x, x), and batches fetched by one indexing call."""

from __future__ import annotations

from collections.abc import Sized
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

from ae_course.data.vocabulary import Vocabulary, _check_text
from ae_course.utils.validation import check_positive_integers


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


STARTS = ("anywhere", "line")


class AutoRegressiveDataset(Dataset[tuple[Tensor, Tensor]]):
    """Pairs (x, y) of `chunk` characters each; y is x one place further on in the text.

    Indexed by a number, a slice or a whole batch of indices. Keep some text back for testing by
    cutting it off first, and make a dataset of each part: then no chunk crosses the cut.

    Parameters
    ----------
    text : str
    vocab : Vocabulary
    chunk : int, default=250
        T, the length of x and of y.
    start : {"anywhere", "line"}, default="anywhere"
        With "anywhere" a chunk begins every `stride` characters. With "line" one begins at each
        line that is not blank, so chunks overlap.
    stride : int, optional
        By default `chunk`: the chunks follow each other, and together the x are the text, but for
        a rest at its end, of at most a chunk. With less, chunks overlap, and a pass over
        the data shows the same text cut in several places.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind above, `text` has a character that is not in `vocab`, or
        is too short for one chunk.

    Examples
    --------
    >>> text = "to be or not to be"
    >>> vocab = Vocabulary(text)
    >>> x, y = AutoRegressiveDataset(text, vocab, chunk=5)[1]
    >>> vocab.decode(x), vocab.decode(y)
    (' or n', 'or no')
    """

    def __init__(
        self,
        text: str,
        vocab: Vocabulary,
        *,
        chunk: int = 250,
        start: str = "anywhere",
        stride: int | None = None,
    ) -> None:
        _check_text(text)
        if not isinstance(vocab, Vocabulary):
            raise TypeError(f"`vocab` must be a Vocabulary, got {type(vocab).__name__}")
        check_positive_integers(chunk=chunk)
        if start not in STARTS:
            raise ValueError(f"`start` must be one of {STARTS}, got {start!r}")
        if stride is not None and (
            start != "anywhere" or not isinstance(stride, int | Integral) or stride < 1
        ):
            raise ValueError(
                f'`stride` must be a positive integer, with start="anywhere", got {stride!r} '
                f"with start={start!r}"
            )
        if len(text) < chunk + 1:
            raise ValueError(
                f"`text` must have at least chunk + 1 = {chunk + 1:,} characters, got {len(text):,}"
            )
        tokens = vocab.encode(text)
        last = len(text) - chunk  # a start must lie before it: the target needs one more character
        if start == "anywhere":
            self.starts = torch.arange(0, last, stride or chunk)
        else:
            begins = [i for i in range(last) if text[i] != "\n" and (i == 0 or text[i - 1] == "\n")]
            if not begins:
                raise ValueError(
                    f"`text` must have a line that begins {chunk + 1:,} characters before its end"
                )
            self.starts = torch.tensor(begins)
        self._windows = tokens.unfold(0, int(chunk), 1)  # (N - T + 1, T), a view: nothing is copied

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, index: Any) -> tuple[Tensor, Tensor]:
        start = self.starts[index]
        return self._windows[start], self._windows[start + 1]
