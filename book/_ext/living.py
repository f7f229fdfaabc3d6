"""What stands in a chapter, shown once more on another page.

`{living} 12-pca` is the first interactive figure of that notebook; `{claims} 12-pca` is the list of
its claims, as the stored run printed them, each with what was measured, or else with the numbers
that the run had printed before; for a chapter that is left out of the book, a sentence that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from left_out import is_left_out
from outputs import MEASURED
from sphinx.util import docname_join
from sphinx.util.docutils import SphinxDirective
from stored_notebooks import stored


class Stored(SphinxDirective):
    """Something from the outputs of a notebook that lies beside the page."""

    required_arguments = 1

    @property
    def page(self) -> str:
        return docname_join(self.env.docname, self.arguments[0])

    def cells(self) -> list[Any]:
        path = Path(self.env.srcdir, f"{self.page}.ipynb")
        if not path.is_file():
            raise self.error(f"there is no notebook {self.page}.ipynb")
        self.env.note_dependency(str(path))
        return list(stored(path).cells)

    def outputs(self) -> Iterator[Any]:
        for cell in self.cells():
            yield from cell.get("outputs", [])


class Living(Stored):
    def run(self) -> list[nodes.Node]:
        for output in self.outputs():
            html = output.get("data", {}).get("text/html", "")
            if "data-ae-figure" in html:
                box = f'<div class="cell_output"><div class="output text_html">{html}</div></div>'
                return [nodes.raw("", box, format="html")]
        raise self.error(f"{self.arguments[0]} has no interactive figure in its outputs")


class Claims(Stored):
    """The claims below each section of a notebook, with the numbers that stand above them there."""

    def run(self) -> list[nodes.Node]:
        if is_left_out(self.env, self.page):
            return [nodes.paragraph("", "This chapter is not part of this edition of the book.")]
        found: list[nodes.Node] = []
        heading, named, shown, drawn = "", "", list[str](), False
        for cell in self.cells():
            if cell.cell_type == "markdown":
                for line in re.findall(r"^#+ (.+)$", cell.source, re.M):
                    heading, shown, drawn = line, [], False
                continue
            texts = [_numbers(output) for output in cell.outputs]
            printed = "\n".join(output.get("text", "") for output in cell.outputs).splitlines()
            claims = list(_claims(printed))
            shown += [text for text in texts if text]
            drawn |= any("image/png" in output.get("data", {}) for output in cell.outputs)
            if claims:
                found.append(self.claims("" if heading == named else heading, claims))
                if not all(numbers for _, numbers in claims):
                    found.append(_details(shown, drawn, cell.source))
                named, shown, drawn = heading, [], False
        if not found:
            raise self.error(f"{self.arguments[0]} has no claims in its outputs")
        return found

    def claims(self, heading: str, claims: list[tuple[str, str]]) -> nodes.Node:
        place = nodes.make_id(heading)
        link = f'<a class="reference internal" href="{self.arguments[0]}.html#{place}">'
        items = "".join(
            f"<li><p>{escape(claim)}"
            + (f' <span class="ae-measured">{escape(numbers)}</span>' if numbers else "")
            + "</p></li>"
            for claim, numbers in claims
        )
        above = f"<p>{link}{escape(heading)}</a></p>" if heading else ""
        text = f"{above}<ul>{items}</ul>"
        return nodes.raw("", text, format="html")


def _claims(printed: list[str]) -> Iterator[tuple[str, str]]:
    """Each claim, with the numbers of the line below it if it says what was measured."""
    for line, below in zip(printed, [*printed[1:], ""], strict=False):
        if line.startswith("✓ "):
            yield line[2:], below.removeprefix(MEASURED) if below.startswith(MEASURED) else ""


def _numbers(output: Any) -> str:
    """A table or printed lines, as HTML; empty for a figure, a claim, or a text without digits."""
    table = output.get("data", {}).get("text/html", "")
    if "<table" in table:
        return re.sub(r"<style.*?</style>", "", table, flags=re.S)
    text = "\n".join(
        line
        for line in output.get("text", "").splitlines()
        if not line.startswith(("✓ ", MEASURED, "MNIST: ", "Shakespeare: "))
    )
    return f"<pre>{escape(text)}</pre>" if re.search(r"\d", text) else ""


def _details(shown: list[str], drawn: bool, check: str) -> nodes.Node:
    if shown:
        text = f"<details><summary>The numbers</summary>{''.join(shown)}</details>"
    elif drawn:
        text = "<p><em>The numbers are in the figure of that section.</em></p>"
    else:
        code = f"<pre>{escape(check)}</pre>"
        text = f"<details><summary>The condition, as the cell checks it</summary>{code}</details>"
    return nodes.raw("", f'<div class="cell_output">{text}</div>', format="html")


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("living", Living)
    app.add_directive("claims", Claims)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
