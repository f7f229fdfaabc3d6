"""How a chapter opens on its page: what it costs in one line, and then its question.

The cells before the first heading, which import and load, fold behind one line. A notebook needs
them first, and a reader does not.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes

CHAPTER = r"book/(evidence/)?\d\d-"
FOLD = '<details class="ae-setup"><summary>Set up: imports, seed and data</summary>'


def costs(table: nodes.table) -> str:
    """The card of a chapter as a line: 3 minutes on two CPU cores · 1.9 GB · MNIST."""
    names, values = (
        [entry.astext() for entry in row.findall(nodes.entry)] for row in table.findall(nodes.row)
    )
    said = []
    for name, value in zip(names, values, strict=True):
        unit = name if name.startswith("minutes") else f"minutes {name}" if "GPU" in name else ""
        if value == "1":
            unit = unit.replace("minutes", "minute")
        said.append(f"{value} {unit}".strip())
    return " · ".join(said)


def open_with_the_question(app: Any, page: nodes.document, name: str) -> None:
    if not re.match(CHAPTER, name) or app.builder.format != "html":
        return
    top = next(page.findall(nodes.section))
    for table in [child for child in top if isinstance(child, nodes.table)][:1]:
        line = f'<p class="ae-costs">{escape(costs(table))}</p>'
        table.replace_self(nodes.raw("", line, format="html"))
    cells = [n for n, child in enumerate(top) if isinstance(child, nodes.container)]
    if cells:
        top.insert(cells[-1] + 1, nodes.raw("", "</details>", format="html"))
        top.insert(cells[0], nodes.raw("", FOLD, format="html"))


def setup(app: Any) -> dict[str, Any]:
    app.connect("doctree-resolved", open_with_the_question)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
