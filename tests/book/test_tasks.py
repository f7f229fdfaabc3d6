"""`tasks.py`, which does what make does: its list, its settings, its report of the minutes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import tasks


@pytest.fixture
def ran(monkeypatch):
    """What would have run: [(words, environment)]; nothing does."""
    commands = []

    def run(*command, folder=ROOT, env=None):
        commands.append(([str(word) for word in command], dict(env or {})))

    monkeypatch.setattr(tasks, "run", run)
    monkeypatch.setattr(tasks, "tool", lambda name: Path(name))
    monkeypatch.setattr(tasks.shutil, "rmtree", lambda path, **options: None)  # nothing is removed
    monkeypatch.setattr(tasks, "seconds", {})
    monkeypatch.setattr(tasks, "counts", {})
    monkeypatch.setattr(tasks, "slowest", {})
    monkeypatch.setattr(tasks, "SETTINGS", dict(tasks.SETTINGS))
    for name in (*tasks.SETTINGS, "AE_COURSE_SITE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "environ", os.environ.copy())
    return commands


def test_make_has_every_task_and_calls_it():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = re.search(r"^TASKS := ((?:.*\\\n)*.*)$", makefile, re.M)[1]
    assert set(listed.replace("\\", " ").split()) == set(tasks.TASKS)
    assert "tasks.py $@" in makefile


def test_every_task_that_a_page_or_a_workflow_names_exists():
    files = [
        *ROOT.glob("*.md"),
        *(ROOT / "book").rglob("*.md"),
        *(ROOT / ".github").rglob("*.yml"),
        ROOT / ".ci" / "run",
    ]
    named = set()
    for file in files:
        text = file.read_text(encoding="utf-8")
        for words in re.findall(r"(?:`|^\s*|run: |tasks\.py )(?:make )([a-z -]+)", text, re.M):
            named |= {word for word in words.split() if not word.startswith("-")}
        named |= set(re.findall(r"tasks\.py ([a-z-]+)", text))
    assert {"book", "test"} <= named
    assert named <= {*tasks.TASKS, "help"}


def test_every_task_says_what_it_does(capsys):
    tasks.main([])
    said = capsys.readouterr().out
    for name, function in tasks.TASKS.items():
        assert re.search(rf"^{name} +{re.escape(function.__doc__)}$", said, re.M)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["bok"], "no task bok; there are book, "),
        (["book", "DEVISE=cuda"], "no setting DEVISE; there are VENV, DEVICE, COURSE, REPO"),
    ],
)
def test_an_unknown_task_or_setting_is_refused_before_any_work(ran, words, said):
    with pytest.raises(SystemExit, match=re.escape(said)):
        tasks.main(words)
    assert ran == []


def test_a_setting_reaches_the_tests(ran, monkeypatch):
    monkeypatch.setenv("AE_COURSE_SITE", "somewhere")
    tasks.main(["test-unit", "DEVICE=cuda:1"])
    ((words, env),) = ran
    assert words[0] == "pytest"
    assert env["AE_COURSE_DEVICE"] == "cuda:1"
    assert env["AE_COURSE_SITE"] == "somewhere"
    assert env["OMP_NUM_THREADS"] == "1"


def test_a_setting_of_the_environment_counts_as_with_make(ran, monkeypatch):
    monkeypatch.setenv("REPO", "ada/course")
    tasks.main(["publish-as"])
    assert ran[0][0][-1] == "ada/course"


def test_the_site_is_built_once_for_all_tests(ran, capsys):
    tasks.main(["test"])
    built = [words for words, _ in ran if words[0] == "jupyter-book"]
    assert len(built) == 1
    assert sum(str(tasks.TOOLS / "deploy.py") in words for words, _ in ran) == 1
    used = {env["AE_COURSE_SITE"] for _, env in ran if "AE_COURSE_SITE" in env}
    assert used == {str(ROOT / "_build" / "tests" / "_build" / "html")}
    said = capsys.readouterr().out
    assert re.findall(r"^(\w+) .* min$", said, re.M) == [
        *("style", "site", "unit", "browser", "timing", "notebooks"),
        "all",
    ]


def test_notebooks_find_no_network_and_no_data_of_this_machine(ran):
    tasks.main(["test-notebooks"])
    words, env = ran[-1]
    kernel, offline = env["PYTHONPATH"].split(os.pathsep)
    assert Path(kernel, "drive_labs.py").is_file()
    assert offline == str(ROOT / "tests" / "offline")
    assert env["AE_COURSE_DATA"] == ""
    assert env["AE_COURSE_FAST"] == "1"
    assert sum(word.endswith(".ipynb") for word in words) >= 22


REPORT = """<testsuites><testsuite tests="3">
<testcase classname="tests.unit.test_a" name="x" time="1.5"/>
<testcase classname="tests.unit.test_a" name="y" time="60"/>
<testcase classname="tests.unit.test_b" name="x" time="2"/>
</testsuite></testsuites>"""


def test_the_summary_says_how_many_ran_and_which_files_took_longest(ran, tmp_path):
    report = tmp_path / "unit.xml"
    report.write_text(REPORT)
    tasks.read_report("unit", report)
    tasks.seconds |= {"style": 30, "unit": 66}
    said = tasks.summary().splitlines()
    assert [line.split() for line in said if line] == [
        ["style", "0.5", "min"],
        ["unit", "3", "tests", "1.1", "min"],
        ["all", "3", "tests", "1.6", "min"],
        ["the", "longest", "files:"],
        ["tests.unit.test_a:", "62", "s"],
        ["tests.unit.test_b:", "2", "s"],
    ]


def test_what_fails_ends_with_its_status_and_says_what_it_was(capfd):
    with pytest.raises(SystemExit) as ended:
        tasks.run(sys.executable, "-c", "raise SystemExit(3)")
    assert ended.value.code == 3
    assert "failed: " in capfd.readouterr().err


def test_it_needs_nothing_but_python():
    """Isolated, with no package in sight, as on a fresh machine."""
    said = subprocess.run(
        [sys.executable, "-I", "-S", ROOT / "tasks.py"], capture_output=True, text=True, check=True
    ).stdout
    assert "Build the site" in said


def test_the_environment_is_made_when_there_is_none_and_when_needs_changed(monkeypatch, tmp_path):
    made = []
    monkeypatch.setattr(tasks, "ROOT", tmp_path)
    monkeypatch.setattr(tasks, "run", lambda *words, **options: made.append(words))
    for name in ("requirements.lock", "requirements.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    (tmp_path / ".venv").mkdir()  # what venv would have made
    tasks.tool("pytest")
    first = len(made)
    assert first > 1
    tasks.tool("pytest")
    assert len(made) == first
    later = (tmp_path / ".venv" / ".ready").stat().st_mtime + 10
    os.utime(tmp_path / "requirements.txt", (later, later))
    tasks.tool("pytest")
    assert len(made) == 2 * first
