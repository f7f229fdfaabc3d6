"""The sampler: what the page gets is the denoiser and the decoder, and the rest is refused."""

import pytest
import torch
from small_figures import diffusion, unpacked
from torch import nn

import ae_course as ae
from ae_course import widgets


def matrix(figure, packed):
    """A packed weight, with its scales."""
    entry = packed["weight"]
    values = torch.tensor(unpacked(figure.data, entry["values"])).float()
    values = values.view(entry["rows"], entry["columns"])
    if "scales" not in entry:
        return values
    return values * torch.tensor(unpacked(figure.data, entry["scales"]))[:, None]


def test_the_page_gets_the_schedule_and_the_denoiser():
    denoiser, *_ = diffusion()
    figure = widgets.sampler(*diffusion())
    levels = torch.tensor(unpacked(figure.data, figure.config["alphaBars"]))
    assert torch.equal(levels, ae.alpha_bars())
    packed = figure.config["denoiser"]
    assert torch.equal(matrix(figure, packed["first"]), denoiser.first.weight)
    assert torch.equal(matrix(figure, packed["blocks"][1]["told"]), denoiser.blocks[1].told.weight)
    assert len(packed["blocks"]) == 3
    assert figure.config["classes"] == 4
    assert figure.alt.startswith("5 starts from noise")


@torch.no_grad()
def test_a_batch_norm_moves_into_the_layer_before():
    _, decoder, *_ = diffusion()
    for norm in (one for one in decoder if isinstance(one, nn.BatchNorm2d)):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
        norm.weight.normal_()
        norm.bias.normal_()
    denoiser, _, center, scale = diffusion()
    figure = widgets.sampler(denoiser, decoder, center, scale)
    first = figure.config["decoder"][0]
    bias = torch.tensor(unpacked(figure.data, first["bias"]))
    z = torch.randn(4, 3)
    expected = decoder[:4](z).flatten(1)  # linear, unflatten, norm, ReLU
    found = (z @ matrix(figure, first).T + bias).relu()
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
    assert [one["op"] for one in figure.config["decoder"]] == ["affine", "spread", "spread"]
    assert [one["relu"] for one in figure.config["decoder"]] == [True, True, False]


def test_models_keep_their_mode():
    denoiser, decoder, center, scale = diffusion()
    widgets.sampler(denoiser.train(), decoder.train(), center, scale)
    assert denoiser.training
    assert decoder.training


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"denoiser": nn.Linear(3, 3)}, TypeError, "`denoiser` must be a CodeDenoiser, got Linear"),
        ({"denoiser": ae.CodeDenoiser(3, classes=11)}, ValueError, "at most ten classes, got 11"),
        ({"center": torch.zeros(2)}, ValueError, r"`center` must be a tensor of shape \(3,\)"),
        ({"scale": None}, ValueError, r"`scale` must be a tensor of shape \(3,\), got NoneType"),
        ({"center": torch.full((3,), float("nan"))}, ValueError, "`center` must be finite"),
        ({"scale": torch.zeros(3)}, ValueError, "`scale` must be positive, got 0"),
        ({"decoder": nn.Sequential(nn.Tanh())}, TypeError, "cannot pack a layer of type Tanh"),
        (
            {"decoder": nn.Sequential(nn.Linear(3, 49), nn.Unflatten(1, (1, 7, 7)))},
            ValueError,
            r"`decoder` must give images of shape \(5, 1, 28, 28\)",
        ),
        (
            {"decoder": nn.Sequential(nn.Linear(2, 784), nn.Unflatten(1, (1, 28, 28)))},
            ValueError,
            r"`decoder` must take codes of shape \(5, 3\)",
        ),
    ],
)
def test_what_is_refused(change, error, message):
    given = dict(zip(("denoiser", "decoder", "center", "scale"), diffusion(), strict=True))
    with pytest.raises(error, match=message):
        widgets.sampler(**(given | change))
