"""The scripts choose a character as torch does: filters, temperature, and honest dice."""

import json

import pytest
import torch

import ae_course as ae

COUNT = 200
CHOICES = [
    {"temperature": 1, "topK": 0, "topP": 1},
    {"temperature": 0.3, "topK": 0, "topP": 1},
    {"temperature": 1.7, "topK": 5, "topP": 1},
    {"temperature": 1, "topK": 0, "topP": 0.8},
    {"temperature": 0.8, "topK": 4, "topP": 0.6},
    {"temperature": 100, "topK": 38, "topP": 0.999},
]


@pytest.mark.parametrize("choice", CHOICES)
def test_the_probabilities_are_those_of_filtered(compute, choice):
    scores = 3 * torch.randn(COUNT, 38)
    found = compute(
        "text_writer", f"given.map((s) => probabilities(s, {json.dumps(choice)}))", scores
    )
    expected = ae.filter_logits(
        scores, choice["temperature"], choice["topK"] or None, choice["topP"]
    ).softmax(1)
    torch.testing.assert_close(torch.tensor(found), expected, atol=1e-5, rtol=1e-4)


def test_temperature_zero_takes_the_likeliest(compute):
    scores = torch.randn(COUNT, 38)
    choice = json.dumps({"temperature": 0, "topK": 0, "topP": 1})
    found = torch.tensor(
        compute("text_writer", f"given.map((s) => probabilities(s, {choice}))", scores)
    )
    assert torch.equal(found.argmax(1), scores.argmax(1))
    assert (found.max(1).values == 1).all()


@pytest.mark.parametrize("choice", CHOICES)
def test_frequencies_are_within_five_standard_errors(compute, choice):
    scores = 2 * torch.randn(12, generator=torch.Generator().manual_seed(1))
    count = 20_000
    expression = (
        f"(() => {{ const shares = probabilities(given, {json.dumps(choice)});"
        f"const random = generator(7);"
        f"return Array.from({{ length: {count} }}, () => draw(shares, random)); }})()"
    )
    drawn = torch.tensor(compute("text_writer", expression, scores)).bincount(minlength=12) / count
    shares = ae.filter_logits(
        scores[None], choice["temperature"], choice["topK"] or None, choice["topP"]
    ).softmax(1)[0]
    error = (shares * (1 - shares) / count).sqrt()
    # and one draw more: what is expected less than once may well come once
    assert ((drawn - shares).abs() <= 5 * error + 1 / count).all()
    assert (drawn[shares == 0] == 0).all()


def test_the_same_seed_writes_the_same(compute):
    expression = (
        "given.map((seed) => { const r = generator(seed); return Array.from({length: 50}, r); })"
    )
    first, again, other = compute("text_writer", expression, [3, 3, 4])
    assert first == again != other
    assert all(0 <= number < 1 for number in first)


@pytest.mark.parametrize("temperature", [0.05, 0.7, 1, 100])
def test_the_softmax(compute, temperature):
    scores = 3 * torch.randn(COUNT, 7)
    expression = f"given.map((scores) => softmax(scores, {temperature}))"
    shares = torch.tensor(compute("temperature_by_hand", expression, scores))
    torch.testing.assert_close(shares, (scores / temperature).softmax(1), atol=1e-6, rtol=1e-4)
