"""In a table of generators the best of each measure is bold, and what real digits reach is italic."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag

TABLE = re.compile(r'<table border="1" class="dataframe">.*?</table>', re.S)
MEASURES = ("fidelity", "variety", "coverage", "precision", "recall")  # the more, the better
REAL = re.compile("digits|templates|copies")  # rows that no generator has made
BEST = "Bold: the best of the generators."
REACHED = "Italic: what real digits and their copies reach."


def number(cell: Tag) -> float:
    return float(cell.text.replace("–", "nan"))


def marked(table: re.Match[str]) -> str:
    """The table with its best values in bold, and a line that says so; others as they are."""
    if not all(f"<th>{measure}</th>" in table[0] for measure in MEASURES[:3]):
        return table[0]
    soup = BeautifulSoup(table[0], "html.parser")
    (names, *more), rows = soup.select("thead tr"), soup.select("tbody tr")
    real = [row for row in rows if REAL.search(" ".join(name.text for name in row("th")))]
    made = [row for row in rows if row not in real]
    if more or len(made) < 2:
        return table[0]
    for row in real:
        row["class"] = "ae-real"
    columns = [name.text for name in names(["th", "td"])][-len(rows[0]("td")) :]
    for place, column in enumerate(columns):
        if column in MEASURES:
            cells = [row("td")[place] for row in made]
            best = max(number(cell) for cell in cells)
            for cell in cells:
                if number(cell) == best:
                    cell.contents[0].wrap(soup.new_tag("strong"))
    key = f"{BEST} {REACHED}" if real else BEST
    return f'{soup}<p class="ae-key">{key}</p>'
