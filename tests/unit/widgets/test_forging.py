"""The forger on a line: what the page gets, and what is refused."""

import pytest

from ae_course import widgets

HILLS = {"centers": [-2.0, 2.0], "shares": [0.65, 0.35]}


def test_the_page_gets_hills_and_forger():
    figure = widgets.best_judge(**HILLS, width=0.5, mean=-1, spread=2)
    assert figure.config["hills"] == HILLS
    assert [figure.config[name] for name in ("width", "mean", "spread")] == [0.5, -1, 2]
    assert figure.alt.startswith("A line with 2 hills of real data, a forger's normal distribution")
    assert "mean -1 and width 2" in figure.alt


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"centers": []}, "`centers` must be at least one number from -4 to 4"),
        ({"centers": [-2.0, 4.5]}, "`centers` must be at least one number"),
        ({"shares": [1.0]}, "`shares` must be 2, one for each center, got 1"),
        ({"shares": [1.0, 0.0]}, "positive with the sum 1"),
        ({"shares": [0.5, 0.6]}, "positive with the sum 1"),
        ({"width": 0.1}, "`width` must be from 0.3 to 2"),
        ({"mean": 6}, "`mean` must be from -5.5 to 5.5"),
        ({"mean": float("nan")}, "`mean` must be from"),
        ({"spread": 0.1}, "`spread` must be from 0.2 to 4.0"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        widgets.best_judge(**(HILLS | options))
