"""The chapters on the first page: the table of its source as cards, each with a picture.

The picture is what a chapter's cell drew that is tagged `hero`. It also stands for the chapter where
somebody shares its address. On paper the table stays a table.
"""

from __future__ import annotations

import base64
import io
import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from pictures import message
from PIL import Image
from stored_notebooks import stored

HOME = "book/intro"
WIDTH = 640  # pixels of a picture, for cards of half as many
PNG = "image/png"


def hero(notebook: Path) -> tuple[bytes, str] | None:
    """The picture of the cell tagged `hero`, and what its description says first."""
    for cell in stored(notebook).cells:
        if "hero" in cell.metadata.get("tags", []):
            pictures = [out.data[PNG] for out in cell.outputs if PNG in out.get("data", {})]
            told = cell.metadata["mystnb"]["image"]["alt"]
            return base64.b64decode(pictures[0]), message(told)
    return None


def small(picture: bytes, path: Path) -> tuple[int, int]:
    """Store a picture at the width of a card; returns its size."""
    path.parent.mkdir(exist_ok=True)
    with Image.open(io.BytesIO(picture)) as full:
        drawn = full.convert("RGB")
        drawn.thumbnail((WIDTH, WIDTH))
        drawn.save(path, quality=80)
        return drawn.size


def card(app: Any, entries: list[nodes.Node], unit: str) -> str:
    title, question, minutes, needs = (escape(entry.astext()) for entry in entries)
    link, picture = next(entries[0].findall(nodes.reference), None), ""
    if link is not None:  # none leads to a chapter that an edition leaves out
        address = link["refuri"]
        title = f'<a href="{address}">{title}</a>'
        found = hero(Path(app.srcdir, "book", Path(address).with_suffix(".ipynb").name))
        if found:
            name = Path(address).with_suffix(".webp").name
            width, height = small(found[0], Path(app.outdir, "_images", name))
            picture = (
                f'<img src="../_images/{name}" width="{width}" height="{height}" '
                f'loading="lazy" alt="{escape(found[1])}">'
            )
    return (
        f'<li>{picture}<p class="ae-title">{title}</p><p>{question}</p>'
        f'<p class="ae-needs">{minutes} {unit} · you need: {needs}</p></li>'
    )


def lay_out(app: Any, page: nodes.document, name: str) -> None:
    if name != HOME or app.builder.format != "html":
        return
    table = next(page.findall(nodes.table))
    _, _, unit, _ = (e.astext() for e in next(table.findall(nodes.thead)).findall(nodes.entry))
    parts: list[str] = []
    for row in next(table.findall(nodes.tbody)).findall(nodes.row):
        entries = list(row.findall(nodes.entry))
        if entries[1].astext():
            parts[-1] += card(app, entries, unit)
        else:
            parts.append(f"<h3>{escape(entries[0].astext())}</h3><ul>")
    html = "".join(f"{part}</ul>" for part in parts)
    table.replace_self(nodes.raw("", f'<div class="ae-cards">{html}</div>', format="html"))


def share(app: Any, name: str, template: str, context: dict[str, Any], page: Any) -> None:
    if not re.match(r"book/\d\d-", name) or context["meta"] is None:
        return
    found = hero(Path(app.srcdir, f"{name}.ipynb"))
    if found:
        address = f"{app.config.html_baseurl}_images/{Path(name).name}.webp"
        context["meta"] |= {"og:image": address, "og:image:alt": found[1]}


def setup(app: Any) -> dict[str, Any]:
    app.connect("html-page-context", share, priority=400)  # before the cards for sharing are made
    app.connect("doctree-resolved", lay_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
