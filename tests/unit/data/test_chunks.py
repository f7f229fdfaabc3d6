"""Chunks of a text: exactly the text, and clear refusals."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import Subset

from ae_course import AutoRegressiveDataset, Vocabulary, batches, load_shakespeare

TEXT = "to be,\nor not\n\nto be: that is\nthe question.\n"
VOCAB = Vocabulary(TEXT)


@given(st.text("ab\n", min_size=2, max_size=60), st.integers(1, 20))
def test_chunks_rejoin_to_the_text(text, chunk):
    vocab = Vocabulary(text)
    if len(text) < chunk + 1:
        with pytest.raises(ValueError, match=r"at least chunk \+ 1"):
            AutoRegressiveDataset(text, vocab, chunk=chunk)
        return
    chunks = AutoRegressiveDataset(text, vocab, chunk=chunk)
    inputs = "".join(vocab.decode(x) for x, _ in chunks)
    targets = "".join(vocab.decode(y) for _, y in chunks)
    assert inputs + targets[-1] == text[: len(inputs) + 1]
    assert targets == text[1 : len(inputs) + 1]
    assert len(text) - 1 - len(inputs) < chunk  # the rest is shorter than a chunk


def test_the_stride_sets_where_chunks_begin():
    for stride in (1, 3, 7):
        chunks = AutoRegressiveDataset(TEXT, VOCAB, chunk=10, stride=stride)
        assert [VOCAB.decode(x) for x, _ in chunks] == [
            TEXT[i : i + 10] for i in range(0, len(TEXT) - 10, stride)
        ]
        assert [VOCAB.decode(y) for _, y in chunks] == [
            TEXT[i + 1 : i + 11] for i in range(0, len(TEXT) - 10, stride)
        ]


def test_starting_at_lines():
    chunks = AutoRegressiveDataset(TEXT, VOCAB, chunk=10, start="line")
    assert [VOCAB.decode(x) for x, _ in chunks] == [
        "to be,\nor ",
        "or not\n\nto",
        "to be: tha",
        "the questi",
    ]
    with pytest.raises(ValueError, match="must have a line that begins 6 characters before"):
        AutoRegressiveDataset("\n\n\n\n\n\nab", Vocabulary("ab\n"), chunk=5, start="line")


@given(st.text("ab\n", min_size=8, max_size=60), st.sampled_from(["\r\n", "\r"]))
def test_lines_begin_at_the_same_characters_whatever_ends_them(text, end):
    """No chunk begins within a line end or at a blank line, and the text stays what it was."""
    foreign = text.replace("\n", end)
    lines = [line for line in text.split("\n") if line]
    padded, rest = foreign + end + "zzz", "z" * 3  # room for a chunk after each line
    chunks = AutoRegressiveDataset(padded, Vocabulary(padded), chunk=2, start="line")
    begins = [padded[start] for start in chunks.starts.tolist()]
    assert begins == [line[0] for line in [*lines, rest]]
    for start, (x, _) in zip(chunks.starts.tolist(), chunks, strict=True):
        assert Vocabulary(padded).decode(x) == padded[start : start + 2]


def test_every_chunk_is_whole_to_the_last():
    text = load_shakespeare(n_chars=4_501)
    vocab = Vocabulary(text)
    for options in ({}, {"stride": 7}, {"start": "line"}):
        chunks = AutoRegressiveDataset(text, vocab, chunk=100, **options)
        for index, start in enumerate(chunks.starts.tolist()):
            x, y = chunks[index]
            assert vocab.decode(x) + vocab.decode(y)[-1] == text[start : start + 101]
    assert AutoRegressiveDataset(text, vocab, chunk=100).starts[-1] == 4_400  # one to spare


def test_a_batch_is_one_indexing_call():
    chunks = AutoRegressiveDataset(TEXT, VOCAB, chunk=4)
    x, y = chunks[[0, 2, 5]]
    assert x.shape == y.shape == (3, 4)
    torch.testing.assert_close(x[1], chunks[2][0])
    assert chunks[1:3][0].shape == (2, 4)
    loader = batches(Subset(chunks, range(5)), 2)
    assert [len(x) for x, _ in loader] == [2, 2, 1]
    assert loader.batch_size is None  # not item by item


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"chunk": 0}, ValueError, "`chunk` must be a positive integer, got 0"),
        ({"chunk": 2.5}, ValueError, "`chunk` must be a positive integer, got 2.5"),
        (
            {"chunk": len(TEXT)},
            ValueError,
            r"at least chunk \+ 1 = .* characters, got",
        ),
        ({"start": "word"}, ValueError, r"`start` must be one of \('anywhere', 'line'\)"),
        ({"stride": 0}, ValueError, "`stride` must be a positive integer"),
        ({"stride": 5, "start": "line"}, ValueError, "with start='line'"),
        ({"text": ""}, ValueError, "got an empty string"),
        ({"text": 5}, TypeError, "must be a string, got int"),
        ({"text": "to be, or not to be; that"}, ValueError, "got ';' .* at position 19"),
        ({"vocab": "abc"}, TypeError, "`vocab` must be a Vocabulary, got str"),
    ],
)
def test_refused_chunks(change, error, message):
    arguments = {"text": TEXT, "vocab": VOCAB, "chunk": 10} | change
    with pytest.raises(error, match=message):
        AutoRegressiveDataset(arguments.pop("text"), arguments.pop("vocab"), **arguments)
