"""What makes a notebook a lesson, and what a lesson whose evidence stands apart must keep to."""

import ast
import re
import statistics

import pytest
from stored import EVIDENCE, LESSONS, calls, code_of, prose_of

each = pytest.mark.parametrize("notebook", LESSONS.values(), ids=LESSONS.keys())
named = pytest.mark.parametrize("name", LESSONS)
both = pytest.mark.parametrize(
    "notebook",
    [*LESSONS.values(), *EVIDENCE.values()],
    ids=[*LESSONS, *(f"evidence/{name}" for name in EVIDENCE)],
)


@each
def test_a_lesson_says_what_one_will_be_able_to_do(notebook):
    assert prose_of(notebook)[0].source.count("\n- ") == 3


@each
def test_the_parts_of_a_chapter(notebook):
    headings = [
        line[3:]
        for cell in prose_of(notebook)
        for line in cell.source.splitlines()
        if line.startswith("## ")
    ]
    assert "The question" in headings
    assert any(heading.startswith("Break it") for heading in headings)
    assert "What holds" in headings
    assert headings[-2:] == ["Exercises", "Further reading"]
    text = "\n".join(cell.source for cell in prose_of(notebook))
    for kind in ("**Predict.**", "**Change one line.**", "**Build.**"):
        assert text.count(kind) == 1
    reading = text[text.index("## Further reading") :]
    assert reading.count("](https://doi.org/") >= 2


@each
def test_the_steps_are_explained(notebook):
    assert len(code_of(notebook)) >= 12
    words = sum(len(cell.source.split()) for cell in prose_of(notebook))
    assert words >= 60 * len(code_of(notebook))


@named
def test_a_lesson_shows_one_of_its_pictures_on_the_first_page(name):
    heroes = [c for c in LESSONS[name].cells if "hero" in c.metadata.get("tags", [])]
    assert len(heroes) == 1
    assert any("image/png" in output.get("data", {}) for output in heroes[0].outputs)


def test_the_chapters_have_their_interactive_figures():
    names = {
        stem: re.findall(r"ae\.widgets\.(\w+)\(", "\n".join(c.source for c in code_of(notebook)))
        for stem, notebook in LESSONS.items()
    }
    assert {stem[:2]: found for stem, found in names.items() if found} == {
        "11": ["patch_game"],
        "12": ["drag_axis"],
        "13": ["train_in_the_page"],
        "14": ["latent_explorer"],
        "15": ["outlier_meter"],
        "21": ["noise_slider"],
        "22": ["drop_a_point", "draw_a_digit"],
        "31": ["lstm_gates"],
        "32": ["temperature_by_hand", "text_writer"],
        "33": ["word_map"],
        "34": ["attention_map"],
        "41": ["moving_window"],
        "42": ["word_by_word"],
        "51": ["walkers"],
        "43": ["shake_the_cabinet"],
        "52": ["sampler"],
        "44": ["edit_a_tile"],
        "53": ["best_judge"],
        "61": ["two_views"],
        "62": ["fill_the_holes"],
        "63": ["steer_the_writer"],
        "64": ["two_views"],
    }


def test_every_lesson_has_its_evidence():
    assert set(EVIDENCE) == set(LESSONS)


@named
def test_lesson_and_evidence_lead_to_one_another(name):
    lesson, evidence = (
        "\n".join(cell.source for cell in prose_of(notebook))
        for notebook in (LESSONS[name], EVIDENCE[name])
    )
    title = LESSONS[name].cells[0].source.splitlines()[0].removeprefix("# ")
    assert f"](evidence/{name}.ipynb)" in lesson
    assert f"[{title}](../{name}.ipynb)" in evidence
    assert EVIDENCE[name].cells[0].source.startswith(f"# Evidence: {title}\n")
    assert "\n## What this page shows" in f"\n{evidence}"


@both
def test_cells_can_be_read_from_the_back_of_a_room(notebook):
    """Their width is ruff's to check, by book/ruff.toml."""
    _setup, *cells = code_of(notebook)
    assert len(cells) < 24
    lengths = [len(cell.source.splitlines()) for cell in cells]
    assert max(lengths) <= 20
    # eight is the aim; a loop that is written out, not called, takes some lines more
    assert statistics.median(lengths) <= 13
    comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    for cell in cells:
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, comprehensions):
                assert len(node.generators) <= 2, cell.source
                inner = [one for one in ast.walk(node) if isinstance(one, comprehensions)]
                assert inner == [node], f"a comprehension within another:\n{cell.source}"


@both
def test_each_claim_says_what_was_measured(notebook):
    claims = calls(notebook, "ae.claim")
    assert len(claims) >= 5
    for claim in claims:
        assert "measured" in {keyword.arg for keyword in claim.keywords}, ast.unparse(claim)


@named
def test_a_lesson_has_pictures_something_to_touch_and_few_claims(name):
    lesson = LESSONS[name]
    outputs = [out.get("data", {}) for cell in code_of(lesson) for out in cell.outputs]
    pictures = [data for data in outputs if any(kind.startswith("image/") for kind in data)]
    assert len(pictures) >= 4
    assert any("data-ae-figure" in data.get("text/html", "") for data in outputs)
    labs = [cell for cell in code_of(lesson) if "lab" in cell.metadata.get("tags", ())]
    assert labs  # tests/kernel drives them
    assert all("interact" in cell.source for cell in labs)
    assert len(calls(lesson, "ae.claim")) <= 10


@named
def test_the_exercises_of_a_lesson_have_minutes_a_hint_and_an_answer(name):
    text = "\n\n".join(cell.source for cell in prose_of(LESSONS[name]))
    exercises = text[text.index("## Exercises") : text.index("## Further reading")]
    parts = re.split(r"\*\*(?:Predict|Change one line|Build)\.\*\*", exercises)[1:]
    assert len(parts) == 3
    for part in parts:
        assert re.search(r"\d+ minutes", part), part
        assert re.findall(r"<summary>(.*?)</summary>", part) == ["Hint", "Answer"], part


@named
def test_the_cards_promise_what_the_runs_took(name):
    # gigabytes: half of one are CUDA's libraries, which Binder's torch does not have
    for notebook, minutes, most in ((LESSONS[name], 3, 2), (EVIDENCE[name], 15, 2.5)):
        run, card = notebook.metadata.ae_course, notebook.cells[0].source
        table = re.search(r"^\| minutes on.*\n.*\n.*", card, re.MULTILINE)[0]
        names, _, values = table.splitlines()
        row = dict(zip(names.split(" | "), values.split(" | "), strict=True))
        promised, memory = (
            float(re.search(r"[\d.]+", row[name])[0])
            for name in ("| minutes on two CPU cores", "memory")
        )
        assert run.seconds / 60 <= promised <= minutes
        assert run.memory / 1000 <= memory <= most
