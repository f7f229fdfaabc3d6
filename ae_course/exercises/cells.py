"""Exercise 7: a network converted, two cells of one size, and measures of what they write."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import NotYet, agree, call, number, refuse_mistakes, tensor
from ae_course.exercises.networks import build_model, refuse_untrained
from ae_course.models.recurrent import AutoRegressive


def check_conversion(reader: Any) -> None:
    """Check task 7a: a stack of LSTM cells in the place of one of GRU cells."""
    net = build_model(reader, 11, 6)
    for name in ("embed", "cells", "head", "start", "step"):
        if not hasattr(net, name):
            raise NotYet(f"it has no `{name}`. Keep the names of the class that you convert.")
    _refuse_other_cells(net, 6, layers=2)
    _refuse_other_cells(build_model(reader, 11, 4, 3), 4, layers=3)
    x = torch.randint(11, (3, 5))
    with torch.no_grad():
        found = tensor(call(net, x), (3, 5, 11), "for 3 texts of 5 characters, the logits")
        if not agree(found, _read(net, x)):
            table = (
                (_read(net, x, forget=True), "c is zero at each step. It goes on like h."),
                (_read(net, x, swap=True), "h and c are exchanged: a cell gives (h, c)."),
                (_read(net, x, upward=1), "c goes on to the next cell. It is h that others see."),
                (_read(net, x, shared=True), "all cells share a state. Each keeps its own."),
                (_read(net, x, fresh=True), "each step begins from zeros. Hand the state on."),
            )
            refuse_mistakes(found, agree, table)
            raise NotYet("these are not the logits that its cells give, one on top of the other.")
        state = call(net.start, 3)
        for place in range(5):
            result = call(net.step, x[:, place], state, copies=False)
            if not isinstance(result, tuple) or len(result) != 2:
                raise NotYet("`step` should return a pair: the logits and the new state.")
            if not agree(result[0], found[:, place]):
                raise NotYet(f"at place {place}, `step` gives other logits than `forward`.")
            state = result[1]
    refuse_untrained(net, x)


def _refuse_other_cells(net: nn.Module, hidden: int, layers: int) -> None:
    cells = [layer for layer in net.modules() if isinstance(layer, nn.RNNCellBase)]
    if not all(isinstance(cell, nn.LSTMCell) for cell in cells):
        raise NotYet("there is a cell of another kind in it. Convert all of them.")
    if len(cells) != layers:
        raise NotYet(f"asked for {layers} layers, it has {len(cells)} of nn.LSTMCell.")
    if any(cell.hidden_size != hidden for cell in cells):
        raise NotYet(f"asked for {hidden} units, a cell has {cells[0].hidden_size}.")


def _read(
    net: Any,
    x: Tensor,
    *,
    forget: bool = False,
    swap: bool = False,
    upward: int = 0,
    shared: bool = False,
    fresh: bool = False,
) -> Tensor:
    """Give the logits of a stack of cells, or those of a common mistake."""
    zeros = [cell.weight_hh.new_zeros(2, len(x), cell.hidden_size) for cell in net.cells]
    state = [tuple(pair) for pair in zeros]
    logits = []
    for place in range(x.shape[1]):
        out = net.embed(x[:, place])
        for layer, cell in enumerate(net.cells):
            own = 0 if shared else layer
            h, c = tuple(zeros[layer]) if fresh else state[own]
            h, c = cell(out, (h, 0 * c if forget else c))
            state[own] = (c, h) if swap else (h, c)
            out = (h, c)[upward if layer + 1 < len(net.cells) else 0]
        logits.append(net.head(out))
    return torch.stack(logits, dim=1)


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
    """Check task 7b: the hidden size that a budget of weights allows."""
    for cell, budget in (
        ("gru", 60_000),
        ("lstm", 60_000),
        ("lstm", _weights("lstm", 62)),
        ("rnn", 25_000),
    ):
        result = call(hidden_for, cell, budget)
        found = number(result)
        wanted = _largest(cell, budget)
        if found == wanted:
            if isinstance(result, float | np.floating):
                raise NotYet(f"no layer has {result} units. Give a whole number, {wanted}.")
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
    """Check task 7c: the share of groups of characters that are different."""
    text = "the cat and the dog\nAnd the cat sat and\nthe cat  or ab ab "
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
    """Check task 7d: the share of words that exist."""
    exist = {"to", "be", "or", "not", "that's", "'tis"}
    text = "'tis to bee, or not: to be!\nthat's be-or 'twas toto 2."
    words = re.findall(r"[a-z']+", text)
    right = sum(word in exist for word in words)
    loose, each, parts = text.split(), set(words), re.findall(r"[a-z]+", text)
    found = number(call(real_words, text, exist))
    if not _near(found, right / len(words)):
        digits = re.findall(r"[\w']+", text)
        table = (
            (right, "it is a number of words. The share is asked."),
            (right / len(digits), "`2` is no word of letters."),
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


CHECKS = {
    "7a": check_conversion,
    "7b": check_hidden,
    "7c": check_distinct,
    "7d": check_real_words,
    "7e": check_comparison,
}
