"""Exercise 10, words from counts: its right answers and its common wrong ones."""

import numpy as np


def cooccurrence(tokens, size, window, first=1, right=True, left=True, weight=lambda far: 1):
    table = np.zeros((size, size))
    for far in range(first, window + 1):
        for one, other in zip(tokens, tokens[far:], strict=False):
            table[one, other] += right * weight(far)
            table[other, one] += left * weight(far)
    return table


def careful_cooccurrence(tokens, size, window):
    table = [[0] * size for _ in range(size)]
    for i, word in enumerate(tokens):
        for j in range(max(0, i - window), min(len(tokens), i + window + 1)):
            if i != j:
                table[word][tokens[j]] += 1
    return table


def with_itself(tokens, size, window):
    table = np.array(cooccurrence(tokens, size, window))
    for token in tokens:
        table[token, token] += 1
    return table


def round_the_end(tokens, size, window):
    table = np.zeros((size, size))
    for far in range(1, window + 1):
        np.add.at(table, (tokens, np.roll(tokens, far)), 1)
        np.add.at(table, (tokens, np.roll(tokens, -far)), 1)
    return table


def no_twins(*asked):
    table = cooccurrence(*asked)
    np.fill_diagonal(table, 0)
    return table


@np.errstate(all="ignore")
def pmi(counts, k=1, log=np.log):
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / counts.sum()
    return log(counts / expected) - log(k)


def positive_pmi(counts, k, **options):
    return np.nan_to_num(pmi(counts, k, **options), nan=0, neginf=0).clip(0)


@np.errstate(all="ignore")
def by_row(counts, k):
    share = counts / counts.sum(1, keepdims=True)
    return np.nan_to_num(np.log(share) - np.log(k), nan=0, neginf=0).clip(0)


@np.errstate(all="ignore")
def without_total(counts, k):
    ratio = counts / (counts.sum(1, keepdims=True) * counts.sum(0))
    return np.nan_to_num(np.log(ratio) - np.log(k), nan=0, neginf=0).clip(0)


@np.errstate(all="ignore")
def ratios(counts, k):
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / counts.sum()
    return np.nan_to_num(counts / expected)


@np.errstate(all="ignore")
def exchanged(counts, k):
    expected = np.outer(counts.sum(0), counts.sum(1)) / counts.sum()
    table = np.log(counts / expected) - np.log(k)
    return np.nan_to_num(table, nan=0, neginf=0, posinf=0).clip(0)


def word_vectors(table, size, power=0.5):
    left, strength, _ = np.linalg.svd(table)
    return left[:, :size] * strength[:size] ** power


def through_eigenvectors(table, size):
    values, vectors = np.linalg.eigh(table @ table.T)
    best = np.argsort(-values)[:size]
    return -vectors[:, best] * values[best] ** 0.25


def of_neighbours(table, size):
    _, strength, right = np.linalg.svd(table)
    return right[:size].T * np.sqrt(strength[:size])


def untransposed(table, size):
    _, strength, right = np.linalg.svd(table)
    return right[:, :size] * np.sqrt(strength[:size])


def weakest(table, size):
    left, strength, _ = np.linalg.svd(table)
    return left[:, -size:] * np.sqrt(strength[-size:])


def unit(vectors):
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def nearest(vectors, place, count, score=None, itself=False):
    cosine = unit(vectors) @ unit(vectors)[place] if score is None else score(vectors, place)
    best = [int(other) for other in np.argsort(-cosine, kind="stable")]
    return [other for other in best if itself or other != place][:count]


@np.errstate(all="ignore")
def careless(vectors, place, count):
    lengths = np.linalg.norm(vectors, axis=1)
    cosine = vectors @ vectors[place] / (lengths * lengths[place])
    return [other for other in np.argsort(cosine)[::-1] if other != place][:count]


def cosines(vectors, place, count):
    return np.sort(unit(vectors) @ unit(vectors)[place])[::-1][1 : count + 1]


def whole(counts, k):
    found = np.zeros_like(counts)
    found[:] = positive_pmi(counts, k)
    return found


def careless_of_itself(vectors, place, count):
    lengths = np.linalg.norm(vectors, axis=1)
    cosine = vectors @ vectors[place] / np.where(lengths > 0, lengths, 1)
    cosine[place] += 1e-9 if lengths[place] == 0 else 0
    order = np.argsort(-cosine / max(lengths[place], 1e-9), kind="stable")
    return order[1 : count + 1] if lengths[place] > 0 else order[:count]


RIGHT = {"10a": cooccurrence, "10b": positive_pmi, "10c": word_vectors, "10d": nearest}

# the same answers as others would write them
RIGHT_TOO = [
    ("10a", careful_cooccurrence),
    ("10c", through_eigenvectors),
    ("10d", lambda *asked: np.array(nearest(*asked))),
]

# task, wrong answer, what it is told
WRONG = [
    ("10a", lambda *asked: cooccurrence(*asked, left=False), "only what stands to the right"),
    ("10a", lambda *asked: cooccurrence(*asked, right=False), "only what stands to the left"),
    ("10a", lambda *asked: 2 * cooccurrence(*asked), "twice as often"),
    ("10a", with_itself, "a neighbour of itself"),
    ("10a", lambda *asked: cooccurrence(*asked, first=0), "its own neighbour"),
    ("10a", lambda t, size, window: cooccurrence(t, size, window - 1), "stops too early"),
    ("10a", lambda t, size, window: cooccurrence(t, size, window + 1), "one place too far"),
    ("10a", lambda *asked: cooccurrence(*asked, first=asked[2]), "only the farthest"),
    ("10a", lambda *asked: cooccurrence(*asked) > 0, "How often is asked"),
    ("10a", lambda *asked: cooccurrence(*asked, weight=lambda far: 1 / far), "count for more"),
    ("10a", round_the_end, "no neighbour of its beginning"),
    ("10a", no_twins, "near another of its kind"),
    ("10a", lambda *asked: cooccurrence(*asked) + 1, "The first row should be"),
    ("10a", lambda t, size, window: cooccurrence(t, 5, window), "of shape (6, 6), not"),
    ("10b", lambda counts, k: pmi(counts, k), "there is a NaN"),
    ("10b", lambda counts, k: np.nan_to_num(pmi(counts, k), neginf=-np.inf), "an infinity"),
    ("10b", lambda counts, k: np.nan_to_num(pmi(counts, k), neginf=0), "below zero are left"),
    ("10b", ratios, "the logarithm is missing"),
    ("10b", lambda counts, k: positive_pmi(counts, k, log=np.log2), "in bits"),
    ("10b", lambda counts, k: positive_pmi(counts, k, log=np.log10), "to base 10"),
    ("10b", lambda counts, k: positive_pmi(counts, 1), "the shift is missing"),
    ("10b", lambda counts, k: positive_pmi(counts, k) / 3, "the cell in row"),
    ("10b", lambda counts, k: (positive_pmi(counts, 1) - k).clip(0), "and not its logarithm"),
    ("10b", lambda counts, k: positive_pmi(counts, 1 / k), "Subtract it"),
    ("10b", lambda counts, k: positive_pmi(counts, 1) - np.log(k), "Subtract the shift before"),
    ("10b", exchanged, "are exchanged"),
    ("10b", by_row, "every cell is 0"),
    ("10b", without_total, "every cell is 0"),
    ("10b", lambda counts, k: np.log1p(counts), "the logarithm of the count"),
    ("10c", lambda *asked: word_vectors(*asked, power=0), "U alone"),
    ("10c", lambda *asked: word_vectors(*asked, power=1), "U S"),
    ("10c", of_neighbours, "of the neighbours"),
    ("10c", untransposed, "V transposed"),
    ("10c", weakest, "the weakest directions"),
    ("10c", lambda table, size: word_vectors(table - table.mean(0), size), "subtracts the mean"),
    ("10c", lambda table, size: word_vectors(table - table.mean(), size), "not the first"),
    ("10c", lambda table, size: table[:, :size], "columns of the table"),
    ("10c", lambda *asked: (word_vectors(*asked), of_neighbours(*asked)), "several tables"),
    ("10c", lambda *asked: word_vectors(*asked).T, "of shape (7, 2), not"),
    ("10c", lambda table, size: word_vectors(table, 2), "of shape (7, 3), not"),
    ("10d", lambda *asked: nearest(*asked, itself=True), "not its own neighbour"),
    ("10d", lambda *asked: nearest(*asked)[::-1], "turned round"),
    ("10d", lambda *asked: nearest(*asked, score=lambda v, i: -unit(v) @ unit(v)[i]), "farthest"),
    ("10d", lambda *asked: nearest(*asked, score=lambda v, i: v @ v[i]), "Divide by the lengths"),
    (
        "10d",
        lambda *asked: nearest(*asked, score=lambda v, i: -np.linalg.norm(v - v[i], axis=1)),
        "by distance",
    ),
    (
        "10d",
        lambda *asked: nearest(*asked, score=lambda v, i: abs(unit(v) @ unit(v)[i])),
        "Keep the sign",
    ),
    ("10d", careless, "a vector of zeros comes first"),
    ("10d", cosines, "may have returned the cosines"),
    ("10d", lambda vectors, place, count: nearest(vectors, 0, count), "Use the arguments"),
    ("10d", lambda vectors, place, count: [4, 5, 1, 2], "and it finds"),
    ("10d", lambda vectors, place, count: nearest(vectors, place, 3), "of shape (4,), not"),
    ("10b", whole, "gives whole numbers"),
    ("10d", careless_of_itself, "not its own neighbour either"),
]
