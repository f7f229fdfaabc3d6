"""Find a data file in a named folder or the cache, and see that it is the right one."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT_VARIABLE = "AE_COURSE_DATA"
CACHE = "the cache folder"  # in a sentence
ADVICE = "Replace it; in the cache folder, delete it, and it is fetched again"


@dataclass(frozen=True)
class DataFile:
    """One file of a data set: where it lies and what it must be."""

    path: str  # below the data folder
    size: int  # bytes
    sha256: str | None = None  # None where its publisher is trusted for the content
    header: bytes = b""  # how it begins


def data_folder(root: str | os.PathLike[str] | None = None) -> tuple[Path, str]:
    """Where to look, and in words why there: `root`, else ``$AE_COURSE_DATA``, else the cache.

    Raises
    ------
    FileNotFoundError, PermissionError
        If a folder that the caller or the environment names does not exist, or cannot be reached.
    """
    for folder, origin in (
        (root, "the folder given"),
        (
            os.environ.get(ENVIRONMENT_VARIABLE) or None,
            f"the folder that {ENVIRONMENT_VARIABLE} names",
        ),
    ):
        if folder is not None:
            try:
                found = Path(folder).is_dir()
            except PermissionError:  # it lies in a folder that this user may not enter
                raise PermissionError(
                    f"{origin} must be readable, this user has no permission: '{folder}'"
                ) from None
            if not found:
                raise FileNotFoundError(f"{origin} must exist, got '{folder}'")
            return Path(folder), origin
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("ae_course", appauthor=False)), CACHE


def locate(folder: Path, file: DataFile) -> Path:
    """Find a file, or its archive ``.gz`` if that alone is there."""
    path = folder / file.path
    archive = path.with_name(f"{path.name}.gz")
    return archive if os.path.exists(archive) and not os.path.exists(path) else path


def read_verified(folder: Path, file: DataFile) -> bytes:
    """Read the bytes of a file, once its size and checksum have been found right.

    Where only the archive ``.gz`` is there, it is unpacked in memory: nothing is written.

    Raises
    ------
    FileNotFoundError, PermissionError
        If the file is missing, or cannot be read.
    ValueError
        If it is truncated or altered: what was expected and what was found.
    """
    path = locate(folder, file)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"'{path}' must exist ({file.size:,} bytes), found nothing"
        ) from None
    except PermissionError:
        raise PermissionError(f"'{path}' must be readable, this user has no permission") from None
    if path.suffix != ".gz":
        _verify(content, file, f"'{path}'")
        return content
    try:
        content = gzip.decompress(content)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(
            f"'{path}' must be a whole gzip archive, found {len(content):,} bytes that cannot be "
            f"unpacked ({error}). {ADVICE}"
        ) from error
    _verify(content, file, f"'{path}', unpacked,")
    return content


def _verify(content: bytes, file: DataFile, what: str) -> None:
    if len(content) != file.size:
        raise ValueError(
            f"{what} must have {file.size:,} bytes, found {len(content):,}: "
            f"it is truncated or another file. {ADVICE}"
        )
    found = hashlib.sha256(content).hexdigest()
    if file.sha256 is not None and found != file.sha256:
        raise ValueError(
            f"{what} must have the sha256 checksum {file.sha256}, found {found}: "
            f"it was altered. {ADVICE}"
        )
    begin = content[: len(file.header)]
    if begin != file.header:
        raise ValueError(
            f"{what} must begin with the bytes {file.header.hex(' ', 4)}, "
            f"found {begin.hex(' ', 4)}: it was altered. {ADVICE}"
        )
