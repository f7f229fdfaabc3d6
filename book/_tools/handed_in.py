"""What a class handed in: whose notebook is which exercise, wherever it lies and whatever its name.

A notebook should lie at submitted/<student>/<exercise>/<exercise>.ipynb. What lies elsewhere, or in
a zip, is found too: the first folder names the student, and the cells tell the exercise. Nothing
in the folder is changed, and every file is either taken or named.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.utils import parse_utc
from read_notebook import UnreadableError, grade_id, read

MOST = 300_000_000  # bytes of one file


@dataclass
class Handed:
    """A notebook that was handed in, without its outputs, or the reason why it cannot be read."""

    path: str  # below the folder, for the report
    folders: tuple[str, ...]
    stem: str
    time: datetime  # in UTC, as nbgrader has it
    folder: Path | None = None  # where other files of the student may lie beside it
    notebook: Any = None
    unreadable: str = ""
    exercise: str | None = None
    student: str | None = None  # the name of the folder
    rest: tuple[str, ...] = ()  # further folders that name no exercise


def released(folder: Path) -> dict[str, Any]:
    """The notebooks that were handed out, by exercise."""
    files = ((path, path / f"{path.name}.ipynb") for path in sorted(folder.glob("*")))
    return {path.name: nbformat.read(file, as_version=4) for path, file in files if file.is_file()}


def hidden(name: str) -> bool:
    """Whether a folder or file is a program's own: .ipynb_checkpoints, __MACOSX, .DS_Store."""
    return name.startswith((".", "__"))


def files(folder: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Every file, with its place below the folder, in order."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if not any(map(hidden, parts)) and path.is_file():
            yield path, parts


def utc(time: datetime) -> datetime:
    """A time as nbgrader writes it: UTC, without saying so."""
    return time.astimezone(UTC).replace(tzinfo=None)


def submitted_at(path: Path) -> datetime:
    """The time that nbgrader or the teacher wrote beside a file, or that of its last change."""
    try:
        text = (path.parent / "timestamp.txt").read_text(encoding="utf-8")
        return utc(parse_utc(text.strip()).replace(tzinfo=UTC))
    except (OSError, ValueError):
        return utc(datetime.fromtimestamp(path.stat().st_mtime, UTC))


def opened(path: Path, parts: tuple[str, ...]) -> Iterator[Handed]:
    """The notebook of a file, or the notebooks of a zip."""
    if path.suffix.lower() == ".ipynb":
        one = Handed("/".join(parts), parts[:-1], path.stem, submitted_at(path), path.parent)
        fill(one, path.stat().st_size, path.read_bytes)
        yield one
        return
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            inner = tuple(part for part in re.split(r"[/\\]", entry.filename) if part)
            if any(map(hidden, inner)) or not "".join(inner).lower().endswith(".ipynb"):
                continue
            folders = (*parts[:-1], path.stem, *inner[:-1])
            time = submitted_at(path)
            with suppress(ValueError):  # a zip has local times, or none that is one
                time = utc(datetime(*entry.date_time))
            one = Handed("/".join((*parts, *inner)), folders, Path(inner[-1]).stem, time)
            fill(one, entry.file_size, partial(archive.read, entry))
            yield one


def fill(one: Handed, size: int, data: Callable[[], bytes]) -> None:
    try:
        if size > MOST:
            raise UnreadableError(f"the file has {size / 1e6:.0f} MB")
        one.notebook = read(data())
    except UnreadableError as error:
        one.unreadable = str(error)
    except (OSError, RuntimeError, MemoryError, zipfile.BadZipFile) as error:  # or a password
        one.unreadable = f"the file cannot be opened ({error})"


def plain(name: str) -> str:
    """A name as people vary it: `Copy of 3_Convolutional (1)` has 3-convolutional in it."""
    return re.sub(r"[^0-9a-z]+", "-", unicodedata.normalize("NFC", name).lower()).strip("-")


def named(name: str, exercises: dict[str, Any]) -> str | None:
    """The exercise whose name is in this one, if there is one."""
    found = [one for one in exercises if f"-{plain(one)}-" in f"-{plain(name)}-"]
    return max(found, key=len, default=None)


def which(one: Handed, exercises: dict[str, Any]) -> str | None:
    """The exercise: the one that has most of the cells, or whose name the file or a folder has."""
    ids = {grade_id(cell) for cell in one.notebook.cells} - {None} if one.notebook else set()
    common = {
        name: len(ids & {grade_id(cell) for cell in notebook.cells})
        for name, notebook in exercises.items()
    }
    most = max(common.values(), default=0)
    best = [name for name, count in common.items() if most and count == most]
    by_name = (named(name, exercises) for name in (one.stem, *reversed(one.folders)))
    names = [name for name in by_name if name and (not best or name in best)]
    return best[0] if len(best) == 1 else next(iter(names), None)


def whose(
    folders: tuple[str, ...], exercises: dict[str, Any]
) -> tuple[str | None, tuple[str, ...]]:
    """The student, who is the first folder that bears no exercise's name, and the others such."""
    names = [folder for folder in folders if not named(folder, exercises)]
    return (names[0] if names else None), tuple(names[1:])


def student_id(folder: str) -> str:
    """A student's folder as nbgrader and a table can take it: Ley, J. [2] becomes Ley_ J. _2_."""
    return re.sub(r"[\[\]*?\"',;/\\\t\r\n]", "_", unicodedata.normalize("NFC", folder)).strip()


def collect(folder: Path, exercises: dict[str, Any]) -> tuple[list[Handed], list[str]]:
    """All notebooks below the folder, and a line for each file that should have been one."""
    notebooks: list[Handed] = []
    others: list[tuple[str, ...]] = []
    for path, parts in files(folder):
        try:
            found = list(opened(path, parts)) if path.suffix.lower() in (".ipynb", ".zip") else []
        except (OSError, zipfile.BadZipFile) as error:
            found = [Handed("/".join(parts), parts[:-1], path.stem, submitted_at(path))]
            found[0].unreadable = f"the file cannot be opened ({error})"
        for one in found:
            one.exercise = which(one, exercises)
            one.student, one.rest = whose(one.folders, exercises)
        notebooks += found
        if not found and path.name != "timestamp.txt":
            others.append(parts)
    return notebooks, [*without(folder, notebooks), *instead(others, notebooks, exercises)]


def without(folder: Path, notebooks: list[Handed]) -> Iterator[str]:
    """Each folder without a notebook, unless it lies beside one and may belong to it."""
    full = {one.folders[:depth] for one in notebooks for depth in range(1, len(one.folders) + 1)}
    for path in sorted(path for path in folder.rglob("*") if path.is_dir()):
        parts = path.relative_to(folder).parts
        beside = any(parts[:depth] in full for depth in range(2, len(parts)))
        if parts in full or beside or any(map(hidden, parts)):
            continue
        names = sorted(one.name for one in path.iterdir() if one.is_file())
        if names:
            yield f"{', '.join(parts)}: no notebook, but {', '.join(names)}"
        elif not any(path.iterdir()):
            yield f"{', '.join(parts)}: an empty folder"


def instead(
    others: list[tuple[str, ...]], notebooks: list[Handed], exercises: dict[str, Any]
) -> Iterator[str]:
    """Each file beside notebooks that bears the name of an exercise which is not among them."""
    there = {(one.student, one.exercise) for one in notebooks}
    holding = {one.folders for one in notebooks}
    for *folders, name in others:
        exercise = named(Path(name).stem, exercises)
        student, _ = whose(tuple(folders), exercises)
        if not folders:
            yield f"{name}: no notebook, and in no student's folder"
        elif exercise and tuple(folders) in holding and (student, exercise) not in there:
            yield f"{student}, {exercise}: no notebook, but {name}"


def choose(several: list[Handed]) -> tuple[Handed | None, list[str], list[str]]:
    """Which of a student's notebooks for one exercise counts, with notes, and what is doubtful.

    The latest counts. Where it cannot be read, the latest that can be read does.
    """
    order = sorted(several, key=lambda one: (one.time, one.path))
    whole = [one for one in order if one.notebook is not None]
    broken = [one for one in order if one.notebook is None]
    if not whole:
        return None, [], [f"{one.path}: {one.unreadable}" for one in broken]
    students = sorted({unicodedata.normalize("NFC", one.student or "") for one in whole})
    if len(students) > 1:
        return None, [], [f"{' and '.join(students)} would have one name: rename a folder"]
    inner = {one.rest for one in whole}
    if len(inner) > 1 and all(inner):
        folders = " and ".join(sorted(rest[0] for rest in inner))
        return None, [], [f"is in {folders}: if these are students, move their folders up"]
    last = whole[-1]
    earlier = [one for one in whole[:-1] if sources(one) != sources(last)]
    same = [one.path for one in earlier if one.time == last.time]
    when = [f"{one.path} of {local(one.time)}" for one in (last, *reversed(earlier))]
    notes = [f"{one.path}: {one.unreadable}" for one in broken if one.time <= last.time]
    doubts = [f"{one.path}: {one.unreadable}" for one in broken if one.time > last.time]
    if earlier:
        notes.append(f"graded the latest, {when[0]}, and not {' and '.join(when[1:])}")
    if same:
        doubts.append(f"{' and '.join([*same, last.path])} differ and are of the same time")
    return last, notes, doubts


def local(time: datetime) -> str:
    return f"{time.replace(tzinfo=UTC).astimezone():%Y-%m-%d %H:%M}"


def sources(one: Handed) -> list[str]:
    return [cell.source for cell in one.notebook.cells]
