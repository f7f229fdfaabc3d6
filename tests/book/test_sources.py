"""The page on the source books: its names lead somewhere, and each slip is shown in a few lines."""

import copy
import math
import re
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.distributions import Categorical, Normal, kl_divergence
from torch.nn.functional import cosine_similarity, cross_entropy, mse_loss
from torch.utils.data import DataLoader

import ae_course as ae

BOOK = Path(__file__).parents[2] / "book"
PAGE = (BOOK / "sources.md").read_text(encoding="utf-8")
PARTS = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n?)+)", PAGE, re.M))
ROWS = re.findall(r"^\|(?![-| ]+$)(.+)\|$", PAGE, re.M)  # of tables, their rulers left out

# what a reader of a source book may look for
LOOKED_FOR = re.findall(
    r"\w+",
    "AdditiveGausNoise AutoEncodeDataset AutoRegressive AutoRegressiveDataset CrossEntLossTime "
    "Flatten LastTimeStep TransposeLinear View addNoise encode_batch getLayer initHiddenStates "
    "mseWithOrthoLoss pred_class showEncodeDecode train_network train_simple_network vocab2indx "
    "PyTorchTrainer DenseLayer ConvLayer MNIST_ConvNet LSTMLayer NextCharacterModel Encoder "
    "Decoder Autoencoder corrupt_input InfoNCE TextClassifier VAE compute_loss",
)


def figures(chapter, count, sign):
    return {f"{chapter}{sign}{number}" for number in range(1, count + 1)}


def test_the_page_has_its_parts():
    assert list(PARTS) == ["Names", "Slips", "At our size", "Out of the course's shape"]


@pytest.mark.parametrize("name", LOOKED_FOR)
def test_a_name_of_a_source_is_found(name):
    assert re.search(rf"`{name}\b[^`]*`", PARTS["Names"])


def test_every_name_of_the_package_is_public():
    names = re.findall(r"`ae\.([A-Za-z_.]+)", PAGE)
    assert len(set(names)) >= 50
    for name in names:
        assert name.split(".")[0] in ae.__all__, name
        attrgetter(name)(ae)


def test_every_link_leads_to_a_page_of_the_book():
    links = re.findall(r"\]\(([^)#:]+)[^)]*\)", PAGE)
    assert {f"exercises/{path.name}.ipynb" for path in BOOK.glob("exercises/source/*")} <= {*links}
    for link in links:
        assert (BOOK / link).exists(), link


@pytest.mark.parametrize(
    "expected",
    [figures("7", 12, "."), figures("7", 5, "-"), figures("8", 21, "-"), figures("9", 33, "-")],
)
def test_every_figure_of_a_source_is_named(expected):
    named = set()
    for chapter, sign, numbers in re.findall(r"Figures? (\d)([.-])([\d to,.-]+)", PARTS["Names"]):
        first, *last = [int(part) for part in re.findall(r"(?:\d[.-])?(\d+)", numbers)]
        ends = range(first, last[-1] + 1) if " to " in numbers else [first, *last]
        named |= {f"{chapter}{sign}{number}" for number in ends}
    assert expected <= named


def test_every_row_of_a_table_has_as_many_cells_as_its_head():
    assert len(ROWS) >= 100
    assert {len(re.split(r"(?<!\\)\|", row)) for row in ROWS} == {4}


def test_masking_by_uniform_noise_hides_nothing():
    generator = torch.Generator().manual_seed(0)
    x = torch.ones(10_000)
    uniform = x * 2 * torch.rand(10_000, generator=generator)  # what the source calls masking
    masked = ae.mask_pixels(x[None], 0.5, generator=generator)
    assert (uniform == 0).float().mean() < 0.001
    assert (masked == 0).float().mean() == pytest.approx(0.5, abs=0.02)


def test_temperature_flattens_when_high_and_takes_the_likeliest_when_low():
    logits = torch.tensor([2.0, 1.0, 0.0, -1.0])
    entropies = [
        Categorical(logits=logits / t).entropy().item() for t in (0.01, 0.5, 1.0, 2.0, 100.0)
    ]
    assert entropies == sorted(entropies)
    assert entropies[0] == pytest.approx(0, abs=1e-6)
    assert entropies[-1] == pytest.approx(math.log(4), abs=1e-3)  # uniform
    assert Categorical(logits=logits / 0.01).sample((100,)).eq(0).all()


def gradient_norm(steps, reduction):
    weight = torch.zeros(5, requires_grad=True)
    targets = torch.zeros(steps, dtype=torch.long)
    cross_entropy(weight.expand(steps, 5), targets, reduction=reduction).backward()
    return weight.grad.norm().item()


def test_a_sequence_loss_that_sums_makes_the_gradient_grow_with_the_length():
    assert gradient_norm(250, "sum") == pytest.approx(10 * gradient_norm(25, "sum"), rel=1e-4)
    assert gradient_norm(250, "mean") == pytest.approx(gradient_norm(25, "mean"), rel=1e-4)


def kl_to_standard_normal(mean, log_variance, variance):
    return 0.5 * (variance + mean**2 - 1 - log_variance)


def test_a_log_variance_must_keep_its_base():
    mean, sigma = torch.tensor(0.3), torch.tensor(0.5)
    exact = kl_divergence(Normal(mean, sigma), Normal(torch.tensor(0.0), torch.tensor(1.0)))
    log_variance = torch.log(sigma**2)
    right = kl_to_standard_normal(mean, log_variance, torch.exp(log_variance))
    mixed = kl_to_standard_normal(mean, log_variance, 2**log_variance)
    torch.testing.assert_close(right, exact)
    assert abs(mixed - exact) > 0.05
    # no divergence is below zero, and none is smallest away from a variance of one
    levels = torch.linspace(-3, 3, 601)
    mixed = kl_to_standard_normal(0, levels, 2**levels)
    assert mixed.min() < -0.04
    assert 2 ** levels[mixed.argmin()] == pytest.approx(1 / math.log(2), rel=0.01)
    exact = kl_to_standard_normal(0, levels, torch.exp(levels))
    assert exact.min() == pytest.approx(0, abs=1e-6)


def test_one_noise_vector_makes_every_image_of_a_batch_move_alike():
    mean, log_variance = torch.zeros(500, 20), torch.zeros(500, 20)
    torch.manual_seed(0)
    shared = mean + torch.randn(20) * torch.exp(0.5 * log_variance)
    assert torch.equal(shared[0], shared[499])
    own = ae.reparameterize(mean, log_variance, generator=torch.Generator().manual_seed(0))
    assert own.std(dim=0).min() > 0.8


def pair_of_layers():
    torch.manual_seed(0)
    return nn.Linear(6, 2), nn.Linear(2, 6), torch.randn(30, 6)


@pytest.mark.parametrize("backward", [False, True])
def test_a_step_without_backward_changes_no_weight(backward):
    encoder, decoder, x = pair_of_layers()
    model = nn.Sequential(encoder, decoder)
    before = copy.deepcopy(model.state_dict())
    optimizer = torch.optim.Adam(model.parameters())
    loss = mse_loss(model(x), x)
    if backward:
        loss.backward()
    optimizer.step()
    same = [torch.equal(before[name], weight) for name, weight in model.state_dict().items()]
    assert not any(same) if backward else all(same)


def test_an_optimizer_trains_only_the_parameters_that_it_was_given():
    encoder, decoder, x = pair_of_layers()
    before = [copy.deepcopy(layer.weight) for layer in (encoder, decoder)]
    optimizer = torch.optim.Adam(decoder.parameters())
    mse_loss(decoder(encoder(x)), x).backward()
    optimizer.step()
    assert torch.equal(encoder.weight, before[0])
    assert not torch.equal(decoder.weight, before[1])


def test_a_vector_divided_by_its_sum_has_no_length_one_and_may_point_backwards():
    u, v = torch.tensor([[1.0, -3.0, 0.5]]), torch.tensor([[1.0, -2.0, 0.0]])
    divided = u / u.sum(dim=1, keepdim=True)
    assert divided.norm() > 2
    assert cosine_similarity(divided, v) == -cosine_similarity(u, v) < 0


def test_a_state_that_is_drawn_at_random_gives_another_answer_each_time():
    torch.manual_seed(0)
    cell, x = nn.LSTMCell(3, 4), torch.randn(1, 3)
    drawn = [cell(x, (torch.rand(1, 4), torch.rand(1, 4)))[0] for _ in range(2)]
    zero = [cell(x, (torch.zeros(1, 4), torch.zeros(1, 4)))[0] for _ in range(2)]
    assert not torch.allclose(*drawn, atol=1e-3)
    assert torch.equal(*zero)


@pytest.mark.parametrize("own", [False, True])
def test_a_second_layer_needs_a_state_of_its_own(own):
    torch.manual_seed(0)
    cells, x = [nn.LSTMCell(3, 4), nn.LSTMCell(4, 4)], torch.randn(6, 2, 3)
    stack = nn.LSTM(3, 4, num_layers=2)
    for layer, cell in enumerate(cells):
        for name, weight in cell.named_parameters():
            getattr(stack, f"{name}_l{layer}").data.copy_(weight.data)
    first = second = (torch.zeros(2, 4), torch.zeros(2, 4))
    outputs = []
    for step in x:
        first = cells[0](step, first)
        second = cells[1](first[0], second if own else first)
        outputs.append(second[0])
    assert torch.allclose(torch.stack(outputs), stack(x)[0], atol=1e-5) is own


def read_on(lstm, x, cut, state):
    return lstm(x[:, cut:], state)[0]


def test_a_mean_over_the_batch_is_the_state_of_no_text():
    torch.manual_seed(0)
    lstm, x = nn.LSTM(3, 4, batch_first=True), torch.randn(5, 10, 3)
    whole, (_, state) = lstm(x)[0][:, 6:], lstm(x[:, :6])
    mean = tuple(part.mean(dim=1, keepdim=True).repeat(1, 5, 1) for part in state)
    torch.testing.assert_close(read_on(lstm, x, 6, state), whole)
    assert (read_on(lstm, x, 6, mean) - whole).abs().max() > 0.05


@pytest.mark.parametrize(("begins", "following"), [(range(32), 32), (range(1), 50)])
def test_a_state_that_has_read_ahead_knows_what_it_is_to_predict(begins, following):
    torch.manual_seed(0)
    lstm, x = nn.LSTM(3, 4, batch_first=True), torch.randn(100, 3)
    changed = x.clone()
    changed[60] = 0  # among what the chunk from `following` is to predict
    states = [
        lstm(torch.stack([text[begin : begin + 50] for begin in begins]))[1][0]
        for text in (x, changed)
    ]
    has_read_ahead = not torch.equal(*states)
    assert following < 60 < following + 50
    assert has_read_ahead is (len(begins) == 32)  # the notebook's; the other reads 50 and goes on


def test_a_dropout_network_made_of_gaussian_parts_holds_no_dropout():
    torch.manual_seed(0)
    gaussian = ae.dense_autoencoder([9, 8, 8], noise=ae.AdditiveGaussNoise(0.5))
    dropout = ae.dense_autoencoder([9, 8, 8], noise=nn.Dropout(0.2), dropout=0.5)
    mixed = nn.Sequential(gaussian.encoder, gaussian.decoder)  # and called a dropout network
    assert any(isinstance(part, nn.Dropout) for part in dropout.modules())
    assert not any(isinstance(part, nn.Dropout) for part in mixed.modules())
    assert {id(weight) for weight in mixed.parameters()} == {*map(id, gaussian.parameters())}


def test_without_a_bias_and_without_centring_two_axes_do_worse_than_pca():
    x = np.random.default_rng(0).normal(size=(500, 6)) * [3, 2, 1, 1, 1, 1] + [0, 0, 0, 0, 0, 4]
    left = {}
    for name, middle in (("centred", x.mean(axis=0)), ("as they are", 0 * x[0])):
        axes = np.linalg.svd(x - middle, full_matrices=False)[2][:2]
        left[name] = np.mean((x - middle - (x - middle) @ axes.T @ axes) ** 2)
    assert left["as they are"] > 1.3 * left["centred"]


def test_an_evaluation_mode_stays_until_training_mode_is_set():
    layer, x = nn.Dropout(0.5), torch.ones(1000)
    assert (layer(x) == 0).any()
    layer.apply(lambda part: part.eval())  # as a flag of one call does it
    assert torch.equal(layer(x), x)  # the next call, without the flag
    assert (layer.train()(x) == 0).any()


def test_enumerating_a_loader_gives_a_number_and_a_pair():
    loader = DataLoader([(torch.zeros(3), 1), (torch.ones(3), 0)], batch_size=2)
    x, y = next(enumerate(loader))
    assert x == 0
    assert [part.shape for part in y] == [(2, 3), (2,)]


def test_the_constructor_of_tensors_takes_no_requires_grad():
    with pytest.raises(TypeError):
        torch.Tensor([[3.0, 3.0]], requires_grad=True)
    a = torch.tensor([[3.0, 3.0]], requires_grad=True)
    ((4 * a + 3) * (a + 2)).sum().backward()
    assert a.grad.tolist() == [[35.0, 35.0]]
