"""Answers that would not end, or would end more than themselves."""

import itertools
import signal
import sys
import threading
import time

import pytest
import torch
from test_check import RIGHT

from ae_course.exercises import limits
from ae_course.exercises.check import CHECKS, check
from ae_course.exercises.feedback import NotYet

TASK, ANSWER = next((task, answer) for task, answer in RIGHT if callable(answer))


def loops(*arguments, **names):
    while True:
        pass


def sleeps(*arguments, **names):
    time.sleep(30)


def loops_and_listens_to_nobody(*arguments):
    for turn in itertools.count():
        try:
            while True:
                pass
        except BaseException:
            if turn == 2:
                return None


def exits(*arguments, **names):
    sys.exit()


def quits(*arguments, **names):
    raise SystemExit(3)


def interrupts(*arguments, **names):
    raise KeyboardInterrupt


def prints(*arguments, **names):
    while True:
        print("and so on")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (loops, "did not end within 0.3 seconds"),
        (sleeps, "did not end within 0.3 seconds"),
        (loops_and_listens_to_nobody, "did not end within 0.3 seconds"),
        (exits, "asks Python to exit"),
        (quits, "asks Python to exit"),
        (interrupts, "was interrupted"),
        (prints, "prints more than 20,000 characters"),
    ],
)
def test_nothing_takes_the_kernel_with_it(answer, sentence, monkeypatch):
    monkeypatch.setattr(limits, "SECONDS", 0.3)
    stream, state = sys.stdout, torch.get_rng_state()
    with pytest.raises(NotYet, match=rf"^Task {TASK}: .*{sentence}") as caught:
        check(TASK, answer)
    assert "\n" not in str(caught.value)
    assert sys.stdout is stream
    assert torch.equal(torch.get_rng_state(), state)


def test_the_alarm_is_heard_where_interrupts_are_ignored(monkeypatch):
    """As in a process that a script has started in the background."""
    monkeypatch.setattr(limits, "SECONDS", 0.3)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(NotYet, match=r"did not end within 0.3 seconds"):
            check(TASK, loops)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_exit_as_a_notebook_knows_it_ends_the_answer_only(monkeypatch):
    names = vars(sys.modules["__main__"])
    asked = []
    monkeypatch.setitem(names, "exit", lambda: asked.append("the kernel's end"))
    shells = names["exit"]
    with pytest.raises(NotYet, match="asks Python to exit"):
        check(TASK, lambda *arguments: names["exit"]())
    assert asked == []
    assert names["exit"] is shells


def test_no_alarm_rings_after_the_check(monkeypatch):
    monkeypatch.setattr(limits, "SECONDS", 0.2)
    monkeypatch.setitem(CHECKS, TASK, lambda answer: None)
    for _ in range(20):
        check(TASK, ANSWER)
    time.sleep(0.4)


def test_what_an_answer_prints_is_shown(capsys):
    def talks(*arguments):
        print("here I am")
        return ANSWER(*arguments)

    check(TASK, talks)
    assert "here I am" in capsys.readouterr().out


def test_in_another_thread_a_check_still_answers():
    said = []

    def work():
        try:
            check(TASK, exits)
        except NotYet as wrong:
            said.append(str(wrong))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert "asks Python to exit" in said[0]
