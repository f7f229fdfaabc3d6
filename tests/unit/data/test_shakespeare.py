"""The text: what it is, how it is cut, and what is refused."""

import collections
import re

import pytest

from ae_course import load_shakespeare
from ae_course.data.shakespeare import SHAKESPEARE_FILE


def test_the_text_is_shakespeare_and_whole():
    text = load_shakespeare(lower=False)
    assert len(text) == 1_115_394
    assert len(set(text)) == 65
    assert text.startswith("First Citizen:\nBefore we proceed any further, hear me speak.\n")
    assert "\r" not in text
    # lines that the plays are known by, which no network wrote
    assert "O Romeo, Romeo! wherefore art thou Romeo?" in text
    assert "Now is the winter of our discontent\nMade glorious summer by this sun of York;" in text
    speakers = collections.Counter(re.findall(r"^([A-Z][^\n]*):$", text, re.M))
    assert {"GLOUCESTER", "ROMEO", "MENENIUS"} <= {name for name, _ in speakers.most_common(20)}


def test_lower_case_is_the_default_and_n_chars_cuts_from_the_start():
    text = load_shakespeare()
    assert text == load_shakespeare(lower=False).lower()
    assert len(set(text)) == 39
    assert load_shakespeare(n_chars=100_000) == text[:100_000]
    assert load_shakespeare(n_chars=1_115_394) == text


@pytest.mark.parametrize("n_chars", [0, -1, 1_115_395, 1.5, "all", True])
def test_refused_lengths(n_chars):
    if n_chars is True:  # Python's True is the integer 1
        assert load_shakespeare(n_chars=n_chars) == "f"
    else:
        with pytest.raises(ValueError, match=r"`n_chars` must be an integer from 1 to 1,115,394"):
            load_shakespeare(n_chars=n_chars)


def test_another_copy_is_read_and_verified(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"tinyshakespeare\.txt' must exist"):
        load_shakespeare(tmp_path)
    copy = tmp_path / SHAKESPEARE_FILE.path
    whole = load_shakespeare(lower=False).encode()
    copy.write_bytes(whole)
    assert load_shakespeare(tmp_path) == load_shakespeare()
    copy.write_bytes(whole[:-1])
    with pytest.raises(ValueError, match="truncated"):
        load_shakespeare(tmp_path)
    copy.write_bytes(whole.replace(b"Romeo", b"Tybal"))
    with pytest.raises(ValueError, match="altered"):
        load_shakespeare(tmp_path)
    with pytest.raises(FileNotFoundError, match="the folder given must exist"):
        load_shakespeare(tmp_path / "nowhere")
