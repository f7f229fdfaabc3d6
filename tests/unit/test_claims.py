"""Claims: one stable line when true, the numbers when false."""

import configparser
import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from ae_course.claims import claim, fast_mode, full_or_fast


def test_a_true_claim_prints_one_line_without_numbers(capsys):
    claim("the plane is the same", 0.3 < 1, detail="0.3 degrees")
    claim("arrays have a truth value too", np.all(np.ones(3) > 0))
    claim("and tensors", torch.tensor([True]))
    assert capsys.readouterr().out == (
        "✓ the plane is the same\n✓ arrays have a truth value too\n✓ and tensors\n"
    )


def test_a_false_claim_raises_with_its_numbers(capsys):
    with pytest.raises(AssertionError, match=r"✗ the error falls\n  measured: \[0.5, 0.7\]"):
        claim("the error falls", False, detail=[0.5, 0.7])
    assert capsys.readouterr().out == ""


def test_the_numbers_behind_a_claim_stand_below_it(capsys, monkeypatch):
    claim("the error falls", True, measured="from 0.067 to 0.056")
    assert capsys.readouterr().out == "✓ the error falls\n  measured: from 0.067 to 0.056\n"
    with pytest.raises(AssertionError, match=r"✗ no\n  measured: 2 of 3\n  measured: \[1, 1, 0\]"):
        claim("no", False, measured="2 of 3", detail=[1, 1, 0])
    monkeypatch.setenv("AE_COURSE_FAST", "1")
    claim("in full", False, measured="3", full_only=True)
    assert capsys.readouterr().out == "– in full [full run]\n  measured: 3\n"


def test_a_claim_about_the_full_run_is_marked(capsys, monkeypatch):
    monkeypatch.setenv("AE_COURSE_FAST", "0")
    claim("holds", True, full_only=True)
    with pytest.raises(AssertionError):
        claim("does not", False, full_only=True)
    monkeypatch.setenv("AE_COURSE_FAST", "1")
    claim("holds", False, full_only=True)
    with pytest.raises(AssertionError):
        claim("an ordinary claim is checked in a fast run", False)
    assert capsys.readouterr().out == "✓ holds [full run]\n– holds [full run]\n"


def test_a_claim_about_cpus_is_marked(capsys, monkeypatch):
    monkeypatch.setenv("AE_COURSE_FAST", "0")
    monkeypatch.setattr("ae_course.claims.resolve_device", lambda: torch.device("cpu"))
    claim("takes longer", True, cpu_only=True)
    with pytest.raises(AssertionError):
        claim("takes longer", False, full_only=True, cpu_only=True)
    monkeypatch.setattr("ae_course.claims.resolve_device", lambda: torch.device("cuda"))
    claim("takes longer", False, full_only=True, cpu_only=True)
    assert capsys.readouterr().out == (
        "✓ takes longer [on a CPU]\n– takes longer [full run, on a CPU]\n"
    )


def test_the_regression_of_notebooks_takes_a_limited_claim_for_the_same():
    """nbval replaces what matches, in stored and in new output alike."""
    settings = configparser.RawConfigParser()
    settings.read(Path(__file__).parents[1] / "nbval.cfg", encoding="ascii")
    pattern, new = (settings["limited claims"][key] for key in ("regex", "replace"))
    for ending in ("[full run]", "[on a CPU]", "[full run, on a CPU]"):
        lines = [f"{sign} holds {ending}\n" for sign in "✓–"]
        assert re.sub(pattern, new, lines[0]) == re.sub(pattern, new, lines[1])
    assert re.sub(pattern, new, "✓ holds\n") == "✓ holds\n"
    pattern, new = (settings["measured"][key] for key in ("regex", "replace"))
    runs = [f"✓ holds\n  measured: {number}\n✓ so\n" for number in (1, 2)]
    assert re.sub(pattern, new, runs[0]) == re.sub(pattern, new, runs[1])
    assert re.sub(pattern, new, "✗ measured: 3\n") == "✗ measured: 3\n"


@pytest.mark.parametrize(
    ("value", "expected"), [(None, False), ("0", False), ("", False), ("1", True)]
)
def test_fast_mode_follows_the_environment(monkeypatch, value, expected):
    monkeypatch.delenv("AE_COURSE_FAST", raising=False)
    if value is not None:
        monkeypatch.setenv("AE_COURSE_FAST", value)
    assert fast_mode() is expected
    assert full_or_fast("full", "fast") == ("fast" if expected else "full")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: claim("", True), TypeError, "`text` must be a sentence, got ''"),
        (lambda: claim(True, "swapped"), TypeError, "`text` must be a sentence, got True"),
        (lambda: claim("a", True, measured=0.5), TypeError, "`measured` must be one line of text"),
        (lambda: claim("a", True, measured="1\n2"), TypeError, "`measured` must be one line"),
        (
            lambda: claim("several", np.ones(3) > 0),
            ValueError,
            "one truth value, got several in a ndarray",
        ),
        (
            lambda: claim("several", torch.ones(3) > 0),
            ValueError,
            "one truth value, got several in a Tensor",
        ),
    ],
)
def test_bad_claims_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_misspelt_fast_mode_is_refused(monkeypatch):
    monkeypatch.setenv("AE_COURSE_FAST", "yes")
    with pytest.raises(ValueError, match="AE_COURSE_FAST must be 0 or 1, got 'yes'"):
        fast_mode()


@pytest.mark.parametrize(
    ("encoding", "tick", "dash"),
    [("utf-8", "✓", "–"), ("cp1252", "[ok]", "–"), ("ascii", "[ok]", "-")],
)
def test_a_true_claim_holds_on_any_console(encoding, tick, dash, monkeypatch):
    console = io.TextIOWrapper(io.BytesIO(), encoding, newline="", write_through=True)
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", console)
        patch.setenv("AE_COURSE_FAST", "1")
        claim("‖W‖ ≤ 1", True)
        claim("the café's x² is 日", True, full_only=True)
    lines = console.buffer.getvalue().decode(encoding).splitlines()
    sentences = {
        "utf-8": ("‖W‖ ≤ 1", "the café's x² is 日"),
        "cp1252": ("||W|| <= 1", "the café's x² is ?"),  # it has an é and a ²
        "ascii": ("||W|| <= 1", "the cafe's x2 is ?"),
    }
    checked, unchecked = sentences[encoding]
    assert lines == [f"{tick} {checked}", f"{dash} {unchecked} [full run]"]
