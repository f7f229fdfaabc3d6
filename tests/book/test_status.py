"""The page Status: one row a stored run, in words, with the versions below."""

import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from status import facts

RUN = {"date": "2026-11-25", "device": "cpu", "threads": 2, "memory": 1849, "seconds": 150}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ("2026-11-25", "CPU, 2 threads", "2.5", "1.8 GB", "not yet")),
        (
            {"threads": 1, "seeds": [100, 400]},
            ("2026-11-25", "CPU, 1 thread", "2.5", "1.8 GB", "100, 400"),
        ),
        (
            {"device": "NVIDIA T4", "memory": None},
            ("2026-11-25", "NVIDIA T4", "2.5", "not recorded", "not yet"),
        ),
    ],
)
def test_a_run_in_words(change, words):
    assert facts(RUN | change) == words


def test_a_run_without_a_record_says_so():
    assert set(facts({"mode": "full", "digest": "0"})[:-1]) == {"not recorded"}


def test_every_notebook_that_ran_has_its_row(site):
    page = BeautifulSoup((site / "book" / "status.html").read_text(encoding="utf-8"), "html.parser")
    rows = {
        row.a["href"].removesuffix(".html"): tuple(cell.text for cell in row.find_all("td")[1:])
        for row in page.select(".bd-article tbody tr")
    }
    book = ROOT / "book"
    paths = [*book.glob("*.ipynb"), *book.glob("e*/*.ipynb")]
    stored = {path: nbformat.read(path, 4).metadata.get("ae_course") for path in paths}
    ran = {
        path.relative_to(book).with_suffix("").as_posix(): facts(run)
        for path, run in stored.items()
        if run is not None
    }
    assert rows == ran
    assert len(rows) >= 22
