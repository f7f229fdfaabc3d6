"""One HTML output that holds everything: a place in the page, a script, the weights."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
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
        if len(data) > LIMIT:
            raise ValueError(
                f"a figure may hold {LIMIT:,} bytes of weights and pictures, got {len(data):,}: "
                "take a smaller model, or fewer images"
            )
        self.config, self.data, self.alt = dict(config), data, alt
        # "<" could end the script element in the middle of a string
        packed = json.dumps(config, ensure_ascii=True, allow_nan=False).replace("<", "\\u003c")
        code = "\n".join(asset(name) for name in ("shared.js", *scripts))
        styles = json.dumps(asset("shared.css"))
        payload = base64.b64encode(data).decode()
        # the name is a digest of the content: the same figure gives the same output
        name = hashlib.sha256(f"{code}{styles}{packed}{payload}".encode()).hexdigest()[:12]
        picture = base64.b64encode(_png(still)).decode()
        self.html = (
            f'<div data-ae-figure="{name}">'
            f'<img src="data:image/png;base64,{picture}" alt="{html.escape(alt)}" '
            f'style="max-width: 100%; height: auto"><p>{NOTE}</p></div>\n'
            f"<script>(function () {{\n{code}\n"
            f'start("{name}", {styles}, buildFigure({packed}, bytesOf("{payload}")));\n'
            "})();</script>"
        )

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"<interactive figure: {self.alt}>"


def asset(name: str) -> str:
    """The text of one of the package's scripts or style sheets."""
    return (files("ae_course.widgets") / name).read_text(encoding="utf-8")


def _png(figure: Figure) -> bytes:
    import matplotlib.pyplot as plt

    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=80, metadata={"Software": None})
    plt.close(figure)  # or the notebook would show it a second time
    return stream.getvalue()
