"""The step in numpy is the model's own step, to float32's rounding."""

import time
from statistics import median

import pytest
import torch

from ae_course import AutoRegressive, Vocabulary, generate
from ae_course.sampling.numpy_step import single_step


def trained(cell, layers, slope=0.1):
    torch.manual_seed(layers)
    model = AutoRegressive(11, 6, 24, layers, cell, dropout=0.3).eval()
    model.head[1].negative_slope = slope
    with torch.no_grad():  # every scale, shift and bias away from where it starts
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return model


@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
@pytest.mark.parametrize("layers", [1, 2, 4])
@pytest.mark.parametrize("slope", [0.1, 0.3])
@torch.no_grad()
def test_the_numbers_are_those_of_the_model(cell, layers, slope):
    model = trained(cell, layers, slope)
    step, state = single_step(model), None
    tokens = torch.randint(11, (1, 60))
    for place, expected in enumerate(model(tokens)[0]):
        logits, state = step(tokens[:, place], state)
        assert logits.dtype == torch.float32
        torch.testing.assert_close(logits[0], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
@torch.no_grad()
def test_a_step_changes_neither_its_state_nor_the_model(cell):
    model = trained(cell, 2)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    step, token = single_step(model), torch.tensor([3])
    _, state = step(token, None)
    first, _ = step(token, state)
    again, _ = step(token, state)
    assert torch.equal(first, again)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_later_training_does_not_reach_a_step_that_was_taken_before():
    model = trained("gru", 1)
    step, token = single_step(model), torch.tensor([3])
    before, _ = step(token, None)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert torch.equal(before, step(token, None)[0])


@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
def test_generate_writes_what_the_model_s_own_steps_write(cell):
    class Own(AutoRegressive):  # a subclass may have another step, so it takes that
        pass

    model, vocab = trained(cell, 2), Vocabulary("abcdefghijk")
    own = Own(11, 6, 24, 2, cell).eval()
    own.load_state_dict(model.state_dict())
    written = [
        generate(m, vocab, "abc", 300, generator=torch.Generator().manual_seed(5))
        for m in (model, own)
    ]
    assert written[0] == written[1]


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_precisions_take_the_model_s_own_steps(dtype, monkeypatch):
    monkeypatch.setattr("ae_course.sampling.text.single_step", None)  # a call would fail
    model, vocab = trained("gru", 1).to(dtype), Vocabulary("abcdefghijk")
    assert len(generate(model, vocab, "a", 20)) == 21


def test_it_is_faster_than_the_model_s_own_step():
    model, token = trained("gru", 2), torch.tensor([3])

    def seconds(step):
        started, state = time.perf_counter(), None
        for _ in range(200):
            _, state = step(token, state)
        return time.perf_counter() - started

    step = single_step(model)
    with torch.inference_mode():
        ratios = [seconds(model.step) / seconds(step) for _ in range(9)]
    assert median(ratios) > 1.5  # two to three on a quiet machine
