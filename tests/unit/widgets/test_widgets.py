"""What an interactive figure packs is the model, and its output stands on its own."""

import base64
import html.parser
import json
import re
import warnings
from importlib.resources import files

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn

import ae_course as ae
from ae_course import AutoEncoder, AutoRegressive, TransposeLinear, Vocabulary, widgets
from ae_course.widgets.figure import LIMIT, InteractiveFigure, refreshed
from ae_course.widgets.inputs import without_draws
from ae_course.widgets.packing import Pack, rounded
from ae_course.widgets.writing import _readable

IMAGES = torch.rand(12, 1, 28, 28, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(12) % 3
VOCAB = Vocabulary("abc \n")
SMALL = ae.dense_autoencoder([196, 16, 2], image_shape=(1, 14, 14))
OTHER = AutoEncoder(ae.dense_autoencoder([784, 16, 2]).encoder, SMALL.decoder)
COPY = AutoEncoder(nn.Flatten(), nn.Unflatten(1, (1, 28, 28)))


def plane(**options):
    torch.manual_seed(0)
    return ae.dense_autoencoder([784, 16, 2], **options).eval()


def writer():
    torch.manual_seed(0)
    return AutoRegressive(len(VOCAB), 4, 8, 2, "lstm")


def explorer():
    return widgets.latent_explorer({"one": plane()}, IMAGES, LABELS)


FIGURES = {
    "latent_explorer": explorer,
    "draw_a_digit": lambda: widgets.draw_a_digit({"one": plane()}, IMAGES, LABELS),
    "outlier_meter": lambda: widgets.outlier_meter(
        plane(), np.linspace(0.1, 0.4, 50), 0.3, IMAGES, LABELS
    ),
    "text_writer": lambda: widgets.text_writer(writer(), VOCAB, prompt="ab"),
    "temperature_by_hand": lambda: widgets.temperature_by_hand(["a", "b", "<"], [1, 0, 2]),
}
each = pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES.keys())


def unpacked(data, place):
    kind, offset, count = place
    return np.frombuffer(data, "<" + kind, count, offset)


def matrix_of(data, packed):
    values = unpacked(data, packed["values"]).reshape(packed["rows"], packed["columns"])
    return values * unpacked(data, packed["scales"])[:, None] if "scales" in packed else values


def computed(data, layers, x):
    """The packed layers in numpy, for x of shape (B, D)."""
    functions = {
        "relu": lambda x, layer: np.maximum(x, 0),
        "leaky_relu": lambda x, layer: np.where(x > 0, x, layer["slope"] * x),
        "tanh": lambda x, layer: np.tanh(x),
        "sigmoid": lambda x, layer: 1 / (1 + np.exp(-x)),
    }
    for layer in layers:
        if layer["op"] == "affine":
            x = x @ matrix_of(data, layer["weight"]).T + unpacked(data, layer["bias"])
        else:
            x = functions[layer["op"]](x, layer)
    return x


# ---------------------------------------------------------------- packing


@pytest.mark.parametrize(("bits", "largest"), [(8, 127), (16, 32767)])
def test_rounding_is_within_half_a_step_of_each_row(bits, largest):
    weight = torch.randn(20, 300).numpy() * np.logspace(-4, 3, 20, dtype=np.float32)[:, None]
    values, scales = rounded(weight, bits)
    assert values.dtype == f"int{bits}"
    assert (np.abs(values).max(axis=1) == largest).all()
    assert (np.abs(values * scales - weight) <= 0.51 * scales).all()  # and the scale's own rounding


def test_a_row_of_zeros_stays_zero():
    values, scales = rounded(np.zeros((2, 3), np.float32), 8)
    assert not values.any()
    assert np.isfinite(scales).all()


def stacks():
    torch.manual_seed(1)
    norm = nn.BatchNorm1d(90)
    with torch.no_grad():
        for tensor in (norm.weight, norm.bias, norm.running_mean):
            tensor.normal_()
        norm.running_var.uniform_(0.1, 3)
    tied = nn.Linear(60, 90)
    return {
        "batch norm, ReLU": [nn.Linear(60, 90), norm, nn.ReLU(), nn.Linear(90, 60)],
        "without bias, before batch norm": [nn.Linear(60, 90, bias=False), norm],
        "tied": [tied, nn.Tanh(), TransposeLinear(tied)],
        "tied, no biases": [nn.Linear(60, 90, bias=False), TransposeLinear(tied, bias=False)],
        "others": [nn.Linear(60, 70), nn.LeakyReLU(0.3), nn.Linear(70, 60), nn.Sigmoid()],
        "silent": [
            ae.AdditiveGaussNoise(1),
            ae.MaskingNoise(0.5),
            nn.Flatten(),
            nn.Dropout(0.5),
            nn.Sequential(nn.Identity(), nn.Linear(60, 60)),
            nn.Unflatten(1, (60,)),
        ],
    }


@pytest.mark.parametrize("name", stacks())
def test_packed_layers_compute_what_the_model_does_in_evaluation_mode(name):
    model = nn.Sequential(*stacks()[name]).eval()
    pack = Pack()
    layers = json.loads(json.dumps(pack.layers(model)))
    x = torch.randn(50, 60)
    expected = model(x).detach().numpy()
    scale = np.abs(expected).max()
    np.testing.assert_allclose(
        computed(bytes(pack), layers, x.numpy()), expected, atol=3e-4 * scale
    )


def test_arrays_begin_where_a_view_of_floats_may_begin():
    pack = Pack()
    pack.array(np.zeros(3, np.uint8))
    assert pack.array([1.5])[1] % 4 == 0


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (nn.Conv2d(1, 1, 3), "cannot pack a layer of type Conv2d"),
        (nn.Sequential(nn.ReLU(), nn.BatchNorm1d(3)), "must follow a linear layer"),
        (nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3, track_running_stats=False)), "running"),
    ],
)
def test_layers_that_the_script_does_not_know_are_refused(layer, message):
    with pytest.raises(TypeError, match=message):
        Pack().layers(layer)


@pytest.mark.parametrize("ink", [0, 1, 0.3])
def test_pictures_come_back_byte_for_byte(ink):
    images = (torch.rand(5, 1, 28, 28) * 255).round() / 255 * (torch.rand(5, 1, 28, 28) < ink)
    pack = Pack()
    packed = pack.pictures(images)
    values, pixels = unpacked(bytes(pack), packed["values"]).tolist(), []
    while values:
        byte = values.pop(0)
        pixels += [byte] if byte else [0] * values.pop(0)
    assert len(pixels) == packed["count"] * packed["size"] == 5 * 784
    assert torch.equal(torch.tensor(pixels) / 255, images.flatten())


# ---------------------------------------------------------------- the output


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@each
def test_the_output_is_one_place_a_still_picture_and_one_script(make):
    figure = make()
    tags = Tags(figure._repr_html_()).found
    assert [tag for tag, _ in tags] == ["div", "img", "p", "script"]
    image = tags[1][1]
    assert len(image["alt"].split()) >= 8
    assert base64.b64decode(image["src"].partition(",")[2])[:4] == b"\x89PNG"
    assert "run this cell" in figure.html
    assert image["alt"] in repr(figure)


@each
def test_the_same_figure_gives_the_same_output_and_leaves_nothing_open(make):
    before = plt.get_fignums()
    assert make().html == make().html
    assert plt.get_fignums() == before


@each
def test_an_output_can_be_refreshed(make):
    figure = make()
    old = figure.html.replace("const sigmoid", "const logistic")
    assert old != figure.html
    assert refreshed(old) == figure.html


def test_a_text_that_looks_like_the_end_of_the_script_is_refreshed_too():
    prompt = 'buildFigure({}, bytesOf("'
    vocab = Vocabulary(prompt)
    figure = widgets.text_writer(AutoRegressive(len(vocab), 4, 8, 1), vocab, prompt=prompt)
    assert refreshed(figure.html) == figure.html


def test_scores_keep_their_differences():
    figure = widgets.temperature_by_hand(["a", "b"], [0, 0.09])
    assert figure.config["scores"][1] - figure.config["scores"][0] == pytest.approx(0.09)
    assert sum(figure.config["scores"]) == pytest.approx(0)


def test_another_output_cannot_be_refreshed():
    with pytest.raises(ValueError, match="not the output of an interactive figure"):
        refreshed("<table></table>")


def test_nothing_in_a_text_ends_the_script():
    vocab = Vocabulary("</script>&\"'\\ ab")
    model = AutoRegressive(len(vocab), 4, 8, 1)
    figure = widgets.text_writer(model, vocab, prompt="</script><b>\"'".replace("b", "a"))
    assert figure.html.count("</script") == 1
    assert [tag for tag, _ in Tags(figure.html).found] == ["div", "img", "p", "script"]


def test_scripts_ask_nobody_and_keep_nothing():
    assets = [
        path
        for path in (files("ae_course.widgets") / "static").iterdir()
        if path.name.endswith(".js")
    ]
    assert len(assets) >= 7
    for path in assets:
        code = path.read_text(encoding="utf-8")
        assert not re.search(
            r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|import|localStorage|sessionStorage|"
            r"indexedDB|cookie|eval|Worker|sendBeacon|innerHTML)\b|https?://|\.src\b|document\.write",
            code,
        ), path.name


def test_a_variational_autoencoder_is_shown_as_what_it_makes_without_a_draw():
    torch.manual_seed(0)
    vae = ae.dense_vae([784, 16, 2])
    plain = without_draws(vae)
    torch.testing.assert_close(plain.encode(IMAGES), vae.encode(IMAGES))
    torch.testing.assert_close(plain(IMAGES), vae.reconstruct(IMAGES))
    assert vae.encoder[-1].weight.shape == (4, 16)  # the model itself is as it was
    widgets.latent_explorer({"VAE": vae}, IMAGES, LABELS)
    widgets.draw_a_digit({"VAE": vae}, IMAGES, LABELS)
    widgets.outlier_meter(vae, [0.1, 0.2], 0.15, IMAGES, LABELS)
    with pytest.raises(TypeError, match=r"must end in an nn\.Linear, got Identity"):
        without_draws(ae.VAE(nn.Identity(), nn.Identity(), 2))


def test_what_is_not_a_number_is_shown_to_nobody():
    network = writer()
    nn.init.constant_(network.head[-1].bias, torch.nan)
    with pytest.raises(ValueError, match="must predict finite logits"):
        widgets.text_writer(network, VOCAB, prompt="a")
    broken = IMAGES.clone()
    broken[3, 0, 5, 5] = torch.nan
    with pytest.raises(ValueError, match="floats from 0 to 1"):
        widgets.draw_a_digit({"copy": COPY}, broken, LABELS)


def test_a_picture_names_what_its_font_cannot_show():
    text = "\u4e2d\u6587 ab"
    vocab = Vocabulary(text)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        widgets.text_writer(AutoRegressive(len(vocab), 4, 8, 1), vocab, prompt=text)
    assert [_readable(sign) for sign in "\u4e2d␣a"] == ["U+4E2D", "␣", "a"]


@each
def test_a_figure_leaves_the_model_and_chance_as_they_were(make, monkeypatch):
    model, network = plane(noise=ae.AdditiveGaussNoise(0.5)).train(), writer().train()
    monkeypatch.setitem(globals(), "plane", lambda: model)
    monkeypatch.setitem(globals(), "writer", lambda: network)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    make()
    assert torch.equal(torch.get_rng_state(), state)
    assert model.training
    assert network.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


# ---------------------------------------------------------------- refusals


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
            lambda: widgets.outlier_meter(plane(), [], 0.1, IMAGES, LABELS),
            ValueError,
            "`errors` must be",
        ),
        (
            lambda: widgets.outlier_meter(plane(), [0.1, float("nan")], 0.1, IMAGES, LABELS),
            ValueError,
            "finite numbers",
        ),
        (
            lambda: widgets.outlier_meter(plane(), [0.1], 0, IMAGES, LABELS),
            ValueError,
            "`threshold` must be above 0",
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
