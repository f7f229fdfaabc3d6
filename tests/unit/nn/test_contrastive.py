"""The contrastive loss against its definition, pair by pair, and against what is known of it."""

import math

import pytest
import torch

import ae_course as ae

ONE, TWO = torch.randn(2, 7, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def by_pairs(one, two, temperature):
    """Equation 1 of the paper, with loops."""
    codes = [*one, *two]
    total = 0.0
    for i, anchor in enumerate(codes):
        partner = (i + len(one)) % len(codes)
        terms = [
            math.exp(torch.cosine_similarity(anchor, other, dim=0).item() / temperature)
            for other in codes
        ]
        total -= math.log(terms[partner] / (sum(terms) - terms[i]))
    return total / len(codes)


@pytest.mark.parametrize("temperature", [0.1, 0.5, 2])
def test_it_is_its_definition(temperature):
    found = ae.info_nce(ONE, TWO, temperature=temperature).item()
    assert found == pytest.approx(by_pairs(ONE, TWO, temperature), rel=1e-9)


def test_codes_that_are_all_the_same_have_the_loss_of_guessing():
    same = torch.ones(8, 3)
    assert ae.info_nce(same, same).item() == pytest.approx(math.log(15), rel=1e-6)


def test_neither_the_order_of_pictures_nor_that_of_views_nor_lengths_matter():
    order = torch.randperm(7, generator=torch.Generator().manual_seed(1))
    loss = ae.info_nce(ONE, TWO)
    torch.testing.assert_close(ae.info_nce(ONE[order], TWO[order]), loss)
    torch.testing.assert_close(ae.info_nce(TWO, ONE), loss)
    torch.testing.assert_close(ae.info_nce(3 * ONE, TWO / 5), loss)


def test_its_gradient():
    one, two = ONE[:3].clone().requires_grad_(), TWO[:3].clone().requires_grad_()
    assert torch.autograd.gradcheck(ae.info_nce, (one, two))


@pytest.mark.parametrize("wrong", [TWO[:6], TWO[:, :4], TWO[0]])
def test_codes_must_be_of_the_same_pictures(wrong):
    with pytest.raises(ValueError, match=r"the same shape \(B, Z\) with B > 1, got \(7, 5\)"):
        ae.info_nce(ONE, wrong)


def test_one_picture_has_no_others():
    with pytest.raises(ValueError, match="with B > 1"):
        ae.info_nce(ONE[:1], TWO[:1])


@pytest.mark.parametrize("temperature", [0, -1, float("nan"), float("inf")])
def test_a_temperature_is_above_zero(temperature):
    with pytest.raises(ValueError, match="`temperature` must be a finite number above 0"):
        ae.info_nce(ONE, TWO, temperature=temperature)
