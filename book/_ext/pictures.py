"""Pictures come when the reader is near, and since they carry their size, no text moves then.

A figure that was drawn with more than 120 pixels to the inch is shown in the size of one with 120,
sharper. A picture whose size cannot be read is left as it is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from PIL import Image
from sphinx.util.images import get_image_size

DPI = 120  # of ae_course/course.mplstyle
PICTURE = re.compile(r'(<img [^>]*?src="[^"]*?_images/([^"/]+)")(?![^>]*\swidth=)([^>]*)>')
# from the notebook's metadata: a fixed height that a narrow page would stretch the picture to
FIXED = re.compile(r' style="width: \d+px; height: \d+px;"')


def message(description: str) -> str:
    """What a picture says: the first sentence of its description."""
    return description.partition(". ")[0].rstrip(".") + "."


def measure(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    sources = {name: Path(app.srcdir, path) for path, name in app.builder.images.items()}

    def measured(picture: re.Match[str]) -> str:
        tag, name, rest = picture.groups()
        source = sources.get(name)
        size = get_image_size(str(source)) if source else None
        if not source or not size:
            return picture[0]
        scale = density(source)
        width, height = (round(pixels / scale) for pixels in size)
        rest = FIXED.sub("", rest)
        return f'{tag} width="{width}" height="{height}" loading="lazy"{rest}>'

    if "body" in context:
        context["body"] = PICTURE.sub(measured, context["body"])


def density(path: Path) -> int:
    """How many pixels of a figure stand for one on the page, along an edge."""
    if path.suffix != ".png":
        return 1
    with Image.open(path) as picture:
        dpi: float = picture.info.get("dpi", (DPI, DPI))[0]
    return max(1, round(dpi / DPI))


def setup(app: Any) -> dict[str, Any]:
    app.connect("html-page-context", measure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
