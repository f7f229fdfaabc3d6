"""What holds of every task: its cases, odd answers, stubs, and what a check leaves alone."""

import importlib
import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import Subset, TensorDataset

import ae_course as ae
from ae_course.exercises.check import CHECKS, check
from ae_course.exercises.feedback import NotYet


def cases(task):
    """The answers to a task's exercise: their file is named like the module of the checks."""
    return importlib.import_module(f"cases_{CHECKS[task].__module__.split('.')[-1]}")


EXERCISES = list({cases(task).__name__: cases(task) for task in CHECKS}.values())
RIGHT = [case for one in EXERCISES for case in (*one.RIGHT.items(), *one.RIGHT_TOO)]
WRONG = [case for one in EXERCISES for case in one.WRONG]


class Pair(nn.Module):
    def forward(self, *inputs):
        return inputs[0], inputs[0]


ODD = [
    None,
    (None,),
    "x",
    {"a": 1},
    10**400,
    [torch.ones(2, requires_grad=True) * 2],
    torch.ones(3, dtype=torch.bfloat16),
    torch.empty(3, device="meta"),
    np.array(["x"]),
    nn.Identity(),
    Pair(),
    ae.AutoEncoder(Pair(), Pair()),
    nn.ModuleList(),
]


@pytest.mark.parametrize(("task", "answer"), RIGHT)
def test_a_right_answer_passes(task, answer, capsys):
    check(task, answer)
    assert capsys.readouterr().out == f"✓ Task {task}: right.\n"


@pytest.mark.parametrize(("task", "answer", "sentence"), WRONG)
def test_a_wrong_answer_is_told_where_to_look(task, answer, sentence, capsys):
    """The answer is refused, with `sentence` in what the student reads, and nothing is printed."""
    with pytest.raises(NotYet, match=f"^Task {task}: .*{re.escape(sentence)}"):
        check(task, answer)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("task", CHECKS)
def test_every_task_has_a_right_answer_and_three_wrong_ones_with_sentences_of_their_own(task):
    assert task in cases(task).RIGHT
    sentences = [sentence for other, _, sentence in cases(task).WRONG if other == task]
    assert len(set(sentences)) >= 3


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
@pytest.mark.parametrize("task", CHECKS)
def test_whatever_comes_is_answered_in_one_sentence(task, odd):
    answer = (lambda *arguments, **named: odd) if callable(cases(task).RIGHT[task]) else odd
    with pytest.raises(NotYet) as caught:
        check(task, answer)
    assert "\n" not in str(caught.value)
    assert "the check cannot use" not in str(caught.value)


@pytest.mark.parametrize("task", [task for task in CHECKS if callable(cases(task).RIGHT[task])])
def test_what_stops_an_answer_becomes_one_sentence(task):
    def stub(*arguments, **named):
        raise NotImplementedError(f"Task {task}")

    def broken(*arguments, **named):
        seven = 7
        return torch.zeros(3) @ torch.zeros(seven)

    def eager(*arguments, more, **named):
        return 3

    for answer, sentence in (
        (stub, "stub is not written yet"),
        (broken, "broken stopped in its line 3 with RuntimeError"),
        (lambda *arguments, **named: None, "returns nothing"),
        (3, "give the function itself"),
        (eager, "eager stopped with TypeError"),
    ):
        with pytest.raises(NotYet, match=sentence) as caught:
            check(task, answer)
        assert "\n" not in str(caught.value)
        assert caught.value.__suppress_context__


def test_jupyter_shows_the_sentence_alone():
    assert NotYet("Task 1a: so.")._render_traceback_() == ["✗ Task 1a: so."]


def test_an_unknown_task_is_named():
    with pytest.raises(
        ValueError, match=r"must be one of 1a, 1b, .*, 15e, 1\.1, .*, 6\.4, got '9z'"
    ):
        check("9z", 1)


def test_a_check_leaves_chance_and_the_answer_s_arguments_alone():
    state = torch.get_rng_state()

    def without(dataset, digits):
        kept = ~torch.isin(dataset.tensors[1], torch.tensor(digits))
        return Subset(dataset, torch.where(kept)[0].tolist())

    def greedy(dataset, digits):
        kept = without(dataset, digits)
        dataset.tensors = (dataset.tensors[0], 0 * dataset.tensors[1])
        return TensorDataset(*(part[kept.indices] for part in kept.dataset.tensors))

    with pytest.raises(NotYet):
        check("1a", greedy)
    check("1a", without)
    assert torch.equal(torch.get_rng_state(), state)
