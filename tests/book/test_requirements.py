"""What is installed, in which versions, and what the workflows call."""

import io
import re
import sys
import tarfile
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "book" / "_tools"), str(ROOT / "tests" / "colab")]

import requirements as tool
from run import JUDGES, newest, unpack

import tasks

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in WORKFLOWS}


def test_requirements_are_those_of_the_project():
    written = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert written == tool.requirements(PROJECT)  # else: make requirements


def test_the_lock_has_every_tool_in_its_range_and_with_checksums():
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", LOCK, flags=re.M).strip())
    locked = {}
    for entry in entries:
        name, version = re.match(r"([a-z0-9-]+)==(\S+)", entry).groups()
        locked[name] = version
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), name
    for need in map(Requirement, tool.tools(PROJECT)):
        assert need.specifier.contains(locked[canonicalize_name(need.name)]), need
    # a learner's torch and numpy are those of the machine
    assert not {"torch", "torchvision", "numpy", "scipy", "pandas"} & set(locked)
    assert "://" not in LOCK


def test_the_oldest_versions_are_the_lower_ends_of_the_ranges():
    oldest = [Requirement(line) for line in tool.oldest(PROJECT).splitlines()]
    needs = [Requirement(need) for need in PROJECT["project"]["dependencies"]]
    assert [need.name for need in oldest] == [need.name for need in needs]
    for need, lowest in zip(needs, oldest, strict=True):
        (pin,) = lowest.specifier
        assert pin.operator == "=="
        assert need.specifier.contains(pin.version)


def test_actions_are_pinned_to_one_commit_each():
    used = re.findall(r"uses: (.*)", "\n".join(TEXTS.values()))
    pinned = {re.fullmatch(r"(\S+)@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)[1] for use in used}
    assert len(set(used)) == len(pinned) >= 5


def test_what_the_workflows_call_exists():
    """But for ``make`` and a task's name, which the tests of tasks.py look up."""
    jobs = [job for text in TEXTS.values() for job in yaml.safe_load(text)["jobs"].values()]
    matrices = [job["strategy"]["matrix"] for job in jobs if "strategy" in job]
    targets = {target for matrix in matrices for target in matrix.get("target", [])}
    assert "test-notebooks-full" in targets
    assert targets <= set(tasks.TASKS)
    for script in re.findall(r"\b(?:python|bash) ([\w./]+)", "\n".join(TEXTS.values())):
        assert (ROOT / script).exists(), script


def test_todays_versions_of_colab_replace_those_of_the_list():
    listed = [
        "# its list",
        "numpy==2.1.3",
        "scikit-learn==1.6.1",
        "torch==2.11.0",
        "pooch",
        "nbval",
    ]
    wheel = "https://download.pytorch.org/whl/cu130/torch-2.12.1%2Bcu130-cp313-linux.whl#sha256=a"
    others = ["numpy-financial==1.0", "scikit-learn-extra==9.0", "torchmetrics==1.9"]
    freeze = ["numpy==2.3.0", "scikit-learn==1.7.0", f"torch @ {wheel}", "pooch==1.9.0", *others]
    expected = ["# its list", "numpy==2.3.0", "scikit-learn==1.7.0", "torch==2.12.1"]
    assert newest("\n".join(listed), "\n".join(freeze)).split("\n") == [
        *expected,
        "pooch==1.9.0",
        "nbval",
    ]


def test_each_lesson_of_the_archive_gets_a_folder_of_its_own(tmp_path):
    archive = io.BytesIO()
    exercise = ["book/exercises/1-c.ipynb"]
    with tarfile.open(fileobj=archive, mode="w:gz") as course:
        for name in (
            "book/12-b.ipynb",
            "book/11-a.ipynb",
            "book/evidence/11-a.ipynb",
            *exercise,
            "a.md",
        ):
            course.addfile(tarfile.TarInfo(f"ae-course/{name}"))
    assert unpack(archive.getvalue(), [], tmp_path) == [
        "lessons/11-a/11-a.ipynb",
        "lessons/12-b/12-b.ipynb",
        "lessons/evidence/11-a/11-a.ipynb",
    ]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 3
    found = unpack(archive.getvalue(), exercise, tmp_path / "other")
    assert found == ["lessons/exercises/1-c/1-c.ipynb"]


def test_the_stand_in_has_what_judges_the_notebooks():
    settings = (ROOT / "tests" / "notebooks.ini").read_text()
    plugins = re.findall(r"-p (\w+)(?!\S)", settings)
    assert "drive_labs" in plugins
    taken = {Path(name).stem for name in JUDGES}
    assert set(plugins) <= taken
    assert all((ROOT / "tests" / name).is_file() for name in JUDGES)
