"""Exercise 7: two cells of the same size, and three measures of what they write."""

from __future__ import annotations

import re
from typing import Any

import torch

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import NotYet, call, number, refuse_mistakes
from ae_course.models.recurrent import AutoRegressive


def _weights(cell: str, hidden: int) -> int:
    with torch.device("meta"):  # shapes without values
        model = AutoRegressive(39, hidden_dim=hidden, cell=cell)
    return sum(weight.numel() for weight in model.parameters())


def _largest(cell: str, budget: int) -> int:
    low, high = 1, 1024
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _weights(cell, middle) <= budget else (low, middle)
    return low


def check_hidden(hidden_for: Any) -> None:
    """Check task 7a: the hidden size that a budget of weights allows."""
    for cell, budget in (
        ("gru", 60_000),
        ("lstm", 60_000),
        ("lstm", _weights("lstm", 62)),
        ("rnn", 25_000),
    ):
        found = number(call(hidden_for, cell, budget))
        wanted = _largest(cell, budget)
        if found == wanted:
            continue
        table = (
            (_largest("gru", budget), "that is what a GRU may have. Each cell has its own count."),
            (_largest("lstm", budget), "that is what an LSTM may have. Each cell has its own."),
            (wanted + 1, "that is one unit too many: the budget is exceeded."),
            (wanted - 1, "one unit more would still be within the budget."),
            (_weights(cell, wanted), "it gives the number of weights, and not that of units."),
        )
        asked = f"{cell}, {budget:,} weights: "
        refuse_mistakes(
            found, lambda a, b: a == b, [(value, asked + text) for value, text in table]
        )
        if found != int(found) or found < 1:
            raise NotYet(f"a number of units is a positive integer, not {found:g}.")
        has = _weights(cell, int(min(found, 2000)))
        raise NotYet(
            f"{asked}with {found:g} units the network has {has:,} "
            f"weights, {'too many' if has > budget else 'and there is room for more'}."
        )


def _near(found: float, value: float) -> bool:
    return abs(found - value) < 5e-4  # rounding to three digits is no mistake


def check_distinct(distinct: Any) -> None:
    """Check task 7b: the share of groups of characters that are different."""
    text = "the cat and the dog\nand the cat sat and\nthe cat  or ab ab"
    for n in (3, 5):
        groups = [text[i : i + n] for i in range(len(text) - n + 1)]
        apart = [text[i : i + n] for i in range(0, len(text) - n + 1, n)]
        once = [group for group in set(groups) if groups.count(group) == 1]
        right = len(set(groups)) / len(groups)
        found = number(call(distinct, text, n))
        if _near(found, right):
            continue
        table = (
            (len(set(groups)), "it is a number of groups. The share of all groups is asked."),
            (1 - right, "it is the share of repetitions: one minus it."),
            (
                len(set(apart)) / len(apart),
                "the groups stand side by side. One begins at every character.",
            ),
            (
                len(once) / len(groups),
                "it counts groups that come once. Those that come again count too, but only once.",
            ),
            (len(set(groups)) / len(text), "it divides by the characters. There are fewer groups."),
            (
                len(set(text.split())) / len(text.split()),
                "it takes words. Groups of characters are asked.",
            ),
            (len(set(text)) / len(text), "it takes single characters, whatever `n` is."),
        )
        refuse_mistakes(found, _near, table)
        raise NotYet(
            f"in a text of {len(text)} characters, for groups of {n}, {found:.3f} is not the "
            "share. A line end is a character too."
        )


def check_real_words(real_words: Any) -> None:
    """Check task 7c: the share of words that exist."""
    exist = {"to", "be", "or", "not", "that's", "'tis"}
    text = "'tis to bee, or not: to be!\nthat's be-or 'twas toto."
    words = re.findall(r"[a-z']+", text)
    right = sum(word in exist for word in words)
    loose, each, parts = text.split(), set(words), re.findall(r"[a-z]+", text)
    found = number(call(real_words, text, exist))
    if not _near(found, right / len(words)):
        table = (
            (right, "it is a number of words. The share is asked."),
            (1 - right / len(words), "it is the share of words that do not exist."),
            (
                sum(word in exist for word in loose) / len(loose),
                "commas and full stops stick to its words. A word is letters and apostrophes.",
            ),
            (
                sum(word in exist for word in each) / len(each),
                "it counts each different word once. Every word that was written counts.",
            ),
            (
                sum(word in exist for word in parts) / len(parts),
                "it cuts words at the apostrophe. `that's` is one word, and so is `'tis`.",
            ),
            (
                sum(word in text for word in exist) / len(exist),
                "it asks which known words occur. The written words are the whole.",
            ),
        )
        refuse_mistakes(found, _near, table)
        raise NotYet(f"of {len(words)} words, {right} are known, and it says {found:.3f}.")
    if number(call(real_words, "!!", exist), "the result for no words") != 0:
        raise NotYet("a text without words should give 0.")


CHECKS = {"7a": check_hidden, "7b": check_distinct, "7c": check_real_words, "7d": check_comparison}
