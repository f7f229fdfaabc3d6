"""A class with nbgrader's own tools: hand out, collect what ten students send, grade, give back."""

import csv
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import tiny

ROOT = Path(__file__).parents[2]
GRADES = ROOT / "book" / "_tools" / "grades.py"
REAL = "8-line-starts"  # the quickest of the nine to grade
TINY = tiny.NAME


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The folder that `make assignments` fills, with one exercise of the book and a small one."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "book" / "exercises" / "source" / REAL, folder / "source" / REAL)
    (folder / "source" / TINY).mkdir()
    nbformat.write(tiny.source(), folder / "source" / TINY / f"{TINY}.ipynb")
    shutil.copy(ROOT / "book" / "_tools" / "nbgrader_config.py", folder)
    for name in (REAL, TINY):
        done = run(folder, "-m", "nbgrader", "generate_assignment", name, "--log-level=WARN")
        assert done.returncode == 0, done.stderr[-3000:]
    return folder


def run(folder, *command):
    # nbgrader asks for another program by name, which lies beside this Python
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {
        "PATH": path,
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "AE_COURSE_DATA": "",
        # no network in the students' kernels either
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "offline"), str(ROOT)]),
    }
    command = [sys.executable, *command]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


def read(path):
    return nbformat.read(path, as_version=4)


def test_what_is_handed_out_is_the_student_s_copy_of_the_book(course):
    given = read(course / "release" / REAL / f"{REAL}.ipynb")
    page = read(ROOT / "book" / "exercises" / f"{REAL}.ipynb")
    assert len(given.cells) == len(page.cells)
    for cell, shown, label in zip(given.cells, page.cells, tiny.labels(given), strict=True):
        stub = f'NotImplementedError("Task {label}")'
        assert cell.source == shown.source.replace(stub, "NotImplementedError")
    assert "SOLUTION" not in nbformat.writes(given)


def hand_in(course, path, notebook, time=None):
    file = course / "submitted" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
    file.write_bytes(text.encode())
    if time:
        os.utime(file, (time, time))


def wrong_and_deleted(course):
    """An answer to the book's exercise: the first task is wrong, the second check is gone."""
    notebook = read(course / "release" / REAL / f"{REAL}.ipynb")
    source = read(course / "source" / REAL / f"{REAL}.ipynb")
    for task in ("8a", "8b"):
        tiny.cell_of(notebook, task).source = tiny.cell_of(source, task).source
    first = tiny.cell_of(notebook, "8a")
    right = first.source
    first.source = right.replace('and character != "\\n"', "")
    assert first.source != right
    # what comes between the second check and the third task, and around the third check, takes the
    # time and gives no points
    third = [tiny.cell_of(notebook, name) for name in ("8c", "check-8c")]
    notebook.cells[tiny.at(notebook, "check-8b") :] = third
    return notebook


def hand_in_the_others(course):
    """Eight more of the ten, and an empty folder."""
    usual = f"{TINY}/{TINY}.ipynb"
    right = nbformat.writes(tiny.right())
    hand_in(course, f"bea/{usual}", tiny.split())
    hand_in(course, f"cem/Copy of {TINY} (1).ipynb", tiny.moved("check-3a", 0))
    hand_in(course, f"dora/{usual}", tiny.right(), time=1_700_000_000)
    later = f"dora/{TINY}/{TINY} (1).ipynb"
    hand_in(course, later, tiny.right(b="def triple(x): return x"), time=1_700_009_000)
    hand_in(course, f"emil/{usual}", tiny.right(a="import os\nos._exit(0)"))
    hand_in(course, f"finn/{usual}", tiny.right(a="while True:\n    pass"))
    hand_in(course, f"Gül, Ö. [2]/{TINY} (1)/{TINY}.ipynb", tiny.unlabelled())
    hand_in(course, f"hugo/{usual}", tiny.right(a="while True:\n    print('no' * 1000)"))
    hand_in(course, f"iris/{usual}", right[:-50])
    hand_in(course, f"jan/{usual}", "\ufeff" + right.replace("\n", "\r\n"))
    (course / "submitted" / "kim").mkdir()


def sums(folder):
    """What lies in a folder, and when it was changed."""
    return {
        path: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def rows(course):
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    return {(row["student_id"], row["assignment"]): row for row in table}


@pytest.fixture(scope="module")
def graded(course):
    """What `make grades` says, first of one student, then of all, whose cells have two seconds."""
    hand_in(course, f"ada/{REAL}/{REAL}.ipynb", wrong_and_deleted(course))
    first = run(course, GRADES, course)
    assert first.returncode == 0, first.stderr[-3000:]
    hand_in_the_others(course)
    config = course / "nbgrader_config.py"
    text = config.read_text(encoding="utf-8")
    config.write_text(f"{text}\nc.Execute.timeout = 2\n", encoding="utf-8")
    before = sums(course / "submitted"), sums(course / "autograded")
    return before, run(course, GRADES, course)


def test_everybody_gets_the_points_due_whatever_was_done(course, graded):
    scores = {student: float(row["score"]) for (student, name), row in rows(course).items()
              if name == (REAL if student == "ada" else TINY)}  # fmt: skip
    assert scores == {
        "ada": 2,  # of the book's exercise: the deleted check was put back
        "bea": 4,
        "cem": 4,
        "dora": 2,  # for the later one
        "emil": 2,
        "finn": 2,
        "Gül_ Ö. _2_": 4,
        "hugo": 2,
        "iris": 0,
        "jan": 4,
    }
    possible = {name: float(row["max_score"]) for (_, name), row in rows(course).items()}
    assert possible == {REAL: 6, TINY: 4}


def test_the_report_names_student_exercise_and_cell_and_what_the_teacher_must_see(course, graded):
    _, done = graded
    report = (course / "report.txt").read_text(encoding="utf-8")
    assert report in done.stdout
    counted, eyes, notes = (part.strip().splitlines() for part in report.split("\n\n"))
    assert counted == ["9 of 10 notebooks are graded: see grades.csv"]
    assert eyes == [
        "Look at these yourself:",
        f"  iris, {TINY}, not graded: iris/{TINY}/{TINY}.ipynb: the file is damaged at line "
        + eyes[1].partition("at line ")[2],
        "  kim: an empty folder",
    ]
    told = [
        f"Gül_ Ö. _2_, {TINY}, found as Gül, Ö. [2]/{TINY} (1)/{TINY}.ipynb",
        f"Gül_ Ö. _2_, {TINY}, 3a, check-3a, 3b, check-3b: had lost its label: found by its id",
        f"ada, {REAL}, check-8b: was missing: put back",
        f"bea, {TINY}, 3a: is there 2 times (copied or split)",
        f"cem, {TINY}, found as cem/Copy of {TINY} (1).ipynb",
        f"cem, {TINY}, check-3a: stood before its answer: moved behind it",
        f"dora, {TINY}, graded the latest, dora/{TINY}/{TINY} (1).ipynb of ",
        f"emil, {TINY}, 3a: ended Python: it was left out",
        f"finn, {TINY}, 3a: did not end within 2 seconds",
        f"hugo, {TINY}, 3a: prints more than 1,000,000 characters",
    ]
    assert len(notes) == 1 + len(told)
    for line, sentence in zip(notes[1:], told, strict=True):
        assert line.startswith(f"  {sentence}")
    assert done.returncode == 1
    assert done.stderr.endswith("grades: some work needs your eyes, see above\n")


def test_the_table_says_what_was_not_graded(course, graded):
    assert rows(course)["iris", TINY]["remarks"].startswith("not graded: iris/")
    assert rows(course)["jan", TINY]["remarks"] == ""
    assert rows(course)["jan", REAL]["remarks"] == "nothing was handed in"


def test_what_was_handed_in_and_what_was_graded_before_stay_as_they_were(course, graded):
    (handed_in, before), _ = graded
    assert sums(course / "submitted") == handed_in
    assert before.items() <= sums(course / "autograded").items()


def test_a_graded_notebook_says_what_was_wrong(course, graded):
    path = course / "autograded" / "ada" / REAL / f"{REAL}.ipynb"
    assert "blank lines are among them" in path.read_text(encoding="utf-8")
    for path in (course / "autograded").rglob("*.ipynb"):
        assert path.stat().st_size < 2_000_000


def test_who_hands_in_again_is_graded_again_and_the_earlier_work_is_kept(course, graded):
    hand_in(course, f"bea/{TINY}/{TINY}.ipynb", tiny.right(a=""))
    shutil.rmtree(course / "submitted" / "iris")
    (course / "submitted" / "kim").rmdir()
    before = sums(course / "autograded")
    done = run(course, GRADES, course)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Look at these" not in done.stdout
    after = sums(course / "autograded")
    changed = {path.parents[1].name for path in before if before[path] != after[path]}
    assert changed == {"bea"}
    assert float(rows(course)["bea", TINY]["score"]) == 2
    (kept,) = (course / "earlier" / "bea" / TINY).iterdir()
    assert "factor * x" in kept.read_text(encoding="utf-8")

    done = run(course, GRADES, course, "feedback")
    assert done.returncode == 0, done.stderr[-3000:]
    pages = [path.parents[1].name for path in (course / "feedback").rglob("*.html")]
    assert len(pages) == 9
    page = course / "feedback" / "ada" / REAL / f"{REAL}.html"
    assert "blank lines are among them" in page.read_text(encoding="utf-8")
