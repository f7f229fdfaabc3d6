"""What the test file of each exercise asserts about an answer."""

import re

import pytest

from ae_course.exercises import NotYet, check


def assert_right(task, answer, capsys):
    check(task, answer)
    assert capsys.readouterr().out == f"✓ Task {task}: right.\n"


def assert_told(task, answer, sentence, capsys):
    """The answer is refused, with `sentence` in what the student reads, and nothing is printed."""
    with pytest.raises(NotYet, match=f"^Task {task}: .*{re.escape(sentence)}"):
        check(task, answer)
    assert capsys.readouterr().out == ""
