"""Exercise 8, where a chunk begins: its right answers and its common wrong ones."""

import numpy as np
import torch


def line_starts(text):
    before = "\n" + text
    return [i for i, c in enumerate(text) if before[i] == "\n" and c != "\n"]


def every_line(text):
    return [0, *(i + 1 for i, c in enumerate(text) if c == "\n")]


def chunk_pairs(tokens, starts, length, room=1):
    fits = [tokens[i : i + length + 1] for i in starts if i + length + room <= len(tokens)]
    both = torch.stack(fits)
    return both[:, :-1], both[:, 1:]


def only_letters(text):
    return [place for place in line_starts(text) if text[place].isalpha()]


RIGHT = {
    "8a": line_starts,
    "8b": chunk_pairs,
}

# the same answers as others would write them
RIGHT_TOO = [
    ("8a", lambda text: np.array(line_starts(text))),
    ("8b", lambda t, starts, n: chunk_pairs(t, torch.tensor(starts), n)),
]

# task, wrong answer, what it is told
WRONG = [
    ("8a", lambda text: [i for i, c in enumerate(text) if c == "\n"], "one place later"),
    ("8a", every_line, "blank lines are among them"),
    ("8a", lambda text: [i for i in line_starts(text) if i], "the first line is missing"),
    ("8a", lambda text: sorted({0, *line_starts(text)}), "begins with a blank line"),
    ("8a", lambda text: [*line_starts(text), len(text)], "the end of the text"),
    ("8a", lambda text: [i + 0.5 for i in line_starts(text)], "whole numbers"),
    ("8a", lambda text: list(range(len(text.splitlines()))), "numbers the lines"),
    (
        "8a",
        lambda text: [text.index(line) for line in text.splitlines() if line],
        "'so\\nso\\nso'",
    ),
    ("8a", lambda text: [5, 6], "it finds [5, 6]"),
    ("8b", lambda *asked: chunk_pairs(*asked)[::-1], "exchanged"),
    ("8b", lambda *asked: 2 * (chunk_pairs(*asked)[0],), "y is x itself"),
    ("8b", lambda *asked: chunk_pairs(*asked)[0], "a pair"),
    ("8b", lambda *asked: chunk_pairs(*asked, room=2), "still fits"),
    ("8b", lambda t, s, n: chunk_pairs(t, s[:1], n), "in no special order"),
    ("8b", lambda t, s, n: chunk_pairs(t, sorted(s), n), "in another order"),
    (
        "8b",
        lambda tokens, starts, length: chunk_pairs(torch.cat([tokens, tokens]), starts, length),
        "do not fit",
    ),
    ("8b", lambda tokens, starts, length: chunk_pairs(tokens, starts, length - 1), "has 9"),
    ("8b", lambda t, s, n: [part.tolist() for part in chunk_pairs(t, s, n)], "a tensor of whole"),
    ("8b", lambda t, s, n: chunk_pairs(t.roll(1), s, n), "begin where"),
    ("8b", lambda t, s, n: (chunk_pairs(t, s, n)[0], chunk_pairs(t, s, n)[1].flip(1)), "further"),
    ("8a", only_letters, "any character"),
]
