"""Print a line on any console, whatever signs its encoding has."""

from __future__ import annotations

import sys
import unicodedata

ASCII = {"✓": "[ok]", "✗": "[no]", "–": "-", "—": "-", "−": "-", "×": "x", "·": "*", "→": "->",
         "≤": "<=", "≥": ">=", "≈": "~", "±": "+-", "‖": "||", "√": "sqrt ", "“": '"', "”": '"',
         "‘": "'", "’": "'"}  # fmt: skip


def say(text: str) -> None:
    """Print `text`; each sign that the console's encoding lacks is written in ASCII.

    A console of Windows, or a log file there, may have no ✓. A line that cannot be printed must
    not stop what it reports on.

    Examples
    --------
    >>> say("right")
    right
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print("".join(_printable(sign, encoding) for sign in text))


def _printable(sign: str, encoding: str) -> str:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        plain = ASCII.get(sign, unicodedata.normalize("NFKD", sign))  # é is e and an accent
        return plain.encode("ascii", "ignore").decode() or "?"
    return sign
