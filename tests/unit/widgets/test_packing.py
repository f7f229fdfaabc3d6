"""What an interactive figure packs computes what the model does."""

import json

import numpy as np
import pytest
import torch
from small_figures import unpacked
from torch import nn

import ae_course as ae
from ae_course import TransposeLinear
from ae_course.widgets.packing import Pack, rounded


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
