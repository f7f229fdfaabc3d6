"""The shaken cabinet: map, shares and codes are those of the models, and it refuses the rest."""

import pytest
import torch
from small_figures import IMAGES, LABELS, judge, plane, shelf, unpacked
from torch import nn

from ae_course import widgets
from ae_course.widgets.shaking import DRAWS, SHAKES, SIDE, cells


def cabinet(reader=None, **options):
    models = {0.5: shelf(), 1.0: shelf()}
    return widgets.shake_the_cabinet(models, reader or judge(), IMAGES, LABELS, **options)


def sure():
    """A judge that is sure of the class 1 where there is ink at the left, else of 0 or of none."""
    one = nn.Sequential(nn.Flatten(), nn.Linear(784, 2))
    nn.init.zeros_(one[1].weight)
    nn.init.zeros_(one[1].bias)
    one[1].weight.data[1, ::28] = 40.0
    return one


def test_the_cells_go_by_rows_from_the_top_left():
    middles = cells(3.0).view(SIDE, SIDE, 2)
    half = 3 / SIDE
    assert middles[0, 0].tolist() == pytest.approx([-3 + half, 3 - half])
    assert middles[0, -1].tolist() == pytest.approx([3 - half, 3 - half])
    assert middles[-1, 0].tolist() == pytest.approx([-3 + half, -3 + half])


@torch.no_grad()
def test_the_map_is_what_the_judge_reads_in_the_cells():
    figure = cabinet(sure())
    entry = figure.config["models"][1]
    scores = sure()(shelf().decode(cells(entry["reach"]))).softmax(dim=1)
    surest, classes = scores.max(dim=1)
    assert unpacked(figure.data, entry["classes"]).tolist() == classes.tolist()
    found = torch.tensor(unpacked(figure.data, entry["surest"]))
    assert torch.equal(found, (255 * surest).floor().to(torch.uint8))


@torch.no_grad()
def test_the_share_of_the_prior_is_that_of_its_draws():
    draws = torch.Generator().manual_seed(3)
    figure = cabinet(sure(), generator=torch.Generator().manual_seed(3))
    shakes = torch.randn(SHAKES, 2, generator=draws)
    codes = torch.randn(DRAWS, 2, generator=draws)
    expected = (sure()(shelf().decode(codes)).softmax(dim=1).amax(dim=1) > 0.9).double().mean()
    assert figure.config["models"][0]["read"] == expected.item()
    assert unpacked(figure.data, figure.config["shakes"]).tolist() == shakes.flatten().tolist()


@torch.no_grad()
def test_codes_and_their_width_are_the_encoder_s():
    mean, log_variance = shelf().encode_distribution(IMAGES)
    figure = cabinet()
    entry = figure.config["models"][0]
    assert unpacked(figure.data, entry["codes"]).tolist() == mean.flatten().tolist()
    assert entry["width"] == pytest.approx(torch.exp(log_variance / 2).mean().item())
    assert [one["name"] for one in figure.config["models"]] == ["0.5", "1"]
    assert figure.config["first"] == 1


def test_by_default_the_noise_is_that_of_the_seed_0():
    assert cabinet().html == cabinet(generator=torch.Generator().manual_seed(0)).html


def test_models_and_judge_keep_their_mode():
    model, reader = shelf().train(), judge().train()
    widgets.shake_the_cabinet({1.0: model}, reader, IMAGES, LABELS)
    assert model.training
    assert reader.training


@pytest.mark.parametrize(
    ("models", "reader", "error", "message"),
    [
        ({}, judge(), ValueError, r"`beta` must be among the models' \[\], got 1.0"),
        ({2.0: shelf()}, judge(), ValueError, r"`beta` must be among the models' \[2.0\]"),
        ({1.0: plane()}, judge(), TypeError, r"`models\[1.0\]` must be a VAE, got AutoEncoder"),
        ({1.0: shelf(3)}, judge(), ValueError, "must have two numbers, got 3"),
        ({1.0: shelf()}, nn.Flatten(), ValueError, "`judge` must take images of shape"),
        ({1.0: shelf()}, nn.Identity(), ValueError, r"finite scores \(B, K\), K at most 10"),
    ],
)
def test_what_is_refused(models, reader, error, message):
    with pytest.raises(error, match=message):
        widgets.shake_the_cabinet(models, reader, IMAGES, LABELS)


def test_scores_must_be_finite():
    broken = judge()
    nn.init.constant_(broken[1].bias, torch.nan)
    with pytest.raises(ValueError, match="finite scores"):
        cabinet(broken)
