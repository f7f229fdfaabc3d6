"""The Build exercises of part 3: their right answers and their common wrong ones."""

import heapq
import math

import torch
from torch import nn
from torch.nn.functional import cross_entropy, logsigmoid, scaled_dot_product_attention


def code_lengths(p, sign=1, members=True):
    heap = [(sign * value, i, [i]) for i, value in enumerate(p)]
    heapq.heapify(heap)
    lengths = [0] * len(p)
    while len(heap) > 1:
        (a, i, left), (b, _, right) = heapq.heappop(heap), heapq.heappop(heap)
        for member in left + right if members else left[:1] + right[:1]:
            lengths[member] += 1
        heapq.heappush(heap, (a + b, i, left + right))
    return lengths


def one_longer(p):
    return [length + 1 for length in code_lengths(p)]


def misprint(bits, passage, start=100, base=100, add=0, sign=1):
    return base + add + int((sign * bits(passage[:start], passage[start:])).argmax())


def scores(u, real, drawn):
    return torch.cat([(u * real).sum(1, keepdim=True), (u[:, None] * drawn).sum(2)], dim=1)


def info_nce(u, real, drawn):
    return -scores(u, real, drawn).log_softmax(dim=1)[:, 0].mean()


def by_cross_entropy(u, real, drawn):
    return cross_entropy(scores(u, real, drawn), torch.zeros(len(u), dtype=torch.long))


def sigmoids(u, real, drawn):
    yes, no = scores(u, real, drawn).split([1, 5], dim=1)
    return -(logsigmoid(yes).sum(1) + logsigmoid(-no).sum(1)).mean()


def false_ones_only(u, real, drawn):
    yes, no = scores(u, real, drawn).split([1, 5], dim=1)
    return (no.logsumexp(1) - yes[:, 0]).mean()


class SelfAttention(nn.Module):
    def __init__(self, width, d):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, d) for _ in range(3))

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        return scaled_dot_product_attention(q, k, v, is_causal=True)


class Remembering(SelfAttention):
    scale, kept, keys, values = 4, None, "key", "value"

    def step(self, x, past=None):
        q, k, v = (getattr(self, name)(x)[:, None] for name in ("query", self.keys, self.values))
        if past is not None:
            k, v = torch.cat([past[0], k], dim=1), torch.cat([past[1], v], dim=1)
        weights = (q @ k.mT / self.scale).softmax(dim=2)
        past = (k, v) if self.kept is None else (k[:, -self.kept :], v[:, -self.kept :])
        return (weights @ v)[:, 0], past


def remembering(**changed):
    return type("Remembering", (Remembering,), changed)


class Forgetful(Remembering):
    def step(self, x, past=None):
        return super().step(x)


class AnswerAlone(Remembering):
    def step(self, x, past=None):
        return super().step(x, past)[0]


class ReadsAgain(Remembering):
    def step(self, x, past=None):
        past = x[:, None] if past is None else torch.cat([past, x[:, None]], dim=1)
        return self(past)[:, -1], past


class KeepsInside(Remembering):
    past = None

    def step(self, x, past=None):
        found, self.past = super().step(x, self.past)
        return found, 0


class Shifted(Remembering):
    def step(self, x, past=None):
        found, new = super().step(x, past)
        return found + (past is not None), new


RIGHT = {"3.1": code_lengths, "3.2": misprint, "3.3": info_nce, "3.4": Remembering}
RIGHT_TOO = [("3.3", by_cross_entropy)]

# task, wrong answer, what it is told
WRONG = [
    ("3.1", lambda p: [-math.log2(value) for value in p], "bits of the cross-entropy"),
    ("3.1", lambda p: [math.ceil(-math.log2(value)) for value in p], "rounded up"),
    ("3.1", lambda p: [math.ceil(math.log2(len(p)))] * len(p), "the same length"),
    ("3.1", lambda p: code_lengths(p, sign=-1), "the two least likely joined"),
    ("3.1", lambda p: code_lengths(p, members=False), "Does every member"),
    ("3.1", one_longer, "a joining too many"),
    ("3.1", lambda p: sorted(code_lengths(p)), "Keep the order"),
    ("3.1", lambda p: [length - 1 for length in code_lengths(p)], "a whole number"),
    ("3.1", lambda p: code_lengths(p)[1:], "an array of shape"),
    ("3.2", lambda *asked: misprint(*asked, base=0), "from the passage's beginning"),
    ("3.2", lambda *asked: misprint(*asked, start=0, base=0), "more than the last sixty"),
    ("3.2", lambda *asked: misprint(*asked, start=99, base=99), "more than the last sixty"),
    ("3.2", lambda *asked: misprint(*asked, start=101, base=101), "it looks at 59 characters"),
    ("3.2", lambda bits, passage: 130, "it gives place 130, where 100"),
    ("3.2", lambda *asked: misprint(*asked, add=1), "behind the one"),
    ("3.2", lambda *asked: misprint(*asked, add=-1), "before the one"),
    ("3.2", lambda *asked: misprint(*asked, sign=-1), "surprises *least*"),
    ("3.2", lambda bits, passage: 100 + bits("", passage[100:]).argmax(), "0 and 60 characters"),
    ("3.2", lambda bits, passage: misprint(bits, passage, add=10), "it gives place 140, where 130"),
    ("3.2", lambda bits, passage: bits(passage[:100], passage[100:]), "the place should be"),
    ("3.3", lambda *asked: -info_nce(*asked), "its sign is wrong"),
    ("3.3", lambda *asked: 6 * info_nce(*asked), "the sum over the batch"),
    ("3.3", lambda *asked: info_nce(*asked) / 6, "over all six scores"),
    ("3.3", sigmoids, "the six sigmoids"),
    ("3.3", false_ones_only, "below the line"),
    ("3.3", lambda *asked: -scores(*asked).softmax(1)[:, 0].mean(), "logarithm is missing"),
    (
        "3.3",
        lambda *asked: cross_entropy(scores(*asked), torch.full((6,), 5)),
        "its target is a false neighbour",
    ),
    (
        "3.3",
        lambda u, real, drawn: cross_entropy(u @ real.mT, torch.arange(6)),
        "neighbours of the other words",
    ),
    ("3.3", lambda *asked: info_nce(*asked) / math.log(2), "it is in bits"),
    ("3.3", lambda u, real, drawn: info_nce(u, real, drawn.detach()), "gradient for `drawn`"),
    ("3.3", lambda *asked: info_nce(*asked).detach(), "no gradient"),
    ("3.3", lambda *asked: info_nce(*asked) + 1, "where the cross-entropy is"),
    ("3.3", lambda *asked: -scores(*asked).log_softmax(1)[:, 0], "the loss should be a tensor"),
    ("3.4", Remembering(32, 16), "the function that makes the network"),
    ("3.4", SelfAttention, "no method `step`"),
    ("3.4", AnswerAlone, "two things"),
    ("3.4", Forgetful, "itself alone"),
    ("3.4", remembering(scale=1), "not divided by √d"),
    ("3.4", remembering(scale=16), "divided by d, not by √d"),
    ("3.4", remembering(kept=1), "one place before"),
    ("3.4", remembering(keys="query"), "queries in the place of keys"),
    ("3.4", remembering(values="key"), "keys in the place of values"),
    ("3.4", ReadsAgain, "reads again"),
    ("3.4", KeepsInside, "a second and longer text"),
    ("3.4", remembering(kept=8), "a second and longer text"),
    ("3.4", Shifted, "from place 1 on"),
]
