"""What several test files need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# the same numbers everywhere, unless another device is asked for: make test DEVICE=cuda
os.environ.setdefault("AE_COURSE_DEVICE", "cpu")


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The book as readers get it, built strictly from stored outputs: the folder of its pages."""
    output = tmp_path_factory.mktemp("site")
    main = "from jupyter_book.cli.main import main; main()"
    options = ["--path-output", str(output), "--all", "-W", "-n", "--keep-going"]
    root = Path(__file__).parents[1]
    build = subprocess.run(
        [sys.executable, "-c", main, "build", str(root), *options], capture_output=True, text=True
    )
    assert build.returncode == 0, build.stdout[-3000:] + build.stderr[-3000:]
    html = output / "_build" / "html"
    subprocess.run([sys.executable, root / "book" / "_tools" / "deploy.py", html], check=True)
    return html
