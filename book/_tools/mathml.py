"""Mathematics as MathML, made when the book is built: it stands at once, without a script.

Every browser of today draws MathML; the font that comes with the site (a part of STIX Two Math)
gives it the same letters everywhere. A formula that cannot be turned into MathML is a warning, and
so stops the strict build.
"""

from __future__ import annotations

import itertools
import re
from typing import Any
from xml.etree import ElementTree

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util import logging

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
# TeX leaves a thin space after the name of a function, unless a bracket or an index follows
ACCENTS = {"^": "\u02c6", "~": "\u02dc"}  # the small ones, which sit close above a letter
NO_SPACE_BEFORE = {"(", "[", "{", ")", "]", "}", ",", "|", "="}


def mathml(tex: str, *, block: bool) -> str:
    """A formula of LaTeX as a `<math>` element."""
    text = convert(tex.strip(), display="block" if block else "inline")
    if "\\" in text or re.search(r"<mi>&(amp;)?</mi>", text):
        raise ValueError(f"no MathML for {tex!r}")
    ElementTree.register_namespace("", NAMESPACE)
    tree = ElementTree.fromstring(text)
    for parent in list(tree.iter()):
        children = list(parent)
        if parent.tag.endswith("}mover") and children[1].text in ACCENTS:
            children[1].text = ACCENTS[children[1].text]
            children[1].set("stretchy", "false")
        if not parent.tag.endswith(("}mrow", "}math")):
            continue  # the places of an index or a fraction are counted
        for child, after in itertools.pairwise(children):
            if _is_function(child) and (after.text or "") not in NO_SPACE_BEFORE:
                space = ElementTree.Element(f"{{{NAMESPACE}}}mspace", width="0.167em")
                parent.insert(list(parent).index(after), space)
    return ElementTree.tostring(tree, encoding="unicode")


def _is_function(element: Any) -> bool:
    """Whether it is a name such as log, perhaps with an index: log_2."""
    if element.tag.endswith(("msub", "msup")):
        element = element[0]
    return element.tag.endswith("}mi") and len(element.text or "") > 1


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
