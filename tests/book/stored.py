"""The book's notebooks as they are stored, read once for all tests that look at them."""

import ast
from pathlib import Path

import nbformat

BOOK = Path(__file__).parents[2] / "book"


def _read(folder):
    return {path.stem: nbformat.read(path, as_version=4) for path in sorted(folder.glob("*.ipynb"))}


LESSONS = _read(BOOK)
EVIDENCE = _read(BOOK / "evidence")
NOTEBOOKS = LESSONS | {f"evidence/{name}": notebook for name, notebook in EVIDENCE.items()}


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def calls(notebook, function):
    """The calls of a function, such as ae.claim, in all cells."""
    trees = [ast.parse(cell.source) for cell in code_of(notebook)]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return [one for one in nodes if isinstance(one, ast.Call) and ast.unparse(one.func) == function]
