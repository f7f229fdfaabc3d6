"""Figures of images: what is drawn, and how it is labelled."""

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from ae_course import plot_reconstructions


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_reconstructions_are_a_named_grid_in_the_same_grey():
    figure = plot_reconstructions(
        {
            "input": torch.zeros(4, 1, 5, 5),
            "PCA": torch.full((4, 1, 5, 5), 1.5, requires_grad=True),
        },
        title="digits",
    )
    assert len(figure.axes) == 8
    assert [figure.axes[i].get_ylabel() for i in (0, 4)] == ["input", "PCA"]
    assert {image.get_clim() for ax in figure.axes for image in ax.images} == {(0, 1)}
    width, height = figure.get_size_inches()
    assert width <= 8
    assert height <= 4.1


def test_images_in_colour_are_drawn_in_it(caplog):
    x = torch.rand(4, 3, 6, 5, generator=torch.Generator().manual_seed(0))
    figure = plot_reconstructions({"input": x, "brighter": x + 0.5})
    assert len(figure.axes) == 8
    first, brighter = (figure.axes[i].images[0].get_array() for i in (1, 5))
    np.testing.assert_array_equal(first, x[1].permute(1, 2, 0))
    np.testing.assert_array_equal(brighter, (x[1] + 0.5).clip(0, 1).permute(1, 2, 0))
    assert not caplog.records  # matplotlib logs what it has to clip itself


def test_a_plot_changes_no_setting_and_none_of_its_images():
    before, x = dict(matplotlib.rcParams), np.full((2, 3, 3), 1.5)
    plot_reconstructions({"a": x})
    assert dict(matplotlib.rcParams) == before
    assert (x == 1.5).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot_reconstructions({}), "images of one shape under each name, got {}"),
        (
            lambda: plot_reconstructions({"a": np.zeros((2, 3, 3)), "b": np.zeros((3, 3, 3))}),
            r"one shape under each name, got .*\(3, 3, 3\)",
        ),
        (
            lambda: plot_reconstructions({"a": np.zeros((2, 3, 3)), "b": np.zeros((2, 3, 3, 3))}),
            r"one shape under each name, got .*\(2, 3, 3, 3\)",
        ),
        (
            lambda: plot_reconstructions({"a": np.zeros((2, 9))}),
            r"\['a'\]` must be images .* \(2, 9\)",
        ),
        (
            lambda: plot_reconstructions({"a": np.zeros((2, 4, 3, 3))}),
            r"or \(N, 3, h, w\), got \(2, 4, 3, 3\)",
        ),
        (
            lambda: plot_reconstructions({"a": torch.full((2, 1, 3, 3), torch.nan)}),
            r"`rows\['a'\]` must be finite, got 18 values",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
