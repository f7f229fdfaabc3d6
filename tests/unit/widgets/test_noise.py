"""The noise slider: its pictures and errors are those of the models, and it refuses the rest."""

import pytest
import torch
from small_figures import IMAGES, LABELS, plane, unpacked
from torch import nn

import ae_course as ae
from ae_course import widgets

CURVE = {0: 0.1, 1: 0.3}
X, Y = IMAGES[:3], LABELS[:3]


def slider(**options):
    models = {"one": plane(), "copy": lambda x: x}
    given = {"curves": {"one": CURVE, "copy": {1: 1, 0: 0}, "another": CURVE}} | options
    return widgets.noise_slider(models, X, Y, **given)


def test_the_errors_are_those_of_the_models():
    figure = slider(generator=torch.Generator().manual_seed(5))
    errors = torch.tensor(unpacked(figure.data, figure.config["errors"])).view(3, 11, 3)
    noise = torch.randn(X.shape, generator=torch.Generator().manual_seed(5))
    for level in (0, 5, 10):
        noisy = X + level / 10 * noise
        for which, drawn in enumerate((noisy, plane().reconstruct(noisy), noisy)):
            expected = (drawn - X).square().mean(dim=(1, 2, 3))
            torch.testing.assert_close(errors[:, level, which], expected)


def test_by_default_the_noise_is_that_of_the_seed_0():
    assert slider().html == slider(generator=torch.Generator().manual_seed(0)).html


def test_curves_are_in_the_order_of_the_models_and_of_the_noise():
    assert slider().config["curves"] == [[[0.0, 0.1], [1.0, 0.3]], [[0.0, 0.0], [1.0, 1.0]]]


def test_a_model_keeps_its_mode_and_its_weights():
    model = plane().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    widgets.noise_slider({"one": model}, X, Y, curves={"one": CURVE})
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize(
    ("models", "curves", "message"),
    [
        ({}, {}, "at least one model"),
        ({"one": plane()}, {}, r"`curves\['one'\]` must have finite errors at two levels"),
        ({"one": plane()}, {"one": {0: 0.1}}, "two levels or more"),
        ({"one": plane()}, {"one": {0: 0.1, 2: 0.3}}, "from 0 to 1"),
        ({"one": plane()}, {"one": {0: 0.1, 1: float("nan")}}, "finite errors"),
        ({"one": ae.dense_autoencoder([9, 2])}, {"one": CURVE}, "'one' must take images of shape"),
        ({"one": nn.Flatten()}, {"one": CURVE}, "'one' must return finite images of shape"),
        ({"one": lambda x: x / 0}, {"one": CURVE}, "'one' must return finite images of shape"),
        ({"one": lambda x: None}, {"one": CURVE}, "got NoneType"),
    ],
)
def test_what_is_refused(models, curves, message):
    with pytest.raises(ValueError, match=message):
        widgets.noise_slider(models, X, Y, curves=curves)


def test_a_model_must_be_callable():
    with pytest.raises(TypeError, match=r"`models\['one'\]` must be callable, got int"):
        widgets.noise_slider({"one": 3}, X, Y, curves={"one": CURVE})
