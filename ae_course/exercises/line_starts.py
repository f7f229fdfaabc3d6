"""Exercise 8: chunks that begin where lines begin."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ae_course.data.vocabulary import Vocabulary
from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import NotYet, array, call, described, refuse_mistakes

TEXT = "\n\none:\nto be,\nor not.\n\ntwo:\nno more;\n\n\nand so\n"


def _places(value: Any) -> list[int]:
    try:
        length = len(value)
    except TypeError:
        raise NotYet(f"it should return a list of places, not {described(value)}.") from None
    found = array(value, (length,), "the list of places")
    if (found != found.round()).any():
        raise NotYet("places are whole numbers.")
    return [int(place) for place in found]


def check_starts(line_starts: Any) -> None:
    """Check task 8a: the places where lines start."""
    found = _places(call(line_starts, TEXT))
    ends = [place for place, character in enumerate(TEXT) if character == "\n"]
    every = [0, *(end + 1 for end in ends)]
    wanted = [place for place in every if place < len(TEXT) and TEXT[place] != "\n"]
    if found != wanted:
        table = (
            (ends, "these are the places of the line ends. A line begins one place later."),
            (every, "blank lines are among them. Leave out those that begin with a line end."),
            (every[:-1], "blank lines are among them. Leave out those that begin with a line end."),
            ([0, *wanted], "the text begins with a blank line, and 0 is among the places."),
            ([*wanted, len(TEXT)], "the end of the text is among them. Nothing begins there."),
            (
                list(range(len(TEXT.splitlines()))),
                "it numbers the lines. Places in the text are asked.",
            ),
        )
        refuse_mistakes(found, lambda a, b: a == b, table)
        raise NotYet(
            f"in {TEXT[:20]!r}… lines that are not blank begin at {wanted[:3]}…, and it finds "
            f"{found[:3]}…."
        )
    twice = _places(call(line_starts, "so\nso\nso"))
    if twice == [3, 6]:
        raise NotYet("the first line is missing. It has no line end before it.")
    if twice != [0, 3, 6]:
        raise NotYet(f"in 'so\\nso\\nso' lines begin at [0, 3, 6], and it finds {twice}.")
    other = _places(call(line_starts, "'tis\n so\no"))
    if other != [0, 5, 9]:
        raise NotYet(
            'lines begin with any character, and may have only one: for "\'tis\\n so\\no" that '
            f"is [0, 5, 9], and it finds {other}."
        )


def check_pairs(pairs: Any) -> None:
    """Check task 8b: chunks that start there, and their targets."""
    vocab = Vocabulary(TEXT)
    tokens = vocab.encode(TEXT)
    length, last = 10, len(TEXT) - 11
    starts = [21, len(TEXT) - 3, 0, last, last + 1, 5, 5]
    fit = [21, 0, last, 5, 5]
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
        raise NotYet("some chunks do not fit into the text. Leave them out: y needs one more.")
    if len(x) == len(fit) - 1:
        raise NotYet(
            f"of seven starts, five leave room for x and y, and it keeps {len(x)}. A chunk whose y "
            "ends with the last character still fits, and a start that comes twice counts twice."
        )
    if len(x) != len(fit):
        raise NotYet(
            f"of seven starts, in no special order, five leave room for x and y, and it keeps "
            f"{len(x)}."
        )
    right = torch.stack([tokens[start : start + length + 1] for start in fit])
    if torch.equal(x, right[:, 1:]) and torch.equal(y, right[:, :-1]):
        raise NotYet("x and y are exchanged: the target is one place *further on*.")
    if not torch.equal(x, right[:, :-1]):
        raise NotYet("x does not begin where the chunks should, or they are in another order.")
    if torch.equal(y, x):
        raise NotYet("y is x itself. The target is the *next* character.")
    if not torch.equal(y, right[:, 1:]):
        raise NotYet("y is not x one place further on. Its last character is the one after x.")


CHECKS = {"8a": check_starts, "8b": check_pairs, "8c": check_comparison}
