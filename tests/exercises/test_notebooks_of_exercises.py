"""The exercises' notebooks: what is handed out, what the page with the solution shows."""

import ast
import contextlib
import re
import sys
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from torch import nn

from ae_course.exercises import NotYet, check
from ae_course.exercises.check import CHECKS

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_tools"))

import exercises as tool
import notebooks

SOURCES = {path.stem: nbformat.read(path, as_version=4) for path in tool.SOURCES}
LESSONS = {
    f"{path.name[0]}.{path.name[1]}": nbformat.read(path, as_version=4)
    for path in sorted((ROOT / "book").glob("[1-6][0-9]-*.ipynb"))
}
SAYS = re.compile(r'`check\("(.*?)", (.*?)\)` says')
each = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())


def prose_of(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def promised(text):
    """The minutes that a card promises: of work, and of computing."""
    row = re.search(r"^\|---.*\n\| [^|]+ \| (\d+) \| (\d+) \|", text, re.MULTILINE)
    return int(row[1]), int(row[2])


@pytest.mark.parametrize("path", tool.SOURCES, ids=lambda path: path.stem)
def test_pages_are_what_their_source_yields(path):
    for target, notebook in tool.pages(path).items():
        assert nbformat.read(target, as_version=4) == notebook, "make exercises"


def test_there_are_no_other_pages():
    wanted = {target for path in tool.SOURCES for target in tool.pages(path)}
    assert set((ROOT / "book" / "exercises").glob("*.ipynb")) == wanted


@each
def test_a_source_has_what_an_exercise_needs(source):
    text = prose_of(source)
    assert re.match(r"# Exercise \d+: ", text)
    assert "**Why it matters.**" in text
    assert "expected minutes" in text
    assert "## What to look for" in text
    tasks = [task for task in map(tool.task_of, source.cells) if task]
    assert text.count("## Task ") == len(tasks)
    for number in (1, 2, 3):
        assert text.count(f"<summary>Hint {number}</summary>") == len(tasks)
    checked = [
        cell.metadata.nbgrader.grade_id
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    ]
    assert checked == [f"check-{task}" for task in tasks]


@each
def test_every_task_says_how_hard_it_is_how_much_it_matters_and_how_long_it_takes(source):
    text = prose_of(source)
    mark = r"\*Difficulty [1-5] of 5 · importance [1-5] of 5 · (\d+) minutes\*"
    minutes = re.findall(rf"^## Task \d+[a-e]: .+\n\n{mark}\n\n", text, re.MULTILINE)
    assert len(minutes) == text.count("## Task ")
    whole, _ = promised(text)
    assert 0.8 * whole <= sum(map(int, minutes)) <= whole


@each
def test_the_minutes_of_computing_fit_the_stored_run(source):
    _, minutes = promised(prose_of(source))
    seconds = source.metadata["ae_course"]["seconds"]
    # some were stored on a machine that computed at less than half of its usual speed
    assert seconds / 2.5 <= 60 * minutes <= seconds + 60


def build_of(lesson):
    """The text of a lesson's Build exercise, its hint and its answer."""
    text = prose_of(lesson)
    return text[text.index("**Build.**") : text.index("## Further reading")]


def test_every_check_belongs_to_an_exercise_or_to_the_build_of_a_lesson():
    tasks = [tool.task_of(cell) for source in SOURCES.values() for cell in source.cells]
    for name, lesson in LESSONS.items():
        task = build_of(lesson).partition("<details>")[0]
        for text in (prose_of(lesson), task):
            assert [number for number, _ in SAYS.findall(text)] == [name]
        tasks.append(name)
    assert sorted(filter(None, tasks)) == sorted(CHECKS)


def defined_in(code):
    """The imports, functions and classes of some code, without what it computes."""
    kinds = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef
    return [node for node in ast.parse(code).body if isinstance(node, kinds)]


@pytest.mark.parametrize("name", LESSONS)
def test_the_answer_to_a_build_passes_its_check(name, capsys):
    lesson, there = LESSONS[name], {}
    cells = [cell.source for cell in lesson.cells if cell.cell_type == "code"]
    [(_, answer)] = SAYS.findall(build_of(lesson))
    blocks = re.findall(r"```python\n(.*?)```", build_of(lesson), re.DOTALL)
    own = [node for block in blocks for node in defined_in(block)]
    for node in [node for cell in cells for node in defined_in(cell)]:
        with contextlib.suppress(NameError):  # what its defaults or decorators need is not there
            exec(compile(ast.Module([node], []), name, "exec"), there)
    names = {node.name for node in own if hasattr(node, "name")}
    assert not names & {word for word in there if not isinstance(there[word], ModuleType)}
    for node in own:
        exec(compile(ast.Module([node], []), name, "exec"), there)
    exec(f"check({name!r}, {answer})", there | {"check": check})
    assert capsys.readouterr().out == f"✓ Task {name}: right.\n"


@each
def test_the_source_was_run_in_full_and_all_was_right(source):
    run = source.metadata.get("ae_course")
    assert run["mode"] == "full"
    assert run["digest"] == notebooks.digest(source), "make exercises-run"
    said = "".join(out.get("text", "") for cell in source.cells for out in cell.get("outputs", []))
    tasks = [task for task in map(tool.task_of, source.cells) if task]
    for task in tasks:
        assert f"✓ Task {task}: right." in said
    assert "[full run" not in re.sub(r"✓ .*\[full run.*\]", "", said)


@each
def test_a_student_s_copy_gives_nothing_away(source):
    handed_out = tool.student(source)
    text = nbformat.writes(handed_out)
    assert "SOLUTION" not in text
    assert "solution-only" not in text
    assert not any(cell.get("outputs") for cell in handed_out.cells)
    for cell in source.cells:
        if tool.task_of(cell):
            secret = tool.REGION.search(cell.source)[0].splitlines()[1:-1]
            assert max(secret, key=len).strip() not in text  # hints may quote the smaller parts


@each
def test_the_stubs_of_a_student_s_copy_fail(source):
    """Each task as it is handed out, with nothing but `nn` around it, and a check right after."""
    for cell in tool.student(source).cells:
        task = tool.task_of(cell)
        if task:
            found = {"nn": nn}
            exec(cell.source, found)
            name = re.search(r"^(?:def|class) (\w+)", cell.source, re.M)[1]
            with pytest.raises(NotYet, match=f"^Task {task}: "):
                check(task, found[name])
