"""An interactive figure of a chapter, shown once more on another page: {living} 02-pca."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class Living(SphinxDirective):
    """The first interactive figure of a notebook that lies beside the page, as it was stored."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.doc2path(self.env.docname)).parent / f"{self.arguments[0]}.ipynb"
        self.env.note_dependency(str(path))
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                html = output.get("data", {}).get("text/html", "")
                if "data-ae-figure" in html:
                    box = (
                        f'<div class="cell_output"><div class="output text_html">{html}</div></div>'
                    )
                    return [nodes.raw("", box, format="html")]
        raise self.error(f"{path.name} has no interactive figure in its outputs")


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("living", Living)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
