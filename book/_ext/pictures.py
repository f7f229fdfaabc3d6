"""Pictures come when the reader is near, and since they carry their size, no text moves then.

One whose size cannot be read is left as it is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.util.images import get_image_size

PICTURE = re.compile(r'<img [^>]*?src="[^"]*?_images/([^"/]+)"(?![^>]*\swidth=)')


def measure(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    sources = {name: Path(app.srcdir, path) for path, name in app.builder.images.items()}

    def measured(picture: re.Match[str]) -> str:
        source = sources.get(picture[1])
        size = source and get_image_size(str(source))
        if not size:
            return picture[0]
        return f'{picture[0]} width="{size[0]}" height="{size[1]}" loading="lazy"'

    if "body" in context:
        context["body"] = PICTURE.sub(measured, context["body"])


def setup(app: Any) -> dict[str, Any]:
    app.connect("html-page-context", measure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
