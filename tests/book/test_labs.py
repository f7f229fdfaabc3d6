"""The regression of notebooks drives each lab: a callback that fails is red."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]
IMPORTS = """import matplotlib.pyplot as plt
from ipywidgets import Checkbox, Dropdown, FloatLogSlider, IntSlider, interact"""
GOOD = """def lab(n, kind, rate, shown):
    plt.plot([n, rate], label=kind)
    plt.show()

controls = dict(n=IntSlider(1, 1, 3), kind=Dropdown(options=["a", "b"]))
interact(lab, **controls, rate=FloatLogSlider(0.1, base=10, min=-2, max=0), shown=Checkbox());"""


LABS = {
    "good": (GOOD, ""),
    "raises": (
        GOOD.replace("[n, rate]", "[n, 1 / (3 - n)]"),
        "ZeroDivisionError: division by zero",
    ),
    "draws_nothing": (GOOD.replace("plt.show()", "plt.close()"), "moving 'n' drew no picture"),
    "is_none": ("plt.plot([1])\nplt.show()", "a cell tagged lab must call interact"),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What one run of nbval says of all of them."""
    folder = tmp_path_factory.mktemp("labs")
    for name, (lab, _) in LABS.items():
        cells = [new_code_cell(IMPORTS), new_code_cell(lab)]
        cells[1].metadata["tags"] = ["lab", "nbval-ignore-output"]
        nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "tests" / "notebooks.ini"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests" / "kernel"), "NO_COLOR": "1"}
    options = ["--rootdir", folder, "--nbval", "--nbval-current-env", "-rA"]
    ran = subprocess.run([*command, *options, folder], env=environment, capture_output=True)
    return ran.stdout.decode()


@pytest.mark.parametrize("name", LABS)
def test_a_lab_is_driven(report, name):
    _, said = LABS[name]
    outcome = "FAILED" if said else "PASSED"
    assert re.search(rf"^{outcome} .*{name}\.ipynb::Cell 1", report, re.M), report
    assert said in report
