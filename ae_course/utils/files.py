"""Write a file whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4


def write_atomically(path: str | os.PathLike[str], write: Callable[[Path], Any]) -> None:
    """Write under a temporary name, then rename: no reader ever sees half a file.

    Parameters
    ----------
    path : path
        Its folder is made where it does not exist; a file of this name is replaced.
    write : callable
        ``write(temporary)`` writes the content to the path that it is given.

    Raises
    ------
    OSError
        If the file cannot be written; the one before stays, and nothing half-written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "a.txt", lambda path: path.write_text("whole"))
    ...     (Path(folder) / "a.txt").read_text()
    'whole'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # a name of its own, so that two processes that write the same file do not meet
    temporary = path.with_name(f"{path.name}.{uuid4().hex[:12]}.tmp")
    try:
        write(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
