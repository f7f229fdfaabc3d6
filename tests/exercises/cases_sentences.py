"""Exercise 9, a vector for a sentence: its right answers and its common wrong ones."""

import re

import numpy as np
import torch
from torch import nn

import ae_course as ae


def sentences(text, shortest, longest, speakers=False, joint=" ", mark="[.?!]"):
    lines = [line for line in text.split("\n") if speakers or not line.endswith(":")]
    found = re.findall(rf"[^.?!]+{mark}", joint.join(lines))
    found = [" ".join(one.split()) if joint == " " else one.strip() for one in found]
    return [one for one in found if shortest <= len(one) <= longest]


def vectors(model, vocab, said, take=lambda out, state: state[-1][0], evaluate=True):
    model.train(not evaluate)
    with torch.no_grad():
        return torch.cat([take(*model.read(vocab.encode(one)[None])) for one in said])


def padded(model, vocab, said):
    tokens = [vocab.encode(one) for one in said]
    filled = nn.utils.rnn.pad_sequence(tokens, batch_first=True)
    with torch.no_grad():
        return model.eval().read(filled)[1][-1][0]


def shuffled(codes, labels, n_clusters, times, both=False):
    generator, found = np.random.default_rng(5), []
    for _ in range(times):
        order = generator.permutation(len(labels))
        moved = codes[order] if both else codes
        found.append(
            ae.cluster_homogeneity(moved, np.asarray(labels)[order], n_clusters=n_clusters)
        )
    return found


RIGHT = {
    "9a": sentences,
    "9b": vectors,
    "9c": lambda *asked: np.mean(shuffled(*asked)),
}

# the same answers as others would write them
RIGHT_TOO = [
    ("9b", lambda *asked: list(vectors(*asked))),
    ("9c", lambda *asked: torch.tensor(shuffled(*asked)).mean()),
]

# task, wrong answer, what it is told
WRONG = [
    ("9a", lambda *asked: sentences(*asked, speakers=True), "names of speakers"),
    ("9a", lambda *asked: sentences(*asked, joint="\n"), "over a line end"),
    ("9a", lambda *asked: sentences(*asked, mark=""), "ends with its mark"),
    ("9a", lambda *asked: [" " + one for one in sentences(*asked)], "spaces around"),
    ("9a", lambda text, a, b: sentences(text, a + 1, b), "exactly `shortest`"),
    ("9a", lambda *asked: [], "no sentence at all"),
    ("9a", lambda text, a, b: sentences(text, 0, b), "shorter than"),
    ("9a", lambda text, a, b: sentences(text, 5, 60), "the same lengths"),
    (
        "9a",
        lambda text, a, b: sentences("\n".join(x for x in text.split("\n") if ":" not in x), a, b),
        "a colon inside a line",
    ),
    ("9a", lambda text, a, b: text, "a list of strings"),
    ("9a", lambda *asked: list(dict.fromkeys(sentences(*asked))), "comes twice"),
    ("9b", lambda *asked: vectors(*asked, take=lambda out, state: state[-1][1]), "it is c"),
    ("9b", lambda *asked: vectors(*asked, take=lambda out, state: state[0][0]), "first layer"),
    ("9b", lambda *asked: vectors(*asked, take=lambda out, state: state[1][0]), "second of three"),
    ("9b", lambda *asked: vectors(*asked, take=lambda out, state: out[:, -1]), "after layer norm"),
    ("9b", lambda *asked: vectors(*asked, take=lambda out, state: out.mean(1)), "mean of the out"),
    ("9b", lambda m, v, said: vectors(m, v, [one[:-1] for one in said]), "one character early"),
    ("9b", padded, "after the filling"),
    ("9b", lambda *asked: vectors(*asked, evaluate=False), "model.eval()"),
    ("9b", lambda m, v, said: vectors(m, v, said[:1])[0], "shape (3, 6)"),
    ("9b", lambda *asked: vectors(*asked).requires_grad_(), "carry gradients"),
    ("9b", lambda m, v, said: vectors(m, v, said).flip(0), "in order"),
    ("9c", lambda *asked: np.mean(shuffled(*asked, both=True)), "the true labels"),
    ("9c", lambda *asked: 0, "is not zero"),
    ("9c", lambda *asked: max(shuffled(*asked)), "The largest of several"),
    ("9c", lambda *asked: sum(shuffled(*asked)), "Take the mean"),
    ("9c", lambda codes, labels, k, n: np.mean(shuffled(codes, labels, 2, n)), "as many groups"),
    ("9c", lambda codes, labels, k, n: shuffled(codes, labels, k, 1)[0], "the same as a hundred"),
    ("9c", lambda codes, labels, k, n: np.mean(shuffled(codes, labels, 12, n)), "for 40 groups"),
]
