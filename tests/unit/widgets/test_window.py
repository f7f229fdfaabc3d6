"""The moving window: what travels with the page, and what is refused."""

import pytest
import torch
from small_figures import IMAGES, LABELS, unpacked

from ae_course import widgets

EDGE = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def test_weights_travel_in_reading_order_and_whole():
    kernels = {"edge": EDGE, "learned": torch.nn.Conv2d(1, 2, 3).weight[1, 0]}
    figure = widgets.moving_window(kernels, IMAGES, LABELS)
    assert figure.config["names"] == ["edge", "learned"]
    for place, kernel in zip(figure.config["kernels"], kernels.values(), strict=True):
        assert unpacked(figure.data, place).tolist() == kernel.flatten().tolist()
    assert "edge, learned" in figure.alt


@pytest.mark.parametrize(
    ("kernels", "message"),
    [
        ({}, "at least one kernel, got none"),
        ({"your own": EDGE}, "must not have the name 'your own'"),
        ({"one": torch.ones(5, 5)}, r"`kernels\['one'\]` must be .* \(3, 3\), got \(5, 5\)"),
        ({"one": [[1]]}, "got list"),
        ({"one": torch.full((3, 3), torch.nan)}, "finite numbers from -99 to 99"),
        ({"one": 100 * EDGE}, "finite numbers from -99 to 99"),
    ],
)
def test_bad_kernels_are_refused(kernels, message):
    with pytest.raises(ValueError, match=message):
        widgets.moving_window(kernels, IMAGES, LABELS)


def test_images_that_are_no_digits_are_refused():
    with pytest.raises(ValueError, match=r"`images` must have shape \(N, 1, 28, 28\)"):
        widgets.moving_window({"edge": EDGE}, IMAGES[:, 0], LABELS)
