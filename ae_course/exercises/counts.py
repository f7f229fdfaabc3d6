"""Exercise 10: counts, mutual information, vectors of words and their neighbours."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import (
    NotYet,
    array,
    call,
    close,
    described,
    refuse_mistakes,
    written_apart,
)

Array = NDArray[Any]
TOKENS = [0, 1, 2, 1, 0, 0, 3, 1, 4, 2, 2]
SIZE = 6  # the last word never occurs
TABLE = np.array(
    [[9.0, 1, 0, 3, 0], [2, 7, 1, 0, 0], [0, 0, 0, 0, 0], [1, 1, 9, 2, 0], [0, 3, 0, 1, 6]]
)


def _counted(tokens: list[int], distances: range, right: bool = True, left: bool = True) -> Array:
    table = np.zeros((SIZE, SIZE))
    for place, word in enumerate(tokens):
        for far in distances:
            if right and place + far < len(tokens):
                table[word, tokens[place + far]] += 1
            if left and place - far >= 0:
                table[word, tokens[place - far]] += 1
    return table


def check_cooccurrence(cooccurrence: Any) -> None:
    """Check task 10a: how often each word stands near each other one."""
    for window in (2, 3):
        near = range(1, window + 1)
        found = array(call(cooccurrence, TOKENS, SIZE, window), (SIZE, SIZE), "the table")
        right = _counted(TOKENS, near)
        if close(found, right):
            continue
        after = _counted(TOKENS, near, left=False)
        round_the_end = sum(
            _ones(TOKENS, np.roll(TOKENS, far)) + _ones(TOKENS, np.roll(TOKENS, -far))
            for far in near
        )
        table = [
            (after, "it counts only what stands to the right. A neighbour may stand on either."),
            (after.T, "it counts only what stands to the left. A neighbour may stand on either."),
            (2 * right, "every pair is counted twice as often as it should be."),
            (right + _ones(TOKENS, TOKENS), "it counts each word as a neighbour of itself."),
            (right + 2 * _ones(TOKENS, TOKENS), "it counts each word as its own neighbour."),
            (
                _counted(TOKENS, range(1, window)),
                f"it stops too early: a word {window} places away is within a window of {window}.",
            ),
            (_counted(TOKENS, range(1, window + 2)), "it goes one place too far."),
            (_counted(TOKENS, range(window, window + 1)), "it counts only the farthest place."),
            ((right > 0) * 1.0, "it says whether two words meet. How often is asked."),
            (
                sum(_counted(TOKENS, range(far, far + 1)) / far for far in near),
                "near words count for more. Here each place within the window counts 1.",
            ),
            (
                round_the_end,
                "the end of the text is no neighbour of its beginning.",
            ),
            (
                right * (1 - np.eye(SIZE)),
                "a word may stand near another of its kind: count that too.",
            ),
        ]
        refuse_mistakes(found, close, table)
        raise NotYet(
            f"with a window of {window}, {int(right.sum())} neighbours are in the text of the "
            f"check, and it counts {found.sum():g}. The first row should be "
            f"{right[0].astype(int).tolist()}."
        )


def _ones(words: Any, others: Any) -> Array:
    table = np.zeros((SIZE, SIZE))
    np.add.at(table, (list(words), list(others)), 1)
    return table


def check_positive_pmi(positive_pmi: Any) -> None:
    """Check task 10b: shifted positive pointwise mutual information."""
    for k in (1, 2):
        found = call(positive_pmi, TABLE, k)
        right, table = _pmi(k)
        _refuse_infinite(found)
        values = array(found, TABLE.shape, "the result")
        if close(values, right):
            whole = array(call(positive_pmi, TABLE.astype(int), k), TABLE.shape, "the result")
            if not close(whole, right):
                raise NotYet(
                    "for a table of whole numbers it gives whole numbers. Is the result made with "
                    "`zeros_like(counts)`?"
                )
            continue
        if not values.any():
            raise NotYet(
                "every cell is 0. By chance a pair would come as often as the product of its two "
                "sums, divided by the number of all pairs."
            )
        refuse_mistakes(values, close, table)
        if (values < 0).any():
            raise NotYet("there are numbers below zero. What is below zero becomes 0, at the end.")
        place = np.unravel_index(np.abs(values - right).argmax(), right.shape)
        is_, should_be = written_apart(values[place], right[place])
        row, column = map(int, place)
        raise NotYet(
            f"with k = {k} the cell in row {row} and column {column}, counted from 0, should be "
            f"{should_be}, and it is {is_}. Its pair was seen {TABLE[row, column]:g} times of "
            f"{TABLE.sum():g}, its word {TABLE[row].sum():g} times, its neighbour "
            f"{TABLE[:, column].sum():g} times."
        )


def _pmi(k: float) -> tuple[Array, list[tuple[Array, str]]]:
    """Give the right table, cell by cell, and the usual wrong ones."""
    rows, columns, total = TABLE.sum(1), TABLE.sum(0), TABLE.sum()
    pmi = np.full(TABLE.shape, -np.inf)
    for (w, c), count in np.ndenumerate(TABLE):
        if count:
            pmi[w, c] = math.log(count * total / (rows[w] * columns[c]))
    seen = TABLE > 0
    ratio, shift = np.exp(pmi), math.log(k)
    with np.errstate(divide="ignore", invalid="ignore"):
        swapped = np.log(TABLE * total / np.outer(columns, rows))
    wrong = [
        (ratio, "the logarithm is missing."),
        ((ratio - k).clip(0), "the logarithm is missing."),
        ((pmi / math.log(2) - shift / math.log(2)).clip(0), "it is in bits. Take `np.log`."),
        ((pmi / math.log(10) - shift / math.log(10)).clip(0), "it takes the logarithm to base 10."),
        (np.where(seen, pmi - shift, 0), "numbers below zero are left. They become 0."),
        (pmi.clip(0), f"the shift is missing: ln {k} is subtracted before the positive part."),
        ((pmi - k).clip(0), f"it subtracts {k}, and not its logarithm."),
        ((pmi + shift).clip(0), "it adds the shift. Subtract it."),
        (pmi.clip(0) - shift, "the positive part comes first. Subtract the shift before it."),
        (swapped.clip(0), "sums of rows and of columns are exchanged."),
        ((swapped - shift).clip(0), "sums of rows and of columns are exchanged."),
        (
            (TABLE / total * np.where(seen, pmi, 0) - shift).clip(0),
            "it weights each cell with its probability. The logarithm alone is asked.",
        ),
        (
            (np.log1p(TABLE) - shift).clip(0),
            "it is the logarithm of the count. Divide by what chance would give first.",
        ),
    ]
    with np.errstate(invalid="ignore"):
        table = [(np.nan_to_num(value, neginf=-1e9, posinf=0), text) for value, text in wrong]
    return (pmi - shift).clip(0), table


def _refuse_infinite(found: Any) -> None:
    try:
        values = np.asarray(found, dtype=float)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return  # what it is comes to light later
    if np.isnan(values).any():
        raise NotYet(
            "there is a NaN: a word without neighbours has a row of zeros, and 0 / 0 is none. "
            "Its row should be 0."
        )
    if np.isinf(values).any():
        raise NotYet("there is an infinity: ln 0, from a pair that was never seen. It becomes 0.")


def check_word_vectors(word_vectors: Any) -> None:
    """Check task 10c: the best vectors of so many numbers."""
    table = np.random.default_rng(3).random((7, 7)) * [3, 1, 1, 2, 1, 1, 4]
    for size in (2, 3):
        result = call(word_vectors, table, size)
        if isinstance(result, tuple | list) and len(result) in (2, 3):
            raise NotYet("it returns several tables. The vectors of the words alone are asked.")
        found = array(result, (7, size), "the table of vectors")
        left, strength, right = np.linalg.svd(table)
        flat = np.linalg.svd(table - table.mean(0))
        level = np.linalg.svd(table - table.mean(1, keepdims=True))
        root = np.sqrt(strength)
        wrong = [
            (left[:, :size], "the strengths are missing: it is U alone."),
            ((left * strength)[:, :size], "it is U S. The square root of S goes to the words."),
            ((right.T * root)[:, :size], "these are the vectors of the neighbours, from V."),
            (right.T[:, :size], "it is V alone. The vectors of the words come from U."),
            ((right * root)[:, :size], "`np.linalg.svd` gives V transposed, and the words need U."),
            ((left * root)[:, -size:], "it keeps the weakest directions. Those come last."),
            ((flat[0] * np.sqrt(flat[1]))[:, :size], "it subtracts the mean. Here nothing is."),
            ((level[0] * np.sqrt(level[1]))[:, :size], "it subtracts the mean. Here nothing is."),
            (table[:, :size], "these are columns of the table. Take directions from its SVD."),
        ]
        # signs of directions are free, so products of words are compared
        wanted = (left * root)[:, :size]
        if close(found @ found.T, wanted @ wanted.T):
            continue
        refuse_mistakes(found @ found.T, close, [(one @ one.T, text) for one, text in wrong])
        raise NotYet(f"these are not the first {size} columns of U, each times the root of its S.")


VECTORS = np.array([[2.0, 0, 0], [9, 9, 0], [1, 0.2, 0], [0, 0, 0], [-8, 0.1, 0], [1.2, 0.6, 2.6]])


def check_nearest(nearest: Any) -> None:
    """Check task 10d: the nearest words by cosine."""
    found = _places(call(nearest, VECTORS, 0, 4), 4)
    lengths = np.linalg.norm(VECTORS, axis=1)
    cosine = VECTORS @ VECTORS[0] / np.where(lengths > 0, lengths, 1)
    others = np.arange(1, 6)
    right = others[np.argsort(-cosine[others])][:4].tolist()
    if found != right:
        distance = np.linalg.norm(VECTORS - VECTORS[0], axis=1)
        table = [
            ([0, *right[:3]], "a word is not its own neighbour. Leave it out."),
            (right[::-1], "the order is turned round. The nearest comes first."),
            (others[np.argsort(cosine[others])][:4].tolist(), "these are the farthest."),
            (_order(VECTORS @ VECTORS[0]), "it is by the product. Divide by the lengths."),
            (_order(-distance), "it is by distance. Take the cosine."),
            (_order(abs(cosine)), "an opposite is not near. Keep the sign of the cosine."),
            ([3, *right[:3]], "a vector of zeros comes first. Is there a 0 / 0?"),
            ([3, 0, *right[:2]], "a vector of zeros comes first. Is there a 0 / 0?"),
        ]
        refuse_mistakes(found, lambda a, b: a == b, table)
        raise NotYet(f"near the first vector of the check are {right}, and it finds {found}.")
    if _places(call(nearest, VECTORS, 2, 1), 1) != [0]:
        raise NotYet("it finds the same for every word, or as many as it likes. Use the arguments.")
    if 3 in _places(call(nearest, VECTORS, 3, 5), 5):
        raise NotYet("a word whose vector is zero is not its own neighbour either. Leave it out.")


def _order(score: Array) -> list[int]:
    return [int(place) for place in np.argsort(-score, kind="stable") if place != 0][:4]


def _places(value: Any, count: int) -> list[int]:
    if isinstance(value, str | dict) or not hasattr(value, "__len__"):
        raise NotYet(f"it should return a list of places, not {described(value)}.")
    found = array(value, (count,), "the list of places")
    if (found != found.round()).any():
        raise NotYet("places are whole numbers. It may have returned the cosines.")
    return [int(place) for place in found]


CHECKS = {
    "10a": check_cooccurrence,
    "10b": check_positive_pmi,
    "10c": check_word_vectors,
    "10d": check_nearest,
    "10e": check_comparison,
}
