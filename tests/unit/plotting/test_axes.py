"""Room for labels: far enough apart, and no farther."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ae_course.plotting.axes import finite_or_refused, moved_apart


def smallest_distance(points, gap):
    scaled = np.asarray(points) / gap
    distance = np.linalg.norm(scaled[:, None] - scaled[None], axis=2)
    return (distance + np.diag(np.full(len(scaled), np.inf))).min()


@given(st.lists(st.integers(-300, 300), min_size=2, max_size=10), st.floats(0.1, 2))
def test_labels_in_one_column_end_apart_and_in_their_order(hundredths, gap):
    heights = np.array(hundredths) / 100
    places = moved_apart(heights[:, None], [gap])[:, 0]
    assert smallest_distance(places[:, None], [gap]) > 0.95
    order = np.argsort(heights, kind="stable")
    assert (np.diff(places[order]) > 0).all()
    assert places.mean() == pytest.approx(np.mean(heights), abs=1e-6)  # pushed to both sides alike


@pytest.mark.parametrize("seed", range(5))
def test_labels_in_a_plane_end_apart(seed):
    points = np.random.default_rng(seed).normal(size=(10, 2)) / 3
    points[:3] = points[0]  # the same place
    places = moved_apart(points, [0.5, 0.2])
    assert smallest_distance(places, [0.5, 0.2]) > 0.95


def test_who_has_room_stays():
    points = [[0.0, 0.0], [0.5, 0.0], [5.0, 5.0]]
    places = moved_apart(points, [1, 1])
    assert places[2].tolist() == [5, 5]
    np.testing.assert_allclose(places[:2], [[-0.25, 0], [0.75, 0]], atol=0.01)
    assert moved_apart([[1.0, 2.0]], [1, 1]).tolist() == [[1, 2]]


def test_what_a_figure_cannot_show_is_refused():
    assert finite_or_refused("`x`", [1, 2]).tolist() == [1, 2]
    with pytest.raises(ValueError, match="`x` must be finite, got 2 values that are not"):
        finite_or_refused("`x`", [1, None, np.inf])
