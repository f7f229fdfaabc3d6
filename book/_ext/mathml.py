"""Mathematics as MathML, made when the book is built: it stands at once, without a script.

Every browser of today draws MathML; the font that comes with the site (a part of STIX Two Math)
gives it the same letters everywhere. A formula that cannot be turned into MathML is a warning, and
so stops the strict build.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util import logging

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
NAME, OPERATOR, MOVER, SPACE = (f"{{{NAMESPACE}}}{tag}" for tag in ("mi", "mo", "mover", "mspace"))
ROWS = {f"{{{NAMESPACE}}}{tag}" for tag in ("mrow", "math")}
ACCENTS = {"^": "\u02c6", "~": "\u02dc"}  # the small ones, which sit close above a letter
BARS = {"|", "\u2016", "\u2225"}
# TeX leaves a thin space on both sides of the name of a function, but for a bracket or a sign there
NO_SPACE_AFTER = {"(", "[", "{", ")", "]", "}", ",", "|", "="}
NO_SPACE_BEFORE = {"(", "[", "{", ",", "|", "=", "+", "\u2212", "-", "\u00d7", "\u22c5"}


def mathml(tex: str, *, block: bool) -> str:
    """A formula of LaTeX as a `<math>` element."""
    text = convert(tex.strip(), display="block" if block else "inline")
    if "\\" in text or re.search(r"<mi>&(amp;)?</mi>", text):
        raise ValueError(f"no MathML for {tex!r}")
    ElementTree.register_namespace("", NAMESPACE)
    tree = ElementTree.fromstring(text)
    for parent in list(tree.iter()):
        children = list(parent)
        if (
            parent.tag == MOVER
            and children[1].text in ACCENTS
            and len("".join(children[0].itertext())) == 1
        ):
            children[1].text = ACCENTS[children[1].text]
            children[1].set("stretchy", "false")
        for child in children:
            if child.tag == OPERATOR and child.text in BARS and child.get("stretchy") is None:
                child.set("stretchy", "false")  # or the left bar grows with an index on the right
            if child.tag == OPERATOR and re.fullmatch("[a-z]+", child.text or ""):
                child.tag = NAME  # max and min, as the others: an operator has too much room
        if parent.tag in ROWS:  # the places of an index or a fraction are counted
            _space_functions(parent)
    return ElementTree.tostring(tree, encoding="unicode")


def _space_functions(row: ElementTree.Element) -> None:
    children = list(row)
    for before, child in zip([None, *children], children, strict=False):
        after = next(iter(children[children.index(child) + 1 :]), None)
        if not _is_function(child):
            continue
        if before is not None and not _is_function(before) and before.text not in NO_SPACE_BEFORE:
            row.insert(list(row).index(child), ElementTree.Element(SPACE, width="0.167em"))
        if after is not None and after.text not in NO_SPACE_AFTER:
            row.insert(list(row).index(after), ElementTree.Element(SPACE, width="0.167em"))


def _is_function(element: Any) -> bool:
    """Whether it is a name such as log, perhaps with an index: log_2."""
    if element.tag.endswith(("msub", "msup")):
        element = element[0]
    return element.tag == NAME and len(element.text or "") > 1


def _write(translator: Any, node: nodes.Element, *, block: bool) -> None:
    try:
        formula = mathml(node.astext(), block=block)
    except Exception as error:  # the converter's own errors have no common parent
        logging.getLogger(__name__).warning("%s", error, location=node)
        raise nodes.SkipNode from error
    # class "math": what scrolls when it is wider than a phone
    translator.body.append(f'<div class="math">{formula}</div>' if block else formula)
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, Any]:
    app.add_html_math_renderer(
        "mathml",
        (lambda self, node: _write(self, node, block=False), None),
        (lambda self, node: _write(self, node, block=True), None),
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
