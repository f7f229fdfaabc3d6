"""Steering: what the page gets is the network and its directions, and the rest is refused."""

import re

import pytest
import torch
from small_figures import VOCAB, gated, unpacked
from torch import nn

from ae_course import Vocabulary, widgets

PUSHES = {"ab": torch.linspace(-1, 1, 8), " ": torch.ones(8)}


FOLLOWS = {"ab": "c", " ": "a"}


def steered(model=None, vocab=VOCAB, pushes=PUSHES, follows=FOLLOWS, prompt="ab"):
    return widgets.steer_the_writer(
        model or gated(cell="gru"), vocab, pushes, follows, prompt=prompt
    )


def test_the_page_gets_the_directions_by_name():
    figure = steered()
    assert figure.config["names"] == ["ab", " "]
    assert figure.config["follows"] == ["c", "a"]
    for place, push in zip(figure.config["pushes"], PUSHES.values(), strict=True):
        assert torch.equal(torch.tensor(unpacked(figure.data, place)), push)


def marked(figure):
    """How many places of the still picture end as steered, by its description."""
    return int(re.search(r"(\d+) of 200 characters", figure.alt)[1])


@torch.no_grad()
def test_the_still_picture_is_written_with_the_first_direction():
    model = gated(cell="gru").eval()
    state, tokens, push = None, VOCAB.encode("ab").tolist(), PUSHES["ab"]
    for place in range(199):
        _, (h,) = model.step(torch.tensor([tokens[place]]), state)
        state = ((h + push).clamp(-1, 1),)
        if place >= 1:
            tokens.append(int(model.head(model.norms[0](state[0])).argmax()))
    text = VOCAB.decode(torch.tensor(tokens))
    assert marked(steered(model)) == text.count("c")


def test_the_model_keeps_its_mode():
    model = gated(cell="gru").train()
    steered(model)
    assert model.training


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"model": nn.Linear(2, 2)}, TypeError, "must be an AutoRegressive, got Linear"),
        ({"model": gated()}, ValueError, 'must have cell="gru", got cell="lstm"'),
        ({"vocab": Vocabulary("ab")}, ValueError, "of 5 characters, got one of 2"),
        ({"prompt": ""}, ValueError, "at least one character, got none"),
        ({"prompt": "é"}, ValueError, "é"),
        ({"pushes": [torch.ones(8)]}, TypeError, "must be a mapping, got list"),
        ({"pushes": {}}, ValueError, "1 to 12 directions, got 0"),
        ({"pushes": {"": torch.ones(8)}}, ValueError, "named by what the text ends in, got ''"),
        ({"pushes": {"é": torch.ones(8)}, "follows": {"é": "a"}}, ValueError, "é"),
        ({"follows": {"ab": "é", " ": "a"}}, ValueError, "é"),
        ({"follows": {"ab": "c"}}, ValueError, "must have a character for ' '"),
        (
            {"pushes": {"a": torch.ones(7)}, "follows": {"a": "b"}},
            ValueError,
            r"shape \(8,\), got \(7,\)",
        ),
        ({"pushes": {"a": [1.0] * 8}}, TypeError, "must be a tensor, got list"),
        ({"pushes": {" ": torch.full((8,), torch.nan)}}, ValueError, "finite"),
    ],
)
def test_what_cannot_be_steered_is_refused(change, error, message):
    with pytest.raises(error, match=message):
        steered(**change)


def test_a_network_that_predicts_nan_is_refused():
    model = gated(cell="gru")
    nn.init.constant_(model.head[-1].bias, torch.nan)
    with pytest.raises(ValueError, match="must predict finite logits"):
        steered(model)
