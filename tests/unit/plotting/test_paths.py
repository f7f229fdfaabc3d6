"""The path of a decoder of one number, on the plane of its encoder."""

import numpy as np
import pytest

from ae_course import plot_path

PATH = np.array([[-1.0, 0], [0, 1], [1, 0]])
CODES = np.array([0, 0.5, 1])
PLANE = np.array([[0, 1.0], [0, 0.5]])
GIVEN = {"path": PATH, "path_codes": CODES, "plane_codes": PLANE, "reach": 1.5}


def draw(**changed):
    given = GIVEN | changed
    return plot_path(given.pop("path"), **given)


def test_the_path_is_joined_and_has_the_colours_of_its_codes():
    ax = draw(points=PATH[:2])
    points, line = ax.lines
    assert line.get_xydata() == pytest.approx(PATH)
    assert points.get_xydata() == pytest.approx(PATH[:2])
    dots = ax.collections[-1]
    assert np.asarray(dots.get_array()) == pytest.approx(CODES)
    (image,) = ax.images
    assert (dots.cmap.name, dots.get_clim()) == (image.cmap.name, image.get_clim())


def test_the_plane_lies_where_its_grid_is():
    (image,) = draw().images
    assert image.origin == "lower"
    assert image.get_extent() == [-1.5, 1.5, -1.5, 1.5]
    assert np.asarray(image.get_array()) == pytest.approx(PLANE)


def test_it_draws_into_the_panel_that_it_is_given():
    ax = draw()
    assert draw(ax=ax) is ax
    assert ax.get_xlim() == (-1.5, 1.5)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"path": PATH[:, 0]}, r"`path` must have shape \(N, 2\) .* got \(3,\) and \(3,\)"),
        ({"path_codes": CODES[:2]}, r"got \(3, 2\) and \(2,\)"),
        ({"plane_codes": PLANE[:1]}, r"`plane_codes` must have shape \(M, M\), got \(1, 2\)"),
        ({"path": PATH * np.nan}, "`path`"),
        ({"plane_codes": PLANE * np.nan}, "`plane_codes`"),
        ({"points": PATH + np.inf}, "`points`"),
        ({"reach": 0}, "`reach` must be above 0, got 0"),
    ],
)
def test_bad_requests_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        draw(**changed)
