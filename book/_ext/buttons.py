"""The buttons above a page: what the theme does not have.

The notebooks open as the tag that their setup cells install, since the newest code need not fit.
Kaggle beside Colab and Binder; a form for errors that asks what to tell; the whole book as a PDF,
where `make pdf` has made one before the site is built; and a way to the other pages where no script
runs.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

HOME = "book/intro"
PDF = "autoencoders-and-self-supervision.pdf"
FORM = """What is wrong, and in which section?

What should it say instead, or what did you expect to see?

If a cell failed: the machine (Colab, Kaggle, your own), and the last lines of the message.
"""


def add_buttons(app: Any, name: str, template: str, context: dict[str, Any], page: Any) -> None:
    repository = app.config.html_theme_options["repository_url"]
    branch = app.config.html_theme_options["repository_branch"]
    for group in context.get("header_buttons", []):
        label = group.get("label")
        if label == "launch-buttons":
            tag = f"v{_version(app)}"
            for button in group["buttons"]:
                button["url"] = re.sub(rf"/{re.escape(branch)}(?=[/?])", f"/{tag}", button["url"])
            notebook = f"{repository}/blob/{tag}/{name}.ipynb"
            group["buttons"].append(
                {
                    "type": "link",
                    "text": "Kaggle",
                    "tooltip": "Launch on Kaggle",
                    "icon": "fas fa-k",
                    "url": f"https://www.kaggle.com/kernels/welcome?src={notebook}",
                }
            )
        if label == "download-buttons" and _printed(app) is not None:
            url = context["pathto"](f"_static/{PDF}", resource=True)
            group["buttons"].append(
                {
                    "type": "link",
                    "text": "The whole book (.pdf)",
                    "tooltip": "Download the whole book as a PDF",
                    "icon": "fas fa-book",
                    "url": url,
                }
            )
        for button in group.get("buttons", []):
            if button.get("label") == "source-issues-button":
                title = quote(f"Error in {name}")
                url = f"{repository}/issues/new?title={title}&body={quote(FORM)}"
                button |= {"text": "Report an error", "url": escape(url)}


def add_way_out(app: Any, name: str, template: str, context: dict[str, Any], page: Any) -> None:
    """Without scripts the menu of a phone stays shut: a link to the map of the course."""
    if "body" in context and name != HOME:
        link = f'<a href="{context["pathto"](HOME)}#the-chapters">All chapters</a>'
        context["body"] = f"<noscript><p>{link}</p></noscript>{context['body']}"


def _version(app: Any) -> str:
    """The package's version, whose tag has the notebooks that go with it."""
    settings = (Path(app.srcdir) / "pyproject.toml").read_text(encoding="utf-8")
    version: str = tomllib.loads(settings)["project"]["version"]
    return version


def _printed(app: Any) -> Path | None:
    """The book as a PDF, unless a page is newer."""
    path = Path(app.outdir).parent / PDF
    if not path.exists():
        return None
    pages = [Path(app.env.doc2path(page)) for page in app.env.found_docs]
    newest = max(page.stat().st_mtime for page in pages)
    return path if path.stat().st_mtime > newest else None


def copy_pdf(app: Any, error: Exception | None) -> None:
    if error is None and app.builder.name == "html":
        target = Path(app.outdir) / "_static" / PDF
        printed = _printed(app)
        if printed is None:
            target.unlink(missing_ok=True)
        else:
            shutil.copy(printed, target)


def setup(app: Any) -> dict[str, Any]:
    app.connect("html-page-context", add_buttons, priority=502)  # after the theme's own
    app.connect("html-page-context", add_way_out)
    app.connect("build-finished", copy_pdf)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
