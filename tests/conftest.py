"""What several test files need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

# the same numbers everywhere, unless another device is asked for: make test DEVICE=cuda
os.environ.setdefault("AE_COURSE_DEVICE", "cpu")

# a busy machine must not fail a test for its time
settings.register_profile("course", deadline=None, max_examples=50)
settings.load_profile("course")


def pytest_configure(config):
    config.addinivalue_line("markers", "timing: measures time, and so runs with nothing beside it")


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
    """Build the book strictly from the stored outputs, as readers get it."""
    main = "from jupyter_book.cli.main import main; main()"
    options = ["--path-output", str(output), "--all", "-W", "-n", "--keep-going"]
    root = Path(__file__).parents[1]
    build = subprocess.run(
        [sys.executable, "-c", main, "build", str(root), *options], capture_output=True, text=True
    )
    assert build.returncode == 0, build.stdout[-3000:] + build.stderr[-3000:]
    deploy = root / "book" / "_tools" / "deploy.py"
    subprocess.run([sys.executable, deploy, output / "_build" / "html"], check=True)
