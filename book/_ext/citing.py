"""How a chapter is cited, at its end: a line and an entry for BibTeX, from CITATION.cff."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

import yaml

CHAPTER = r"book/(\d)(\d)-"
CHANGES = "book/changes"
ENTRY = """@incollection{{{key},
  author = {{{{{author}}}}},
  title = {{{title}}},
  chapter = {{{number}}},
  booktitle = {{{book}}},
  year = {{{year}}},
  note = {{Version {version}}},{url}
}}"""
BOX = """<details class="ae-cite"><summary>Cite this chapter</summary>
<p>{line}</p>
<div class="highlight-none notranslate"><div class="highlight"><pre>{entry}</pre></div></div>
{changes}</details>
"""


def cite(app: Any, name: str, template: str, context: dict[str, Any], page: Any) -> None:
    chapter = re.match(CHAPTER, name)
    source = Path(app.srcdir, "CITATION.cff")
    if page is None or not chapter or not source.is_file():  # an edition may do without
        return
    about = yaml.safe_load(source.read_text(encoding="utf-8"))
    number, title = f"{chapter[1]}.{chapter[2]}", context["title"]
    title = title.removeprefix(number).strip()  # the table of contents numbers it
    author, year = about["authors"][0]["name"], about["date-released"].year
    published = "/-owner-/" not in app.config.html_theme_options["repository_url"]
    address = f"{app.config.html_baseurl}{name}.html" if published else ""
    line = (
        f"{author} ({year}). {title}. Chapter {number} of <em>{about['title']}</em>, "
        f"version {about['version']}. {address}"
    )
    entry = ENTRY.format(
        key=Path(name).name,
        author=author,
        title=title,
        number=number,
        book=about["title"],
        year=year,
        version=about["version"],
        url=f"\n  url = {{{address}}}," if address else "",
    )
    changes = ""
    if CHANGES in app.env.found_docs:
        link = app.builder.get_relative_uri(name, CHANGES)
        changes = f'<p><a href="{link}">Changes and errata</a></p>'
    context["body"] += BOX.format(line=line.strip(), entry=escape(entry), changes=changes)


def setup(app: Any) -> dict[str, Any]:
    # after the outputs are arranged: an entry is no code of the chapter
    app.connect("html-page-context", cite, priority=700)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
