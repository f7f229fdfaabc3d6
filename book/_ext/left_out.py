"""A page that somebody leaves out of _toc.yml: links to it become plain text.

A link to a file that is not there at all is still an error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import docname_join


def is_left_out(env: Any, name: str) -> bool:
    """Whether a page has a file, and no place in the book."""
    files = (Path(env.srcdir, name + suffix) for suffix in env.config.source_suffix)
    return name not in env.found_docs and any(file.is_file() for file in files)


class PlainLinks(SphinxPostTransform):
    default_priority = 5  # before those that look for the page, and warn

    def run(self, **options: Any) -> None:
        for link in list(self.document.findall(addnodes.pending_xref)):
            if link.get("refdomain") == "doc":  # a link of MyST, [text](page.ipynb#section)
                name = link["reftarget"]
            elif link.get("reftype") == "doc":  # a role of Sphinx, or a card that is a link
                name = docname_join(link["refdoc"], link["reftarget"])
            else:
                continue
            if is_left_out(self.env, name):
                link.replace_self(link.children or nodes.Text(""))


def setup(app: Any) -> dict[str, Any]:
    app.add_post_transform(PlainLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
