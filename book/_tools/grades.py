"""Grade what students handed in, one after the other: python book/_tools/grades.py course

A notebook that nbgrader cannot grade stops nobody else: at the end it is named, with the reason.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.plugins import CsvExportPlugin
from traitlets.config.loader import PyFileConfigLoader

TWICE = re.compile(r"Cell with id '(.*)' exists multiple times")
REASON = re.compile(r"^ *(?:\w+\.)*\w+(?:Error|Exception): (.*)", re.M)  # of a traceback


def grade(api: NbGraderAPI, student: str, exercise: str) -> str | None:
    """Grade one notebook, unless it has been; the reason if it cannot be."""
    if not Path("source", exercise).is_dir():
        return "there is no exercise of this name"
    name = f"{exercise}.ipynb"
    if not Path("submitted", student, exercise, name).is_file():
        return f"there is no file {name} in the folder"
    result = api.autograde(exercise, student, force=False)
    if result["success"]:
        return None
    if "KeyboardInterrupt" in result["error"]:  # which nbgrader takes for one more failure
        raise KeyboardInterrupt
    log = result.get("log", "")
    copied = sorted(set(TWICE.findall(log)))
    if copied:
        return f"the cell {' and '.join(copied)} is there more than once, so delete the copy"
    reasons: list[str] = REASON.findall(log) or result["error"].splitlines()
    return reasons[-1][:200]


def main() -> None:
    warnings.simplefilter("ignore")  # of SQLAlchemy about nbgrader's own tables
    os.chdir(sys.argv[1])
    api = NbGraderAPI(config=PyFileConfigLoader("nbgrader_config.py", ".").load_config())
    failed = []
    for folder in sorted(path for path in Path("submitted").glob("*/*") if path.is_dir()):
        student, exercise = folder.parts[1:]
        reason = grade(api, student, exercise)
        print(f"{student}, {exercise}: {reason or 'graded'}", flush=True)
        if reason:
            failed.append(f"{student}, {exercise}: {reason}")
    with api.gradebook as gradebook:
        CsvExportPlugin(to="grades.csv").export(gradebook)
    print(f"The grades are in {Path('grades.csv').resolve()}")
    if failed:
        sys.exit("\n".join(["grades: not graded, and so without points:", *failed]))


if __name__ == "__main__":
    main()
