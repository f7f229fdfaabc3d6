"""Text as numbers: a vocabulary, and chunks whose target is the next character."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from ae_course.checks import check_positive_integers

STARTS = ("anywhere", "line")


class Vocabulary:
    """The characters of a text, sorted and numbered from 0.

    Parameters
    ----------
    text : str

    Attributes
    ----------
    characters : str
        Each character once; its place is its number.

    Raises
    ------
    TypeError, ValueError
        If `text` is not a string, or is empty.

    Examples
    --------
    >>> vocab = Vocabulary("to be or not to be")
    >>> vocab.characters
    ' benort'
    >>> vocab.encode("bee").tolist()
    [1, 2, 2]
    >>> vocab.decode([3, 4, 6])
    'not'
    """

    def __init__(self, text: str) -> None:
        _check_text(text)
        self.characters = "".join(sorted(set(text)))
        self._number = {character: number for number, character in enumerate(self.characters)}

    def __len__(self) -> int:
        return len(self.characters)

    def __repr__(self) -> str:
        return f"Vocabulary({self.characters!r})"

    def encode(self, text: str) -> Tensor:
        """The numbers of the characters, int64 of shape (T,).

        Raises
        ------
        TypeError
            If `text` is not a string.
        ValueError
            If a character is not in the vocabulary: which, and where.
        """
        if not isinstance(text, str):
            raise TypeError(f"`text` must be a string, got {type(text).__name__}")
        try:
            numbers = [self._number[character] for character in text]
        except KeyError as error:
            character = error.args[0]
            hint = " (a Windows line end: text.replace('\\r\\n', '\\n'))" * (character == "\r")
            raise ValueError(
                f"`text` must hold characters of the vocabulary only, got {character!r} "
                f"(U+{ord(character):04X}) at position {text.index(character):,}{hint}; "
                f"it has {self.characters!r}"
            ) from None
        return torch.tensor(numbers, dtype=torch.int64)

    def decode(self, tokens: Tensor | Iterable[int]) -> str:
        """The text of a sequence of numbers, of shape (T,).

        Raises
        ------
        ValueError
            If the numbers are not one sequence, or one is not from 0 to ``len(vocab) - 1``.
        """
        if isinstance(tokens, Tensor) and tokens.ndim != 1:
            raise ValueError(f"`tokens` must have the shape (T,), got {tuple(tokens.shape)}")
        numbers = tokens.tolist() if isinstance(tokens, Tensor) else list(tokens)
        for place, number in enumerate(numbers):
            if not 0 <= number < len(self):
                raise ValueError(
                    f"`tokens` must be numbers from 0 to {len(self) - 1}, got {number} "
                    f"at position {place:,}"
                )
        return "".join(self.characters[number] for number in numbers)


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


def _check_text(text: Any) -> None:
    if not isinstance(text, str):
        raise TypeError(f"`text` must be a string, got {type(text).__name__}")
    if not text:
        raise ValueError("`text` must hold at least one character, got an empty string")
