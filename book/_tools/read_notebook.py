"""Read a student's file as a notebook, whatever program wrote it, or say why it is none."""

from __future__ import annotations

import json
import warnings
from typing import Any

import nbformat


class UnreadableError(ValueError):
    """A file that is no notebook, with the sentence that says why."""


def grade_id(cell: Any) -> str | None:
    """The name by which nbgrader knows a cell."""
    label = cell.metadata.get("nbgrader")
    name = label.get("grade_id") if isinstance(label, dict) else None
    return name if isinstance(name, str) else None


def read(data: bytes) -> Any:
    """The notebook in a file, in today's format and without outputs."""
    if not data.strip():
        raise UnreadableError("the file is empty")
    try:
        text = data.decode(json.detect_encoding(data), errors="replace").strip("\ufeff \r\n\t")
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        line, lines = getattr(error, "lineno", 1), len(data.splitlines())
        if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
            raise UnreadableError(f"the file is damaged at line {line} of {lines}") from None
        raise UnreadableError("the file is no notebook") from None
    if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
        raise UnreadableError("the file is no notebook")
    if content["nbformat"] > 4:
        raise UnreadableError(f"it is of notebook format {content['nbformat']}, we read up to 4")
    try:
        return cleared(content)
    except Exception as error:  # whatever a file may hold that only looks like a notebook
        reason = str(error).splitlines()[:1] or [type(error).__name__]
        raise UnreadableError(f"the notebook is damaged ({reason[0][:100]})") from None


def cleared(content: dict[str, Any]) -> Any:
    """A notebook of any older format in today's, without outputs."""
    for cell in content.get("cells", ()):
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)  # they may be of any size, or damaged
    with warnings.catch_warnings(action="ignore"):  # it tells what it mends
        notebook = nbformat.reads(json.dumps(content), as_version=4)
        notebook.nbformat_minor = max(notebook.nbformat_minor, 5)  # since when a cell has an id
        _, notebook = nbformat.validator.normalize(notebook, strip_invalid_metadata=True)
    own = {cell.get("id") for cell in content.get("cells", ())}
    for number, cell in enumerate(notebook.cells):
        if cell.id not in own:
            cell.id = f"cell-{number}"  # the same whenever it is read, so that it is graded once
        cell.source = cell.source.replace("\r\n", "\n")
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)  # those of format 3
    notebook.metadata.pop("widgets", None)
    nbformat.validate(notebook, relax_add_props=True)
    return notebook
