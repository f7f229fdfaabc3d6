"""Models of the next character: in parallel and step by step they are one model."""

import copy
import math

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, gelu

from ae_course import (
    AutoRegressive,
    AutoRegressiveDataset,
    CausalTransformer,
    NGram,
    Vocabulary,
    batches,
    bits_per_character,
    load_shakespeare,
    sequence_loss,
    train,
)

V = 11
CELLS = ("gru", "lstm", "rnn")


def spread(model):
    """Undo the faint output layer and the zero biases, so that no term can hide."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" not in name:
                parameter.add_(0.3 * torch.randn(parameter.shape))
    return model.eval()


def models():
    torch.manual_seed(0)
    text = "".join(Vocabulary("abcdefghijk").decode(torch.randint(V, (500,))))
    return {
        **{
            f"{cell}, {layers} layers": spread(AutoRegressive(V, 5, 16, layers, cell))
            for cell in CELLS
            for layers in (1, 2, 3)
        },
        "Transformer": spread(CausalTransformer(V, 16, 2, heads=2, context=100)),
        "Transformer with a short context": spread(CausalTransformer(V, 16, 3, 4, context=7)),
        **{f"{n}-gram": NGram(text, Vocabulary("abcdefghijk"), order=n) for n in (1, 2, 5)},
    }


each = pytest.mark.parametrize("name", models().keys())


def every_step(model, tokens, state=None):
    rows = []
    for token in tokens.T:
        logits, state = model.step(token, state)
        rows.append(logits)
    return torch.stack(rows, dim=1), state


@each
@pytest.mark.parametrize("batch", [1, 3])
def test_step_gives_the_numbers_of_forward(name, batch):
    model, tokens = models()[name], torch.randint(V, (batch, 40))
    with torch.no_grad():
        parallel = model(tokens)
        stepwise, _ = every_step(model, tokens)
    assert parallel.shape == (batch, 40, V)
    assert parallel.std() > 0.1
    torch.testing.assert_close(stepwise, parallel, rtol=0, atol=1e-5)


@each
def test_no_prediction_depends_on_what_comes_after(name):
    model, tokens = models()[name], torch.randint(V, (2, 30))
    changed = tokens.clone()
    changed[:, 15:] = (changed[:, 15:] + 1) % V
    with torch.no_grad():
        torch.testing.assert_close(model(changed)[:, :15], model(tokens)[:, :15], rtol=0, atol=1e-6)


def tensors_of(state):
    return [t for part in state for t in tensors_of(part)] if isinstance(state, tuple) else [state]


@each
def test_step_is_pure_and_its_state_has_the_batch_first(name):
    model = models()[name]
    with torch.no_grad():
        _, state = every_step(model, torch.randint(V, (3, 9)))
        before = copy.deepcopy(state)
        token = torch.tensor([1, 2, 3])
        first = model.step(token, state)
        model.step(torch.tensor([4, 4, 4]), state)
        second = model.step(token, state)
    for old, new in zip(tensors_of(before), tensors_of(state), strict=True):
        torch.testing.assert_close(new, old, rtol=0, atol=0)
        assert len(new) == 3
    torch.testing.assert_close(first[0], second[0], rtol=0, atol=0)


@pytest.mark.parametrize("cell", CELLS)
def test_reading_in_two_parts_is_reading_at_once(cell):
    model = spread(AutoRegressive(V, 5, 16, 2, cell))
    tokens = torch.randint(V, (3, 20))
    with torch.no_grad():
        whole, _ = model.read(tokens)
        _, state = model.read(tokens[:, :8])
        rest, _ = model.read(tokens[:, 8:], state)
        torch.testing.assert_close(rest, whole[:, 8:], rtol=0, atol=1e-5)
        logits, _ = model.step(tokens[:, 8], state)  # a state of one serves the other
        torch.testing.assert_close(logits, model(tokens)[:, 8], rtol=0, atol=1e-5)


def test_the_gru_is_its_equations():
    """Cho et al. (2014), in PyTorch's form, written out for one layer."""
    model = spread(AutoRegressive(V, 5, 8, layers=1))
    layer, h = model.recurrent[0], torch.zeros(2, 8)
    tokens, outputs = torch.randint(V, (2, 6)), []
    with torch.no_grad():
        for x in model.embedding(tokens).unbind(1):
            ir, iz, im = (x @ layer.weight_ih_l0.T + layer.bias_ih_l0).chunk(3, 1)
            hr, hz, hm = (h @ layer.weight_hh_l0.T + layer.bias_hh_l0).chunk(3, 1)
            r, z = torch.sigmoid(ir + hr), torch.sigmoid(iz + hz)
            h = (1 - z) * torch.tanh(im + r * hm) + z * h
            outputs.append(model.norms[0](h))
        torch.testing.assert_close(model.read(tokens)[0], torch.stack(outputs, 1))


def test_attention_is_its_equations():
    """One layer, written out: rotate, softmax(q k / sqrt(d)) over the past, mean of the values."""
    model = spread(CausalTransformer(V, 8, layers=1, heads=2, context=50))
    block, tokens, d = model.blocks[0], torch.tensor([[1, 4, 2, 8, 5]]), 4

    def rotated(vector, place):  # pairs (j, j + d / 2) as complex numbers
        speed = torch.tensor([1.0, 10_000.0**-0.5])
        pairs = torch.complex(vector[: d // 2], vector[d // 2 :])
        turned = pairs * torch.polar(torch.ones(2), place * speed)
        return torch.cat([turned.real, turned.imag])

    with torch.no_grad():
        x = model.embedding(tokens)[0]  # (T, H)
        query, key, value = block.query_key_value(block.norms[0](x)).chunk(3, -1)
        heard = torch.zeros_like(x)
        for head in (slice(0, 4), slice(4, 8)):
            for t in range(5):
                q = rotated(query[t, head], t)
                fit = [q @ rotated(key[past, head], past) / d**0.5 for past in range(t + 1)]
                heard[t, head] = torch.stack(fit).softmax(0) @ value[: t + 1, head]
        x = x + block.out(heard)
        inner, outer = block.hidden[0], block.hidden[2]
        x = x + outer(gelu(inner(block.norms[1](x))))
        torch.testing.assert_close(model(tokens)[0], model.head(model.norm(x)))
        swapped = model(tokens[:, [1, 0, 2, 3, 4]])[0, -1]
        assert (swapped - model(tokens)[0, -1]).abs().max() > 1e-3  # the order counts


@pytest.mark.parametrize("context", [50, 4])
def test_attention_weights_are_those_of_forward(context):
    """Forward is: values averaged by these weights, and the rest of the block."""
    model, tokens = spread(CausalTransformer(V, 16, 2, heads=2, context=context)), torch.arange(9)
    tokens = torch.stack([tokens, tokens.flip(0)])
    with torch.no_grad():
        weights = model.attention_weights(tokens)
        torch.testing.assert_close(weights.sum(-1), torch.ones(2, 2, 2, 9))
        seen = torch.ones(9, 9, dtype=torch.bool).tril().triu(1 - context)
        assert (weights[..., seen] > 0).all()
        assert (weights[..., ~seen] == 0).all()
        x = model.embedding(tokens)
        for block, of_layer in zip(model.blocks, weights, strict=True):
            value = block.query_key_value(block.norms[0](x))[..., 32:]
            heads = [of_layer[:, h] @ value[..., 8 * h : 8 * h + 8] for h in (0, 1)]
            x = x + block.out(torch.cat(heads, dim=-1))
            x = x + block.hidden(block.norms[1](x))
        torch.testing.assert_close(model.head(model.norm(x)), model(tokens))
    with pytest.raises(ValueError, match=r"int64 of shape \(B, T\), got torch.int64 of shape \(9,"):
        model.attention_weights(tokens[0])


def test_only_distance_counts_in_attention():
    model = spread(CausalTransformer(V, 16, 1, heads=2, context=4))
    tokens = torch.randint(V, (1, 30))
    with torch.no_grad():  # one layer sees four characters, wherever they stand
        torch.testing.assert_close(
            model(tokens)[0, -1], model(tokens[:, -4:])[0, -1], rtol=0, atol=1e-5
        )


@pytest.mark.parametrize("cell", CELLS)
def test_dropout_acts_in_training_mode_alone(cell):
    model, tokens = AutoRegressive(V, 5, 16, 2, cell, dropout=0.5), torch.randint(V, (2, 9))
    assert not torch.equal(model(tokens), model(tokens))
    model.eval()
    torch.testing.assert_close(model(tokens), model(tokens), rtol=0, atol=0)


def test_every_parameter_gets_a_gradient_and_the_gates_begin_orthogonal():
    for model in (AutoRegressive(V, 5, 16), CausalTransformer(V, 16, 2, 2)):
        sequence_loss(model(torch.randint(V, (2, 9))), torch.randint(V, (2, 9))).backward()
        assert all(p.grad is not None for p in model.parameters())
        assert model(torch.randint(V, (2, 9))).std() < 0.5  # nearly uniform at the start
    for gate in AutoRegressive(V, 5, 16).recurrent[1].weight_hh_l0.split(16):
        torch.testing.assert_close(gate @ gate.T, torch.eye(16), rtol=0, atol=1e-5)


def test_training_learns_an_alternation():
    torch.manual_seed(0)
    vocab = Vocabulary("ab")
    pairs = AutoRegressiveDataset("ab" * 200, vocab, chunk=20)
    for model in (AutoRegressive(2, 4, 16), CausalTransformer(2, 16, 1, 2)):
        history = train(model, sequence_loss, batches(pairs, 4), epochs=30, device="cpu")
        assert history[-1]["train_loss"] < 0.1 < history[0]["train_loss"]


def test_the_loss_is_the_mean_over_characters():
    logits, targets = torch.randn(3, 7, V), torch.randint(V, (3, 7))
    terms = [cross_entropy(logits[:, t], targets[:, t], reduction="sum") for t in range(7)]
    torch.testing.assert_close(sequence_loss(logits, targets), sum(terms) / 21)
    with pytest.raises(ValueError, match=r"where `targets` have \(B, T\), got \(3, 7, 11\) and"):
        sequence_loss(logits, targets[:, :5])


class Uniform(nn.Module):
    def forward(self, tokens):
        return torch.zeros(*tokens.shape, V)


def test_bits_per_character():
    vocab = Vocabulary("abcdefghijk")
    text = vocab.decode(torch.randint(V, (1_001,)))
    # the perplexity of the uniform model is V
    assert 2 ** bits_per_character(Uniform(), vocab, text) == pytest.approx(V)
    model = spread(AutoRegressive(V, 5, 16)).train()
    bits = bits_per_character(model, vocab, text, chunk=500)
    assert model.training
    model.eval()
    tokens, prices = vocab.encode(text), []
    with torch.no_grad():
        for start in (0, 500):
            state = None
            for place in range(start, start + 500):
                logits, state = model.step(tokens[place : place + 1], state)
                prices.append(-logits.log_softmax(1)[0, tokens[place + 1]].item() / math.log(2))
    assert bits == pytest.approx(sum(prices) / 1000, rel=1e-5)
    with pytest.raises(ValueError, match=r"at least chunk \+ 1"):
        bits_per_character(model, vocab, text[:100])


def test_a_copy_and_a_saved_model_step_alike():
    model = spread(AutoRegressive(V, 5, 16))
    fresh = AutoRegressive(V, 5, 16).eval()
    fresh.load_state_dict(model.state_dict())
    token = torch.tensor([3])
    for other in (copy.deepcopy(model), fresh):
        torch.testing.assert_close(other.step(token)[0], model.step(token)[0], rtol=0, atol=0)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: AutoRegressive(0), "`vocab_size` must be a positive integer, got 0"),
        (lambda: AutoRegressive(V, layers=-1), "`layers` must be a positive integer, got -1"),
        (lambda: AutoRegressive(V, hidden_dim=1.5), "`hidden_dim` must be a positive integer"),
        (lambda: AutoRegressive(V, cell="GRU"), r"`cell` must be one of \['gru', 'lstm', 'rnn'\]"),
        (lambda: AutoRegressive(V, dropout=1), "`dropout` must be from 0 to below 1, got 1"),
        (lambda: CausalTransformer(V, 16, heads=3), r"must be a multiple of 2 \* `heads` = 6"),
        (lambda: CausalTransformer(V, context=0), "`context` must be a positive integer, got 0"),
        (lambda: CausalTransformer(V, dropout=-0.1), "`dropout` must be from 0 to below 1"),
    ],
)
def test_refused_models(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@each
def test_refused_tokens(name):
    model = models()[name]
    with pytest.raises(ValueError, match=r"int64 of shape \(B, T\), got torch.float32 of shape"):
        model(torch.zeros(2, 3))
    with pytest.raises(ValueError, match=r"int64 of shape \(B,\), got torch.int64 of shape \(1, 2"):
        model.step(torch.zeros(1, 2, dtype=torch.int64))
    with pytest.raises(ValueError, match=r"int64 of shape \(B, T\), got list"):
        model([[1]])


def test_a_small_network_beats_counting_single_characters():
    """The contract as the lesson What comes next uses it, on a few pages."""
    torch.manual_seed(0)
    text = load_shakespeare(n_chars=7_000)
    vocab = Vocabulary(text)
    model = AutoRegressive(len(vocab), 16, 32)
    pairs = batches(AutoRegressiveDataset(text[:5_000], vocab, chunk=50), 8, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
    train(model, sequence_loss, pairs, epochs=3, optimizer=optimizer, clip_norm=1, device="cpu")
    unigram = NGram(text[:5_000], vocab, order=1)
    held_out = text[5_000:]
    assert bits_per_character(model, vocab, held_out) < bits_per_character(unigram, vocab, held_out)
