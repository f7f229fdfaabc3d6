"""The dataset of pieces of a text, whose target is the next character."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from ae_course.data.vocabulary import Vocabulary, check_text
from ae_course.utils.validation import check_positive_integers

STARTS = ("anywhere", "line")
LINE_ENDS = "\n\r"  # of Unix, of old Macs, and both together of Windows


class AutoRegressiveDataset(Dataset[tuple[Tensor, Tensor]]):
    r"""Pairs (x, y) of `chunk` characters each; y is x one place further on in the text.

    Both are int64 of shape (T,), with T = `chunk`; for a batch of indices, of shape (B, T).

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
        line that is not blank, so chunks overlap. A line ends with ``\n``, ``\r\n`` or ``\r``;
        the text itself is left as it is.
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
        check_text(text)
        if not isinstance(vocab, Vocabulary):
            raise TypeError(f"`vocab` must be a Vocabulary, got {type(vocab).__name__}")
        check_positive_integers(chunk=chunk)
        if start not in STARTS:
            raise ValueError(f"`start` must be one of {STARTS}, got {start!r}")
        if stride is not None and (
            start != "anywhere" or not isinstance(stride, Integral) or stride < 1
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
            begins = [
                place
                for place in range(last)
                if text[place] not in LINE_ENDS and (place == 0 or text[place - 1] in LINE_ENDS)
            ]
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
