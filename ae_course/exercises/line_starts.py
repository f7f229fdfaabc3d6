"""Exercise 8: chunks that begin where lines begin."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ae_course.exercises.saying import NotYet, call
from ae_course.text import Vocabulary

TEXT = "one:\nto be,\nor not.\n\ntwo:\nno more;\n\n\nand so"


def _integers(value: Any, what: str) -> list[int]:
    try:
        return [int(number) for number in np.asarray(value).ravel()]
    except (TypeError, ValueError):
        raise NotYet(f"{what} should be whole numbers, not a {type(value).__name__}.") from None


def check_starts(line_starts: Any) -> None:
    found = _integers(call(line_starts, TEXT), "the result")
    ends = [place for place, character in enumerate(TEXT) if character == "\n"]
    every = [0, *(end + 1 for end in ends)]
    wanted = [place for place in every if place < len(TEXT) and TEXT[place] != "\n"]
    for value, sentence in (
        (wanted, None),
        (ends, "these are the places of the line ends. A line begins one place later."),
        (every, "blank lines are among them. Leave out those that begin with a line end."),
        (every[1:], "the first line is missing, and blank lines are among them."),
        (wanted[1:], "the first line is missing. It has no line end before it."),
        (
            list(range(len(TEXT.splitlines()))),
            "it numbers the lines. Places in the text are asked.",
        ),
        (
            [TEXT.index(line) for line in TEXT.splitlines() if line],
            "a line that occurs twice is found in its first place only.",
        ),
    ):
        if found == value:
            if sentence is None:
                break
            raise NotYet(sentence)
    else:
        raise NotYet(
            f"in {TEXT[:20]!r}… lines that are not blank begin at {wanted[:3]}…, and it "
            f"finds {found[:3]}…."
        )
    twice = _integers(call(line_starts, "so\nso\nso"), "the result")
    if twice != [0, 3, 6]:
        raise NotYet(f"in 'so\\nso\\nso' lines begin at [0, 3, 6], and it finds {twice}.")


def check_pairs(pairs: Any) -> None:
    vocab = Vocabulary(TEXT)
    tokens = vocab.encode(TEXT)
    length, starts = 10, [0, 5, 21, len(TEXT) - 11, len(TEXT) - 10, len(TEXT) - 3]
    found = call(pairs, tokens, starts, length)
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise NotYet("it should return a pair: x and y.")
    x, y = found
    for name, part in (("x", x), ("y", y)):
        if not isinstance(part, Tensor) or part.ndim != 2 or part.dtype != torch.int64:
            raise NotYet(f"{name} should be a tensor of whole numbers with a row for each chunk.")
    if len(x) != len(y):
        raise NotYet(f"x has {len(x)} chunks and y has {len(y)}.")
    if x.shape[1] != length or y.shape[1] != length:
        raise NotYet(
            f"chunks of {length} characters are asked, and x has {x.shape[1]}, y {y.shape[1]}."
        )
    if len(x) == len(starts):
        raise NotYet("the last chunks do not fit into the text. Leave them out: y needs one more.")
    if len(x) == 3:
        raise NotYet("a chunk that ends with the last character but one still fits. Keep it.")
    if len(x) != 4:
        raise NotYet(f"of six starts four leave room for x and y, and it keeps {len(x)}.")
    right = torch.stack([tokens[start : start + length + 1] for start in starts[:4]])
    if torch.equal(x, right[:, 1:]) and torch.equal(y, right[:, :-1]):
        raise NotYet("x and y are exchanged: the target is one place *further on*.")
    if not torch.equal(x, right[:, :-1]):
        raise NotYet("x does not begin where the chunks should.")
    if torch.equal(y, x):
        raise NotYet("y is x itself. The target is the *next* character.")
    if not torch.equal(y, right[:, 1:]):
        raise NotYet("y is not x one place further on. Its last character is the one after x.")


CHECKS = {"8a": check_starts, "8b": check_pairs}
