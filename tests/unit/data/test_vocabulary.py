"""Vocabulary: text to numbers and back, and clear refusals."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ae_course import Vocabulary

TEXT = "to be,\nor not\n\nto be: that is\nthe question.\n"
VOCAB = Vocabulary(TEXT)


@given(st.text(min_size=1))
def test_decoding_undoes_encoding(text):
    vocab = Vocabulary(text)
    assert vocab.decode(vocab.encode(text)) == text
    assert len(vocab) == len(set(text))
    assert vocab.encode(vocab.characters).tolist() == list(range(len(vocab)))


def test_decode_takes_tensors_and_lists():
    assert VOCAB.decode(VOCAB.encode("not")) == VOCAB.decode(VOCAB.encode("not").tolist()) == "not"
    assert VOCAB.encode("").shape == (0,)
    assert VOCAB.decode([]) == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("to be x", r"got 'x' \(U\+0078\) at position 6"),
        ("to be é", r"got 'é' \(U\+00E9\) at position 6"),
        (
            "to be,\r\nor",
            r"got '\\r' \(U\+000D\) at position 6 \(a Windows line end",
        ),
        ("To", r"got 'T' \(U\+0054\) at position 0"),
    ],
)
def test_an_unknown_character_is_named_with_its_place(text, message):
    with pytest.raises(ValueError, match=message):
        VOCAB.encode(text)


@pytest.mark.parametrize("tokens", [[0, 99], [-1], torch.tensor([0, 99])])
def test_refused_tokens(tokens):
    with pytest.raises(ValueError, match=f"must be numbers from 0 to {len(VOCAB) - 1}, got"):
        VOCAB.decode(tokens)


def test_refused_texts():
    with pytest.raises(ValueError, match="got an empty string"):
        Vocabulary("")
    with pytest.raises(TypeError, match="must be a string, got list"):
        Vocabulary(["a"])
    with pytest.raises(TypeError, match="must be a string, got bytes"):
        VOCAB.encode(b"to")
    with pytest.raises(ValueError, match=r"must have the shape \(T,\), got \(1, 2\)"):
        VOCAB.decode(torch.zeros(1, 2, dtype=torch.int64))
