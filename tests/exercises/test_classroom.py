"""A class with nbgrader's own tools: hand out, collect what students send, grade."""

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


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The folder that `make assignments` fills, with one exercise."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "book" / "exercises" / "source" / NAME, folder / "source" / NAME)
    shutil.copy(ROOT / "book" / "_tools" / "nbgrader_config.py", folder)
    done = run(folder, "-m", "nbgrader", "generate_assignment", NAME, "--log-level=WARN")
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def run(folder, *command):
    # nbgrader asks for another program by name, which lies beside this Python
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {
        "PATH": path,
        "OMP_NUM_THREADS": "1",
        "AE_COURSE_DATA": "",
        # no network in the students' kernels either
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "offline"), str(ROOT)]),
    }
    command = [sys.executable, *command]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def read(path):
    return nbformat.read(path, as_version=4)


def grader(cell):
    return cell.metadata.get("nbgrader", {})


def cell_of(notebook, grade_id):
    return next(cell for cell in notebook.cells if grader(cell).get("grade_id") == grade_id)


def test_what_is_handed_out_is_the_student_s_copy_of_the_book(course):
    given = read(course / "release" / NAME / f"{NAME}.ipynb")
    page = read(ROOT / "book" / "exercises" / f"{NAME}.ipynb")
    assert len(given.cells) == len(page.cells)
    for cell, shown in zip(given.cells, page.cells, strict=True):
        stub = f'NotImplementedError("Task {grader(cell).get("grade_id")}")'
        assert cell.source == shown.source.replace(stub, "NotImplementedError")
    assert "SOLUTION" not in nbformat.writes(given)


def hand_in(course, student, notebook, name=NAME):
    folder = course / "submitted" / student / name
    folder.mkdir(parents=True)
    text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
    (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def graded(course):
    """What `make grades` says of a class in which nearly everything goes wrong, and its rows."""
    stub = read(course / "release" / NAME / f"{NAME}.ipynb")
    source = read(course / "source" / NAME / f"{NAME}.ipynb")
    right = copy.deepcopy(stub)
    for task in ("8a", "8b"):
        cell_of(right, task).source = cell_of(source, task).source

    # what comes after the last check takes the time and gives no points
    for notebook in (stub, right):
        del notebook.cells[notebook.cells.index(cell_of(notebook, "check-8b")) + 1 :]

    hand_in(course, "1-broken", nbformat.writes(right)[:-50])
    hand_in(course, "2-misnamed", right, name="8-line-stars")

    copied = copy.deepcopy(right)
    twin = copy.deepcopy(cell_of(copied, "8a"))
    twin.id = "pasted"
    copied.cells.insert(copied.cells.index(cell_of(copied, "8a")) + 1, twin)
    hand_in(course, "3-copied", copied)

    wrong = copy.deepcopy(right)
    task = cell_of(wrong, "8a")
    task.source = task.source.replace('and character != "\\n"', "")
    assert task.source != cell_of(right, "8a").source
    wrong.cells.remove(cell_of(wrong, "check-8b"))  # who deletes a locked check gets it back
    hand_in(course, "4-wrong-and-deleted", wrong)

    cell_of(stub, "check-8a").source = "pass"  # and who empties it, too
    stub.cells.insert(2, nbformat.v4.new_code_cell("raise RuntimeError"))
    hand_in(course, "5-stub-that-raises", stub)

    hand_in(course, "6-right", right)
    (course / "submitted" / "7-missing").mkdir()

    done = run(course, ROOT / "book" / "_tools" / "grades.py", course)
    with (course / "grades.csv").open(encoding="utf-8") as file:
        return done, {row["student_id"]: row for row in csv.DictReader(file)}


def test_everybody_gets_the_points_due_whoever_else_failed(graded):
    _, rows = graded
    assert {float(row["max_score"]) for row in rows.values()} == {4}  # two for each task
    scores = {student: float(row["score"]) for student, row in rows.items()}
    assert scores == {
        "1-broken": 0,
        "3-copied": 0,
        "4-wrong-and-deleted": 2,
        "5-stub-that-raises": 0,
        "6-right": 4,
    }


def test_who_could_not_be_graded_is_named_with_the_exercise_and_the_reason(graded):
    done, _ = graded
    assert done.returncode == 1
    # before that line the kernels may say something
    failed = done.stderr.split("grades: not graded, and so without points:\n")[1].splitlines()
    assert [line.partition(": ")[0] for line in failed] == [
        f"1-broken, {NAME}",
        "2-misnamed, 8-line-stars",
        f"3-copied, {NAME}",
    ]
    assert "does not appear to be JSON" in failed[0]
    assert "there is no exercise of this name" in failed[1]
    assert "the cell 8a is there more than once" in failed[2]


def test_a_graded_notebook_says_what_was_wrong(course, graded):
    path = course / "autograded" / "4-wrong-and-deleted" / NAME / f"{NAME}.ipynb"
    assert "blank lines are among them" in path.read_text(encoding="utf-8")
