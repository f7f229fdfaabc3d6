"""The pages and files that stand beside the book, for whoever comes in by another door.

The bare address leads to the first page and has a title and a card of its own; an address that is
wrong leads back; machines are told where the map is and what the site offers.
"""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HOME = "book/intro"
INDEX = """<!doctype html>
<html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="0; url={home}.html">
<title>{title}</title>
{meta}
<link rel="canonical" href="{base}{home}.html">
<body><p><a href="{home}.html">{title}</a></p></body></html>
"""
MISSING = """<!doctype html>
<html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Page not found: {title}</title>
<style>body {{ color-scheme: light dark; font: 1.1rem/1.6 system-ui, sans-serif; margin: 15vh auto;
max-width: 36rem; padding: 0 1rem; }}</style>
<body><h1>This page is not here</h1>
<p>It may have moved, or the address has a slip.</p>
<ul><li><a href="{path}{home}.html">The first page of <em>{title}</em></a></li>
<li><a href="{path}{home}.html#the-chapters">All chapters</a></li>
<li><a href="{path}search.html">Search</a></li></ul></body></html>
"""
ROBOTS = """User-agent: *
Allow: /

Sitemap: {base}sitemap.xml
"""
CARD = re.compile(r'<meta (?:property="og:|name="(?:description|twitter:))[^>]*>')


def add_to_head(app: Any, name: str, template: str, context: dict[str, Any], page: Any) -> None:
    icon = context["pathto"]("_static/icon.png", resource=True)
    tags = context.get("metatags", "") + f'\n<link rel="apple-touch-icon" href="{icon}">'
    offered: dict[str, Any] = {}
    about = re.findall(r'name="description" content="([^"]*)"', tags)
    if name == HOME:
        author = {"@type": "Organization", "name": app.config.author}
        offered = {"@type": "Course", "name": app.config.html_title, "provider": author}
    elif re.match(r"book/\d\d-", name):
        course = {"@type": "Course", "url": f"{app.config.html_baseurl}{HOME}.html"}
        offered = {"@type": "LearningResource", "name": context["title"], "isPartOf": course}
    if offered:
        offered |= {
            "@context": "https://schema.org",
            "description": about[0],
            "url": f"{app.config.html_baseurl}{name}.html",
            "inLanguage": app.config.language,
            "isAccessibleForFree": True,
            "license": "https://creativecommons.org/licenses/by/4.0/",
        }
        text = json.dumps(offered).replace("<", "\\u003c")
        tags += f'\n<script type="application/ld+json">{text}</script>'
    context["metatags"] = tags


def write_doors(app: Any, error: Exception | None) -> None:
    if error is not None or app.builder.name != "html":
        return
    out, base = Path(app.outdir), app.config.html_baseurl
    first = (out / f"{HOME}.html").read_text(encoding="utf-8").partition("</head>")[0]
    values = {
        "home": HOME,
        "title": escape(app.config.html_title),
        "base": base,
        # a page that is missing may be missed anywhere: its links cannot be relative
        "path": urlsplit(base).path,
        "meta": "\n".join(CARD.findall(first)),
    }
    for name, text in (("index.html", INDEX), ("404.html", MISSING), ("robots.txt", ROBOTS)):
        (out / name).write_text(text.format(**values), encoding="utf-8")


def setup(app: Any) -> dict[str, Any]:
    app.connect("html-page-context", add_to_head, priority=600)  # after the cards
    app.connect("build-finished", write_doors)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
