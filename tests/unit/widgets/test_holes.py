"""The figure with holes: what the page gets is the network's, and the rest is refused."""

import pytest
import torch
from small_figures import IMAGES, LABELS, masked, unpacked
from torch import nn

import ae_course as ae
from ae_course import widgets


def test_the_first_holes_are_drawn_at_the_ratio():
    config = widgets.fill_the_holes(masked(), IMAGES, LABELS, ratio=0.5).config
    assert len(config["hidden"]) == 25
    assert config["hidden"] == sorted(set(config["hidden"]))


def test_scales_and_shifts_of_norms_are_in_what_follows():
    model = masked()
    for part in model.modules():
        if isinstance(part, nn.LayerNorm):
            nn.init.uniform_(part.weight, 0.5, 2)
            nn.init.normal_(part.bias)
    figure = widgets.fill_the_holes(model, IMAGES, LABELS)
    stored = figure.config["narrow"]
    weight = torch.tensor(unpacked(figure.data, stored["weight"]["values"])).view(8, 8)
    bias = torch.tensor(unpacked(figure.data, stored["bias"]))
    x, norm = torch.randn(5, 8), model.encoder[-1]
    bare = nn.functional.layer_norm(x, (8,))
    torch.testing.assert_close(bare @ weight.T + bias, model.narrow(norm(x)))


def test_a_model_keeps_its_mode():
    model = masked().train()
    widgets.fill_the_holes(model, IMAGES, LABELS)
    assert model.training


def test_refusals():
    with pytest.raises(TypeError, match="`model` must be a MaskedAutoencoder, got Linear"):
        widgets.fill_the_holes(nn.Linear(2, 2), IMAGES, LABELS)
    with pytest.raises(ValueError, match="`ratio` must be between 0 and 1, got 0"):
        widgets.fill_the_holes(masked(), IMAGES, LABELS, ratio=0)
    with pytest.raises(ValueError, match="`labels` must have shape"):
        widgets.fill_the_holes(masked(), IMAGES, LABELS[:3])
    broken = masked()
    nn.init.constant_(broken.draw.bias, torch.nan)
    with pytest.raises(ValueError, match="`model` must draw finite numbers"):
        widgets.fill_the_holes(broken, IMAGES, LABELS)
    with pytest.raises(ValueError, match="may hold 600,000 bytes"):
        widgets.fill_the_holes(ae.MaskedAutoencoder(256, 1), IMAGES, LABELS)
