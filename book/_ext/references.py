"""From a work that a chapter names to its place in the list of references, and back.

The list says of each work, in its note, which page names it: that title becomes a link to the page.
There the work is followed by its label, as the list has it.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from citing import CHAPTER

LIST = "book/references"
LINK = re.compile(r'<a class="reference external" href="([^"]+)">(?:(?!</a>).)*</a>', re.S)
ENTRY = re.compile(r'(<div class="citation" )id="([^"]+)"(.*?</div>)', re.S)
LABEL = '<a class="ae-cited" href="{place}" aria-label="[{label}] in the list of references">[{label}]</a>'


def address(fields: Any) -> str:
    return f"https://doi.org/{fields['doi']}" if "doi" in fields else str(fields["url"])


def led_back(app: Any, body: str) -> str:
    """Have the list lead to the pages, and each of its entries be found under its own key."""
    titles = {title.astext(): name for name, title in app.env.titles.items()}
    works = {work.citation_id: work for work in app.env.get_domain("cite").citations}

    def leading(entry: re.Match[str]) -> str:
        work = works[entry[2]]
        text, note = entry[3], work.entry.fields["note"]
        if note in titles:  # an edition may leave the chapter out
            page = app.builder.get_relative_uri(LIST, titles[note])
            section = "#further-reading" if re.match(CHAPTER, titles[note]) else ""
            title = escape(note, quote=False)
            text = text.replace(f" {title}", f' <a href="{page}{section}">{title}</a>', 1)
        return f'{entry[1]}id="{work.key}"{text}'

    return ENTRY.sub(leading, body)


def led_on(app: Any, page: str, body: str) -> str:
    """After each work that the page names, its label: a link to its place in the list."""
    works = {address(work.entry.fields): work for work in app.env.get_domain("cite").citations}

    def labelled(link: re.Match[str]) -> str:
        work = works.get(link[1])
        if work is None:
            return link[0]
        place = f"{app.builder.get_relative_uri(page, LIST)}#{work.key}"
        return f"{link[0]} {LABEL.format(place=place, label=work.formatted_entry.label)}"

    return LINK.sub(labelled, body)


def lead(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if "body" not in context or app.builder.name != "html":  # not where all pages are one
        return
    if page == LIST:
        context["body"] = led_back(app, context["body"])
    elif LIST in app.env.found_docs:
        context["body"] = led_on(app, page, context["body"])


def setup(app: Any) -> dict[str, Any]:
    app.connect("html-page-context", lead)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
