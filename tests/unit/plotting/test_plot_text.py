"""Text on coloured ground."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import ae_course as ae

ORANGE, BLUE, WHITE = (1, 159 / 255, 28 / 255), (90 / 255, 169 / 255, 230 / 255), (1, 1, 1)


def grounds(ax):
    return np.asarray(ax.images[0].get_array())


def test_each_character_stands_on_its_own_colour():
    ax = ae.plot_text("to be", torch.tensor([0.0, 2, 4, 5, -3]), label="bits", limits=(0, 4))
    assert [text.get_text() for text in ax.texts] == list("to be")
    assert [text.get_position() for text in ax.texts] == [(i, 0) for i in range(5)]
    colours = grounds(ax)[0, :5, :3]
    assert colours[0] == pytest.approx(WHITE)
    assert colours[2] == pytest.approx(ORANGE, abs=0.01)
    assert colours[3] == pytest.approx(colours[2])  # above the limits it is their end
    assert colours[4] == pytest.approx(WHITE)
    assert (colours[1] < 1).any()
    assert ax.figure.axes[1].get_ylabel() == "bits"


def test_around_zero_the_ground_goes_from_blue_over_white_to_orange():
    colours = grounds(ae.plot_text("abc", [-1, 0, 1], label="memory", limits=(-1, 1)))[0, :3, :3]
    for colour, expected in zip(colours, (BLUE, WHITE, ORANGE), strict=True):
        assert colour == pytest.approx(expected, abs=0.01)


def test_a_row_ends_with_the_line_and_where_it_is_full():
    text = "ab\ncd\n" + 80 * "x" + "\n"
    ax = ae.plot_text(text, np.zeros(len(text)), label="bits", limits=(0, 1))
    assert len(ax.texts) == len(text)
    assert ax.texts[2].get_text() == "¶"
    rows = [text.get_position()[1] for text in ax.texts]
    assert [rows.count(row) for row in range(4)] == [3, 3, 72, 9]
    assert grounds(ax).shape == (4, 72, 4)
    short = ae.plot_text("ab\ncde", np.zeros(6), label="bits", limits=(0, 1))
    assert grounds(short).shape == (2, 3, 4)  # no wider than its longest row


def test_it_draws_on_the_axes_that_it_is_given():
    _, own = plt.subplots()
    assert ae.plot_text("a", [1], label="bits", limits=(0, 1), ax=own) is own


@pytest.mark.parametrize(
    ("text", "values", "limits", "message"),
    [
        ("", [], (0, 1), r"at least one, got shape \(0,\) for 0"),
        ("ab", [1], (0, 1), r"got shape \(1,\) for 2"),
        ("ab", [1, float("nan")], (0, 1), "finite, got 1"),
        ("ab", [1, 2], (1, 1), r"lower and a higher value, got \(1, 1\)"),
    ],
)
def test_what_cannot_be_shown_is_refused(text, values, limits, message):
    with pytest.raises(ValueError, match=message):
        ae.plot_text(text, values, label="bits", limits=limits)
