"""How code and the outputs of cells stand on a page: for reading, where a notebook is for running.

Long lines of code go on below their own beginning. The two header rows of a pandas table become
one, checked sentences become a list with their numbers, a figure has a number, a caption and a link
to itself in full size, and the line that says where the digits came from, the same in every
chapter, stays in the notebook.
"""

from __future__ import annotations

import ast
import itertools
import re
from html import escape, unescape
from typing import Any

from pictures import message
from yardstick import TABLE, marked

CODE = re.compile(
    r'(<div class="highlight-\w+ notranslate"><div class="highlight"><pre>)(.*?)(?=</pre>)', re.S
)
STREAM = re.compile(
    r'(<div class="output stream highlight-myst-ansi notranslate"><div class="highlight"><pre>)'
    r"<span></span>(.*?)(</pre></div>\s*</div>)",
    re.S,
)
CLAIMS = '<ul class="ae-claims">'
MEASURED = "  measured: "  # how the line below a claim begins, as `ae_course.claims` prints it
DICTIONARY = re.compile(r"\{(?:[^{}]|\{[^{}]*\})*\}")  # with others in it, but none in those
SOME_RUNS = re.compile(r" \[([^\]]+)\]$")  # after a claim that not every run can check
HEADER = re.compile(r"(?<=<thead>)(.*?)(?=</thead>)", re.S)
PICTURE = re.compile(
    r'<img (?=[^>]*alt="([^"]+)")(?=[^>]*src="([^"]*_images/[^"/]+\.(?:png|svg))")'
    r'(?=[^>]*width="(\d+)")[^>]*>'
)
NOTHING = '<td class="ae-none" title="not measured">–</td>'
FORMULA = re.compile(
    r'(<math [^>]*display="inline"[^>]*>(?:(?!</math>).)*</math>)([,.;:!?)]+)', re.S
)
SOURCE = re.compile(
    r".+: [\d,]+ (training|test) images from "
)  # of the data, as `ae_course.data` prints it


def hanging(code: re.Match[str]) -> str:
    """Each line of code in an element of its own, which knows how far it is indented."""
    lines = []
    for line in code[2].removesuffix("\n").split("\n"):
        text = re.sub("<[^>]*>", "", line)
        indent = len(text) - len(text.lstrip(" "))
        style = f' style="--indent:{indent}"' if indent else ""
        lines.append(f'<span class="ae-line"{style}>{line}\n</span>')
    return code[1] + "".join(lines)


def written(named: dict[Any, Any], inside: bool = False) -> str:
    parts = [
        f"{name} ({written(value, inside=True)})" if isinstance(value, dict) else f"{name}: {value}"
        for name, value in named.items()
    ]
    return (", " if inside else "; ").join(parts)


def plain(numbers: str) -> str:
    """Dictionaries of numbers as a reader would write them; anything else as it is."""
    text = unescape(numbers)

    def told(found: re.Match[str]) -> str:
        try:
            named = ast.literal_eval(found[0])
        except (SyntaxError, ValueError):
            return found[0]
        if not isinstance(named, dict):
            return found[0]
        return written(named) if text.startswith("{") else f"({written(named, inside=True)})"

    return escape(DICTIONARY.sub(told, text), quote=False)


def printed(stream: re.Match[str]) -> str:
    """What a cell printed: claims as a list, the rest as it is."""
    parts: list[str] = []
    for line in stream[2].splitlines(keepends=True):
        if SOURCE.match(line):
            continue
        claim = line.startswith("✓ ")
        if line.startswith(MEASURED) and parts and parts[-1].endswith("</li>"):
            numbers = plain(line.removeprefix(MEASURED).rstrip())
            part = parts[-1].removesuffix("</li>")
            parts[-1] = f'{part} <span class="ae-measured">{numbers}</span></li>'
            continue
        if not parts or claim != parts[-1].startswith(CLAIMS):
            parts.append(CLAIMS if claim else "")
        if claim:
            tick = '<span class="ae-holds">✓</span>'
            sentence = line.removeprefix("✓ ").rstrip()
            sentence = SOME_RUNS.sub(r' <span class="ae-when">\1</span>', sentence)
            parts[-1] += f"<li>{tick} {sentence}</li>"
        else:
            parts[-1] += line
    return "".join(
        f"{part}</ul>" if part.startswith(CLAIMS) else f"{stream[1]}{part}{stream[3]}"
        for part in parts
    )


def merged(header: re.Match[str]) -> str:
    """The row that holds only the names of the index, moved into the empty cells above it."""
    rows = re.findall(r"<tr.*?</tr>", header[1], re.S)
    cells = [re.findall(r"<th[^>]*>(.*?)</th>", row, re.S) for row in rows]
    if len(rows) < 2 or len(cells[-1]) != len(cells[-2]):
        return header[1]
    names = [name for name in cells[-1] if name]
    if cells[-1] != names + [""] * (len(cells[-1]) - len(names)) or len(names) == len(cells[-1]):
        return header[1]
    above = iter(cells[-2])
    corner = [
        f"{name} ↓ {over} →" if over else name for name, over in zip(names, above, strict=False)
    ]
    texts = iter([*corner, *cells[-2][len(corner) :]])
    row = re.sub(
        r"(<th[^>]*>).*?(?=</th>)", lambda cell: cell[1] + next(texts), rows[-2], flags=re.S
    )
    return "\n".join([*rows[:-2], row])


def captioned(body: str) -> str:
    """Each picture as a figure: numbered, with the first sentence of its description below it."""
    count = itertools.count(1)

    def figure(picture: re.Match[str]) -> str:
        told, address, width = picture.groups()
        image = picture[0]
        if address.endswith(".png"):  # the others are drawings, which lose nothing in any size
            image = f'<a class="ae-zoom" href="{address}" style="--width:{width}px">{image}</a>'
        number = next(count)
        # who has the page read aloud has just heard the whole description
        said = f'<span aria-hidden="true">{message(told)}</span>'
        caption = f'<a href="#figure-{number}">Figure {number}</a> {said}'
        return (
            f'<figure class="ae-printed" id="figure-{number}">{image}'
            f"<figcaption>{caption}</figcaption></figure>"
        )

    return PICTURE.sub(figure, body)


def arrange(app: Any, name: str, template: str, context: dict[str, Any], page: Any) -> None:
    if "body" not in context:
        return
    body = CODE.sub(hanging, context["body"])
    body = STREAM.sub(printed, body)
    body = re.sub(rf"</ul>\s*{CLAIMS}", "", body)
    evidence = name.replace("book/", "book/evidence/", 1)
    link = ""
    if evidence in app.env.found_docs:
        address = app.builder.get_relative_uri(name, evidence)
        link = f'<a class="ae-evidence" href="{address}">evidence</a>'
    body = re.sub(
        rf"{CLAIMS}.*?</ul>", rf'<div class="ae-checked">\g<0>{link}</div>', body, flags=re.S
    )
    body = HEADER.sub(merged, body)
    body = body.replace("<th></th>", "<td></td>")  # an empty corner is no header of anything
    body = TABLE.sub(marked, body.replace("<td>NaN</td>", NOTHING))
    body = captioned(body)
    # a line must not begin with the comma after a formula
    context["body"] = FORMULA.sub(r'<span class="ae-keep">\1\2</span>', body)


def setup(app: Any) -> dict[str, Any]:
    app.connect("html-page-context", arrange, priority=600)  # when pictures have their size
    return {"parallel_read_safe": True, "parallel_write_safe": True}
