"""The walkers over hills: what the page gets, and what is refused."""

import pytest
import torch
from small_figures import PLACES

from ae_course import widgets

SHARES = torch.tensor([0.4, 0.6])


def test_the_page_gets_the_hills():
    figure = widgets.walkers(PLACES, SHARES, width=0.3, sigma_min=0.1, sigma_max=4, count=50)
    assert figure.config["hills"]["centers"] == PLACES.tolist()
    assert figure.config["hills"]["shares"] == pytest.approx([0.4, 0.6])
    assert figure.config["levels"] == [0.1, 4]
    assert figure.alt.startswith("50 points on a plane with 2 hills")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"centers": PLACES.T[:, :1]}, r"`centers` must have shape \(K, 2\), got \(2, 1\)"),
        ({"centers": PLACES[:0]}, r"`centers` must have shape"),
        ({"centers": 9 * PLACES}, "within 5"),
        ({"centers": PLACES / 0}, "within 5"),
        ({"shares": torch.ones(3) / 3}, r"`shares` must have shape \(2,\)"),
        ({"shares": torch.tensor([1.0, 0.0])}, "positive with the sum 1"),
        ({"shares": torch.tensor([0.5, 0.6])}, "positive with the sum 1"),
        ({"width": 0.0}, "`width` must be positive"),
        ({"sigma_min": 0.0}, "0 < sigma_min < sigma_max"),
        ({"sigma_max": 0.01}, "0 < sigma_min < sigma_max"),
        ({"count": 1001}, "from 1 to 1,000"),
        ({"count": 0}, "from 1 to 1,000"),
    ],
)
def test_what_is_refused(options, message):
    given = {"centers": PLACES, "shares": SHARES, "width": 0.3} | options
    with pytest.raises(ValueError, match=message):
        widgets.walkers(given.pop("centers"), given.pop("shares"), **given)


def test_tensors_are_asked_for():
    with pytest.raises(TypeError, match="`centers` must be a tensor, got list"):
        widgets.walkers(PLACES.tolist(), SHARES, width=0.3)
