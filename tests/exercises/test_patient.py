"""Cells that end the kernel, or do not end: the others are run, in nbgrader's own way."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from patient import STOPPED, PatientExecute

pytestmark = pytest.mark.filterwarnings("ignore")  # of the kernel's client about its sockets

DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"


def is_its_own(error):
    """Whether an error is the cell's own, and not how it was stopped."""
    return error.ename not in STOPPED


def run(*sources, **options):
    """Run cells; give back the name and sentence of what ended each, or what it printed."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    notebook.cells.insert(0, new_markdown_cell("# Title"))
    execute = PatientExecute(kernel_name="python3", **options)
    notebook, _ = execute.preprocess(notebook, {})
    nbformat.validate(notebook)
    said = []
    for cell in notebook.cells[1:]:
        errors = sorted((one for one in cell.outputs if "ename" in one), key=is_its_own)
        printed = "".join(one.get("text", "") for one in cell.outputs)
        said.append(f"{errors[0].ename}: {errors[0].evalue}" if errors else printed)
    return said


def test_what_stops_a_cell_stops_no_other():
    said = run(
        "seven = 7",
        "exit()",
        "quit",
        "import sys\nsys.exit(3)",
        "raise KeyboardInterrupt",
        "while True:\n    pass",
        "while True:\n    print('and so on' * 100)",
        "print('x' * 50_000_000)",
        "import time\ntime.sleep(0.5)",  # in which a kernel that is to exit would do so
        "print(seven)",
        timeout=2,
        characters=10_000,
    )
    kinds = [text.partition(":")[0] for text in said]
    stopped = "SystemExit", "SystemExit", "SystemExit", "KeyboardInterrupt", "CellTimeoutError"
    assert kinds == ["", *stopped, "PrintsTooMuch", "PrintsTooMuch", "", "7\n"]
    assert said[5] == "CellTimeoutError: did not end within 2 seconds"
    assert said[6] == "PrintsTooMuch: prints more than 10,000 characters"


def test_a_cell_that_takes_the_kernel_with_it_is_left_out():
    said = run(
        "seven = 7",
        "import os\nos._exit(0)",
        DEAF,
        "print(seven)",
        timeout=1,
        iopub_timeout=1,
    )
    assert said == [
        "",
        "DeadKernelError: ended Python: it was left out",
        "CellTimeoutError: did not end within 1 seconds and could not be stopped: left out",
        "7\n",
    ]


def test_after_some_such_cells_the_rest_is_said_not_to_have_been_run():
    said = run("print(1)", "import os\nos._exit(0)", "print(2)", runs=1)
    assert said[0] == "1\n"
    assert said[1].startswith("DeadKernelError")
    assert said[2] == "NotRun: was not run: too many cells before it ended Python"


def test_a_figure_is_no_print_without_end():
    said = run("from IPython.display import HTML, display\ndisplay(HTML('x' * 500))", characters=10)
    assert said == [""]
