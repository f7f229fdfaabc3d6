"""Two views: what travels with the page is the networks', and what cannot be shown is refused."""

import numpy as np
import pytest
import torch
from small_figures import IMAGES, LABELS, flat, unpacked
from torch import nn
from torch.nn.functional import normalize

from ae_course import widgets

SMALL = {"one": {"rotation": 20}}


def views(models=None, augmentations=SMALL, images=IMAGES, labels=LABELS):
    models = {"one": flat()} if models is None else models
    return widgets.two_views(models, images, labels, augmentations=augmentations)


def test_the_codes_are_those_of_the_network_at_length_one():
    figure = views()
    (model,) = figure.config["models"]
    found = unpacked(figure.data, model["vectors"]["values"]).reshape(12, 5)
    np.testing.assert_allclose(found, normalize(flat()(IMAGES)).detach(), atol=1e-6)


def test_the_share_of_neighbours_of_the_same_class():
    class Told(nn.Linear):  # codes that know the class
        def forward(self, x):
            return torch.eye(3)[LABELS] + 0 * self.weight[0, 0]

    assert views({"one": Told(1, 1)}).config["models"][0]["same"] == 1


def test_what_is_not_named_stays_as_it_is():
    assert views().config["models"][0]["views"] == {
        "rotation": 20, "shift": 0, "scale": 1, "crop": 1, "half_turn": 0, "erase": 0, "noise": 0
    }  # fmt: skip


def test_codes_of_any_kind_come_without_views():
    models = {"one": flat(), "pixels": nn.Flatten()}
    figure = views(models, augmentations=None)
    assert [model["views"] for model in figure.config["models"]] == [None, None]
    assert figure.alt.startswith("A digit and those nearest to it by these codes: one, pixels.")
    assert "views" not in figure.alt
    (with_views,) = views().config["models"]
    (without, _) = figure.config["models"]
    assert without["same"] == with_views["same"]


def test_a_network_keeps_its_mode_and_nobody_s_chance_is_used():
    model = flat().train()
    state = torch.get_rng_state()
    views({"one": model})
    assert model.training
    assert torch.equal(torch.get_rng_state(), state)
    assert views().html == views().html


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"models": {}}, "at least one model"),
        ({"augmentations": {}}, "the amounts for 'one', got none"),
        ({"augmentations": {"one": {"shear": 1}}}, r"got \['shear'\]"),
        ({"augmentations": {"one": {"rotation": 200}}}, "`rotation` must be an angle"),
        ({"augmentations": {"one": {"half_turn": 2}}}, "`half_turn` must be 0 or 1, got 2"),
        ({"augmentations": {"one": {"erase": 29}}}, "`side` must be an integer from 0 to 28"),
        ({"augmentations": {"one": {"noise": -1}}}, "`sigma` must be a finite number"),
        ({"models": {"one": nn.Identity()}}, r"shape \(12, Z\), got \(12, 1, 28, 28\)"),
        ({"images": IMAGES[:1], "labels": LABELS[:1]}, "two digits or more"),
        ({"labels": LABELS[:5]}, r"`labels` must have shape \(12,\)"),
    ],
)
def test_what_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        views(**given)


def test_codes_must_have_a_direction():
    class Nothing(nn.Linear):
        def forward(self, x):
            return torch.zeros(len(x), 3)

    with pytest.raises(ValueError, match="finite codes of a length above zero"):
        views({"one": Nothing(1, 1)})


def test_a_model_must_be_a_module():
    with pytest.raises(TypeError, match=r"`models\['one'\]` must be an nn.Module, got int"):
        views({"one": 3})
