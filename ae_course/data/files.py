"""Find a data file: a named folder, the environment, the cache, or a verified download."""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import urllib.request
import zlib
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

ENVIRONMENT_VARIABLE = "AE_COURSE_DATA"
TIMEOUT = 30.0  # seconds without a byte before a download counts as failed


@dataclass(frozen=True)
class DataFile:
    """One file of a data set: where it lies, what it must be, where to fetch it."""

    path: str  # below the data folder
    size: int  # bytes
    sha256: str
    urls: tuple[str, ...]  # tried in this order; an address that ends in .gz is unpacked


class DownloadError(OSError):
    """No address gave the file; the message names each with its reason."""


def data_folder(root: str | os.PathLike[str] | None = None) -> tuple[Path, str]:
    """Where to look, and in words why there: `root`, else ``$AE_COURSE_DATA``, else the cache.

    Raises
    ------
    FileNotFoundError
        If a folder that the caller or the environment names does not exist.
    """
    for folder, origin in (
        (root, "the folder given"),
        (
            os.environ.get(ENVIRONMENT_VARIABLE) or None,
            f"the folder that {ENVIRONMENT_VARIABLE} names",
        ),
    ):
        if folder is not None:
            if not Path(folder).is_dir():
                raise FileNotFoundError(f"{origin} must exist, got '{folder}'")
            return Path(folder), origin
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("ae_course", appauthor=False)), "the cache folder"


def read_verified(folder: Path, file: DataFile) -> bytes:
    """The bytes of a file, once its size and checksum have been found right.

    Raises
    ------
    FileNotFoundError, PermissionError
        If the file is missing, or cannot be read.
    ValueError
        If it is truncated or altered: what was expected and what was found.
    """
    path = folder / file.path
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"'{path}' must exist ({file.size:,} bytes), found nothing"
        ) from None
    except PermissionError:
        raise PermissionError(f"'{path}' must be readable, this user has no permission") from None
    _verify(content, file, str(path))
    return content


def download(folder: Path, file: DataFile) -> bytes:
    """Fetch a file from the first address that gives the right bytes, and store it in `folder`.

    Raises
    ------
    DownloadError
        If no address gave the right bytes.
    OSError
        If the file could not be stored; nothing half-written stays behind.
    """
    reasons = []
    for url in file.urls:
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
                content = response.read()
            content = gzip.decompress(content) if url.endswith(".gz") else content
            _verify(content, file, url)
        except (OSError, HTTPException, EOFError, zlib.error, ValueError) as error:
            reasons.append(f"{url}: {error}")
        else:
            _store(content, folder / file.path)
            return content
    raise DownloadError(f"'{Path(file.path).name}' could not be downloaded: " + "; ".join(reasons))


def _verify(content: bytes, file: DataFile, where: str) -> None:
    if len(content) != file.size:
        raise ValueError(
            f"'{where}' must have {file.size:,} bytes, found {len(content):,}: "
            "it is truncated or another file; delete it to have it fetched again"
        )
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise ValueError(
            f"'{where}' must have the sha256 checksum {file.sha256}, found {found}: "
            "it was altered; delete it to have it fetched again"
        )


def _store(content: bytes, path: Path) -> None:
    """Write under a temporary name, then rename, so that no reader ever sees half a file."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
            temporary = Path(stream.name)
            stream.write(content)
        temporary.replace(path)
    except OSError as error:
        raise type(error)(
            error.errno,
            f"{len(content):,} bytes could not be stored as '{path}' ({error.strerror}); "
            f"set {ENVIRONMENT_VARIABLE} to a folder with the data, or free the cache folder",
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
