"""From one source notebook an exercise for students, and a page with its solution.

    python book/_tools/exercises.py            # write both for every source
    python book/_tools/exercises.py run        # run the sources in full first

A source lies in book/exercises/source/<name>/<name>.ipynb, where nbgrader looks for it, and
follows its conventions: a cell to be solved carries nbgrader's metadata and holds the solution
between two marks. The student's copy has `raise NotImplementedError` there, no outputs, and none
of the cells that are tagged `solution-only`. The solution's page shows everything, as it ran.
"""

from __future__ import annotations

import copy
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import ClearSolutions
from notebooks import normalize, run, write

BOOK = Path(__file__).parents[1]
SOURCES = sorted((BOOK / "exercises" / "source").glob("*/*.ipynb"))
REGION = re.compile(r"^ *### BEGIN SOLUTION\n.*?^ *### END SOLUTION$", re.M | re.S)
MARK = re.compile(r"^ *### (BEGIN|END) SOLUTION\n?", re.M)
ONLY = "solution-only"


def task_of(cell: Any) -> str | None:
    """The task that a cell is to solve, such as "1a"."""
    grader = cell.metadata.get("nbgrader", {})
    return grader["grade_id"] if grader.get("solution") else None


def student(source: Any) -> Any:
    """What is handed out: stubs, no outputs, nothing of the solution."""
    notebook = copy.deepcopy(source)
    notebook.cells = [cell for cell in notebook.cells if ONLY not in cell.metadata.get("tags", [])]
    for cell in notebook.cells:
        task = task_of(cell)
        count = len(REGION.findall(cell.source))
        if task is not None and count != 1:  # nbgrader would clear the whole cell, or fill two
            raise ValueError(f"task {task} must have one solution between marks, got {count}")
        clear = ClearSolutions(code_stub={"python": f'raise NotImplementedError("Task {task}")'})
        clear.preprocess_cell(cell, {"language": "python"}, 0)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    notebook.metadata.pop("ae_course", None)
    return normalize(notebook)


def solution(source: Any) -> Any:
    """The page with the solution, as it ran."""
    notebook = copy.deepcopy(source)
    for cell in notebook.cells:
        cell.source = MARK.sub("", cell.source)
    first = notebook.cells[0]
    first.source = first.source.replace("# Exercise", "# Solution of exercise", 1)
    return normalize(notebook)


def pages(path: Path) -> dict[Path, Any]:
    """What a source yields, by where it is written."""
    source = nbformat.read(path, as_version=4)
    folder = BOOK / "exercises"
    return {
        folder / path.name: student(source),
        folder / f"{path.stem}-solution.ipynb": solution(source),
    }


def main() -> None:
    for path in SOURCES:
        if sys.argv[1:] == ["run"]:
            print(f"{path}: {run(path):.0f} s", flush=True)
        for target, notebook in pages(path).items():
            target.parent.mkdir(exist_ok=True)
            write(notebook, target)


if __name__ == "__main__":
    main()
