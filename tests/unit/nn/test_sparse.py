"""Sparse codes: who speaks, what it costs, and what a unit listens to."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, kl_divergence

from ae_course import KSparse, kl_sparsity, unit_purity


def test_the_k_largest_stay_as_they_are():
    torch.manual_seed(0)
    z = torch.randn(50, 30)
    kept = KSparse(4)(z)
    assert ((kept != 0).sum(dim=1) == 4).all()
    assert torch.equal(kept[kept != 0], z[kept != 0])
    smallest_kept = torch.where(kept != 0, z, torch.inf).min(dim=1).values
    largest_left = torch.where(kept == 0, z, -torch.inf).max(dim=1).values
    assert (smallest_kept > largest_left).all()


def test_with_all_units_nothing_changes():
    z = torch.randn(5, 7)
    assert torch.equal(KSparse(7)(z), z)


def test_the_gradient_passes_through_the_kept_alone():
    z = torch.tensor([[0.5, -1.0, 2.0, 0.1]], requires_grad=True)
    KSparse(2)(z).sum().backward()
    assert z.grad.tolist() == [[1, 0, 1, 0]]


def test_k_can_be_changed():
    layer = KSparse(5)
    layer.k = 1
    assert (layer(torch.rand(3, 9)) != 0).sum() == 3


def test_the_penalty_is_the_divergence_of_two_coins():
    torch.manual_seed(0)
    activity = torch.rand(40, 6, dtype=torch.float64)
    mean = activity.mean(dim=0)
    wished = torch.full_like(mean, 0.1)
    expected = kl_divergence(Bernoulli(wished), Bernoulli(mean)).sum()
    torch.testing.assert_close(kl_sparsity(activity, 0.1), expected)


def test_the_penalty_is_least_at_its_target_and_finite_for_silence():
    assert kl_sparsity(torch.full((9, 3), 0.2), 0.2).item() == pytest.approx(0, abs=1e-6)
    silent = torch.zeros(9, 3, requires_grad=True)
    penalty = kl_sparsity(silent, 0.2)
    assert 0 < penalty < math.inf
    penalty.backward()
    assert (silent.grad < 0).all()  # downhill is to speak up
    assert torch.autograd.gradcheck(
        lambda a: kl_sparsity(a, 0.2), torch.rand(4, 3, dtype=torch.float64, requires_grad=True)
    )


def test_purity_by_hand():
    labels = np.array([0, 0, 1, 1, 2, 2])
    activations = np.array(
        [
            [9, 1, 0, 0],
            [8, 2, 0, 1],
            [1, 9, 0, 0],
            [1, 3, 0, 0],
            [1, 8, 0, 0],
            [1, 2.5, 0, 0],
        ]
    )
    # the two that excite most: both 0; one 1 and one 2; silent; only one above zero
    np.testing.assert_equal(unit_purity(activations, labels, top=2), [1, 0.5, np.nan, np.nan])


def test_purity_without_meaning_is_that_of_chance():
    random = np.random.default_rng(0)
    purity = unit_purity(random.random((2000, 300)), random.integers(0, 10, 2000), top=20)
    chance = np.mean([np.bincount(random.integers(0, 10, 20)).max() / 20 for _ in range(3000)])
    assert purity.mean() == pytest.approx(chance, abs=0.01)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: KSparse(0), "`k` must be a positive integer, got 0"),
        (lambda: KSparse(3)(torch.rand(2, 2)), r"Z of at least k=3, got \(2, 2\)"),
        (lambda: KSparse(1)(torch.rand(2)), r"shape \(B, Z\)"),
        (lambda: kl_sparsity(torch.rand(2, 2), 0), "`target` must be between 0 and 1, got 0"),
        (lambda: kl_sparsity(torch.rand(2), 0.1), r"shape \(B, Z\), got \(2,\)"),
        (lambda: kl_sparsity(torch.full((2, 2), 1.5), 0.1), r"in \[0, 1\], got values from 1.5"),
        (lambda: unit_purity(np.ones((3, 2)), np.ones(2)), r"got \(3, 2\) and \(2,\)"),
        (lambda: unit_purity(np.ones((3, 2)), np.ones(3), top=4), "from 1 to 3, got 4"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
