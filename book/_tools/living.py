"""What stands in a chapter, shown once more on another page.

`{living} 02-pca` is the first interactive figure of that notebook; `{claims} 02-pca` is the list of
its claims, as the stored run printed them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class Stored(SphinxDirective):
    """Something from the outputs of a notebook that lies beside the page."""

    required_arguments = 1

    def outputs(self) -> Iterator[Any]:
        path = Path(self.env.doc2path(self.env.docname)).parent / f"{self.arguments[0]}.ipynb"
        self.env.note_dependency(str(path))
        for cell in nbformat.read(path, as_version=4).cells:
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
    def run(self) -> list[nodes.Node]:
        printed = "\n".join(output.get("text", "") for output in self.outputs()).splitlines()
        claims = [line[2:] for line in printed if line.startswith("✓ ")]
        if not claims:
            raise self.error(f"{self.arguments[0]} has no claims in its outputs")
        items = [nodes.list_item("", nodes.paragraph("", claim)) for claim in claims]
        return [nodes.bullet_list("", *items)]


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("living", Living)
    app.add_directive("claims", Claims)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
