"""Figures of codes: what is drawn, and how it is labelled."""

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn

from ae_course import encode_dataset, plot_codes, plot_words

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


WORDS = [f"w{i}" for i in range(60)]


def test_words_of_groups_are_written_at_their_places_and_the_others_are_dots():
    groups = {"some": ["w3", "w5", "unknown"], "more": ["w9"], "none": ["unheard"]}
    ax = plot_words(10 * CODES, WORDS, groups=groups)
    assert [text.get_text() for text in ax.texts] == ["w3", "w5", "w9"]
    (dots,) = ax.collections
    np.testing.assert_allclose(dots.get_offsets(), 10 * CODES)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["some", "more"]
    assert ax.texts[0].get_color() != ax.texts[2].get_color()


def test_words_at_one_place_are_moved_apart():
    places = CODES.copy()
    places[4] = places[3]
    ax = plot_words(places, WORDS, groups={"some": ["w3", "w4"]}, ax=plt.subplots()[1])
    first, second = (np.asarray(text.get_position()) for text in ax.texts)
    assert (np.abs(first - second) / np.ptp(places, axis=0)).max() > 0.03


def test_a_map_without_groups_is_a_map_of_dots():
    assert not plot_words(CODES, WORDS, groups={}).texts


@pytest.mark.parametrize(
    ("places", "words", "groups", "message"),
    [
        (CODES[:9], WORDS, {}, r"`places` must have shape \(60, 2\), .* got \(9, 2\)"),
        (np.full_like(CODES, np.nan), WORDS, {}, "`places` must be finite"),
        (CODES, ["a"] * 60, {}, "`words` must hold each word once"),
        (CODES, WORDS, {"a": ["w1"], "b": ["w1"]}, "`groups` must hold each word once"),
    ],
)
def test_words_that_cannot_be_placed_are_refused(places, words, groups, message):
    with pytest.raises(ValueError, match=message):
        plot_words(places, words, groups=groups)
