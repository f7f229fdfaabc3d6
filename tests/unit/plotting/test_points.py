"""Figures of codes: what is drawn, and how it is labelled."""

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn

from ae_course import encode_dataset, plot_codes

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


def test_codes_without_labels_have_one_colour_and_no_names():
    ax = plot_codes(*encode_dataset(nn.Flatten(), torch.rand(40, 1, 2)))
    (points,) = ax.collections
    assert len(points.get_offsets()) == 40
    assert not ax.texts
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$z_1$", "$z_2$")


def test_a_number_that_is_the_same_in_all_codes_is_drawn_too():
    ax = plot_codes(CODES * [1, 0], LABELS)
    assert np.isfinite([text.get_position() for text in ax.texts]).all()


def test_codes_are_thinned_and_drawn_where_asked():
    ax = plt.subplots()[1]
    assert plot_codes(CODES, LABELS, ax=ax, max_points=10) is ax
    assert sum(len(points.get_offsets()) for points in ax.collections) == 10


def test_a_plot_changes_no_global_setting():
    before = dict(matplotlib.rcParams)
    plot_codes(CODES, LABELS)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot_codes(CODES[:, :1], LABELS), r"shape \(N, 2\) .* got \(60, 1\)"),
        (lambda: plot_codes(CODES, LABELS[:-1]), r"got \(60, 2\) and \(59,\)"),
        (lambda: plot_codes(np.zeros((0, 2)), []), r"N > 0, got \(0, 2\)"),
        (lambda: plot_codes(3.0), r"shape \(N, 2\) .* got \(\)"),
        (lambda: plot_codes(CODES * np.nan, LABELS), "`codes` must be finite, got 120 values"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
