"""Word vectors: pairs by hand, the loss by its definition, and the optimum that counts predict."""

import math

import numpy as np
import pytest
import torch

from ae_course import SkipGram, shifted_pmi, word_pairs


def test_pairs_by_brute_force():
    torch.manual_seed(0)
    tokens = torch.randint(0, 9, (40,))
    expected = [
        (tokens[i].item(), tokens[j].item())
        for i in range(40)
        for j in range(40)
        if i != j and abs(i - j) <= 3
    ]
    assert sorted(map(tuple, word_pairs(tokens, window=3).tolist())) == sorted(expected)


def test_a_window_wider_than_the_text():
    assert len(word_pairs(torch.arange(4), window=50)) == 12


def test_the_loss_by_its_definition():
    torch.manual_seed(0)
    model = SkipGram([3, 1, 2, 5], 6, negatives=2)
    torch.nn.init.normal_(model.neighbours.weight)
    word, neighbour = torch.tensor([0, 3, 1]), torch.tensor([2, 2, 0])
    torch.manual_seed(1)
    loss = model.loss(model(word), neighbour)
    torch.manual_seed(1)
    drawn = torch.multinomial(model.noise, 6, replacement=True).view(3, 2)
    u, v = model.words.weight, model.neighbours.weight
    total = 0.0
    for i in range(3):
        total -= torch.log(torch.sigmoid(u[word[i]] @ v[neighbour[i]]))
        for other in drawn[i]:
            total -= torch.log(torch.sigmoid(-u[word[i]] @ v[other]))
    torch.testing.assert_close(loss, total / 3)
    again = model.loss(model(word), neighbour, generator=torch.Generator().manual_seed(1))
    assert torch.equal(again, loss)


def test_noise_is_the_power_of_the_counts():
    noise = SkipGram([16, 1], 2).noise
    torch.testing.assert_close(noise, torch.tensor([8 / 9, 1 / 9]))
    assert SkipGram([16, 1], 2, power=0).noise.tolist() == [0.5, 0.5]


def test_at_first_every_pair_is_as_likely_as_not():
    model = SkipGram([1, 2, 3], 4, negatives=5)
    loss = model.loss(model(torch.tensor([0, 1])), torch.tensor([1, 2]))
    torch.testing.assert_close(loss.item(), 6 * math.log(2))


def test_dot_products_tend_to_the_shifted_pmi():
    """With vectors as long as the vocabulary, and exact expectations instead of draws."""
    torch.manual_seed(0)
    pairs = torch.cat([torch.cartesian_prod(torch.arange(4), torch.arange(4))] * 3)
    pairs = torch.cat([pairs, torch.tensor([[0, 1]] * 20 + [[2, 3]] * 9)])
    model = SkipGram([5, 6, 7, 8], 4, negatives=2)
    counts = torch.bincount(pairs[:, 0] * 4 + pairs[:, 1], minlength=16).view(4, 4).float()
    torch.nn.init.normal_(model.words.weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(1500):
        scores = model.words.weight @ model.neighbours.weight.T
        drawn = 2 * counts.sum(dim=1, keepdim=True) * model.noise
        logs = torch.nn.functional.logsigmoid
        loss = -(counts * logs(scores) + drawn * logs(-scores)).sum() / counts.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    expected = torch.from_numpy(shifted_pmi(pairs, model.noise, negatives=2)).float()
    torch.testing.assert_close(scores.detach(), expected, atol=0.01, rtol=0)


def test_pmi_by_hand():
    pairs = torch.tensor([[0, 1], [0, 1], [0, 0], [1, 0]])
    pmi = shifted_pmi(pairs, torch.tensor([0.25, 0.75]), negatives=1)
    expected = [[math.log(1 / 3 / 0.25), math.log(2 / 3 / 0.75)], [math.log(1 / 0.25), -math.inf]]
    np.testing.assert_allclose(pmi, expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SkipGram([1, 0], 2), "positive numbers"),
        (lambda: SkipGram([[1]], 2), r"got shape \(1, 1\)"),
        (lambda: SkipGram([1], 0), "`latent_dim` must be a positive integer"),
        (lambda: SkipGram([1], 2, negatives=0), "`negatives` must be a positive integer"),
        (lambda: word_pairs(torch.tensor([1])), "two words or more"),
        (lambda: word_pairs(torch.arange(3), window=0), "`window` must be a positive integer"),
        (lambda: shifted_pmi(torch.arange(3), torch.ones(2)), r"shape \(N, 2\), got \(3,\)"),
        (lambda: shifted_pmi(torch.ones(1, 2).long(), torch.ones(2, 2)), r"shape \(V,\)"),
        (
            lambda: shifted_pmi(torch.ones(1, 2).long(), torch.ones(2), negatives=0),
            "`negatives` must be a positive integer, got 0",
        ),
        (
            lambda: shifted_pmi(torch.tensor([[0, 2]]), torch.ones(2)),
            "numbers from 0 to 1, as `noise` has 2, got numbers from 0 to 2",
        ),
        (lambda: shifted_pmi(torch.tensor([[0, -1]]), torch.ones(2)), "from -1 to 0"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
