"""Exercise 7: two cells of the same size, and three measures of what they write."""

from __future__ import annotations

import re
from typing import Any

import torch

from ae_course.autoregressive import AutoRegressive
from ae_course.exercises.saying import NotYet, array, call


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
    for cell, budget in (("gru", 60_000), ("lstm", 60_000), ("lstm", 25_000), ("rnn", 25_000)):
        found = float(array(call(hidden_for, cell, budget), (), "the result"))
        wanted = _largest(cell, budget)
        if found == wanted:
            continue
        for value, sentence in (
            (_largest("gru", budget), "that is what a GRU may have. Each cell has its own count."),
            (_largest("lstm", budget), "that is what an LSTM may have. Each cell has its own."),
            (wanted + 1, "that is one unit too many: the budget is exceeded."),
            (wanted - 1, "one unit more would still be within the budget."),
            (_weights(cell, wanted), "it gives the number of weights, and not that of units."),
        ):
            if found == value:
                raise NotYet(f"{cell}, {budget:,} weights: {sentence}")
        if found != int(found) or found < 1:
            raise NotYet(f"a number of units is a positive integer, not {found:g}.")
        has = _weights(cell, int(min(found, 2000)))
        raise NotYet(
            f"{cell}, {budget:,} weights: with {found:g} units the network has {has:,} "
            f"weights, {'too many' if has > budget else 'and there is room for more'}."
        )


def check_distinct(distinct: Any) -> None:
    text = "the cat and the dog and the cat sat and the cat"
    for n in (3, 5):
        groups = [text[i : i + n] for i in range(len(text) - n + 1)]
        apart = [text[i : i + n] for i in range(0, len(text) - n + 1, n)]
        once = [group for group in set(groups) if groups.count(group) == 1]
        found = float(array(call(distinct, text, n), (), "the result"))
        for value, sentence in (
            (len(set(groups)) / len(groups), None),
            (len(set(groups)), "it is a number of groups. The share of all groups is asked."),
            (1 - len(set(groups)) / len(groups), "it is the share of repetitions: one minus it."),
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
        ):
            if abs(found - value) < 1e-6:
                if sentence is None:
                    break
                raise NotYet(sentence)
        else:
            raise NotYet(
                f"in a text of {len(text)} characters, for groups of {n}, {found:.3f} is "
                "not the share."
            )


def check_real_words(real_words: Any) -> None:
    known = {"to", "be", "or", "not", "that's"}
    text = "to bee, or not: to be!\nthat's be-or toto 'tis"
    words = re.findall(r"[a-z']+", text)
    found = float(array(call(real_words, text, known), (), "the result"))
    right = sum(word in known for word in words)
    loose = text.split()
    each = set(words)
    parts = re.findall(r"[a-z]+", text)
    for value, sentence in (
        (right / len(words), None),
        (right, "it is a number of words. The share is asked."),
        (1 - right / len(words), "it is the share of words that do not exist."),
        (
            sum(word in known for word in loose) / len(loose),
            "commas and full stops stick to its words. A word is letters and apostrophes.",
        ),
        (
            sum(word in known for word in each) / len(each),
            "it counts each different word once. Every word that was written counts.",
        ),
        (
            sum(word in known for word in parts) / len(parts),
            "it cuts words at the apostrophe. `that's` is one word.",
        ),
        (
            sum(word in text for word in known) / len(known),
            "it asks which known words occur. The written words are the whole.",
        ),
    ):
        if abs(found - value) < 1e-6:
            if sentence is None:
                break
            raise NotYet(sentence)
    else:
        raise NotYet(f"of {len(words)} words, {right} are known, and it says {found:.3f}.")
    if float(array(call(real_words, "!!", known), (), "the result for no words")) != 0:
        raise NotYet("a text without words should give 0.")


CHECKS = {"7a": check_hidden, "7b": check_distinct, "7c": check_real_words}
