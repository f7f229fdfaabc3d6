"""The stub fails, the solution passes, each common wrong answer gets its own sentence."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import completeness_score, homogeneity_score, roc_auc_score
from torch import nn
from torch.utils.data import Subset, TensorDataset

import ae_course as ae
from ae_course.exercises import NotYet, check
from ae_course.exercises.answers import CHECKS

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_tools"))

import exercises as tool
import notebooks

SOURCES = {path.stem: nbformat.read(path, as_version=4) for path in tool.SOURCES}
each = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())


def places(dataset, digits):
    return torch.where(~torch.isin(dataset.tensors[1], torch.tensor(digits)))[0].tolist()


def without(dataset, digits):
    return Subset(dataset, places(dataset, digits))


def error_by_class(model, dataset, each=lambda errors: errors.mean(), evaluate=True, sums=False):
    images, labels = dataset.tensors
    model.train(not evaluate)
    with torch.no_grad():
        errors = (model(images) - images).square().flatten(1)
    errors = (errors.sum(1) if sums else errors.mean(1)).numpy()
    return np.array([each(errors[labels.numpy() == digit]) for digit in range(10)])


def auroc(errors, labels, foreign):
    return roc_auc_score(np.isin(labels, foreign), errors)


def build(latent_dim):
    return ae.dense_autoencoder([784, 100, latent_dim])


def groups(codes, n_clusters, seed):
    return KMeans(n_clusters, n_init=10, random_state=seed).fit_predict(codes)


def homogeneity(codes, labels, n_clusters, seed):
    return homogeneity_score(labels, groups(codes, n_clusters, seed))


VERDICT = {"pixels": [0.45, 0.46, 0.45], "codes": [0.5, 0.52, 0.49]}
RIGHT = {
    "1a": without,
    "1b": error_by_class,
    "1c": auroc,
    "2a": build,
    "2b": homogeneity,
    "2c": VERDICT,
}
BARE = nn.Sequential(nn.Flatten(), nn.Linear(784, 64))

# task, wrong answer, what it is told
WRONG = [
    (
        "1a",
        lambda d, digits: Subset(d, sorted(set(range(len(d))) - set(places(d, digits)))),
        "Turn",
    ),
    ("1a", lambda d, digits: without(d, digits[:1]), "the second is still there"),
    ("1a", lambda d, digits: without(d, digits[1:]), "the first is still there"),
    ("1a", lambda d, digits: d.tensors[0][places(d, digits)], "a pair of an image and its label"),
    ("1a", lambda d, digits: Subset(d, places(d, digits)[::-1]), "in another order"),
    ("1a", lambda d, digits: without(d, (9, 5)), "Use the argument `digits`"),
    ("1a", lambda d, digits: d, "it keeps"),
    ("1a", lambda d, digits: 3, "should return a dataset, not a int"),
    ("1b", lambda m, d: error_by_class(m, d, np.sum), "take the mean"),
    ("1b", lambda m, d: np.full(10, ae.reconstruction_errors(m, d).mean()), "ten times"),
    ("1b", lambda m, d: np.sqrt(error_by_class(m, d)), "has no root"),
    ("1b", lambda m, d: error_by_class(m, d, sums=True), "mean over pixels"),
    ("1b", lambda m, d: error_by_class(m, d, evaluate=False), "model.eval()"),
    (
        "1b",
        lambda m, d: ae.reconstruction_errors(m, d),
        r"shape (10,), not an array of shape (37,)",
    ),
    ("1b", lambda m, d: error_by_class(m, d)[::-1].copy(), "by hand"),
    ("1b", lambda m, d: ["a"] * 10, "should be numbers, not a list"),
    ("1b", lambda m, d: [float("nan")] * 10, "a NaN"),
    ("1c", lambda e, y, f: auroc(-e, y, f), "*larger* error"),
    ("1c", lambda e, y, f: auroc(e, y, f[:1]), "only 9 counts"),
    ("1c", lambda e, y, f: auroc(e, y, f[1:]), "only 5 counts"),
    ("1c", lambda e, y, f: auroc(e > e.mean(), y, f), "ranks alarms"),
    ("1c", lambda e, y, f: np.mean(e > e.mean()), "truth first"),
    ("2a", lambda z: ae.pca_autoencoder(784, z), "it is linear"),
    ("2a", lambda z: build(64), "Use the argument"),
    ("2a", lambda z: BARE, "encode and decode"),
    ("2a", lambda z: ae.dense_autoencoder([784, z, 100]), "(8, 64), not (8, 100)"),
    (
        "2a",
        lambda z: ae.AutoEncoder(
            nn.Sequential(nn.Flatten(), nn.Linear(784, z), nn.ReLU()),
            nn.Sequential(nn.Linear(z, 784), ae.Reshape(1, 28, 28)),
        ),
        "never negative",
    ),
    (
        "2a",
        lambda z: ae.AutoEncoder(build(z).encoder, nn.Linear(z, 784)),
        "should come back as (8, 1, 28, 28)",
    ),
    ("2b", lambda c, y, k, s: completeness_score(y, groups(c, k, s)), "completeness"),
    ("2b", lambda c, y, k, s: np.mean(groups(c, k, s) == y), "mean nothing"),
    ("2b", lambda c, y, k, s: homogeneity_score(y, y), "labels were compared with labels"),
    ("2b", lambda c, y, k, s: homogeneity(c, y, 3, s), "three groups whatever"),
    ("2b", lambda c, y, k, s: 0.5, "alone"),
    ("2c", {"pixels": [0.4] * 3}, "two lists"),
    ("2c", {"pixels": [0.4] * 2, "codes": [0.5, 0.6, 0.5]}, "anecdote"),
    ("2c", {"pixels": [0.4] * 3, "codes": [5, 6, 7]}, "between 0 and 1"),
    ("2c", {"pixels": [0.4] * 3, "codes": [0.5] * 3}, "every seed"),
    ("2c", {"pixels": [0.01] * 3, "codes": [0.5, 0.6, 0.5]}, "in step"),
    ("2c", {"pixels": ["a"] * 3, "codes": [0.5, 0.6, 0.5]}, "hold numbers"),
]


@pytest.mark.parametrize("task", CHECKS)
def test_a_right_answer_passes(task, capsys):
    check(task, RIGHT[task])
    assert capsys.readouterr().out == f"✓ Task {task}: right.\n"


@pytest.mark.parametrize(("task", "answer", "sentence"), WRONG)
def test_a_wrong_answer_is_told_where_to_look(task, answer, sentence, capsys):
    with pytest.raises(NotYet, match=f"^Task {task}: .*{re.escape(sentence)}"):
        check(task, answer)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("task", CHECKS)
def test_every_task_has_three_wrong_answers_with_sentences_of_their_own(task):
    sentences = [sentence for other, _, sentence in WRONG if other == task]
    assert len(set(sentences)) >= 3


@pytest.mark.parametrize("task", [task for task, answer in RIGHT.items() if callable(answer)])
def test_what_stops_an_answer_becomes_one_sentence(task):
    def stub(*arguments):
        raise NotImplementedError(f"Task {task}")

    def broken(*arguments):
        seven = 7
        return torch.zeros(3) @ torch.zeros(seven)

    for answer, sentence in (
        (stub, "stub is not written yet"),
        (broken, "broken stopped in its line 3 with RuntimeError"),
        (lambda *arguments: None, "returns nothing"),
        (3, "give the function itself"),
        (len, "len stopped with TypeError"),
    ):
        with pytest.raises(NotYet, match=sentence) as caught:
            check(task, answer)
        assert "\n" not in str(caught.value)
        assert caught.value.__suppress_context__


def test_jupyter_shows_the_sentence_alone():
    assert NotYet("Task 1a: so.")._render_traceback_() == ["✗ Task 1a: so."]


def test_an_unknown_task_is_named():
    with pytest.raises(ValueError, match="must be one of 1a, 1b, 1c, 2a, 2b, 2c, got '9z'"):
        check("9z", 1)


def test_a_check_leaves_chance_and_the_answer_s_arguments_alone():
    state = torch.get_rng_state()

    def greedy(dataset, digits):
        kept = without(dataset, digits)
        dataset.tensors = (dataset.tensors[0], 0 * dataset.tensors[1])
        return TensorDataset(*(part[kept.indices] for part in kept.dataset.tensors))

    with pytest.raises(NotYet):
        check("1a", greedy)
    check("1a", without)
    assert torch.equal(torch.get_rng_state(), state)


# ---------------------------------------------------------------- the notebooks


@pytest.mark.parametrize("path", tool.SOURCES, ids=lambda path: path.stem)
def test_pages_are_what_their_source_yields(path):
    for target, notebook in tool.pages(path).items():
        assert nbformat.read(target, as_version=4) == notebook, "make exercises"


def test_there_are_no_other_pages():
    wanted = {target for path in tool.SOURCES for target in tool.pages(path)}
    assert set((ROOT / "book" / "exercises").glob("*.ipynb")) == wanted


@each
def test_a_source_has_what_an_exercise_needs(source):
    text = "\n".join(cell.source for cell in source.cells if cell.cell_type == "markdown")
    assert re.match(r"# Exercise \d: ", text)
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
    assert set(tasks) <= set(CHECKS)


def test_every_check_belongs_to_an_exercise():
    tasks = [tool.task_of(cell) for source in SOURCES.values() for cell in source.cells]
    assert sorted(filter(None, tasks)) == sorted(CHECKS)


@each
def test_the_source_was_run_in_full_and_all_was_right(source):
    run = source.metadata.get("ae_course")
    assert run == {"mode": "full", "digest": notebooks.digest(source)}, "make exercises-run"
    said = "".join(out.get("text", "") for cell in source.cells for out in cell.get("outputs", []))
    tasks = [task for task in map(tool.task_of, source.cells) if task]
    for task in tasks:
        assert f"✓ Task {task}: right." in said
    assert "[full run]" not in re.sub(r"✓ .*\[full run\]", "", said)


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
def test_the_stubs_of_a_student_s_copy_fail(source, tmp_path):
    """In plain Python, each task as it is handed out, with a check right after it."""
    handed_out = tool.student(source)
    stubs = [cell.source for cell in handed_out.cells if tool.task_of(cell)]
    for stub in stubs:
        task, name = re.search(r"Task (\w+)", stub)[1], re.search(r"def (\w+)", stub)[1]
        program = tmp_path / "stub.py"
        program.write_text(
            f"from ae_course.exercises import check\n{stub}\n\ncheck({task!r}, {name})\n"
        )
        done = subprocess.run([sys.executable, program], capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 1
        assert f"Task {task}: " in done.stderr.splitlines()[-1]
