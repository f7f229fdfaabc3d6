"""What is shipped: the wheel holds the package, all of it and nothing else."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def tracked(folder):
    listed = subprocess.run(
        ["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return set(filter(None, listed.split("\0")))


def test_the_wheel_holds_the_package_and_nothing_else(tmp_path):
    source = tmp_path / "source"  # a copy, since building leaves folders behind
    for name in tracked("ae_course") | {"pyproject.toml", "README.md", "LICENSE", "LICENSE-text"}:
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
    assert inside == tracked("ae_course")
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_no_file_from_elsewhere_can_run_code_or_choose_where_it_is_unpacked():
    """What ruff's S rules do not see; they see pickle, eval and exec."""
    for name in tracked("ae_course"):
        if name.endswith(".py"):
            text = (ROOT / name).read_text(encoding="utf-8")
            assert not re.search(r"torch\.load\(|extractall|unpack_archive", text), name
