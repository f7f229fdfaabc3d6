"""Figures: what is drawn, and how it is labelled."""

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from ae_course import plot_codes, plot_reconstructions

CODES = np.random.default_rng(0).normal(size=(60, 2))
LABELS = np.arange(60) % 3


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_codes_show_every_point_and_name_each_class_at_its_median():
    ax = plot_codes(CODES, LABELS)
    assert sum(len(points.get_offsets()) for points in ax.collections) == 60
    places = {text.get_text(): text.xy for text in ax.texts}
    for label in range(3):
        np.testing.assert_allclose(places[str(label)], np.median(CODES[label == LABELS], axis=0))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$z_1$", "$z_2$")


def test_names_of_classes_that_lie_on_one_another_are_moved_apart():
    codes = np.concatenate([CODES, CODES + 0.01, CODES + 8])
    ax = plot_codes(codes, np.repeat([3, 5, 7], 60))
    places = {text.get_text(): np.asarray(text.get_position()) for text in ax.texts}
    extent = codes.max(axis=0) - codes.min(axis=0)
    assert np.linalg.norm((places["3"] - places["5"]) / extent) > 0.05
    np.testing.assert_allclose(places["7"], np.median(codes[120:], axis=0))  # no reason to move


def test_codes_are_thinned_and_drawn_where_asked():
    ax = plt.subplots()[1]
    assert plot_codes(CODES, LABELS, ax=ax, max_points=10) is ax
    assert sum(len(points.get_offsets()) for points in ax.collections) == 10


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


def test_plots_change_no_global_setting():
    before = dict(matplotlib.rcParams)
    plot_codes(CODES, LABELS)
    plot_reconstructions({"a": np.zeros((2, 3, 3))})
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot_codes(CODES[:, :1], LABELS), r"shape \(N, 2\) .* got \(60, 1\)"),
        (lambda: plot_codes(CODES, LABELS[:-1]), r"got \(60, 2\) and \(59,\)"),
        (lambda: plot_codes(np.zeros((0, 2)), []), r"N > 0, got \(0, 2\)"),
        (lambda: plot_reconstructions({}), "images of one shape under each name, got {}"),
        (
            lambda: plot_reconstructions({"a": np.zeros((2, 3, 3)), "b": np.zeros((3, 3, 3))}),
            r"one shape under each name, got .*\(3, 3, 3\)",
        ),
        (
            lambda: plot_reconstructions({"a": np.zeros((2, 9))}),
            r"\['a'\]` must be images .* \(2, 9\)",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
