"""What a page needs before its first words show comes with the page itself, in one answer.

On a slow connection each further file costs half a second, and a browser paints nothing until all
style sheets are there. So each page carries them, without the rules that no page of the book uses
(nine tenths of the theme's), and its scripts wait until the text stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

import tinycss2
from lighten import write
from sphinx.util import logging

SHEET = re.compile(r'<link[^>]*\shref="([^"?]*_static/[^"?]+\.css)[^>]*>\s*')
SCRIPT = re.compile(r'<script(?=[^>]*\ssrc=")(?![^>]*\s(?:defer|async))')
OPTIONS = re.compile(r'<script src="([^"?]*documentation_options\.js)[^>]*></script>')
PRELOAD = re.compile(r'<link rel="preload" as="script"[^>]*>\s*')
IMPORT = re.compile(r"""@import\s+["']([^"']+)["'];""")
NAMES = re.compile(r'\s(?:class|id)="([^"]*)"')
INLINE = re.compile(r"<script[^>]*>([^<]{1,20000}?)</script>")
ICON = re.compile(r"\.fa[srb]?\b.*:before")  # a letter of a font that a script stands in for
ADDRESS = re.compile(r"""url\(\s*["']?(?!data:|#)([^"')]+)["']?\s*\)""")


def used_names(pages: Iterable[str], scripts: Iterable[str]) -> set[str]:
    """Every class and id that stands in a page, and every word that a script might make one of."""
    names: set[str] = set()
    for page in pages:
        for value in NAMES.findall(page):
            names.update(value.split())
        for script in INLINE.findall(page):
            names.update(re.findall(r"[\w-]+", script))
    for script in scripts:
        names.update(re.findall(r"[\w-]+", script))
    return names


def needed(sheet: str, used: set[str]) -> str:
    """The style sheet without the selectors that name a class or an id that is never used."""
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    return re.sub(r"\s+", " ", "".join(_kept(rules, used)))


def _kept(rules: list[Any], used: set[str]) -> Iterable[str]:
    for rule in rules:
        if rule.type == "error":
            raise ValueError(f"a style sheet has an error: {rule.message}")
        if rule.type == "qualified-rule":
            selectors = [
                part
                for part in _split(rule.prelude)
                if set(_names(part)) <= used and not ICON.search(tinycss2.serialize(part))
            ]
            if selectors:
                text = ",".join(tinycss2.serialize(part).strip() for part in selectors)
                yield f"{text}{{{tinycss2.serialize(rule.content).strip()}}}"
        elif rule.lower_at_keyword in ("media", "supports"):
            inside = tinycss2.parse_rule_list(
                rule.content, skip_comments=True, skip_whitespace=True
            )
            text = "".join(_kept(inside, used))
            if text:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{text}}}"
        elif rule.lower_at_keyword != "charset" and "webfonts" not in rule.serialize():
            yield rule.serialize()  # not the fonts of icons, which a script draws


def _split(prelude: list[Any]) -> list[list[Any]]:
    """A list of selectors at its commas."""
    parts: list[list[Any]] = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _names(selector: list[Any]) -> Iterable[str]:
    """Its classes and ids; what stands in :not() or :is() does not count."""
    for before, token in zip([None, *selector], selector, strict=False):
        if token.type == "hash" or (token.type == "ident" and before == "."):
            yield token.value


def carry(app: Any, error: Exception | None) -> None:
    if error is not None or app.builder.name != "html":
        return
    out = Path(app.outdir)
    pages = {path: path.read_text(encoding="utf-8") for path in out.rglob("*.html")}
    pages = {path: text for path, text in pages.items() if "<head>" in text}
    scripts = (out / "_static").rglob("*.js")
    used = used_names(pages.values(), (path.read_text(encoding="utf-8") for path in scripts))
    sheets: dict[Path, str] = {}

    def sheet(path: Path) -> str:
        if path not in sheets:
            text = IMPORT.sub(
                lambda other: (path.parent / other[1]).read_text(encoding="utf-8"),
                path.read_text(encoding="utf-8"),
            )
            sheets[path] = needed(text, used)
        return sheets[path]

    for path, text in pages.items():
        head, _, body = text.partition("</head>")
        links = SHEET.findall(head)
        if not links:
            message = "%s links no style sheet: has the theme changed?"
            logging.getLogger(__name__).warning(message, path.name)
        style = "\n".join(_placed(sheet((path.parent / link).resolve()), link) for link in links)
        head = SHEET.sub("", head).replace("<title>", f"<style>\n{style}\n</style>\n    <title>", 1)
        head = PRELOAD.sub("", head)
        for link in OPTIONS.findall(head):  # an inline script below it names the page
            options = (path.parent / link).read_text(encoding="utf-8")
            head = OPTIONS.sub(lambda _, options=options: f"<script>{options}</script>", head)
        text = SCRIPT.sub("<script defer", f"{head}</head>{body}")
        write(path, text)


def _placed(sheet: str, link: str) -> str:
    """A sheet's own addresses, as seen from the page."""
    return ADDRESS.sub(lambda url: f'url("{normpath(join(dirname(link), url[1]))}")', sheet)


def setup(app: Any) -> dict[str, Any]:
    app.connect("build-finished", carry, priority=700)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
