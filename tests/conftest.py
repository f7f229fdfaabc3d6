"""What several test files need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# the same numbers everywhere, unless another device is asked for: make test DEVICE=cuda
os.environ.setdefault("AE_COURSE_DEVICE", "cpu")

# a busy machine must not fail a test for its time
settings.register_profile("course", deadline=None, max_examples=50)
settings.load_profile("course")


@pytest.fixture(scope="session")
def tracked():
    """The names of the repository's files, as git lists them: not what a run leaves behind."""
    command, root = ["git", "ls-files", "-z"], Path(__file__).parents[1]
    try:
        listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("this needs git, and a clone rather than a zip")
    return list(filter(None, listed.stdout.split("\0")))


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
