"""Write `_headers`: for each page a Content-Security-Policy that names its own scripts.

Hosts such as Netlify and Cloudflare Pages read such a file; for others it is a list to copy from.
Only scripts that stood in the page when it was built may run, and nothing comes from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

POLICY = (
    "default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)


class Scripts(HTMLParser):
    """The inline scripts of a page, and the handlers that stand in attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        self._inside = tag == "script" and "src" not in named
        self.found += [value for name, value in attributes if name.startswith("on") and value]

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(data)


def write_headers(app: Any, error: Exception | None) -> None:
    if error is not None or app.builder.name != "html":
        return
    out, lines = Path(app.outdir), []
    for path in sorted(out.rglob("*.html")):
        scripts = Scripts(path.read_text(encoding="utf-8")).found
        sums = sorted({hashlib.sha256(script.encode()).digest() for script in scripts})
        allowed = " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in sums)
        policy = POLICY.format(scripts=f"'unsafe-hashes' {allowed}" if sums else "")
        lines += [f"/{path.relative_to(out).as_posix()}", f"  Content-Security-Policy: {policy}"]
    lines += ["/*", "  X-Content-Type-Options: nosniff", "  Referrer-Policy: no-referrer"]
    (out / "_headers").write_text("\n".join(lines) + "\n", encoding="utf-8")


def setup(app: Any) -> dict[str, Any]:
    app.connect("build-finished", write_headers, priority=900)  # when the pages stand as they will
    return {"parallel_read_safe": True, "parallel_write_safe": True}
