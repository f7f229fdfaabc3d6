"""Spelling of everything that people read: pages, notebooks, docstrings, comments."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
READ = {".md", ".py", ".js", ".css", ".yml", ".toml", ".cff", ".ipynb", ""}
# a trigram in a test
IGNORED = "tha"


def words(path):
    """The text of a file: of a notebook its cells, since a network spells as it likes."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])


def test_no_common_misspelling(tmp_path, tracked):
    for path in (ROOT / name for name in tracked if "mathjax" not in name):
        if path.suffix in READ and path.exists():
            copy = tmp_path / path.relative_to(ROOT).as_posix().replace("/", "@")
            copy.write_text(words(path), encoding="utf-8")
    assert len(list(tmp_path.iterdir())) > 100
    command = [sys.executable, "-m", "codespell_lib", "--ignore-words-list", IGNORED, "."]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, "")
