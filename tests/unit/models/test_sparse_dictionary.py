"""A dictionary of states: what its parts are, and what its training keeps to."""

import pytest
import torch

import ae_course as ae


def states(count=600, size=6):
    """Sums of two of twelve directions."""
    chance = torch.Generator().manual_seed(0)
    words = torch.randn(12, size, generator=chance)
    pick = torch.rand(count, 12, generator=chance).topk(2, dim=1).indices
    return words[pick].sum(dim=1) + 3


def made(**options):
    return ae.SparseDictionary(states(), **({"units": 24, "k": 2} | options))


def test_codes_are_the_k_largest_products():
    dictionary, x = made(), states()[:20]
    z = dictionary.encode(x)
    assert ((z != 0).sum(dim=1) <= 2).all()
    assert (z >= 0).all()
    fits = (x - x.new_tensor(dictionary.center.tolist())) @ dictionary.listen.T
    assert torch.equal(z.argmax(dim=1), fits.argmax(dim=1))
    torch.testing.assert_close(dictionary(x), z @ dictionary.words + dictionary.center)


def test_it_begins_at_the_mean_with_directions_of_length_one():
    dictionary = made()
    torch.testing.assert_close(dictionary.center, states().mean(dim=0))
    torch.testing.assert_close(dictionary.words.norm(dim=1), torch.ones(24))
    assert torch.equal(dictionary.words, dictionary.listen)
    plain = made(plain=True)
    assert not plain.center.any()
    assert not torch.equal(plain.words, plain.listen)


def test_a_generator_decides_all():
    first, again = (
        ae.fit_dictionary(
            made(generator=torch.Generator().manual_seed(1)),
            states(),
            batch_size=50,
            generator=torch.Generator().manual_seed(2),
        )
        for _ in range(2)
    )
    assert torch.equal(first.words, again.words)


def test_training_lowers_the_error_and_keeps_the_length():
    torch.manual_seed(0)
    dictionary = made()
    before = (dictionary(states()) - states()).square().mean()
    trained = ae.fit_dictionary(dictionary, states(), epochs=20, batch_size=50, lr=0.01)
    assert trained is dictionary
    assert (dictionary(states()) - states()).square().mean() < before / 2
    torch.testing.assert_close(dictionary.words.norm(dim=1), torch.ones(24))
    assert not any(weight.requires_grad for weight in dictionary.parameters())


def test_silent_features_come_back():
    torch.manual_seed(0)
    never = []
    for revive in (False, True):
        dictionary = made()
        dictionary.bias.data[:12] = -100  # silent, whatever comes
        ae.fit_dictionary(dictionary, states(), epochs=4, batch_size=50, revive=revive)
        never.append((dictionary.encode(states()) == 0).all(dim=0)[:12].sum())
    assert never[0] == 12
    assert never[1] < 6


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ae.SparseDictionary(torch.zeros(5)), r"shape \(N, H\), got \(5,\)"),
        (lambda: made(units=0), "`units` must be a positive integer"),
        (lambda: made(k=0), "`k` must be a positive integer"),
        (lambda: ae.fit_dictionary(made(), states(), epochs=0), "`epochs`"),
        (lambda: ae.fit_dictionary(made(), states(40)), "at least 512, got 40"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
