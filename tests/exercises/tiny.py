"""An exercise of two tasks that is graded in a second, and ways to spoil an answer to it."""

import copy

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

NAME = "3-tiny"
ANSWERS = {"3a": "def double(x):\n    return 2 * x", "3b": "def triple(x):\n    return 3 * x"}


def labelled(name, source, **label):
    usual = {"grade": False, "locked": False, "solution": False, "task": False}
    label = usual | {"schema_version": 3, "grade_id": name} | label
    return new_code_cell(source, id=name, metadata={"nbgrader": label})


def task(name, head):
    answer = ANSWERS[name].removeprefix(head)
    marked = f"{head}\n    ### BEGIN SOLUTION{answer}\n    ### END SOLUTION"
    return labelled(name, marked, solution=True)


def check(name, source):
    return labelled(f"check-{name}", source, grade=True, locked=True, points=2)


def source():
    """What the teacher has."""
    cells = [
        new_markdown_cell("# Tiny", id="title"),
        new_code_cell("import math", id="import"),
        task("3a", "def double(x):"),
        check("3a", "assert double(2) == 4"),
        task("3b", "def triple(x):"),
        check("3b", "assert triple(2) == 6"),
        new_code_cell("print('the end')", id="end"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def given():
    """What students get."""
    notebook = source()
    for name, head in (("3a", "def double(x):"), ("3b", "def triple(x):")):
        cell_of(notebook, name).source = f"{head}\n    raise NotImplementedError"
    return notebook


def right(**changed):
    """What a student hands in: two right answers, or others: right(a="exit()")."""
    notebook = given()
    for name, answer in ANSWERS.items():
        cell_of(notebook, name).source = changed.get(name[1:], answer)
    return notebook


def labels(notebook):
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]


def at(notebook, name):
    return labels(notebook).index(name)


def cell_of(notebook, name):
    return notebook.cells[at(notebook, name)]


def insert(notebook, place, cell):
    notebook.cells.insert(place, cell)
    return notebook


def moved(name, place):
    notebook = right()
    return insert(notebook, place, notebook.cells.pop(at(notebook, name)))


def without(*names):
    notebook = right()
    notebook.cells = [cell for cell in notebook.cells if cell.id not in names]
    return notebook


def copied(name, **changed):
    """A cell is there twice, the copy behind it."""
    notebook = right(**changed)
    twin = copy.deepcopy(cell_of(notebook, name))
    twin.id = f"copy-of-{name}"
    return insert(notebook, at(notebook, name) + 1, twin)


def split():
    notebook = copied("3a", a="factor = 2")
    notebook.cells[at(notebook, "3a") + 1].source = "def double(x):\n    return factor * x"
    return notebook


def edited(name, source, **label):
    notebook = right()
    cell = cell_of(notebook, name)
    cell.source = source
    cell.metadata.nbgrader.update(label)
    return notebook


def unlabelled():
    """As from a program that keeps neither labels nor ids."""
    notebook = right()
    for number, cell in enumerate(notebook.cells):
        cell.metadata = {}
        cell.id = f"new-{number}"
    return notebook


def answered_below():
    """The answer is in a new cell below the check; the old cell is as it was."""
    notebook = right(a=given().cells[2].source)
    return insert(notebook, 4, new_code_cell(ANSWERS["3a"]))
