"""Help for readers: the minutes of a page, its date, the meaning of its terms, its number.

On each page the first use of a word of the glossary is a link to it, with the meaning as a
tooltip. Notebooks need no markup for it, which would not work in Colab.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from stored_notebooks import stored

READ = r"book/(\d\d-|evidence/|exercises/)"  # the pages that are read from top to bottom
GLOSSARY = "book/glossary"
WORDS_PER_MINUTE = 200  # of text with mathematics; code and outputs are not counted
# words with an everyday sense too, which a program cannot tell from the term
EVERYDAY = {"bit", "clipping", "code", "negative", "score", "state", "typical"}
# no running text; a term in it is no first use
LEFT_ALONE = (
    nodes.title, nodes.reference, nodes.literal, nodes.literal_block, nodes.term,
    nodes.math, nodes.math_block, nodes.raw,
)  # fmt: skip


def glossary(env: Any) -> dict[str, tuple[str, str]]:
    """The terms: each with its anchor and its meaning."""
    found = {}
    for entry in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        terms = list(entry.findall(nodes.term))
        meaning = next(entry.findall(nodes.definition)).astext()
        for term in terms:
            for name in term.astext().split(", "):
                found[name] = (term["ids"][0], " ".join(meaning.split()))
    return found


def running_text(page: nodes.document) -> Iterator[nodes.Text]:
    """The words that a reader reads one after the other."""
    for text in list(page.findall(nodes.Text)):
        parents, parent = [], text.parent
        while parent is not None:
            parents.append(parent)
            parent = parent.parent
        if not any(isinstance(one, LEFT_ALONE) or "cell" in one["classes"] for one in parents):
            yield text


def link_terms(app: Any, page: nodes.document, name: str) -> None:
    terms = {
        term: entry for term, entry in glossary(app.env).items() if term.lower() not in EVERYDAY
    }
    by_length = sorted(terms, key=len, reverse=True)  # "linear probe" before "probe"
    spelling = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, by_length))})(s?)(?![\w-])", re.I)
    known = {term.lower(): term for term in terms}
    linked: set[str] = set()
    address = app.builder.get_relative_uri(name, GLOSSARY)
    for text in running_text(page):
        parts: list[nodes.Node] = []
        end = 0
        for match in spelling.finditer(text):
            term = known[match[1].lower()]
            anchor, meaning = terms[term]
            if anchor in linked:
                continue
            linked.add(anchor)
            link = nodes.reference("", match[0], refuri=f"{address}#{anchor}", internal=True)
            link["classes"] = ["ae-term"]
            link["reftitle"] = meaning
            parts += [nodes.Text(str(text)[end : match.start()]), link]
            end = match.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(str(text)[end:])])


def link_first_uses(app: Any, page: nodes.document, name: str) -> None:
    if re.match(READ, name):
        link_terms(app, page, name)


def when(page: Path) -> str:
    """On which day a notebook computed what it shows, as a part of a sentence."""
    notebook = page.with_suffix(".ipynb")
    run = stored(notebook).metadata.get("ae_course", {}) if notebook.is_file() else {}
    return f" · computed on {run['date']}" if "date" in run else ""


def tell_minutes(app: Any, name: str, template: str, context: dict[str, Any], page: Any) -> None:
    if page is not None and re.match(READ, name):
        words = sum(len(text.split()) for text in running_text(page))
        minutes = max(2, round(words / WORDS_PER_MINUTE))
        line = f"{minutes} minutes of text, besides code and figures{when(Path(app.srcdir, name))}"
        line = f'<p class="ae-reading">{line}</p>'
        context["body"] = context["body"].replace("</h1>", f"</h1>\n{line}", 1)


def number_title(app: Any, page: nodes.document, name: str) -> None:
    """Give a chapter's title the number that the table of contents has: for a tab and a search."""
    entry = getattr(app.env.external_site_map.get(name), "title", None)
    number = re.match(r"\d\.\d ", entry or "")
    if number:
        title = next(iter(page.findall(nodes.title)))
        title.insert(0, nodes.Text(number[0]))
        app.env.longtitles[name] = nodes.title("", title.astext())


def describe(app: Any, name: str, template: str, context: dict[str, Any], page: Any) -> None:
    """What a search engine and a card say of a page: its first paragraph, which is its question."""
    first = next(iter(page.findall(nodes.paragraph)), None) if page is not None else None
    if first is not None and context["meta"] is not None:
        length = len(" ".join(escape(first.astext()).split())) + len(" ...")
        context["meta"].setdefault("ogp_description_length", str(min(length, 200)))


def setup(app: Any) -> dict[str, Any]:
    app.connect("doctree-resolved", link_first_uses)
    app.connect("doctree-resolved", number_title)
    app.connect("html-page-context", describe, priority=400)  # before the cards are made
    app.connect("html-page-context", tell_minutes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
