"""`{status}`: when, on what and how long each notebook of the book ran, as stored in it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective
from stored_notebooks import stored

HEADINGS = ("Notebook", "Ran on", "Device", "Minutes", "Memory", "Seeds moved by")
UNKNOWN = "not recorded"


class Status(SphinxDirective):
    """A table of the runs, and below it the versions that they were made with."""

    def run(self) -> list[nodes.Node]:
        rows, titles = "", dict[str, list[str]]()
        for document, title, run in self.runs():
            versions = ", ".join(f"{name} {text}" for name, text in run.get("versions", {}).items())
            titles.setdefault(versions or UNKNOWN, []).append(title)
            address = self.env.app.builder.get_relative_uri(self.env.docname, document)
            cells = "".join(f"<td>{escape(fact)}</td>" for fact in facts(run))
            rows += f'<tr><td><a href="{address}">{escape(title)}</a></td>{cells}</tr>'
        head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
        table = f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        versions = "".join(
            f"<dt>{escape(made_with)}</dt><dd>{escape('; '.join(names))}</dd>"
            for made_with, names in titles.items()
        )
        box = f'<div class="pst-scrollable-table-container">{table}</div>'
        return [nodes.raw("", f"{box}<h2>Versions</h2><dl>{versions}</dl>", format="html")]

    def runs(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """The notebooks of the book that have run: page, title, and what is stored of the run."""
        for document in sorted(self.env.found_docs):
            path = Path(self.env.doc2path(document))
            if path.suffix != ".ipynb":
                continue
            self.env.note_dependency(str(path))
            notebook = stored(path)
            run = notebook.metadata.get("ae_course")
            if run is not None:  # an exercise as students get it has no outputs
                yield document, notebook.cells[0].source.splitlines()[0].lstrip("# "), run


def facts(run: dict[str, Any]) -> tuple[str, str, str, str, str]:
    """Date, device, minutes and memory of a run, and other seeds that were tried, in words."""
    device = run.get("device", UNKNOWN)
    if device == "cpu":
        device = f"CPU, {run['threads']} threads" if run["threads"] > 1 else "CPU, 1 thread"
    memory = run.get("memory")
    return (
        run.get("date", UNKNOWN),
        device,
        f"{run['seconds'] / 60:.1f}" if "seconds" in run else UNKNOWN,
        UNKNOWN if memory is None else f"{memory / 1000:.1f} GB",
        ", ".join(map(str, run.get("seeds", []))) or "not yet",
    )


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("status", Status)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
