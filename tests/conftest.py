"""What several test files need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

# the same numbers everywhere, unless another device is asked for: make test DEVICE=cuda
os.environ.setdefault("AE_COURSE_DEVICE", "cpu")


def pytest_configure(config):
    config.addinivalue_line("markers", "timing: measures time, and so runs with nothing beside it")


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the book's pages: the one that AE_COURSE_SITE names, or built once a run."""
    named = os.environ.get("AE_COURSE_SITE")
    if named:
        if not Path(named, "index.html").is_file():
            pytest.fail(f"AE_COURSE_SITE names {named}, but no index.html is there", pytrace=False)
        return Path(named).resolve()
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # of all workers of this run
    done = shared / "site"
    with FileLock(shared / "site.lock"):
        if not done.exists():
            building = shared / "unfinished_site"
            build(building)
            building.rename(done)  # what failed is not taken for a site by the next worker
    return done / "_build" / "html"


def build(output):
    """Build the book from the stored outputs, strictly, as it is published."""
    main = "from jupyter_book.cli.main import main; main()"
    options = ["--path-output", str(output), "--all", "-W", "-n", "--keep-going"]
    root = Path(__file__).parents[1]
    build = subprocess.run(
        [sys.executable, "-c", main, "build", str(root), *options], capture_output=True, text=True
    )
    assert build.returncode == 0, build.stdout[-3000:] + build.stderr[-3000:]
