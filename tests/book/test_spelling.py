"""Spelling of the notebooks' cells; of every other file `make lint` looks after it."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_common_misspelling(tmp_path):
    for path in (ROOT / "book").rglob("*.ipynb"):
        # of a notebook its cells, since a network spells as it likes
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells)
        copy = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "@")
        (tmp_path / copy).write_text(text, encoding="utf-8")
    assert len(list(tmp_path.iterdir())) > 30
    command = [sys.executable, "-m", "codespell_lib", "--toml", ROOT / "pyproject.toml", "."]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, "")
