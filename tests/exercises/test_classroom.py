"""A class with nbgrader's own tools: hand out, collect a stub, a right and a wrong one, grade."""

import copy
import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NAME = "8-line-starts"  # the quickest to grade
TASK = "8a"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The folder that `make assignments` fills, with one exercise."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "book" / "exercises" / "source" / NAME, folder / "source" / NAME)
    shutil.copy(ROOT / "book" / "_tools" / "nbgrader_config.py", folder)
    nbgrader("generate_assignment", NAME, folder=folder)
    return folder


def nbgrader(*arguments, folder):
    # nbgrader asks for another program by name, which lies beside this Python
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {
        "PATH": path,
        "OMP_NUM_THREADS": "1",
        "AE_COURSE_DATA": "",
        "PYTHONPATH": str(ROOT / "tests" / "offline"),  # no network in the students' kernels either
    }
    command = [sys.executable, "-m", "nbgrader", *arguments, "--log-level=WARN"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def read(path):
    return nbformat.read(path, as_version=4)


def grader(cell):
    return cell.metadata.get("nbgrader", {})


def test_what_is_handed_out_is_the_student_s_copy_of_the_book(course):
    given = read(course / "release" / NAME / f"{NAME}.ipynb")
    page = read(ROOT / "book" / "exercises" / f"{NAME}.ipynb")
    assert len(given.cells) == len(page.cells)
    for cell, shown in zip(given.cells, page.cells, strict=True):
        stub = f'NotImplementedError("Task {grader(cell).get("grade_id")}")'
        assert cell.source == shown.source.replace(stub, "NotImplementedError")
    assert "SOLUTION" not in nbformat.writes(given)


def test_a_stub_a_right_and_a_wrong_submission_get_their_points(course):
    given = read(course / "release" / NAME / f"{NAME}.ipynb")
    source = read(course / "source" / NAME / f"{NAME}.ipynb")
    solved = {grader(cell).get("grade_id"): cell.source for cell in source.cells}
    for student in ("stub", "right", "wrong"):
        submitted = copy.deepcopy(given)
        for cell in submitted.cells:
            if grader(cell).get("solution") and student != "stub":
                cell.source = solved[cell.metadata.nbgrader.grade_id]
            if student == "wrong" and grader(cell).get("grade_id") == TASK:
                cell.source = cell.source.replace('and character != "\\n"', "")
                assert cell.source != solved[TASK]
            if student == "stub" and grader(cell).get("grade"):
                cell.source = "pass"  # who empties a locked check gets it back before grading
        folder = course / "submitted" / student / NAME
        folder.mkdir(parents=True)
        nbformat.write(submitted, folder / f"{NAME}.ipynb")
    nbgrader("autograde", NAME, folder=course)
    nbgrader("export", "--to", "grades.csv", folder=course)
    with (course / "grades.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    most = float(rows["right"]["max_score"])
    tasks = sum(bool(grader(cell).get("grade")) for cell in source.cells)
    assert most == 2 * tasks
    scores = {student: float(row["score"]) for student, row in rows.items()}
    assert scores == {"stub": 0, "right": most, "wrong": most - 2}
    graded = read(course / "autograded" / "wrong" / NAME / f"{NAME}.ipynb")
    assert "blank lines are among them" in nbformat.writes(graded)  # what the student may be shown
