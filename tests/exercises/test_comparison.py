"""The comparison at the end of an exercise: what its text says of its own rule."""

import re

import pytest
from scipy.stats import t
from test_notebooks_of_exercises import SOURCES

from ae_course.exercises.comparison import NEEDED, check_comparison
from ae_course.exercises.feedback import NotYet

TEXTS = [
    cell.source
    for source in SOURCES.values()
    for cell in source.cells
    if "returns a report, a dictionary" in cell.source
]


def test_two_equal_methods_pass_the_rule_as_often_as_the_text_says():
    """The mean exceeds the standard deviation: |t| is above the root of n, at n − 1 degrees."""
    shares = [round(100 * 2 * t.sf(seeds**0.5, seeds - 1)) for seeds in (3, 5)]
    assert shares == [23, 9]
    for text in TEXTS:
        assert "three seeds pass it in 23 cases of a hundred, and five seeds in 9" in text


def test_the_text_asks_for_what_the_check_needs():
    assert len(TEXTS) >= 6
    for text in TEXTS:
        named = re.findall(r"`(\w+)`", "\n".join(re.findall(r"^- .*?: ", text, re.MULTILINE)))
        assert sorted(named) == sorted(NEEDED)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_a_comparison_is_the_last_task_of_its_exercise(source):
    cells = [cell for cell in source.cells if "def compare" in cell.source]
    if '"verdict"' in "".join(cell.source for cell in cells):
        last = [cell for cell in source.cells if cell.metadata.get("nbgrader", {}).get("solution")]
        assert cells == last[-1:]


def test_an_empty_report_is_told_what_it_lacks():
    with pytest.raises(NotYet, match="`runs` is missing: a row for each run"):
        check_comparison({})
