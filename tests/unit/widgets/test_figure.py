"""The output of an interactive figure: it stands on its own, and making it changes nothing."""

import base64
import html.parser
import re
import warnings
from importlib.resources import files

import matplotlib.pyplot as plt
import pytest
import small_figures
import torch
from small_figures import FIGURES, IMAGES, LABELS, plane, writer
from torch import nn

import ae_course as ae
from ae_course import AutoRegressive, Vocabulary, widgets
from ae_course.widgets.figure import refreshed
from ae_course.widgets.inputs import without_draws
from ae_course.widgets.writing import readable

each = pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES.keys())


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
    widgets.outlier_meter(vae, IMAGES, LABELS, errors=[0.1, 0.2])
    with pytest.raises(TypeError, match=r"must end in an nn\.Linear, got Identity"):
        without_draws(ae.VAE(nn.Identity(), nn.Identity(), 2))


def test_a_picture_names_what_its_font_cannot_show():
    text = "\u4e2d\u6587 ab"
    vocab = Vocabulary(text)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        widgets.text_writer(AutoRegressive(len(vocab), 4, 8, 1), vocab, prompt=text)
    assert [readable(sign) for sign in "\u4e2d␣a"] == ["U+4E2D", "␣", "a"]


@each
def test_a_figure_leaves_the_model_and_chance_as_they_were(make, monkeypatch):
    model, network = plane(noise=ae.AdditiveGaussNoise(0.5)).train(), writer().train()
    monkeypatch.setattr(small_figures, "plane", lambda: model)
    restore = small_figures.puzzlers()[1].train()
    monkeypatch.setattr(small_figures, "writer", lambda: network)
    gated, steered = small_figures.gated().train(), small_figures.gated(cell="gru").train()
    monkeypatch.setattr(
        small_figures, "gated", lambda cell="lstm": gated if cell == "lstm" else steered
    )
    hiding = small_figures.masked().train()
    monkeypatch.setattr(small_figures, "masked", lambda: hiding)
    denoiser = small_figures.arrows().train()
    monkeypatch.setattr(small_figures, "arrows", lambda *level: denoiser)
    monkeypatch.setattr(small_figures, "puzzlers", lambda: (model, restore))
    attentive = small_figures.reader().train()
    monkeypatch.setattr(small_figures, "reader", lambda: attentive)
    sampler = small_figures.diffusion()
    sampler[0].train()
    monkeypatch.setattr(small_figures, "diffusion", lambda: sampler)
    shelf, judge = small_figures.shelf().train(), small_figures.judge().train()
    monkeypatch.setattr(small_figures, "shelf", lambda: shelf)
    monkeypatch.setattr(small_figures, "judge", lambda: judge)
    drawing = small_figures.drawer().train()
    monkeypatch.setattr(small_figures, "drawer", lambda: drawing)
    encoder = small_figures.flat().train()
    monkeypatch.setattr(small_figures, "flat", lambda: encoder)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    make()
    assert torch.equal(torch.get_rng_state(), state)
    assert model.training
    assert network.training
    assert gated.training
    assert steered.training
    assert hiding.training
    assert encoder.training
    assert denoiser.training
    assert attentive.training
    assert drawing.training
    assert shelf.training
    assert judge.training
    assert sampler[0].training
    assert restore.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
