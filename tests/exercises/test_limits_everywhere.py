"""No answer to any task takes the kernel with it, be it a function or the network that it makes."""

import re
import sys

import pytest
import sympy  # noqa: F401 (torch imports it when first needed; cut off by a limit, it stays half)
from test_check import cases
from test_limits import exits, interrupts, loops, prints, quits, sleeps
from test_notebooks_of_exercises import SOURCES
from torch import nn

import ae_course as ae
from ae_course.exercises import limits
from ae_course.exercises.check import CHECKS, check
from ae_course.exercises.feedback import NotYet

FUNCTIONS = [task for task in CHECKS if callable(cases(task).RIGHT[task])]
NETWORKS = ["2a", "3a", "4a", "5a", "5b"]  # whose answer makes a network


STOPS = [
    (loops, 0.1, r"did not end within 0\.1 seconds"),
    (sleeps, 0.1, r"did not end within 0\.1 seconds"),
    (exits, 60, "asks Python to exit"),
    (quits, 60, "asks Python to exit"),
    (interrupts, 60, "was interrupted"),
    (prints, 60, "prints more than 20,000 characters"),
]


def network(task, behaviour):
    class Half(nn.Module):
        forward = staticmethod(behaviour)

    whole = task in ("3a", "5a")  # or else it has two halves
    return lambda *arguments: Half() if whole else ae.AutoEncoder(Half(), Half())


def expect(task, answer, seconds, sentence, monkeypatch):
    monkeypatch.setattr(limits, "SECONDS", seconds)
    stream = sys.stdout
    with pytest.raises(NotYet, match=f"^Task {task}: .*{sentence}") as caught:
        check(task, answer)
    assert "\n" not in str(caught.value)
    assert sys.stdout is stream


def test_every_exercise_is_tried():
    assert {int(re.match(r"\d+", task)[0]) for task in FUNCTIONS} == set(range(1, 1 + len(SOURCES)))


@pytest.mark.parametrize(("behaviour", "seconds", "sentence"), STOPS)
@pytest.mark.parametrize("task", FUNCTIONS)
def test_a_function(task, behaviour, seconds, sentence, monkeypatch):
    expect(task, behaviour, seconds, sentence, monkeypatch)


@pytest.mark.parametrize(("behaviour", "seconds", "sentence"), STOPS)
@pytest.mark.parametrize("task", NETWORKS)
def test_a_network(task, behaviour, seconds, sentence, monkeypatch):
    expect(task, network(task, behaviour), seconds, sentence, monkeypatch)
