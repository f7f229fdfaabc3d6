"""Grade what students handed in, one after the other: python book/_tools/grades.py course

    python book/_tools/grades.py course feedback    # pages for the students instead

nbgrader grades. What is here finds and reads each notebook (handed_in.py, read_notebook.py), mends
what nbgrader does not survive (mend.py), and runs each to its end (patient.py). Nothing changes in
course/submitted: nbgrader is given copies, in course/collected. A notebook that cannot be graded
stops nobody else.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import sys
import warnings
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from handed_in import Handed, choose, collect, released, student_id
from mend import mend
from nbgrader.api import MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.plugins import CsvExportPlugin
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade, is_grade, parse_utc
from patient import STOPPED, PatientExecute
from read_notebook import grade_id
from traitlets.config.loader import PyFileConfigLoader

REASON = re.compile(r"^ *(?:\w+\.)*\w+(?:Error|Exception): (.*)", re.M)  # of a traceback
# errors that are not just a wrong answer: with what the report says of them
ENDS = {"SystemExit": "asks Python to exit", "KeyboardInterrupt": "raises KeyboardInterrupt"}
EARLIER = "%Y-%m-%d %H.%M.%S"


@dataclass
class Graded:
    """What became of a student's exercise."""

    student: str
    exercise: str
    points: str = "not graded"
    notes: list[str] = field(default_factory=list)  # for the teacher to know
    doubts: list[str] = field(default_factory=list)  # for the teacher to look at

    def lines(self, what: list[str]) -> list[str]:
        return [f"  {self.student}, {self.exercise}, {line}" for line in what]


def lay_out(one: Handed, row: Graded, notebook: str) -> bool:
    """Put a notebook where nbgrader grades it; whether it is another than the last time.

    What lay there is kept in course/earlier.
    """
    folder = Path("collected", row.student, row.exercise)
    target = folder / f"{row.exercise}.ipynb"
    stamp = folder / "timestamp.txt"
    if target.exists() and target.read_text(encoding="utf-8") == notebook:
        return False
    again = target.exists()
    if again:
        kept = Path("earlier", row.student, row.exercise)
        kept.mkdir(parents=True, exist_ok=True)
        time = parse_utc(stamp.read_text(encoding="utf-8"))
        number = len(list(kept.iterdir())) + 1
        target.rename(kept / f"{number}, of {time.strftime(EARLIER)}.ipynb")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    if one.folder is not None and len(one.folders) > 1:  # a module of the student's, a picture
        for path in one.folder.iterdir():
            if path.is_file() and path.suffix not in (".ipynb", ".zip"):
                shutil.copy(path, folder)
    stamp.write_text(one.time.isoformat(" "), encoding="utf-8")
    target.write_text(notebook, encoding="utf-8")
    return again


def together(notes: Iterable[tuple[str, str]]) -> list[str]:
    """One line for each note, with all the cells of which it is true."""
    cells: dict[str, list[str]] = {}
    for cell, note in notes:
        cells.setdefault(note, []).append(cell)
    return [f"{', '.join(names)}: {note}" for note, names in cells.items()]


def grade(api: Any, one: Handed, row: Graded, given: Any) -> None:
    """Grade one notebook, unless it has been, and write down what was odd."""
    notes, placed = mend(one.notebook, given)
    again = lay_out(one, row, nbformat.writes(one.notebook))
    result = api.autograde(row.exercise, row.student, force=again)
    if not result["success"]:
        last = result["error"].strip().splitlines()[-1]
        if last.startswith("KeyboardInterrupt"):  # which nbgrader takes for one more failure
            raise KeyboardInterrupt
        reasons: list[str] = REASON.findall(result.get("log", "")) or [last]
        row.notes += together(notes)
        row.doubts.append(f"not graded: {reasons[-1][:200]}")
        return
    done = Path("autograded", row.student, row.exercise, f"{row.exercise}.ipynb")
    doubts: list[tuple[str, str]] = []
    for number, cell in enumerate(nbformat.read(done, as_version=4).cells, 1):
        line = cell.source.strip().partition("\n")[0]
        name = grade_id(cell) or f"cell {number} ({line[:40]})"
        for sentence in ended(cell):
            (doubts if sentence.startswith("was not run") else notes).append((name, sentence))
        if name in placed and is_grade(cell) and determine_grade(cell)[0] == 0:
            doubts.append((name, "was put in its place by us, and failed there"))
    row.notes += together(notes)
    row.doubts += together(doubts)
    with api.gradebook as gradebook:
        submission = gradebook.find_submission(row.exercise, row.student)
        row.points = f"{submission.score:g} of {submission.max_score:g}"


def ended(cell: Any) -> list[str]:
    """What to say of a cell that was stopped, or that ended Python."""
    errors = {
        out.ename: out.evalue for out in cell.get("outputs", []) if out.output_type == "error"
    }
    if "NotRun" in errors and not is_grade(cell):
        return []
    said = [errors[kind] for kind in STOPPED if kind in errors]
    return (said or [sentence for kind, sentence in ENDS.items() if kind in errors])[:1]


def grade_all(api: Any) -> tuple[list[Graded], list[str]]:
    """Grade everything below course/submitted; also what is no student's exercise there."""
    exercises = released(Path("release"))
    handed, lost = collect(Path("submitted"), exercises)
    groups: dict[tuple[str, str], list[Handed]] = {}
    for one in handed:
        if one.student and one.exercise:
            groups.setdefault((student_id(one.student), one.exercise), []).append(one)
            continue
        why = one.unreadable or "it has none of the exercises' cells, and no name of theirs"
        lost.append(f"{one.path}: {why if one.student else 'lies in no folder of a student'}")
    rows = []
    for (student, exercise), several in sorted(groups.items(), key=lambda item: item[0]):
        row = Graded(student, exercise)
        rows.append(row)
        chosen, notes, doubts = choose(several)
        row.doubts += doubts
        if chosen is None:
            row.doubts = [f"not graded: {doubt}" for doubt in doubts]
        else:
            usual = chosen.path == f"{chosen.student}/{exercise}/{exercise}.ipynb"
            row.notes += notes or ([] if usual else [f"found as {chosen.path}"])
            try:
                grade(api, chosen, row, exercises[exercise])
            except Exception as error:  # the next student is graded all the same
                row.doubts.append(f"not graded: {type(error).__name__}: {error}")
        with api.gradebook as gradebook, suppress(MissingEntry):
            gradebook.update_or_create_student(student)  # a line in the table for everybody
            gradebook.update_or_create_submission(exercise, student)
        print(f"{student}, {exercise}: {row.points}", flush=True)
    return rows, [f"  {line}" for line in lost]


def write_table(rows: list[Graded], path: Path) -> None:
    """Add to nbgrader's table what is to be known of each row.

    nbgrader has a row of no points for whatever a student has not handed in. What nobody has handed
    in yet is left out, and the other rows of this kind say so.
    """
    said = {(row.student, row.exercise): "; ".join([*row.doubts, *row.notes]) for row in rows}
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    came = {line["assignment"] for line in table if line["timestamp"]}
    came |= {row.exercise for row in rows}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*table[0], "remarks"] if table else ["remarks"])
        writer.writeheader()
        for line in [line for line in table if line["assignment"] in came]:
            nothing = "" if line["timestamp"] else "nothing was handed in"
            remark = said.get((line["student_id"], line["assignment"]), nothing)
            writer.writerow({**line, "remarks": remark})


def report(rows: list[Graded], lost: list[str]) -> str:
    """One page: what the teacher should look at, and then what was mended."""
    count = sum(row.points != "not graded" for row in rows)
    doubts = [line for row in rows for line in row.lines(row.doubts)] + lost
    notes = [line for row in rows for line in row.lines(row.notes)]
    parts = [f"{count} of {len(rows)} notebooks are graded: see grades.csv"]
    if doubts:
        parts.append("\n".join(["Look at these yourself:", *doubts]))
    if notes:
        parts.append("\n".join(["Graded, and good to know:", *notes]))
    return "\n\n".join(parts) + "\n"


def feedback(api: Any) -> None:
    """Make a page of each graded notebook."""
    failed = []
    for path in sorted(Path("autograded").glob("*/*/")):
        student, exercise = path.parts[1:]
        if not api.generate_feedback(exercise, student)["success"]:
            failed.append(f"{student}, {exercise}")
    print(f"The pages are in {Path('feedback').resolve()}, by student and exercise")
    if failed:
        sys.exit("\n".join(["no page could be made of:", *failed]))


def main() -> None:
    warnings.simplefilter("ignore")  # of SQLAlchemy about nbgrader's own tables
    if not Path(sys.argv[1], "release").is_dir():
        sys.exit(f"grades: {sys.argv[1]} holds no exercises, so type `make assignments` first")
    os.chdir(sys.argv[1])
    config = PyFileConfigLoader("nbgrader_config.py", ".").load_config()
    config.CourseDirectory.submitted_directory = "collected"
    steps = config.Autograde.get(
        "autograde_preprocessors", Autograde.autograde_preprocessors.default()
    )
    config.Autograde.autograde_preprocessors = [
        PatientExecute if step is Execute else step for step in steps
    ]
    api = NbGraderAPI(config=config)
    if sys.argv[2:] == ["feedback"]:
        feedback(api)
        return
    rows, lost = grade_all(api)
    with api.gradebook as gradebook:
        CsvExportPlugin(to="grades.csv").export(gradebook)
    write_table(rows, Path("grades.csv"))
    text = report(rows, lost)
    Path("report.txt").write_text(text, encoding="utf-8")
    print(f"\n{text}\nThis is also in {Path('report.txt').resolve()}")
    if lost or any(row.doubts for row in rows):
        sys.exit("grades: some work needs your eyes, see above")


if __name__ == "__main__":
    main()
