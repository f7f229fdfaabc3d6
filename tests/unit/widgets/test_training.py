"""The figure that trains: what it holds, and what it refuses."""

import matplotlib.pyplot as plt
import pytest
import torch
from small_figures import PLACES, unpacked

from ae_course import widgets


def test_it_holds_the_points_and_where_to_start():
    figure = widgets.train_in_the_page({"a": PLACES, "b": 1.3 * PLACES[:1]}, learning_rate=0.1)
    first, second = figure.config["sets"]
    assert (first["name"], second["name"]) == ("a", "b")
    assert unpacked(figure.data, first["points"]).tolist() == PLACES.flatten().tolist()
    assert unpacked(figure.data, second["points"]) == pytest.approx([0, 1.3])
    assert (figure.config["hidden"], figure.config["rate"]) == (16, 0.1)
    assert figure.alt.startswith("2 points in the plane, a, ")


def test_one_point_is_enough():
    widgets.train_in_the_page({"one": PLACES[:1]})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"points": {}}, ValueError, "at least one set of points, got none"),
        ({"points": {"a": [[0, 1]]}}, TypeError, "points 'a' must be a tensor, got list"),
        ({"points": {"a": PLACES[0]}}, ValueError, r"\(N, 2\) with N from 1 to 300, got \(2,\)"),
        ({"points": {"a": PLACES[:0]}}, ValueError, r"got \(0, 2\)"),
        ({"points": {"a": torch.zeros(301, 2)}}, ValueError, r"got \(301, 2\)"),
        ({"points": {"a": 1.4 * PLACES}}, ValueError, "within 1.35 of zero, got 1.4"),
        ({"points": {"a": PLACES / 0}}, ValueError, "within 1.35 of zero, got nan"),
        ({"hidden": 33}, ValueError, "`hidden` must be an integer from 1 to 32, got 33"),
        ({"hidden": 0.5}, ValueError, "`hidden` must be an integer from 1 to 32, got 0.5"),
        ({"learning_rate": 0}, ValueError, "`learning_rate` must be above 0 and at most 1, got 0"),
        ({"learning_rate": float("nan")}, ValueError, "above 0 and at most 1, got nan"),
    ],
)
def test_bad_requests_are_refused(arguments, error, message):
    before = plt.get_fignums()
    with pytest.raises(error, match=message):
        widgets.train_in_the_page(**({"points": {"a": PLACES}} | arguments))
    assert plt.get_fignums() == before
