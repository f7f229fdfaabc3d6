"""Make a deck of slides for each lesson, from what the lesson has stored.

    python book/_tools/slides.py [FOLDER]

A slide is a heading with its questions, a figure, a table, a piece of code, or what was measured.
The speaker's notes (press S) are the plan for the hour in teaching.md and the prose around each
figure. The decks need no network; reveal.js lies beside them.
"""

from __future__ import annotations

import base64
import html
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

BOOK = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(BOOK / "_ext"))

from mathml import mathml  # noqa: E402  (the book's own, beside this folder)
from outputs import MEASURED  # noqa: E402

OUT = BOOK.parent / "_build" / "slides"
REVEAL = ("dist/reveal.css", "dist/reveal.js", "dist/theme/white.css", "dist/theme/fonts",
          "plugin/notes/notes.js", "plugin/notes/speaker-view.html", "LICENSE")  # fmt: skip
ASIDE = {"lab", "hide-input"}  # cells that are no slide
SENTENCE = re.compile(r"(?<=[.?!:])\s+(?=[A-Z*(])")
CLAIM = re.compile(rf"^✓ (.*)\n(?:{MEASURED}(.*))?", re.MULTILINE)

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: slides</title>
<link rel="stylesheet" href="revealjs/dist/reveal.css">
<link rel="stylesheet" href="revealjs/dist/theme/white.css">
<link rel="stylesheet" href="slides.css">
</head>
<body>
<div class="reveal"><div class="slides">
{slides}
</div></div>
<script src="revealjs/dist/reveal.js"></script>
<script src="revealjs/plugin/notes/notes.js"></script>
<script>
Reveal.initialize({{
  hash: true, width: 1280, height: 720, margin: 0.04, center: false, transition: "none",
  plugins: [RevealNotes],
  // a figure that has the focus keeps its keys
  keyboardCondition: () => !document.activeElement.closest("[data-ae-figure]"),
}});
</script>
</body>
</html>
"""

INDEX = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slides</title><link rel="stylesheet" href="slides.css"></head>
<body class="index"><main><h1>Slides</h1>
<p>Arrow keys turn the pages, S opens the speaker's notes, and ?print-pdf behind the address of a
deck shows it for printing.</p>
<ul>
{rows}
</ul></main></body>
</html>
"""

STYLE = """\
.reveal { font-size: 30px; }
.reveal .slides section { text-align: left; }
.reveal h1, .reveal h2, .reveal h3 { text-transform: none; letter-spacing: 0; color: #14213d; }
.reveal h1 { font-size: 2em; } .reveal h2 { font-size: 1.4em; }
.reveal p { margin: 0.4em 0; line-height: 1.35; }
.reveal img { display: block; margin: 0.4em auto; max-width: 100%; max-height: 520px; }
.reveal .question { font-size: 1.15em; }
.reveal pre { width: 100%; box-shadow: none; font-size: 22px; margin: 0.4em 0; }
.reveal pre.long { font-size: 20px; }
.reveal pre code { max-height: none; padding: 0.6em; background: #f4f5f7; line-height: 1.35; }
.reveal table { font-size: 22px; border-collapse: collapse; margin: 0.4em 0; }
.reveal table th, .reveal table td { padding: 0.2em 0.6em; text-align: right; }
.reveal li { margin: 0.5em 0; line-height: 1.35; }
.reveal .measured { display: block; font-size: 0.75em; color: #444; }
.reveal .claims { list-style: "✓  "; }
.reveal [data-ae-figure] { font-size: 20px; max-height: 550px; overflow: auto; }
.index { font: 1.1rem/1.5 sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
"""


@dataclass
class Slide:
    """What is shown, in HTML, and what the speaker reads, in Markdown."""

    body: str
    notes: list[str] = field(default_factory=list)


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    copy_reveal(out / "revealjs")
    (out / "slides.css").write_text(STYLE, encoding="utf-8")
    plans = lesson_plans((BOOK / "teaching.md").read_text(encoding="utf-8"))
    rows = []
    for path in sorted(BOOK.glob("[0-9][0-9]-*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
        number = ".".join(path.stem[:2])
        slides = deck(notebook, plans.get(number, ""))
        page = PAGE.format(title=html.escape(title), slides="\n".join(map(section, slides)))
        (out / f"{path.stem}.html").write_text(page, encoding="utf-8")
        rows.append(f'<li><a href="{path.stem}.html">{number} {html.escape(title)}</a></li>')
    (out / "index.html").write_text(INDEX.format(rows="\n".join(rows)), encoding="utf-8")
    print(f"{len(rows)} decks: {out / 'index.html'}")


def copy_reveal(folder: Path) -> None:
    """Lay reveal.js, which comes with sphinx-revealjs, beside the decks."""
    found = find_spec("sphinx_revealjs")
    if found is None or found.origin is None:
        sys.exit("slides need sphinx-revealjs: pip install sphinx-revealjs")
    source = Path(found.origin).parent / "_static" / "revealjs"
    for name in REVEAL:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, folder / name, dirs_exist_ok=True)
        else:
            shutil.copy(source / name, folder / name)


def lesson_plans(teaching: str) -> dict[str, str]:
    """Split teaching.md into the plans of the lessons, by their number."""
    parts = re.split(r"^## (\d\.\d) .*\n", teaching, flags=re.MULTILINE)
    plans = zip(parts[1::2], parts[2::2], strict=True)
    return {number: text.split("\n## ")[0].strip() for number, text in plans}


# ---------------------------------------------------------------- from a lesson to slides


def deck(notebook: Any, plan: str) -> list[Slide]:
    """Make the slides of one lesson."""
    card, cells = notebook.cells[0].source, notebook.cells[1:]
    title, question = card.split("\n\n")[:2]
    hour, _, ticket = plan.partition("**Exit ticket.**")
    slides = [Slide(f"<h1>{inline(title.removeprefix('# '))}</h1>\n{rendered(question)}", [hour])]
    prose = ""
    for cell in cells:
        if cell.cell_type == "markdown":
            prose = cell.source
            if not prose.startswith("## "):
                slides[-1].notes.append(prose)  # what the figure showed
            slides += from_prose(prose)
        elif not ASIDE & set(cell.metadata.get("tags", ())):
            slides += from_code(cell, prose)
    if ticket:
        asked, answer = re.split(r"(?<=\*)\s+", ticket.strip(), maxsplit=1)
        slides.append(Slide(f"<h2>Exit ticket</h2>\n{rendered(asked)}", [answer]))
    return with_headings(slides)


def with_headings(slides: list[Slide]) -> list[Slide]:
    """Put a heading that has a slide to itself and asks nothing above the slide that follows."""
    kept: list[Slide] = []
    for slide in slides:
        if kept and kept[-1].body.endswith("</h2>\n") and "<h2>" not in slide.body:
            above = kept.pop()
            slide = Slide(above.body + slide.body, above.notes + slide.notes)
        kept.append(slide)
    return kept


def from_prose(source: str) -> Iterator[Slide]:
    """A heading with the questions under it; the exercises one by one; what holds as a list."""
    for part in re.split(r"^(?=## )", source, flags=re.MULTILINE):
        heading, _, text = part.partition("\n")
        if not heading.startswith("## ") or heading == "## Further reading":
            continue
        head = f"<h2>{inline(heading.removeprefix('## '))}</h2>"
        if heading == "## Exercises":
            for task in re.findall(
                r"^\*\*(?:Predict|Change|Build).*?(?=^\*\*|\Z)", text, re.M | re.S
            ):
                asked, *folded = task.split("<details>")
                yield Slide(f"{head}\n{rendered(asked)}", folded)
        elif heading == "## What holds":
            points = [SENTENCE.split(paragraph)[0] for paragraph in text.strip().split("\n\n")]
            points = [p for p in points if not p.startswith(("|", "```"))]
            yield Slide(
                f"{head}\n<ul>{''.join(f'<li>{inline(p)}</li>' for p in points)}</ul>", [text]
            )
        else:
            asked = "".join(f'<p class="question">{inline(q)}</p>' for q in questions(text)[:3])
            yield Slide(f"{head}\n{asked}", [text])


def from_code(cell: Any, prose: str) -> Iterator[Slide]:
    """A figure, a table or the code itself, and what was measured."""
    shown, claims = [], []
    alt = html.escape(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", ""))
    for output in cell.outputs:
        data = output.get("data", {})
        if "image/png" in data:
            shown.append(f'<img src="data:image/png;base64,{data["image/png"]}" alt="{alt}">')
        elif "image/svg+xml" in data:
            picture = base64.b64encode(data["image/svg+xml"].encode()).decode()
            shown.append(f'<img src="data:image/svg+xml;base64,{picture}" alt="{alt}">')
        elif "text/html" in data:
            shown.append(data["text/html"])
        elif output.output_type == "stream":
            claims += CLAIM.findall(output.text)
    plain = not shown and not claims
    imports = cell.source.startswith(("import ", "from ", "torch.manual_seed"))
    if (plain and not imports) or re.search(r"^(def|class) ", cell.source, re.MULTILINE):
        size = "" if cell.source.count("\n") < 14 else ' class="long"'
        yield Slide(f"<pre{size}><code>{html.escape(cell.source)}</code></pre>", [prose])
    for body in shown:
        yield Slide(lead(prose) + body, [prose])
    if claims:
        rows = "".join(
            f'<li>{html.escape(text)}<span class="measured">{html.escape(number)}</span></li>'
            for text, number in claims
        )
        yield Slide(f'<h3>Measured</h3>\n<ul class="claims">{rows}</ul>', [prose])


def lead(prose: str) -> str:
    """The question that leads to a figure, or the last sentence before it."""
    paragraphs = [p for p in prose.strip().split("\n\n") if not p.startswith(("#", "<", "|", "$$"))]
    asked = questions("\n\n".join(paragraphs))
    last = SENTENCE.split(paragraphs[-1])[-1] if paragraphs else ""
    return rendered(asked[-1] if asked else last)


def questions(text: str) -> list[str]:
    """The sentences of a text that ask something."""
    outside = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    sentences = [s for p in outside.split("\n\n") for s in SENTENCE.split(p.strip())]
    return [sentence for sentence in sentences if sentence.endswith("?")]


# ---------------------------------------------------------------- HTML


def _formula(text: str, options: dict[str, Any]) -> str:
    formula: str = mathml(text, block=options["display_mode"])
    return formula


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
MARKDOWN.use(dollarmath_plugin, renderer=_formula)


def rendered(text: str) -> str:
    """HTML of a piece of a lesson; its links to other pages become plain text."""
    page: str = MARKDOWN.render(re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", text))
    return page


def inline(text: str) -> str:
    """The same, without a paragraph around it."""
    return rendered(text).strip().removeprefix("<p>").removesuffix("</p>")


def section(slide: Slide) -> str:
    notes = "\n".join(rendered(text) for text in slide.notes if text.strip())
    return f'<section>\n{slide.body}\n<aside class="notes">{notes}</aside>\n</section>'


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
