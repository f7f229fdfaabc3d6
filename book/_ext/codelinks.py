"""In the code of a page, each `ae.name` leads to the entry of that name."""

from __future__ import annotations

import re
from typing import Any

CELL = re.compile(r"<pre>.*?</pre>", re.DOTALL)
DOT = r'<span class="o">\.</span><span class="n">(\w+)</span>'
NAME = re.compile(rf'<span class="n">ae</span>{DOT}(?:{DOT})?')  # ae.train, ae.widgets.text_writer


def link_code(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Link the first use of each name in each cell: again and again would be no help."""
    entries = app.env.get_domain("py").objects

    def in_cell(cell: re.Match[str]) -> str:
        linked = set()

        def link(use: re.Match[str]) -> str:
            names = [name for name in use.groups() if name]
            path = ".".join(["ae_course", *names])
            if path not in entries or path in linked:
                return use[0]
            linked.add(path)
            entry = entries[path]
            address = f"{app.builder.get_relative_uri(page, entry.docname)}#{entry.node_id}"
            return f'<a class="ae-api" href="{address}">{use[0]}</a>'

        return NAME.sub(link, cell[0])

    if "body" in context and app.builder.name == "html":  # not where all pages are one
        context["body"] = CELL.sub(in_cell, context["body"])


def setup(app: Any) -> dict[str, Any]:
    """Register the pass."""
    app.connect("html-page-context", link_code)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
