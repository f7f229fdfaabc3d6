"""What is shipped: the wheel holds the package, all of it and nothing else."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def package(tracked):
    return {name for name in tracked if name.startswith("ae_course/")}


def test_the_wheel_holds_the_package_and_nothing_else(tmp_path, package):
    source = tmp_path / "source"  # a copy, since building leaves folders behind
    for name in package | {"pyproject.toml", "README.md", "LICENSE", "LICENSE-text"}:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    (source / "tests").mkdir()
    (source / "tests" / "test_nothing.py").write_text("")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", tmp_path, source],
        check=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = {name for name in names if ".dist-info/" not in name}
    assert inside == package
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_no_file_from_elsewhere_can_run_code_or_choose_where_it_is_unpacked(package):
    """What ruff's S rules do not see; they see pickle, eval and exec."""
    for name in package:
        if name.endswith(".py"):
            text = (ROOT / name).read_text(encoding="utf-8")
            assert not re.search(r"torch\.load\(|extractall|unpack_archive", text), name
