"""Shakespeare as one string. The file is small, so it travels with the package."""

from __future__ import annotations

import os
from numbers import Integral
from pathlib import Path

from ae_course.data.files import DataFile, data_folder, read_verified

SHAKESPEARE_FILE = DataFile(
    "tinyshakespeare.txt",
    1_115_394,
    "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
)


def load_shakespeare(
    root: str | os.PathLike[str] | None = None, *, n_chars: int | None = None, lower: bool = True
) -> str:
    """Load scenes from Shakespeare's plays, 1,115,394 characters, as one string.

    The text is the file of the char-rnn repository: words that Shakespeare wrote, each speech
    under its speaker's name, with a newline at the end of each line of verse.
    Nothing in it is changed but the capitals: no other normalisation of spaces, line ends or
    punctuation takes place.

    Parameters
    ----------
    root : path, optional
        A folder with another copy of ``tinyshakespeare.txt``; by default the one in the package.
    n_chars : int, optional
        Keep so many characters, from the start.
    lower : bool, default=True
        Whether to turn capitals into small letters: 39 different characters instead of 65.

    Returns
    -------
    str

    Raises
    ------
    FileNotFoundError, PermissionError
        If the folder or the file is missing or cannot be read.
    ValueError
        If the file is truncated or altered, or `n_chars` is not from 1 to its length.

    References
    ----------
    Karpathy (2015), https://github.com/karpathy/char-rnn.

    Examples
    --------
    >>> load_shakespeare(n_chars=14)
    'first citizen:'
    """
    length = SHAKESPEARE_FILE.size  # plain ASCII: as many characters as bytes
    if n_chars is not None and not (isinstance(n_chars, Integral) and 1 <= n_chars <= length):
        raise ValueError(f"`n_chars` must be an integer from 1 to {length:,}, got {n_chars!r}")
    folder = Path(__file__).parent if root is None else data_folder(root)[0]
    text = read_verified(folder, SHAKESPEARE_FILE).decode("ascii")[:n_chars]
    return text.lower() if lower else text
