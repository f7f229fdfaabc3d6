"""What an interactive figure refuses to show, and in which words."""

import matplotlib.pyplot as plt
import pytest
import torch
from small_figures import (
    CLOUD,
    IMAGES,
    LABELS,
    POINTS,
    VOCAB,
    arrows,
    gated,
    plane,
    puzzlers,
    reader,
    writer,
)
from torch import nn

import ae_course as ae
from ae_course import AutoEncoder, Vocabulary, widgets
from ae_course.widgets.figure import LIMIT, InteractiveFigure

SMALL = ae.dense_autoencoder([196, 16, 2], image_shape=(1, 14, 14))
OTHER = AutoEncoder(ae.dense_autoencoder([784, 16, 2]).encoder, SMALL.decoder)
FILL, RESTORE = puzzlers()
MEAN = IMAGES.mean(0)
COPY = AutoEncoder(nn.Flatten(), nn.Unflatten(1, (1, 28, 28)))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: widgets.latent_explorer({}, IMAGES, LABELS), ValueError, "at least one"),
        (
            lambda: widgets.latent_explorer({"x": COPY}, IMAGES, LABELS),
            ValueError,
            r"codes of 'x' must have shape \(12, 2\), got \(12, 784\)",
        ),
        (
            lambda: widgets.latent_explorer({"x": plane()}, IMAGES[:, 0], LABELS),
            ValueError,
            r"`images` must have shape \(N, 1, 28, 28\)",
        ),
        (
            lambda: widgets.latent_explorer({"x": plane()}, IMAGES, LABELS[:5]),
            ValueError,
            r"`labels` must have shape \(12,\), got \(5,\)",
        ),
        (
            lambda: widgets.latent_explorer({"x": plane()}, IMAGES.numpy(), LABELS),
            TypeError,
            "`images` must be a tensor, got ndarray",
        ),
        (
            lambda: widgets.draw_a_digit({"x": plane()}, IMAGES, LABELS.tolist()),
            TypeError,
            "`labels` must be a tensor, got list",
        ),
        (
            lambda: widgets.latent_explorer({"x": plane()}, 255 * IMAGES, LABELS),
            ValueError,
            "floats from 0 to 1, got torch.float32 from",
        ),
        (
            lambda: widgets.latent_explorer({"x": plane(), "y": SMALL}, IMAGES, LABELS),
            ValueError,
            r"'y' must take images of shape \(1, 1, 28, 28\)",
        ),
        (
            lambda: widgets.latent_explorer({"y": OTHER, "x": plane()}, IMAGES, LABELS),
            ValueError,
            r"'y' must return images of shape \(1, 1, 28, 28\), got \(1, 1, 14, 14\)",
        ),
        (
            lambda: widgets.latent_explorer({"x": plane()}, IMAGES, 0 * LABELS),
            ValueError,
            "at least two classes",
        ),
        (lambda: widgets.draw_a_digit({}, IMAGES, LABELS), ValueError, "at least one"),
        (
            lambda: widgets.draw_a_digit({"x": plane()}, IMAGES, LABELS, pool=3),
            ValueError,
            "`pool` must be 1, 2, 4 or 7, got 3",
        ),
        (
            lambda: widgets.draw_a_digit({"x": plane()}, IMAGES, LABELS, pool=2),
            ValueError,
            r"'x' must take images of shape \(1, 1, 14, 14\)",
        ),
        (
            lambda: widgets.drop_a_point(POINTS.tolist(), {0.2: arrows()}),
            TypeError,
            "`points` must be a tensor, got list",
        ),
        (
            lambda: widgets.drop_a_point(POINTS.T, {0.2: arrows()}),
            ValueError,
            r"`points` must have shape \(N, 2\) with N > 0, got \(2, 20\)",
        ),
        (
            lambda: widgets.drop_a_point(POINTS / 0, {0.2: arrows()}),
            ValueError,
            "`points` must be finite",
        ),
        (lambda: widgets.drop_a_point(POINTS, {}), ValueError, "at least one denoiser"),
        (
            lambda: widgets.drop_a_point(POINTS, {0.0: arrows()}),
            ValueError,
            "above 0 and finite, got 0.0",
        ),
        (
            lambda: widgets.drop_a_point(POINTS, {0.2: torch.sin}),
            TypeError,
            r"`models\[0.2\]` must be an nn.Module",
        ),
        (
            lambda: widgets.drop_a_point(POINTS, {0.2: nn.Linear(3, 2)}),
            ValueError,
            r"must take points of shape \(B, 2\)",
        ),
        (
            lambda: widgets.drop_a_point(POINTS, {0.2: nn.Linear(2, 3)}),
            ValueError,
            r"must map \(B, 2\) to \(B, 2\), got \(1, 3\)",
        ),
        (
            lambda: widgets.outlier_meter(plane(), IMAGES, LABELS, errors=[]),
            ValueError,
            "`errors` must be",
        ),
        (
            lambda: widgets.outlier_meter(plane(), IMAGES, LABELS, errors=[float("nan")]),
            ValueError,
            "finite numbers",
        ),
        (
            lambda: widgets.outlier_meter(plane(), IMAGES, LABELS, errors=[0.1], share=0),
            ValueError,
            "`share` must be from 0.001 to 0.2, got 0",
        ),
        (
            lambda: widgets.outlier_meter(
                plane(), IMAGES, LABELS, errors=[0.1], strangers={"blank": torch.zeros(28, 28)}
            ),
            ValueError,
            r"shape \(N, 1, 28, 28\) with N > 0, got \(1, 28, 28\)",
        ),
        (
            lambda: widgets.patch_game(FILL, FILL, MEAN, IMAGES, LABELS),
            ValueError,
            r"`restore` must return shape \(1, 24\), got \(1, 1, 28, 28\)",
        ),
        (
            lambda: widgets.patch_game(SMALL, RESTORE, MEAN, IMAGES, LABELS),
            ValueError,
            r"`fill` must take images of shape \(1, 1, 28, 28\)",
        ),
        (
            lambda: widgets.patch_game(FILL, RESTORE, MEAN[0], IMAGES, LABELS),
            ValueError,
            r"`mean` must have shape \(1, 28, 28\), got \(28, 28\)",
        ),
        (
            lambda: widgets.patch_game(FILL, RESTORE, MEAN.numpy(), IMAGES, LABELS),
            TypeError,
            "`mean` must be a tensor, got ndarray",
        ),
        (
            lambda: widgets.patch_game(FILL, RESTORE, MEAN, IMAGES, LABELS, size=28),
            ValueError,
            "`size` must be between 2 and 26, got 28",
        ),
        (
            lambda: widgets.text_writer(nn.Linear(2, 2), VOCAB, prompt="a"),
            TypeError,
            "must be an AutoRegressive, got Linear",
        ),
        (
            lambda: widgets.text_writer(writer(), Vocabulary("ab"), prompt="a"),
            ValueError,
            "of 5 characters, got one of 2",
        ),
        (lambda: widgets.text_writer(writer(), VOCAB, prompt=""), ValueError, "at least one"),
        (lambda: widgets.text_writer(writer(), VOCAB, prompt="é"), ValueError, "é"),
        (
            lambda: widgets.lstm_gates(gated(layers=2), VOCAB, text="a"),
            ValueError,
            'one layer and cell="lstm", got 2 and cell="lstm"',
        ),
        (
            lambda: widgets.lstm_gates(gated(cell="gru"), VOCAB, text="a"),
            ValueError,
            'got 1 and cell="gru"',
        ),
        (
            lambda: widgets.lstm_gates(gated(), VOCAB, text=301 * "a"),
            ValueError,
            "at most 300 characters, got 301",
        ),
        (lambda: widgets.lstm_gates(gated(), VOCAB, text=""), ValueError, "`text` must have at"),
        (
            lambda: widgets.attention_map(writer(), VOCAB, text="ab"),
            TypeError,
            "must be a CausalTransformer, got AutoRegressive",
        ),
        (
            lambda: widgets.attention_map(reader(), Vocabulary("ab"), text="ab"),
            ValueError,
            "of 5 characters, got one of 2",
        ),
        (
            lambda: widgets.attention_map(reader(), VOCAB, text="a"),
            ValueError,
            "`text` must have 2 to 80 characters, got 1",
        ),
        (lambda: widgets.attention_map(reader(), VOCAB, text="aé"), ValueError, "é"),
        (
            lambda: widgets.drag_axis(torch.rand(9, 3)),
            ValueError,
            r"`points` must have shape \(N, 2\) with N >= 3, got \(9, 3\)",
        ),
        (lambda: widgets.drag_axis([[0, 1], [1, float("nan")], [2, 2]]), ValueError, "finite"),
        (lambda: widgets.drag_axis(torch.ones(5, 2)), ValueError, "got no variance"),
        (lambda: widgets.drag_axis(CLOUD, names="ab"), ValueError, "`names` must be two"),
        (lambda: widgets.temperature_by_hand(["a"], [1.0]), ValueError, "from 2 to 10"),
        (lambda: widgets.temperature_by_hand(["a", "b"], [1.0]), ValueError, "same length"),
        (
            lambda: widgets.temperature_by_hand(["a", "b"], [1.0, float("inf")]),
            ValueError,
            "must be finite",
        ),
    ],
)
def test_bad_requests_are_refused(make, error, message):
    before = plt.get_fignums()
    with pytest.raises(error, match=message):
        make()
    assert plt.get_fignums() == before


def test_a_figure_that_is_too_heavy_is_refused():
    before = plt.get_fignums()
    with pytest.raises(ValueError, match="600,000 bytes of weights and pictures, got 600,001"):
        InteractiveFigure(["x.js"], {}, bytes(LIMIT + 1), still=plt.figure(), alt="a")
    assert plt.get_fignums() == before


def test_what_is_not_a_number_is_shown_to_nobody():
    network = writer()
    nn.init.constant_(network.head[-1].bias, torch.nan)
    with pytest.raises(ValueError, match="must predict finite logits"):
        widgets.text_writer(network, VOCAB, prompt="a")
    network = gated()
    nn.init.constant_(network.recurrent[0].bias_hh_l0, torch.nan)
    with pytest.raises(ValueError, match="must hold finite numbers"):
        widgets.lstm_gates(network, VOCAB, text="a")
    attentive = reader()
    nn.init.constant_(attentive.head[-1].bias, torch.nan)
    with pytest.raises(ValueError, match="must predict finite logits"):
        widgets.attention_map(attentive, VOCAB, text="ab")
    broken = IMAGES.clone()
    broken[3, 0, 5, 5] = torch.nan
    with pytest.raises(ValueError, match="floats from 0 to 1"):
        widgets.draw_a_digit({"copy": COPY}, broken, LABELS)
