"""What drawings are made of: boxes, arrows and words, in four colours, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import escape

WIDTH = 480
INK, GREY, BLUE, ORANGE = "#222222", "#595959", "#0b6e99", "#a8480f"
TINTS = {INK: "#f2f2f2", GREY: "#f2f2f2", BLUE: "#dceef6", ORANGE: "#fbe6d6"}


@dataclass(repr=False)
class Diagram:
    """A drawing under construction; a notebook shows it as the last line of a cell.

    Parameters
    ----------
    height : int
        In the units of the drawing, which is 480 wide.
    description : str
        What a reader who cannot see it is told.
    """

    height: int
    description: str
    parts: list[str] = field(default_factory=list)

    @property
    def svg(self) -> str:
        """The drawing as the text of an SVG file."""
        description = escape(self.description, {'"': "&quot;"})
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" '
            f'width="{WIDTH}" height="{self.height}" role="img" aria-label="{description}" '
            'font-family="DejaVu Sans, Verdana, sans-serif" font-size="16">'
            f'<rect width="{WIDTH}" height="{self.height}" fill="#ffffff"/>'
            f"{''.join(self.parts)}</svg>"
        )

    def __repr__(self) -> str:
        return f"Diagram: {self.description}"

    def _repr_svg_(self) -> str:
        return self.svg

    def box(
        self, x: float, y: float, width: float, height: float, colour: str = INK, words: str = ""
    ) -> None:
        """Draw a rounded box around the point (x, y), with words in it."""
        self.parts.append(
            f'<rect x="{x - width / 2:g}" y="{y - height / 2:g}" width="{width:g}" '
            f'height="{height:g}" rx="4" fill="{TINTS[colour]}" stroke="{colour}" '
            'stroke-width="1.5"/>'
        )
        if words:
            self.text(x, y, words, colour)

    def text(
        self, x: float, y: float, words: str, colour: str = INK, size: int = 16, index: str = ""
    ) -> None:
        """Write words around the point (x, y), with an index below the line."""
        if index:
            words = f'{escape(words)}<tspan dy="5" font-size="{size - 3}">{escape(index)}</tspan>'
        else:
            words = escape(words)
        self.parts.append(
            f'<text x="{x:g}" y="{y + size / 3:g}" text-anchor="middle" fill="{colour}" '
            f'font-size="{size}">{words}</text>'
        )

    def arrow(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        colour: str = INK,
        bend: float = 0,
    ) -> None:
        """Draw an arrow that passes `bend` units beside the middle of its straight line."""
        (x0, y0), (x1, y1) = start, end
        length = math.dist(start, end)
        # the control point of a parabola lies twice as far out as the curve gets
        x = (x0 + x1) / 2 + 2 * bend * (y1 - y0) / length
        y = (y0 + y1) / 2 - 2 * bend * (x1 - x0) / length
        self.parts.append(
            f'<path d="M{x0:g} {y0:g}Q{x:g} {y:g} {x1:g} {y1:g}" fill="none" stroke="{colour}" '
            'stroke-width="1.5"/>'
        )
        along = math.hypot(x1 - x, y1 - y)
        dx, dy = 8 * (x1 - x) / along, 8 * (y1 - y) / along
        self.parts.append(
            f'<path d="M{x1:g} {y1:g}L{x1 - dx - dy / 2:g} {y1 - dy + dx / 2:g}'
            f'L{x1 - dx + dy / 2:g} {y1 - dy - dx / 2:g}Z" fill="{colour}"/>'
        )

    def chain(self, y: float, boxes: Sequence[tuple[float, str, float, str]]) -> None:
        """Draw boxes, each (x, words, width, colour), with an arrow from each to the next."""
        for x, words, width, colour in boxes:
            self.box(x, y, width, 50, colour, words)
        for (left, _, wide, _), (right, _, wide_too, _) in pairwise(boxes):
            self.arrow((left + wide / 2 + 2, y), (right - wide_too / 2 - 2, y))
