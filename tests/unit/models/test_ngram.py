"""Counting: against the formula written out, and as a probability."""

import math
from collections import Counter

import pytest
import torch

from ae_course import NGram, Vocabulary, bits_per_character, load_shakespeare

TEXT = load_shakespeare(n_chars=3_000)
VOCAB = Vocabulary(TEXT)


def kneser_ney(text, order):
    """The formula with dictionaries, one probability at a time."""
    grams = []
    for n in range(1, order + 1):
        counts = Counter(text[i : i + n] for i in range(len(text) - n + 1))
        if n < order:  # in how many different surroundings, not how often
            longer = {text[i : i + n + 1] for i in range(len(text) - n)}
            counts = Counter(gram[1:] for gram in longer)
        grams.append(counts)

    def probability(context, character):
        p = 1 / len(VOCAB)
        for n, counts in enumerate(grams, start=1):
            h = context[len(context) - n + 1 :] if n > 1 else ""
            if len(h) < n - 1:
                break
            after = {gram: count for gram, count in counts.items() if gram[:-1] == h}
            total = sum(after.values())
            if not total:
                continue
            once, twice = (sum(c == k for c in counts.values()) for k in (1, 2))
            d = (once + 0.5) / (once + 2 * twice + 1)
            p = (max(after.get(h + character, 0) - d, 0) + d * len(after) * p) / total
        return p

    return probability


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_model_is_its_formula(order):
    model, formula = NGram(TEXT, VOCAB, order=order), kneser_ney(TEXT, order)
    for context in ("the ", "wwk", "a", "citizen"):
        logits = model(VOCAB.encode(context)[None])[0, -1]
        expected = [math.log(formula(context, character)) for character in VOCAB.characters]
        torch.testing.assert_close(logits, torch.tensor(expected), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("order", [1, 2, 5, 8])
def test_it_is_a_probability_that_leaves_nothing_out(order):
    model = NGram(TEXT, VOCAB, order=order)
    tokens = VOCAB.encode(load_shakespeare(n_chars=4_000)[3_000:].replace("j", "i"))
    p = model(tokens[None]).exp()
    torch.testing.assert_close(p.sum(-1), torch.ones(1, len(tokens)))
    assert (p > 0).all()


def test_a_character_that_was_never_seen_still_has_a_chance():
    vocab = Vocabulary("abc")
    for text in ("ab" * 50, "aaaa", "a"):
        p = NGram(text, vocab, order=1)(vocab.encode("a")[None]).exp()
        assert (p > 0).all()


def test_a_longer_look_back_predicts_shakespeare_better():
    text = load_shakespeare(n_chars=100_000)
    vocab = Vocabulary(text)
    bits = [
        bits_per_character(NGram(text[:90_000], vocab, order=n), vocab, text[90_000:])
        for n in (1, 2, 3, 5)
    ]
    assert bits == sorted(bits, reverse=True)
    assert math.log2(len(vocab)) > bits[0]  # uniform


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": 0}, "`order` must be a positive integer, got 0"),
        ({"order": 2.0}, r"`order` must be a positive integer, got 2\.0"),
        ({"order": 40}, r"small enough that V \*\* order <= 2 \*\* 62, got 40"),
        ({"text": "to"}, "at least `order` = 5 characters, got 2"),
        ({"text": "tö be or"}, "got 'ö'"),
    ],
)
def test_refused(change, message):
    arguments = {"text": TEXT, "order": 5} | change
    with pytest.raises(ValueError, match=message):
        NGram(arguments["text"], VOCAB, order=arguments["order"])
