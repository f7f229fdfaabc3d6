"""The notebooks of the book, each read once in a build, whoever asks for what is stored in it."""

from functools import cache
from pathlib import Path
from typing import Any

import nbformat


@cache
def stored(path: Path) -> Any:
    """The notebook at a path, to be read and not to be changed."""
    return nbformat.read(path, as_version=4)
