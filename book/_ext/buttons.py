"""The buttons above a page: what the theme does not have, and none that lead nowhere.

Kaggle beside Colab and Binder; *Report an error* with the repository's own form; the whole book as
a PDF, where `make pdf` has made one since the pages last changed; and a way to the other pages
where no script runs. Until the repository is published, no button names its placeholder.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

HOME = "book/intro"
PDF = "autoencoders-and-self-supervision.pdf"


def prepare(app: Any, config: Any) -> None:
    """Switch off what would name the placeholder, and put the PDF into the site."""
    if "/-owner-/" in config.html_theme_options["repository_url"]:
        unpublished = dict.fromkeys(("use_repository_button", "use_issues_button"), False)
        config.html_theme_options |= unpublished | {"launch_buttons": {}}
    pdf = Path(app.outdir).parent / PDF
    pages = [one for one in Path(app.srcdir, "book").rglob("*") if one.suffix in (".ipynb", ".md")]
    if pdf.exists() and pdf.stat().st_mtime > max(page.stat().st_mtime for page in pages):
        config.html_extra_path = [*config.html_extra_path, str(pdf)]


def add_buttons(app: Any, name: str, template: str, context: dict[str, Any], page: Any) -> None:
    repository = app.config.html_theme_options["repository_url"]
    tag = app.config.html_theme_options["repository_branch"]
    for group in context.get("header_buttons", []):
        buttons, label = group.get("buttons", []), group.get("label")
        if label == "launch-buttons":
            notebook = f"{repository}/blob/{tag}/{name}.ipynb"
            url = f"https://www.kaggle.com/kernels/welcome?src={notebook}"
            buttons.append(_link("Kaggle", "Launch on Kaggle", "fas fa-k", url))
        if label == "download-buttons" and any(PDF in path for path in app.config.html_extra_path):
            text, tip = "The whole book (.pdf)", "Download the whole book as a PDF"
            url = context["pathto"](PDF, resource=True)
            buttons.append(_link(text, tip, "fas fa-book", url))
        for button in buttons:
            if button.get("label") == "source-issues-button":
                url = f"{repository}/issues/new?template=text.yml&title=Error in {name}&page={name}"
                button |= {"text": "Report an error", "url": escape(url.replace(" ", "%20"))}


def _link(text: str, tooltip: str, icon: str, url: str) -> dict[str, str]:
    return {"type": "link", "text": text, "tooltip": tooltip, "icon": icon, "url": url}


def add_way_out(app: Any, name: str, template: str, context: dict[str, Any], page: Any) -> None:
    """Without scripts the menu of a phone stays shut: a link to the map of the course."""
    if "body" in context and name != HOME:
        link = f'<a href="{context["pathto"](HOME)}#the-chapters">All chapters</a>'
        context["body"] = f"<noscript><p>{link}</p></noscript>{context['body']}"


def setup(app: Any) -> dict[str, Any]:
    app.connect("config-inited", prepare)
    app.connect("html-page-context", add_buttons, priority=502)  # after the theme's own
    app.connect("html-page-context", add_way_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
