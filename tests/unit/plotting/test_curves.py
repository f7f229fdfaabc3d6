"""Curves: what is drawn, and that every name can be read."""

import itertools

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from ae_course import plot_curves, plot_history

ROWS = [{"epoch": e, "train_loss": 1 / e, "val_loss": 2 / e} for e in (1, 2, 3)]
TABLE = pd.DataFrame(
    [
        {"noise": x, "run": run, "model": name, "error": slope * x + 0.1 * run}
        for name, slope in {"wide": 1.0, "narrow": 1.02, "identity": 3.0}.items()
        for run in (0, 1, 2)
        for x in (1.0, 0.0, 0.5)
    ]
)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_history_labels_its_curves_at_their_ends():
    ax = plot_history(ROWS, ylabel="mean squared error")
    assert [text.get_text() for text in ax.texts] == ["training", "validation"]
    assert [text.xy for text in ax.texts] == [(3, 1 / 3), (3, 2 / 3)]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "mean squared error")


def test_history_without_validation_has_one_curve():
    ax = plot_history([{**row, "val_loss": None} for row in ROWS])
    assert [text.get_text() for text in ax.texts] == ["training"]
    assert len(ax.lines) == 1


@pytest.mark.parametrize(("last", "places"), [(0.1, ["top", "bottom"]), (0.9, ["bottom", "top"])])
def test_the_names_of_a_history_are_never_on_one_another(last, places):
    ax = plot_history([*ROWS, {"epoch": 4, "train_loss": last, "val_loss": 0.5}])
    assert [text.get_va() for text in ax.texts] == places


def test_curves_run_through_the_means_in_bands_from_lowest_to_highest():
    ax = plot_curves(TABLE, x="noise", y="error", by="model")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("noise", "error")
    assert len(ax.lines) == len(ax.collections) == 3
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[0, 0.1], [0.5, 0.6], [1, 1.1]])
    band = ax.collections[0].get_paths()[0].get_extents()
    np.testing.assert_allclose([band.ymin, band.ymax], [0, 1.2])


def test_names_stand_at_the_ends_in_their_colours_and_apart():
    ax = plot_curves(TABLE, x="noise", y="error", by="model", baselines=["identity"])
    renderer = ax.figure.canvas.get_renderer()
    boxes = {text.get_text(): text.get_window_extent(renderer) for text in ax.texts}
    assert list(boxes) == ["wide", "narrow", "identity"]
    for text, line in zip(ax.texts, ax.lines, strict=True):
        assert text.get_color() == line.get_color()
        assert text.xy == tuple(line.get_xydata()[-1])
    assert ax.lines[2].get_color() == "dimgrey"
    assert boxes["wide"].y1 <= boxes["narrow"].y0 + 1  # in pixels; the ends are 0.02 apart
    assert not boxes["narrow"].overlaps(boxes["identity"])


def test_names_find_their_places_after_the_axes_are_set():
    ax = plot_curves(
        TABLE, x="noise", y="error", by="model", yscale="log", ylim=(0.1, 5), title="T"
    )
    assert (ax.get_yscale(), ax.get_ylim(), ax.get_title()) == ("log", (0.1, 5), "T")
    renderer = ax.figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in ax.texts]
    assert boxes[0].y1 <= boxes[1].y0 + 1  # the two ends are 0.02 apart
    assert not boxes[1].overlaps(boxes[2])


def test_names_near_the_axis_stand_above_it():
    flat = [{"x": x, "y": 0.01 * n, "by": str(n)} for n in range(4) for x in (0, 1)]
    ax = plot_curves(flat, x="x", y="y", by="by", ylim=(0, 1))
    renderer = ax.figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in ax.texts]
    assert boxes[0].y0 >= ax.bbox.y0
    for below, above in itertools.pairwise(boxes):
        assert below.y1 <= above.y0 + 1


def test_a_baseline_takes_no_colour_of_the_others():
    alone = plot_curves(TABLE[TABLE["model"] != "wide"], x="noise", y="error", by="model")
    beside = plot_curves(TABLE, x="noise", y="error", by="model", baselines=["wide"])
    assert [line.get_color() for line in beside.lines[1:]] == [
        line.get_color() for line in alone.lines
    ]


def test_curves_take_plain_rows_and_a_panel_and_change_no_setting():
    before, ax = dict(matplotlib.rcParams), plt.subplots()[1]
    assert plot_curves(TABLE.to_dict("records"), x="noise", y="error", by="model", ax=ax) is ax
    plot_history(ROWS)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot_history([]), r"at least one row .* got \[\]"),
        (lambda: plot_history([{"epoch": 1}]), "train_loss and val_loss, got"),
        (
            lambda: plot_history([*ROWS, {"epoch": 4, "train_loss": np.nan, "val_loss": 1.0}]),
            "the training loss in `history` must be finite, got 1 values",
        ),
        (
            lambda: plot_history([*ROWS, {"epoch": 4, "train_loss": 1.0, "val_loss": np.inf}]),
            "the validation loss in `history` must be finite, got 1 values",
        ),
        (
            lambda: plot_curves(
                TABLE.replace({"error": {1.2: np.nan}}), x="noise", y="error", by="model"
            ),
            "column 'error' of `table` must be finite, got 1 values",
        ),
        (
            lambda: plot_curves(
                TABLE.replace({"noise": {0.5: np.nan}}), x="noise", y="error", by="model"
            ),
            "columns 'noise' and 'model' of `table` must have no gaps",
        ),
        (lambda: plot_curves([], x="a", y="b", by="c"), r"\['a', 'b', 'c'\], got 0 rows"),
        (
            lambda: plot_curves(TABLE, x="noise", y="loss", by="model"),
            "columns .*'loss'.* got 27 rows with .*'error'",
        ),
        (
            lambda: plot_curves(TABLE, x="noise", y="error", by="model", baselines=["median"]),
            r"`baselines` must be among .* got \['median'\]",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
