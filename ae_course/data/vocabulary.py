"""Text as numbers: each character has its own, given by a vocabulary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


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
        check_text(text)
        self.characters = "".join(sorted(set(text)))
        self._number = {character: number for number, character in enumerate(self.characters)}

    def __len__(self) -> int:
        return len(self.characters)

    def __repr__(self) -> str:
        return f"Vocabulary({self.characters!r})"

    def encode(self, text: str) -> Tensor:
        """Turn characters into their numbers, int64 of shape (T,).

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
        """Turn a sequence of numbers, of shape (T,), back into text.

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


def check_text(text: Any) -> None:
    """Raise a TypeError if `text` is not a string, a ValueError if it is empty."""
    if not isinstance(text, str):
        raise TypeError(f"`text` must be a string, got {type(text).__name__}")
    if not text:
        raise ValueError("`text` must hold at least one character, got an empty string")
