"""What students do to cells, and what is made of it before nbgrader sees it."""

import nbformat
import pytest
import tiny
from exercises import SOURCES, solution, student
from mend import mend
from nbformat.v4 import new_code_cell
from read_notebook import grade_id

ORDER = ["3a", "check-3a", "3b", "check-3b"]
TASK_A, CHECK_A = tiny.ANSWERS["3a"], "assert double(2) == 4"
STUB = tiny.given().cells[2].source
KINDS = {
    "as handed out": (tiny.right(), {}),
    "a copied answer": (tiny.copied("3a"), {"3a": "is there 2 times"}),
    "a copied check": (tiny.copied("check-3a"), {"check-3a": "is there 2 times"}),
    "a split answer": (tiny.split(), {"3a": "copied or split"}),
    "a moved check": (tiny.moved("check-3a", 0), {"check-3a": "moved behind it"}),
    "a moved answer": (tiny.moved("3a", 6), {"check-3a": "moved behind it"}),
    "a moved task": (tiny.moved("3b", 0), {}),
    "an emptied answer": (tiny.right(a=" \n"), {"3a": "is empty"}),
    "an emptied check": (tiny.edited("check-3a", ""), {"check-3a": "was changed"}),
    "an unlocked check": (tiny.edited("check-3a", "pass", locked=False), {"check-3a": "changed"}),
    "a check of no points": (
        tiny.edited("check-3a", "pass", grade=False, locked=False),
        {"check-3a": "was changed"},
    ),
    "a check of more points": (tiny.edited("check-3a", CHECK_A, points=100), {}),
    "a label of another version": (tiny.edited("3a", TASK_A, schema_version=1), {}),
    "a label of another name": (tiny.edited("3a", TASK_A, grade_id="mine"), {"3a": "its label"}),
    "a label that is none": (tiny.edited("3a", TASK_A, grade_id=7), {"3a": "its label"}),
    "a deleted check": (tiny.without("check-3a"), {"check-3a": "put back"}),
    "a deleted last check": (tiny.without("check-3b"), {"check-3b": "put back"}),
    "no checks": (
        tiny.without("check-3a", "check-3b"),
        {"check-3a": "put back", "check-3b": "put back"},
    ),
    "no labels and no ids": (
        tiny.unlabelled(),
        {"3a": "its label", "check-3a": "its label", "3b": "its label", "check-3b": "its label"},
    ),
    "an answer below its check": (tiny.answered_below(), {"check-3a": "moved behind it"}),
}


def run(notebook):
    """Run the cells, as a kernel would: the names of the checks that pass."""
    names, passed = {}, set()
    for cell in notebook.cells:
        try:
            if cell.cell_type == "code":
                exec(cell.source, names)
        except Exception:  # noqa: S112
            continue
        passed.add(grade_id(cell))
    return passed


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_was_done_each_check_is_there_once_and_passes_behind_a_right_answer(kind):
    notebook, said = KINDS[kind]
    notebook = nbformat.from_dict(notebook)
    notes, placed = mend(notebook, tiny.given())
    found = tiny.labels(notebook)
    assert {found.count(name) for name in ("check-3a", "check-3b")} == {1}
    assert all(found.count(name) <= 1 for name in ORDER)
    for cell, asked in ((tiny.cell_of(notebook, name), name) for name in found if name):
        assert cell.metadata.nbgrader == tiny.cell_of(tiny.given(), asked).metadata.nbgrader
    for name in ("check-3a", "check-3b"):  # which is what nbgrader does next
        tiny.cell_of(notebook, name).source = tiny.cell_of(tiny.given(), name).source
    expected = {"check-3b"} if "emptied answer" in kind else {"check-3a", "check-3b"}
    assert expected <= run(notebook)
    assert dict(notes).keys() == said.keys()
    assert all(said[name] in note for name, note in notes)
    moved = {name for name, note in notes if "put back" in note or "moved" in note}
    assert placed == moved


def test_what_is_missing_is_said_and_its_check_is_put_back():
    notebook = tiny.without("3a", "check-3a")
    notes, placed = mend(notebook, tiny.given())
    assert notes == [("3a", "is missing"), ("check-3a", "was missing: put back")]
    assert placed == {"check-3a"}
    assert "check-3b" in run(notebook)


def test_a_copy_of_the_empty_task_does_not_undo_the_answer():
    notebook = tiny.copied("3a")
    notebook.cells[tiny.at(notebook, "3a") + 1].source = STUB
    mend(notebook, tiny.given())
    assert STUB not in [cell.source for cell in notebook.cells]
    assert "check-3a" in run(notebook)


def test_an_answer_that_became_text_is_named():
    notebook = tiny.right()
    cell = tiny.cell_of(notebook, "3a")
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]
    notes, _ = mend(notebook, tiny.given())
    assert notes == [("3a", "was turned into a markdown cell: run as code")]


def test_two_checks_of_one_task_come_back_in_their_order():
    given = tiny.given()
    tiny.insert(given, 4, tiny.check("3a-too", "assert double(0) == 0"))
    notebook = tiny.without("check-3a")
    mend(notebook, given)
    assert [name for name in tiny.labels(notebook) if name] == [
        "3a",
        "check-3a",
        "check-3a-too",
        "3b",
        "check-3b",
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_book_s_own_exercises_are_found_in_order_and_known_without_labels(path):
    given, answer = (make(nbformat.read(path, as_version=4)) for make in (student, solution))
    assert mend(answer, given) == ([], set())
    for cell in answer.cells:
        cell.metadata.pop("nbgrader", None)
    notes, placed = mend(answer, given)
    assert placed == set()
    assert {note for _, note in notes} == {"had lost its label: found by its id or its text"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_book_s_own_checks_come_back_where_they_stood(path):
    given, answer = (make(nbformat.read(path, as_version=4)) for make in (student, solution))
    code = [cell.source for cell in answer.cells if cell.cell_type == "code"]
    checks = [cell for cell in given.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    gone = {cell.id for cell in checks}
    answer.cells = [cell for cell in answer.cells if cell.id not in gone]
    notes, _ = mend(answer, given)
    assert notes == [(grade_id(cell), "was missing: put back") for cell in checks]
    assert [cell.source for cell in answer.cells if cell.cell_type == "code"] == code


def test_a_check_stays_behind_what_it_asks_for():
    given, step = tiny.given(), new_code_cell("four = double(2)", id="step")
    tiny.insert(given, 3, step)
    tiny.cell_of(given, "check-3a").source = "assert four == 4"
    notebook = tiny.insert(tiny.moved("check-3a", 3), 4, step)
    tiny.cell_of(notebook, "check-3a").source = "assert four == 4"
    assert "check-3a" not in run(notebook)
    notes, _ = mend(notebook, given)
    assert notes == [("check-3a", "stood before its answer: moved behind it")]
    assert "check-3a" in run(notebook)
