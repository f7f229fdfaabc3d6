"""Which pages of the book are opened: all of them, or one of each kind."""

import os
import re
from pathlib import Path

from playwright.sync_api import expect

ROOT = Path(__file__).parents[2]
TOC = (ROOT / "_toc.yml").read_text(encoding="utf-8")
PAGES = [*re.findall(r"book/[\w/.-]+", TOC), "search"]
LESSONS = [name for name in PAGES if re.match(r"book/\d\d-", name)]

LANDING = "book/intro"
PLAIN = "book/evidence/22-denoising"  # a page without interactive figures
WRITING = "book/32-writing"  # a lesson with two
HEAVIEST = max(LESSONS, key=lambda name: (ROOT / f"{name}.ipynb").stat().st_size)
KINDS = [
    LANDING,
    PLAIN,
    WRITING,
    "book/questions/11-labels-for-free",
    "book/exercises/1-left-out",
    "book/exercises/1-left-out-solution",
    "book/api/training",
    "book/claims",
    "book/glossary",
    "book/references",
    "book/teaching",
    "search",
]

# make test-all-pages: what else is tried on a few pages is tried on all
ALL = os.environ.get("AE_COURSE_ALL_PAGES") == "1"
TRIED = PAGES if ALL else KINDS
EVIDENCE = [name for name in PAGES if name.startswith("book/evidence/")]
VISITED = PAGES if ALL else [*dict.fromkeys([*LESSONS, *EVIDENCE, *KINDS])]
TIMED = [LANDING, *LESSONS] if ALL else [LANDING, PLAIN, HEAVIEST]


def interactive(name):
    """How many interactive figures the source of a page asks for."""
    sources = [ROOT / f"{name}{suffix}" for suffix in (".ipynb", ".md")]
    text = "".join(path.read_text(encoding="utf-8") for path in sources if path.exists())
    return text.count("<div data-ae-figure=") + text.count("{living}")


FIGURES = {name: count for name in PAGES if (count := interactive(name))}


def settle(page, name):
    """Wait until scripts have run and figures stand."""
    page.wait_for_load_state("load")
    expect(page.locator(".ae-figure")).to_have_count(FIGURES.get(name, 0))


def switch(page):
    """What turns reading mode on and off."""
    return page.get_by_role("button", name="Reading mode")


def hidden(page):
    """The code that reading mode has folded."""
    inputs = page.locator("article div.cell > .cell_input")
    code = inputs.evaluate_all("all => all.filter(x => x.hidden).map(x => x.textContent)")
    return [text.strip() for text in code]
