"""Writing text: each way of choosing is what it says, and bad requests are refused."""

import itertools

import pytest
import torch
from torch import nn
from torch.distributions import Categorical

from ae_course import (
    AutoRegressive,
    CausalTransformer,
    NGram,
    Vocabulary,
    beam_search,
    filter_logits,
    generate,
)

VOCAB = Vocabulary("abcde")
LOGITS = torch.tensor([[2.0, 1.0, 0.0, -1.0, -2.0]])


class Fixed(nn.Module):
    """Always the same distribution, and a count of the steps."""

    def __init__(self, logits=LOGITS):
        super().__init__()
        self.logits, self.steps = logits, 0

    def step(self, token, state=None):
        self.steps += 1
        return self.logits.expand(len(token), -1), token


class Table(nn.Module):
    """A Markov chain whose greedy path is not its likeliest one."""

    def __init__(self):
        super().__init__()
        rows = [
            [1, 10, 8, 1, 1],
            [3, 6, 4, 3, 4],
            [1, 1, 1, 16, 1],
            [2, 3, 9, 3, 3],
            [2, 2, 2, 2, 9],
        ]
        self.table = torch.tensor(rows).log()  # a is followed by b, but c leads on to d

    def step(self, token, state=None):
        return self.table[token], token


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("temperature", [1e-39, 1e-12])
def test_a_temperature_near_zero_takes_the_likeliest(temperature):
    assert filter_logits(LOGITS, temperature).softmax(1)[0].tolist() == [1, 0, 0, 0, 0]


def shares(text):
    return torch.tensor([text.count(c) for c in VOCAB.characters]) / len(text)


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"temperature": 0.5},
        {"temperature": 2},
        {"top_k": 3},
        {"top_p": 0.8},
        {"top_k": 4, "top_p": 0.9, "temperature": 1.5},
    ],
)
def test_frequencies_are_those_of_the_softmax(choice):
    count = 5_000
    text = generate(Fixed(), VOCAB, "a", count, generator=seeded(), **choice)[1:]
    p = filter_logits(LOGITS, **choice).softmax(1)[0]
    deviation = (shares(text) - p).abs()
    assert (deviation <= 5 * (p * (1 - p) / count).sqrt() + 1e-12).all()
    assert (shares(text)[p == 0] == 0).all()


def test_frequencies_follow_the_context():
    model, count = Table(), 10_000
    text = generate(model, VOCAB, "a", count, generator=seeded())
    for number, character in enumerate(VOCAB.characters):
        after = [b for a, b in itertools.pairwise(text) if a == character]
        p = model.table[number].softmax(0)
        error = (p * (1 - p) / len(after)).sqrt()
        assert ((shares("".join(after)) - p).abs() <= 5 * error).all()


def test_filtering_is_division_and_the_filters_keep_what_they_say():
    torch.testing.assert_close(filter_logits(LOGITS, 0.5), LOGITS / 0.5)
    assert filter_logits(LOGITS, top_k=2).isfinite().tolist() == [[True, True, False, False, False]]
    assert filter_logits(LOGITS, top_k=9).isfinite().all()
    p = Categorical(logits=LOGITS).probs[0]  # 0.64, 0.23, 0.09, 0.03, 0.01
    for top_p, kept in ((0.5, 1), (0.63, 1), (0.65, 2), (0.9, 3), (1.0, 5)):
        assert filter_logits(LOGITS, top_p=top_p).isfinite().sum() == kept
        assert p[:kept].sum() >= top_p - 1e-6
    shuffled = LOGITS[:, [3, 0, 4, 1, 2]]
    assert filter_logits(shuffled, top_p=0.8).isfinite().tolist() == [
        [False, True, False, True, False]
    ]
    # temperature first, then top-k, then top-p of what is left
    assert filter_logits(LOGITS, top_p=0.7).isfinite().sum() == 2
    assert filter_logits(LOGITS, 2, top_p=0.7).isfinite().sum() == 3
    assert filter_logits(LOGITS, top_k=2, top_p=0.7).isfinite().sum() == 1
    two = torch.cat([LOGITS, LOGITS.flip(1)])  # each row for itself
    assert filter_logits(two, top_k=1).isfinite().nonzero().tolist() == [[0, 0], [1, 4]]


def test_temperature_zero_is_argmax_and_needs_no_chance():
    model = Table()
    token, greedy = 0, "a"
    for _ in range(20):
        token = model.table[token].argmax().item()
        greedy += VOCAB.characters[token]
    state = torch.get_rng_state()
    assert generate(model, VOCAB, "a", 20, temperature=0) == greedy
    torch.testing.assert_close(torch.get_rng_state(), state)
    assert generate(model, VOCAB, "a", 20, top_k=1) == greedy
    assert generate(model, VOCAB, "a", 20, top_p=1e-9) == greedy
    assert beam_search(model, VOCAB, "a", 20, beams=1) == greedy
    assert generate(model, VOCAB, "a", 20, temperature=1e-4, generator=seeded()) == greedy


def log_probability(model, text):
    tokens = VOCAB.encode(text)
    rows = model.table[tokens[:-1]].log_softmax(1)
    return rows.gather(1, tokens[1:, None]).sum().item()


def test_a_wide_beam_finds_the_likeliest_text():
    model = Table()
    every = ["a" + "".join(rest) for rest in itertools.product(VOCAB.characters, repeat=4)]
    best = max(every, key=lambda text: log_probability(model, text))
    assert beam_search(model, VOCAB, "a", 4, beams=5**4) == best
    greedy = generate(model, VOCAB, "a", 4, temperature=0)
    assert log_probability(model, best) > log_probability(model, greedy)  # not the same question


@pytest.mark.parametrize(
    "model",
    [
        AutoRegressive(5, 4, 8),
        AutoRegressive(5, 4, 8, cell="lstm"),
        CausalTransformer(5, 8, 2, 2, context=6),
        NGram("abcdeabcabde" * 5, VOCAB, order=3),
    ],
    ids=lambda model: type(model).__name__,
)
def test_one_function_serves_all_models(model):
    model.train()
    for choice in ({}, {"temperature": 0}, {"top_k": 2}, {"top_p": 0.5}):
        first = generate(model, VOCAB, "abc", 12, generator=seeded(), **choice)
        assert len(first) == 15
        assert first.startswith("abc")
        assert generate(model, VOCAB, "abc", 12, generator=seeded(), **choice) == first
    found = beam_search(model, VOCAB, "abc", 12, beams=3)
    assert len(found) == 15
    assert found.startswith("abc")
    assert model.training
    assert generate(model, VOCAB, "a", 40, generator=seeded(1)) != generate(
        model, VOCAB, "a", 40, generator=seeded(2)
    )


def spread(model):
    """Weights so large that what was read long ago still shows."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
    return model.eval()


def with_memory():
    torch.manual_seed(0)
    return {
        "gru": spread(AutoRegressive(5, 4, 8)),
        "lstm": spread(AutoRegressive(5, 4, 8, cell="lstm")),
        "Transformer": spread(CausalTransformer(5, 8, 2, 2, context=6)),
    }


@pytest.mark.parametrize("name", with_memory())
def test_the_text_is_what_reading_all_of_it_again_would_give(name):
    """Were the state dropped or mixed up on the way, other characters would be drawn."""
    model = with_memory()[name]
    text, forgetful = "abc", "abc"
    noise = -torch.empty(30, 5).exponential_(generator=seeded()).log()
    with torch.no_grad():
        for row in noise:
            logits = model(VOCAB.encode(text)[None])[:, -1]
            text += VOCAB.decode((logits + row).argmax(1))
            logits, _ = model.step(VOCAB.encode(forgetful[-1]))
            forgetful += VOCAB.decode((logits + row).argmax(1))
    assert generate(model, VOCAB, "abc", 30, generator=seeded()) == text != forgetful


@pytest.mark.parametrize("name", with_memory())
def test_the_beams_carry_their_own_states(name):
    """With states mixed up between beams, the text found would not be the likeliest."""
    model = with_memory()[name]

    def score(text):
        with torch.no_grad():
            logits = model(VOCAB.encode(text)[None, :-1])[0].log_softmax(1)
        return logits.gather(1, VOCAB.encode(text)[1:, None])[1:].sum().item()

    every = ["ab" + "".join(rest) for rest in itertools.product("abcde", repeat=3)]
    assert beam_search(model, VOCAB, "ab", 3, beams=125) == max(every, key=score)


def test_each_character_of_prompt_and_text_costs_one_step():
    model = Fixed()
    generate(model, VOCAB, "abcd", 10, generator=seeded())
    assert model.steps == 4 + 10 - 1


def test_gradients_and_modes_are_left_alone():
    model = AutoRegressive(5, 4, 8, dropout=0.5)
    generate(model, VOCAB, "a", 5)
    beam_search(model, VOCAB, "a", 5)
    assert model.training
    loss = model(torch.zeros(1, 3, dtype=torch.int64)).sum()
    loss.backward()  # no weight became an inference tensor
