"""Exercise 7, LSTM or GRU: its right answers and its common wrong ones."""

import re
from bisect import bisect_right
from collections import Counter

import numpy as np
import torch

import ae_course as ae


def hidden_for(cell, budget, counted=None, more=0):
    # of 1, 2, 3, ... so many keep within the budget: the last of them is their number
    return bisect_right(range(1, 5000), budget, key=lambda h: weights(counted or cell, h)) + more


def weights(cell, hidden):
    with torch.device("meta"):
        model = ae.AutoRegressive(39, hidden_dim=hidden, cell=cell)
    return sum(p.numel() for p in model.parameters())


def pieces(text, n, step=1):
    return [text[i : i + n] for i in range(0, len(text) - n + 1, step)]


def distinct(text, n):
    return len(set(pieces(text, n))) / len(pieces(text, n))


def spoken(text):
    return re.findall("[a-z']+", text)


def share_known(words, known):
    return sum(word in known for word in words) / max(len(words), 1)


RIGHT = {
    "7a": hidden_for,
    "7b": distinct,
    "7c": lambda text, known: share_known(spoken(text), known),
}

# the same answers as others would write them
RIGHT_TOO = [
    ("7b", lambda text, n: round(distinct(text, n), 3)),
]

# task, wrong answer, what it is told
WRONG = [
    ("7a", lambda cell, budget: hidden_for(cell, budget, "gru"), "what a GRU may have"),
    ("7a", lambda cell, budget: hidden_for(cell, budget, "lstm"), "what an LSTM may have"),
    ("7a", lambda cell, budget: hidden_for(cell, budget, more=1), "exceeded"),
    ("7a", lambda cell, budget: hidden_for(cell, budget, more=-1), "still be within"),
    ("7a", lambda cell, budget: weights(cell, hidden_for(cell, budget)), "not that of units"),
    ("7a", lambda cell, budget: 128, "too many"),
    ("7a", lambda cell, budget: 3, "there is room for more"),
    ("7a", lambda cell, budget: -3, "positive integer"),
    ("7b", lambda text, n: len(set(pieces(text, n))), "The share of all groups"),
    ("7b", lambda text, n: 1 - distinct(text, n), "share of repetitions"),
    ("7b", lambda text, n: len(set(pieces(text, n, n))) / len(pieces(text, n, n)), "side by side"),
    (
        "7b",
        lambda text, n: (
            sum(map((lambda c: c == 1), Counter(pieces(text, n)).values())) / len(pieces(text, n))
        ),
        "come once",
    ),
    ("7b", lambda text, n: len(set(pieces(text, n))) / len(text), "fewer groups"),
    ("7b", lambda text, n: len(set(text.split())) / len(text.split()), "takes words"),
    ("7b", lambda text, n: distinct(text, 3), "for groups of 5"),
    ("7b", lambda text, n: distinct(text, 1), "single characters"),
    ("7c", lambda text, known: share_known(text.split(), known), "commas and full stops"),
    ("7c", lambda text, known: share_known(set(spoken(text)), known), "each different word once"),
    ("7c", lambda text, known: share_known(re.findall("[a-z]+", text), known), "the apostrophe"),
    ("7c", lambda text, known: sum(w in known for w in spoken(text)), "a number of words"),
    ("7c", lambda text, known: 1 - share_known(spoken(text), known), "do not exist"),
    ("7c", lambda text, known: np.mean([word in text for word in known]), "which known words"),
    ("7c", lambda text, known: share_known(spoken(text), known) or 0.5, "should give 0"),
    ("7c", lambda text, known: 0.77, "it says 0.770"),
    (
        "7c",
        lambda text, known: sum(word in known for word in spoken(text)) / len(spoken(text)),
        "ZeroDivisionError",
    ),
]
