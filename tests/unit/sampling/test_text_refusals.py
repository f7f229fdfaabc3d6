"""Writing text: what cannot be done is refused, and so is a model that has become NaN."""

import math
from functools import partial

import pytest
import torch
from torch import nn

from ae_course import (
    AutoRegressive,
    CausalTransformer,
    Vocabulary,
    beam_search,
    filter_logits,
    generate,
)

VOCAB = Vocabulary("abcde")


class Broken(nn.Module):
    """Predicts `value` for one character, from the third step on."""

    def __init__(self, value=0.0):
        super().__init__()
        self.value = value

    def step(self, token, steps=None):
        steps = torch.ones_like(token) if steps is None else steps + 1
        logits = torch.tensor([[2.0, 1.0, 0.0, -1.0, -2.0]]).repeat(len(token), 1)
        logits[steps > 2, 0] = self.value
        return logits, steps


WAYS = [
    generate,
    partial(generate, temperature=0),
    partial(generate, temperature=0.5, top_k=3),
    partial(generate, top_p=0.5),
    partial(beam_search, beams=2),
]


@pytest.mark.parametrize("write", WAYS)
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_prediction_that_is_not_finite_is_refused_whenever_it_comes(write, value):
    with pytest.raises(ValueError, match="`model` must predict finite logits"):
        write(Broken(value), VOCAB, "a", 5)
    assert len(write(Broken(value), VOCAB, "a", 2)) == 3  # what is never read does no harm
    assert len(write(Broken(-math.inf), VOCAB, "a", 5)) == 6  # this is impossible, not broken


@pytest.mark.parametrize("write", WAYS)
@pytest.mark.parametrize("build", [AutoRegressive, partial(CausalTransformer, layers=1)])
def test_a_network_with_a_weight_of_nan_does_not_write(write, build):
    model = build(5, 8)
    with torch.no_grad():
        model.head[-1].bias[0] = math.nan
    with pytest.raises(ValueError, match="finite logits, got nan: look at its weights"):
        write(model, VOCAB, "ab", 8)
    assert model.training


@pytest.mark.parametrize("write", [generate, beam_search])
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"prompt": ""}, ValueError, "at least one character, got ''"),
        ({"prompt": "axe"}, ValueError, r"got 'x' \(U\+0078\) at position 1"),
        ({"prompt": None}, ValueError, "at least one character, got None"),
        ({"n_chars": 0}, ValueError, "`n_chars` must be a positive integer, got 0"),
        ({"n_chars": 2.5}, ValueError, "`n_chars` must be a positive integer, got 2.5"),
        ({"vocab": "abcde"}, TypeError, "`vocab` must be a Vocabulary, got str"),
        ({"vocab": Vocabulary("abc")}, ValueError, "predicts 5 characters, `vocab` has 3"),
        (
            {"model": AutoRegressive(3), "prompt": "ade"},
            ValueError,
            "trained with, of 3 characters, got one of 5",
        ),
        ({"model": nn.Linear(1, 1)}, TypeError, r"must have step\(token, state\), got Linear"),
    ],
)
def test_refused(write, change, error, message):
    arguments = {"model": Broken(), "vocab": VOCAB, "prompt": "a", "n_chars": 5} | change
    with pytest.raises(error, match=message):
        write(**arguments)


@pytest.mark.parametrize(
    ("write", "choice", "message"),
    [
        (generate, {"temperature": -1}, "`temperature` must be a finite number of at least 0"),
        (generate, {"temperature": math.nan}, "of at least 0, got nan"),
        (generate, {"temperature": math.inf}, "of at least 0, got inf"),
        (generate, {"top_k": 0}, "`top_k` must be a positive integer, got 0"),
        (generate, {"top_k": 1.5}, "`top_k` must be a positive integer, got 1.5"),
        (generate, {"top_p": 0}, "`top_p` must be above 0 and at most 1, got 0"),
        (generate, {"top_p": 1.1}, "`top_p` must be above 0 and at most 1, got 1.1"),
        (generate, {"top_p": math.nan}, "`top_p` must be above 0 and at most 1, got nan"),
        (beam_search, {"beams": 0}, "`beams` must be a positive integer, got 0"),
        (beam_search, {"beams": None}, "`beams` must be a positive integer, got None"),
    ],
)
def test_refused_choices(write, choice, message):
    with pytest.raises(ValueError, match=message):
        write(Broken(), VOCAB, "a", 5, **choice)


def test_refused_filters():
    with pytest.raises(ValueError, match="must be above 0 to divide by it, got 0"):
        filter_logits(torch.zeros(1, 5), 0)
    with pytest.raises(ValueError, match="`top_k` must be"):
        filter_logits(torch.zeros(1, 5), top_k=0)
