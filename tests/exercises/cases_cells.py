"""Exercise 7, LSTM or GRU: its right answers and its common wrong ones."""

import re
from bisect import bisect_right
from collections import Counter

import numpy as np
import torch
from torch import nn

import ae_course as ae


class LSTMReader(nn.Module):
    kind = nn.LSTMCell

    def __init__(self, characters, hidden, layers=2):
        super().__init__()
        self.embed = nn.Embedding(characters, 5)
        sizes = [5, *[hidden] * layers]
        self.cells = nn.ModuleList(map(self.kind, sizes[:-1], sizes[1:]))
        self.head = nn.Linear(hidden, characters)

    def start(self, batch):
        return [(torch.zeros(batch, cell.hidden_size),) * 2 for cell in self.cells]

    def pair(self, cell, out, state):
        return cell(out, state)

    def step(self, x, state):
        out, new = self.embed(x), []
        for cell, before in zip(self.cells, state, strict=True):
            new.append(self.pair(cell, out, before))
            out = new[-1][0]
        return self.head(out), new

    def forward(self, x):
        state, logits = self.start(len(x)), []
        for place in range(x.shape[1]):
            out, state = self.step(x[:, place], state)
            logits.append(out)
        return torch.stack(logits, dim=1)


class Stacked(LSTMReader):
    """The state as one tensor, (2, layers, B, H)."""

    def start(self, batch):
        return torch.zeros(2, len(self.cells), batch, self.head.in_features)

    def step(self, x, state):
        logits, new = super().step(x, list(zip(*state, strict=True)))
        return logits, torch.stack([torch.stack(part) for part in zip(*new, strict=True)])


class GRUs(LSTMReader):
    kind = nn.GRUCell


class OneLayer(LSTMReader):
    def __init__(self, characters, hidden, layers=2):
        super().__init__(characters, hidden, 1)


class SixUnits(LSTMReader):
    def __init__(self, characters, hidden, layers=2):
        super().__init__(characters, 6, layers)


class NoHead(LSTMReader):
    def __init__(self, characters, hidden, layers=2):
        super().__init__(characters, hidden, layers)
        self.out = self.head
        del self.head


class Forgets(LSTMReader):
    def pair(self, cell, out, state):
        return cell(out, (state[0], 0 * state[1]))


class Swaps(LSTMReader):
    def step(self, x, state):
        out, new = self.embed(x), []
        for cell, before in zip(self.cells, state, strict=True):
            out, c = cell(out, before)
            new.append((c, out))
        return self.head(out), new


class Upward(LSTMReader):
    def step(self, x, state):
        out, new = self.embed(x), []
        for cell, before in zip(self.cells, state, strict=True):
            h, out = cell(out, before)
            new.append((h, out))
        return self.head(h), new


class Shared(LSTMReader):
    def step(self, x, state):
        out, now = self.embed(x), state[0]
        for cell in self.cells:
            now = cell(out, now)
            out = now[0]
        return self.head(out), [now]


class Fresh(LSTMReader):
    def step(self, x, state):
        logits, _ = super().step(x, self.start(len(x)))
        return logits, state


class InPlace(LSTMReader):
    def step(self, x, state):
        logits, new = super().step(x, state)
        state[:] = new
        return logits, state


class LogitsAlone(LSTMReader):
    def step(self, x, state):
        return super().step(x, state)[0]

    def forward(self, x):
        state, logits = self.start(len(x)), []
        for place in range(x.shape[1]):
            out, state = LSTMReader.step(self, x[:, place], state)
            logits.append(out)
        return torch.stack(logits, dim=1)


class AnotherStep(LogitsAlone):
    def step(self, x, state):
        logits, new = LSTMReader.step(self, x, state)
        return 2 * logits, new


class Doubled(LSTMReader):
    def forward(self, x):
        return 2 * super().forward(x)


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


class Cut(LSTMReader):
    def forward(self, tokens):
        return super().forward(tokens).detach()


RIGHT = {
    "7a": LSTMReader,
    "7b": hidden_for,
    "7c": distinct,
    "7d": lambda text, known: share_known(spoken(text), known),
}

# the same answers as others would write them
RIGHT_TOO = [
    ("7a", Stacked),
    ("7c", lambda text, n: round(distinct(text, n), 3)),
]

# task, wrong answer, what it is told
WRONG = [
    ("7a", GRUs, "another kind"),
    ("7a", OneLayer, "asked for 2 layers"),
    ("7a", SixUnits, "asked for 4 units"),
    ("7a", NoHead, "no `head`"),
    ("7a", Forgets, "c is zero"),
    ("7a", Swaps, "exchanged"),
    ("7a", Upward, "c goes on to the next cell"),
    ("7a", Shared, "share a state"),
    ("7a", Fresh, "begins from zeros"),
    ("7a", InPlace, "changes what it is given"),
    ("7a", LogitsAlone, "return a pair"),
    ("7a", AnotherStep, "other logits than `forward`"),
    ("7a", Doubled, "not the logits that its cells give"),
    ("7b", lambda cell, budget: hidden_for(cell, budget, "gru"), "what a GRU may have"),
    ("7b", lambda cell, budget: hidden_for(cell, budget, "lstm"), "what an LSTM may have"),
    ("7b", lambda cell, budget: hidden_for(cell, budget, more=1), "exceeded"),
    ("7b", lambda cell, budget: hidden_for(cell, budget, more=-1), "still be within"),
    ("7b", lambda cell, budget: weights(cell, hidden_for(cell, budget)), "not that of units"),
    ("7b", lambda cell, budget: 128, "too many"),
    ("7b", lambda cell, budget: 3, "there is room for more"),
    ("7b", lambda cell, budget: -3, "positive integer"),
    ("7b", lambda cell, budget: float(hidden_for(cell, budget)), "a whole number"),
    ("7c", lambda text, n: len(set(pieces(text, n))), "The share of all groups"),
    ("7c", lambda text, n: 1 - distinct(text, n), "share of repetitions"),
    ("7c", lambda text, n: len(set(pieces(text, n, n))) / len(pieces(text, n, n)), "side by side"),
    (
        "7c",
        lambda text, n: (
            sum(map((lambda c: c == 1), Counter(pieces(text, n)).values())) / len(pieces(text, n))
        ),
        "come once",
    ),
    ("7c", lambda text, n: len(set(pieces(text, n))) / len(text), "fewer groups"),
    ("7c", lambda text, n: len(set(text.split())) / len(text.split()), "takes words"),
    ("7c", lambda text, n: distinct(text, 3), "for groups of 5"),
    ("7c", lambda text, n: distinct(text, 1), "single characters"),
    ("7d", lambda text, known: share_known(text.split(), known), "commas and full stops"),
    ("7d", lambda text, known: share_known(set(spoken(text)), known), "each different word once"),
    ("7d", lambda text, known: share_known(re.findall("[a-z]+", text), known), "the apostrophe"),
    ("7d", lambda text, known: sum(w in known for w in spoken(text)), "a number of words"),
    ("7d", lambda text, known: share_known(re.findall(r"[\w']+", text), known), "no word of"),
    ("7d", lambda text, known: 1 - share_known(spoken(text), known), "do not exist"),
    ("7d", lambda text, known: np.mean([word in text for word in known]), "which known words"),
    ("7d", lambda text, known: share_known(spoken(text), known) or 0.5, "should give 0"),
    ("7d", lambda text, known: 0.77, "it says 0.770"),
    (
        "7d",
        lambda text, known: sum(word in known for word in spoken(text)) / len(spoken(text)),
        "ZeroDivisionError",
    ),
    ("7c", lambda text, n: distinct(text.lower(), n), "is not the share"),
    ("7c", lambda text, n: distinct(text.strip(), n), "is not the share"),
    ("7a", Cut, "no gradient reaches some"),
]
