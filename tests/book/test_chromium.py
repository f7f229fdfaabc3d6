"""Which browser the tests and the PDF take."""

import chromium
import pytest


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        (["chromium", "chromium-headless-shell"], "chromium-headless-shell"),
        (["chromium", "chromium-browser"], "chromium"),
        (["chromium-browser"], "chromium-browser"),
    ],
)
def test_the_one_without_windows_goes_first(tmp_path, monkeypatch, there, taken):
    for name in there:
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("AE_COURSE_CHROMIUM", raising=False)
    assert chromium.find() == str(tmp_path / taken)


def test_the_one_that_is_named_is_taken_as_it_is(monkeypatch):
    monkeypatch.setenv("AE_COURSE_CHROMIUM", "/opt/mine")
    assert chromium.find() == "/opt/mine"
