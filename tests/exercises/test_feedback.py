"""Two numbers that a sentence sets side by side look different, and the worst row is named."""

import re

import pytest
import torch

from ae_course.exercises.check import check
from ae_course.exercises.feedback import NotYet, furthest_off, written_apart


@pytest.mark.parametrize(
    ("found", "expected", "written"),
    [
        (0.25, 0.5, ("0.25", "0.5")),
        (1.23456, 1.23457, ("1.23456", "1.23457")),
        (torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.00002]), ("(1, 2)", "(1, 2.00002)")),
    ],
)
def test_unequal_numbers_never_look_alike(found, expected, written):
    assert written_apart(found, expected) == written


def test_the_row_that_is_furthest_off_is_named():
    found, right = torch.zeros(4, 2), torch.tensor([[0, 0], [0, 0.1], [3, 0], [0, 1.0]])
    assert furthest_off(found, right) == (2, "(0, 0)", "(3, 0)")
    assert furthest_off(torch.ones(3), torch.tensor([1.0, 5, 1])) == (1, "1", "5")


def test_a_check_names_the_one_point_that_is_wrong():
    def noised(x, left, noise):
        result = left.sqrt()[:, None] * x + (1 - left).sqrt()[:, None] * noise
        result[3, 1] += 0.01
        return result

    with pytest.raises(NotYet, match="point 3, counted from 0, should be") as error:
        check("14a", noised)
    wanted, got = re.findall(r"\(.*?\)", str(error.value))
    assert wanted != got
