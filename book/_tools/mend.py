"""Put a student's notebook in order for nbgrader: every graded cell there once, behind its answer.

And behind the cells that use the answer and were handed out between the two: a check may ask for
what they compute.

nbgrader itself puts back the text of a locked cell. It fails where a cell's label (the `nbgrader`
part of its metadata) is damaged, or where a cell is there twice or is missing with the one before.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from read_notebook import grade_id

Note = tuple[str, str]  # the cell, and what was done
DEFINED = re.compile(r"^(?:def|class) +(\w+)", re.M)


def mend(notebook: Any, given: Any) -> tuple[list[Note], set[str]]:
    """Mend a notebook in place, by the one that was handed out.

    Returns notes, and the graded cells whose place is ours rather than the student's.
    """
    asked = {name: cell for cell in given.cells if (name := grade_id(cell))}
    notes = label(notebook, asked) + single(notebook, asked)
    placed = set()
    behind: list[Any] = []  # a task, and the graded cells that belong to it
    for name, cell in asked.items():
        if cell.metadata.nbgrader.solution:
            behind = [cell]
            notes += answered(notebook, name, cell)
        if not cell.metadata.nbgrader.grade:
            continue
        note = place(notebook, cell, behind, between(given, behind, cell))
        behind.append(cell)
        if note:
            placed.add(name)
            notes.append((name, note))
        elif text(there(notebook, name)[-1]) != text(cell) and cell.metadata.nbgrader.locked:
            notes.append((name, "was changed: the original was run"))
    return notes, placed


def text(cell: Any) -> str:
    return str(cell.source).strip()


def defined(cell: Any) -> set[str]:
    """The functions and classes that a cell defines."""
    return set(DEFINED.findall(cell.source))


def there(notebook: Any, name: str) -> list[Any]:
    return [cell for cell in notebook.cells if grade_id(cell) == name]


def label(notebook: Any, asked: dict[str, Any]) -> list[Note]:
    """Make every label what it was, and find cells that have lost theirs."""
    for cell in notebook.cells:
        name = grade_id(cell)
        cell.metadata.pop("nbgrader", None)
        if name in asked:
            cell.metadata["nbgrader"] = copy.deepcopy(asked[name].metadata.nbgrader)
    notes = []
    for name, cell in asked.items():
        if there(notebook, name):
            continue
        lost = [found for found in notebook.cells if grade_id(found) is None and is_it(found, cell)]
        if lost:
            lost[-1].metadata["nbgrader"] = copy.deepcopy(cell.metadata.nbgrader)
            notes.append((name, "had lost its label: found by its id or its text"))
    return notes


def same(found: Any, cell: Any) -> bool:
    """Whether a cell is one that was handed out, by its id or its text."""
    alike = found.id == cell.id or (text(cell) and text(found) == text(cell))
    return bool(found.cell_type == cell.cell_type and alike)


def is_it(found: Any, cell: Any) -> bool:
    """Whether a cell without a label is one that was handed out, or its answer."""
    answer = cell.metadata.nbgrader.solution and defined(found) & defined(cell)
    return same(found, cell) or bool(found.cell_type == cell.cell_type and answer)


def single(notebook: Any, asked: dict[str, Any]) -> list[Note]:
    """Leave the label with the last of several copies: nbgrader knows a cell by it."""
    notes = []
    for name, cell in asked.items():
        copies = there(notebook, name)
        if len(copies) < 2:
            continue
        if cell.metadata.nbgrader.solution:  # a copy of the empty task would undo the answer
            empty = [one for one in copies if text(one) in ("", text(cell))]
            if len(empty) < len(copies):
                gone = {one.id for one in empty}
                notebook.cells = [one for one in notebook.cells if one.id not in gone]
            doing = "those with an answer were run in their order"
        else:
            doing = "the last one counts"
        for one in there(notebook, name)[:-1]:
            del one.metadata["nbgrader"]
        notes.append((name, f"is there {len(copies)} times (copied or split): {doing}"))
    return notes


def answered(notebook: Any, name: str, cell: Any) -> list[Note]:
    """What to say of the cell that is to be filled in."""
    found = there(notebook, name)
    if not found:
        return [(name, "is missing")]
    if not text(found[0]):
        return [(name, "is empty")]
    if found[0].cell_type != cell.cell_type:
        return [(name, f"was turned into a {found[0].cell_type} cell: run as {cell.cell_type}")]
    return []


def answer_at(notebook: Any, task: Any) -> int:
    """The last cell that answers a task: its own, or else one that defines the same names."""
    own = [i for i, cell in enumerate(notebook.cells) if grade_id(cell) == grade_id(task)]
    if own and text(notebook.cells[own[-1]]) not in ("", text(task)):
        return own[-1]
    new = [
        i
        for i, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and defined(cell) & defined(task)
    ]
    return max([*own, *new], default=-1)


def between(given: Any, behind: list[Any], cell: Any) -> list[Any]:
    """The code that was handed out between a task and a graded cell."""
    if not behind:
        return []
    ids = [one.id for one in given.cells]
    within = given.cells[ids.index(behind[0].id) + 1 : ids.index(cell.id)]
    return [one for one in within if one.cell_type == "code" and not grade_id(one)]


def place(notebook: Any, cell: Any, behind: list[Any], steps: list[Any]) -> str:
    """Put a graded cell behind its answer, if it is not there; says what was done."""
    cells = notebook.cells
    places = {grade_id(one): i for i, one in enumerate(cells)}
    after = answer_at(notebook, behind[0]) if behind else -1
    used = [i for i, one in enumerate(cells) if any(same(one, step) for step in steps)]
    after = max([after, *used])
    at = places.get(grade_id(cell))
    if at is None:
        after = max([after, *(places[grade_id(one)] for one in behind[1:])])
        cells.insert(after + 1 if after >= 0 else len(cells), copy.deepcopy(cell))
        return "was missing: put back"
    if at < after:
        cells.insert(after, cells.pop(at))
        return "stood before its answer: moved behind it"
    return ""
