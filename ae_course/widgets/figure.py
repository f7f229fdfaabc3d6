"""One HTML output that holds everything: a place in the page, a script, the weights."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # matplotlib is imported by whoever draws
    from matplotlib.figure import Figure

LIMIT = 600_000  # bytes of weights and pictures: a phone loads them with the page

NOTE = (
    "A still picture. The figure itself needs scripts: in a notebook, run this cell; in the "
    "book, allow the page its scripts."
)


class InteractiveFigure:
    """A figure that runs in the reader's browser, wherever HTML is shown.

    The last value of a cell displays itself. In the book, in Colab and in JupyterLab it is the
    same output: it asks no server and no kernel for anything.

    Parameters
    ----------
    scripts : sequence of str
        Files of this package, in order; the last defines ``buildFigure(config, buffer)``.
    config : mapping
        For JSON.
    data : bytes
        What the config refers to.
    still : matplotlib Figure
        What is seen where scripts do not run; it is closed.
    alt : str
        What a reader should know who cannot see it.

    Raises
    ------
    ValueError
        If `data` exceeds 600,000 bytes.
    """

    def __init__(
        self,
        scripts: Sequence[str],
        config: Mapping[str, Any],
        data: bytes,
        *,
        still: Figure,
        alt: str,
    ) -> None:
        picture = _png(still)  # first: whatever happens, it is closed
        if len(data) > LIMIT:
            raise ValueError(
                f"a figure may hold {LIMIT:,} bytes of weights and pictures, got {len(data):,}: "
                "take a smaller model, or fewer images"
            )
        self.scripts, self.config, self.data, self.alt = list(scripts), dict(config), data, alt
        self.html = _html(
            scripts,
            # "<" could end the script element in the middle of a string
            config=json.dumps(config, allow_nan=False).replace("<", "\\u003c"),
            data=base64.b64encode(data).decode(),
            still=base64.b64encode(picture).decode(),
            alt=html.escape(alt),
        )

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"<interactive figure: {self.alt}>"


def asset(name: str) -> str:
    """Read one of the package's scripts or style sheets."""
    return (files("ae_course.widgets") / "static" / name).read_text(encoding="utf-8")


def refreshed(output: str) -> str:
    """Put the package's present scripts into a stored output; weights and picture stay.

    Raises
    ------
    ValueError
        If `output` is not the HTML of an :class:`InteractiveFigure`.
    """
    found = _STORED.fullmatch(output)
    if found is None:
        raise ValueError(f"not the output of an interactive figure: {output[:80]!r}")
    parts = found.groupdict()
    return _html(parts.pop("scripts").split(), **parts)


_STORED = re.compile(
    r'<div data-ae-figure="[0-9a-f]{12}" data-scripts="(?P<scripts>[^"]*)">'
    r'<img src="data:image/png;base64,(?P<still>[^"]*)" alt="(?P<alt>[^"]*)".*'
    r'\nstart\("[0-9a-f]{12}", "(?:[^"\\]|\\.)*", buildFigure\((?P<config>\{[^\n]*\}), '
    r'bytesOf\("(?P<data>[^"]*)"\)\)\);\n\}\)\(\);</script>',
    re.DOTALL,
)


def _html(scripts: Sequence[str], *, config: str, data: str, still: str, alt: str) -> str:
    code = "\n".join(asset(name) for name in ("runtime.js", "ui.js", *scripts))
    call = f'{json.dumps(asset("figure.css"))}, buildFigure({config}, bytesOf("{data}"))'
    # the name is a digest of the content: the same figure gives the same output
    name = hashlib.sha256((code + call).encode()).hexdigest()[:12]
    return (
        f'<div data-ae-figure="{name}" data-scripts="{" ".join(scripts)}">'
        f'<img src="data:image/png;base64,{still}" alt="{alt}" '
        f'style="max-width: 100%; height: auto"><p>{NOTE}</p></div>\n'
        f'<script>(function () {{\n{code}\nstart("{name}", {call});\n}})();</script>'
    )


def _png(figure: Figure) -> bytes:
    import matplotlib.pyplot as plt

    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=80, metadata={"Software": None})
    plt.close(figure)  # or the notebook would show it a second time
    return stream.getvalue()
