"""Tables of generators: which value is bold, and which rows are no generator's."""

import re

import pytest
from bs4 import BeautifulSoup

# with the line below it; to parse the whole pages would take half a minute
TABLE = re.compile(r'<table border="1" class="dataframe">.*?</table>(?:<p .*?</p>)?', re.S)
MEASURES = ("fidelity", "variety", "coverage", "precision", "recall")


@pytest.fixture(scope="module")
def tables(site):
    pages = sorted((site / "book").glob("[0-9]*.html")) + sorted(
        (site / "book" / "evidence").glob("*.html")
    )
    found = [table for page in pages for table in TABLE.findall(page.read_text("utf-8"))]
    tables = [BeautifulSoup(table, "html.parser").table for table in found]
    return [table for table in tables if table.strong]


def column(table, name):
    """The cells below a name, of what was generated and of what is real."""
    names = [cell.text for cell in table.thead.tr.find_all(["th", "td"])]
    if name not in names:
        return [], []
    place = names.index(name) - len(names)
    rows = table.tbody("tr")
    real = [row("td")[place] for row in rows if "ae-real" in row.get("class", [])]
    made = [row("td")[place] for row in rows if "ae-real" not in row.get("class", [])]
    return made, real


def test_the_largest_value_of_each_measure_is_bold_and_no_other(tables):
    assert len(tables) >= 10
    for table in tables:
        bold = 0
        for name in MEASURES:
            made, real = column(table, name)
            values = [float(cell.text) for cell in made]
            for cell, value in zip(made, values, strict=True):
                assert bool(cell.strong) == (value == max(values))
            bold += len([cell for cell in made if cell.strong])
            assert not any(cell.strong for cell in real)
        assert bold == len(table("strong")) >= 3
        assert table.find_next_sibling("p").text.startswith("Bold: the best of the generators.")


def test_training_digits_and_templates_are_no_generators(tables):
    for table in tables:
        for row in table.tbody("tr"):
            name = row.th.text
            real = "ae-real" in row.get("class", [])
            assert real == any(word in name for word in ("digits", "templates", "copies")), name
