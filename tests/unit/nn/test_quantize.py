"""Vector quantisation: nearest entries, the gradient that goes straight on, revival."""

import pytest
import torch
from torch.nn.functional import mse_loss

import ae_course as ae


def quantizer(entries=6, dim=3, **options):
    torch.manual_seed(0)
    return ae.VectorQuantizer(entries, dim, **options)


def vectors(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("shape", [(5, 3), (5, 3, 4), (5, 3, 7, 7)])
def test_each_vector_gets_the_nearest_entry(shape):
    layer, z = quantizer(), vectors(*shape)
    passed, words, _ = layer(z)
    flat = z.movedim(1, -1).reshape(-1, 3)
    nearest = torch.cdist(flat, layer.codebook).argmin(dim=1)
    assert torch.equal(words.flatten(), nearest)
    assert words.shape == (5, *shape[2:])
    torch.testing.assert_close(passed.movedim(1, -1).reshape(-1, 3), layer.codebook[nearest])


def test_the_gradient_goes_straight_to_the_vector_and_not_to_the_entry():
    layer, z = quantizer(), vectors(5, 3, 4).requires_grad_()
    passed, _, _ = layer(z)
    weights = vectors(5, 3, 4) + 1
    (passed * weights).sum().backward()
    torch.testing.assert_close(z.grad, weights)
    assert layer.codebook.grad is None or not layer.codebook.grad.any()


def test_the_loss_moves_the_entry_by_one_term_and_the_vector_by_the_other():
    layer, z = quantizer(commitment=0.25), vectors(5, 3, 4).requires_grad_()
    _, words, loss = layer(z)
    apart = mse_loss(layer.lookup(words), z).item()
    assert loss.item() == pytest.approx(1.25 * apart)
    loss.backward()
    difference = 2 * (z - layer.lookup(words)).detach() / z.numel()
    torch.testing.assert_close(z.grad, 0.25 * difference)
    to_entries = torch.zeros(6, 3).index_add_(
        0, words.flatten(), -difference.movedim(1, -1).flatten(0, 1)
    )
    torch.testing.assert_close(layer.codebook.grad, to_entries)


def test_without_a_commitment_only_the_entries_are_moved():
    layer, z = quantizer(commitment=0), vectors(5, 3).requires_grad_()
    layer(z)[2].backward()
    assert not z.grad.any()
    assert layer.codebook.grad.any()


def test_looking_up_an_entry_s_own_word_gives_the_entry():
    layer = quantizer()
    words = torch.arange(6).view(2, 3)
    assert torch.equal(layer.words(layer.lookup(words)), words)


def test_dead_entries_are_moved_onto_vectors_and_no_others():
    layer, z = quantizer(), vectors(50, 3)
    with torch.no_grad():
        layer.codebook[[1, 4]] += 100
    before = layer.codebook.detach().clone()
    alive = layer.words(z).unique()
    dead = sorted({*range(6)} - {*alive.tolist()})
    assert {1, 4} <= {*dead}
    assert layer.revive(z, generator=torch.Generator().manual_seed(0)) == len(dead)
    assert torch.equal(layer.codebook[alive], before[alive])
    for entry in layer.codebook[dead]:
        assert (z == entry).all(dim=1).any()
    assert {*dead} <= {*layer.words(z).unique().tolist()}  # each is nearest to its own vector


def test_a_revival_by_the_same_generator_is_the_same():
    found = []
    for _ in range(2):
        layer = quantizer()
        with torch.no_grad():
            layer.codebook += 100
        layer.revive(vectors(50, 3), generator=torch.Generator().manual_seed(3))
        found.append(layer.codebook.detach().clone())
    assert torch.equal(*found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"entries": 0}, "`entries` must be a positive integer"),
        ({"dim": 2.5}, "`dim` must be a positive integer"),
        ({"commitment": -1}, "`commitment` must not be negative, got -1"),
        ({"commitment": float("nan")}, "`commitment` must not be negative, got nan"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        quantizer(**options)


@pytest.mark.parametrize(
    ("z", "message"),
    [
        (torch.zeros(5, 4, 7), r"`z` must have shape \(B, 3, \.\.\.\), got \(5, 4, 7\)"),
        (torch.zeros(0, 3), r"`z` must have shape \(B, 3, \.\.\.\), got \(0, 3\)"),
        (torch.full((5, 3), float("nan")), "`z` must be finite"),
    ],
)
def test_vectors_that_are_refused(z, message):
    with pytest.raises(ValueError, match=message):
        quantizer()(z)


def test_too_few_vectors_for_a_revival_are_refused():
    with pytest.raises(ValueError, match="`z` must hold at least 6 vectors, got 5"):
        quantizer().revive(vectors(5, 3))


def test_it_says_its_sizes():
    assert repr(quantizer()) == "VectorQuantizer(entries=6, dim=3, commitment=0.25)"
