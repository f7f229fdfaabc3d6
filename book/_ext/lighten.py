"""What makes pages light: icons that are used and no others, and figures that come when needed.

Font Awesome is the largest file that a page loads: 1.5 MB, for some twenty icons, and the theme
has it twice, as a script and as fonts (which `styles` leaves out). Figures wait until the reader is
near, and since they carry their size, the text below stays in its place.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from sphinx.util import logging

# name:[width,height,[other names],"code point","path"],
ICON = re.compile(
    r'"?([\w-]+)"?:\[\d+,\d+,\[([^\]]*)\],"[0-9a-f]+",(?:"[^"]*"|\["[^"]*","[^"]*"\])\],?'
)
USED = re.compile(r"\bfa-([a-z][\w-]*)")


def lighten(app: Any, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    script = out / "_static" / "scripts" / "fontawesome.js"
    readers = [*out.rglob("*.html"), *(out / "_static").rglob("*.js")]
    used = {
        name
        for path in readers
        if path != script
        for name in USED.findall(path.read_text(encoding="utf-8", errors="ignore"))
    }

    def kept(icon: re.Match[str]) -> str:
        names = {icon[1], *re.findall(r"[\w-]+", icon[2])}
        return icon[0] if names & used else ""

    text = script.read_text(encoding="utf-8")
    light = ICON.sub(kept, text)
    if len(light) > len(text) / 4:
        logging.getLogger(__name__).warning("%s is no lighter: has its form changed?", script.name)
    write(script, light)


def write(path: Path, text: str) -> None:
    """Nobody reads a file that is half written."""
    temporary = path.with_suffix(".part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


PICTURE = re.compile(r'<img [^>]*?src="[^"]*?_images/([^"/]+\.(?:png|svg))"(?![^>]*\swidth=)')


def size(picture: Path) -> tuple[int, int]:
    """Width and height of a PNG, or of an SVG that says them."""
    if picture.suffix == ".svg":
        drawing = ElementTree.parse(picture).getroot()
        return int(drawing.attrib["width"]), int(drawing.attrib["height"])
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return width, height


def measure(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give each picture of a page its size, which the style sheet fits to the screen, and time."""
    sources = {name: Path(app.srcdir, path) for path, name in app.builder.images.items()}

    def sized(picture: re.Match[str]) -> str:
        width, height = size(sources[picture[1]])
        return f'{picture[0]} width="{width}" height="{height}" loading="lazy"'

    if "body" in context:
        context["body"] = PICTURE.sub(sized, context["body"])


def setup(app: Any) -> dict[str, Any]:
    app.connect("html-page-context", measure)
    app.connect("build-finished", lighten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
