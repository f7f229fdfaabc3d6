"""Bits per character: against what can be worked out by hand."""

import math

import pytest
import torch
from torch import nn

from ae_course import Vocabulary, bits_per_character

VOCAB = Vocabulary("ab")


class Constant(nn.Module):
    """The same probability of an "a", whatever came before."""

    def __init__(self, p):
        super().__init__()
        self.logits = torch.tensor([p, 1 - p]).log()

    def forward(self, tokens):
        return self.logits.expand(*tokens.shape, 2)


def test_it_is_the_mean_surprisal_of_the_characters_after_the_first():
    text = "b" + "aaab" * 25
    bits = bits_per_character(Constant(0.75), VOCAB, text, chunk=20)
    assert bits == pytest.approx(-0.75 * math.log2(0.75) - 0.25 * math.log2(0.25))
    assert bits_per_character(Constant(0.5), VOCAB, text, chunk=20) == pytest.approx(1)


def test_chunks_and_batches_do_not_matter_to_a_model_without_memory():
    text = "b" + "aaab" * 25
    found = [
        bits_per_character(Constant(0.6), VOCAB, text, chunk=chunk, batch_size=batch_size)
        for chunk, batch_size in ((100, 64), (10, 64), (10, 3))
    ]
    assert found == pytest.approx([found[0]] * 3)


@pytest.mark.parametrize(
    ("vocab", "text", "error", "message"),
    [
        (VOCAB, "ab", ValueError, r"at least chunk \+ 1 = 251 characters, got 2"),
        (VOCAB, "a" * 250 + "x", ValueError, "got 'x'"),
        ("ab" * 500, VOCAB, TypeError, "`text` must be a string, got Vocabulary"),
    ],
)
def test_bad_input_is_refused(vocab, text, error, message):
    with pytest.raises(error, match=message):
        bits_per_character(Constant(0.5), vocab, text)
