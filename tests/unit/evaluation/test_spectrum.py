"""The effective rank of codes, where it is known."""

import pytest
import torch

import ae_course as ae

CODES = torch.randn(4000, 6, generator=torch.Generator().manual_seed(0))


def test_even_directions_are_counted():
    assert ae.effective_rank(CODES) == pytest.approx(6, abs=0.05)
    assert ae.effective_rank(CODES[:, :2]) == pytest.approx(2, abs=0.05)


def test_one_direction_is_one_wherever_it_points():
    line = CODES[:, :1] * torch.tensor([[1.0, -2, 3]])
    assert ae.effective_rank(line) == pytest.approx(1, abs=1e-6)


def test_two_shares_have_the_exponential_of_their_entropy():
    codes = torch.tensor([[3.0, 0], [-3, 0], [0, 1], [0, -1]])  # shares 0.9 and 0.1
    assert ae.effective_rank(codes) == pytest.approx(0.9**-0.9 * 0.1**-0.1)


def test_neither_place_nor_size_nor_rotation_matters():
    stretched = CODES * torch.arange(1, 7)
    turn = torch.linalg.qr(torch.randn(6, 6, generator=torch.Generator().manual_seed(1)))[0]
    wanted = ae.effective_rank(stretched)
    assert ae.effective_rank(0.01 * stretched @ turn + 7) == pytest.approx(wanted, rel=1e-4)


def test_codes_that_do_not_vary_have_none():
    assert ae.effective_rank(torch.ones(5, 3)) == 0


@pytest.mark.parametrize("wrong", [torch.ones(3), torch.ones(1, 3), torch.ones(5, 3).long()])
def test_what_is_refused(wrong):
    with pytest.raises(ValueError, match="`codes` must be"):
        ae.effective_rank(wrong)


def test_numbers_must_be_finite():
    with pytest.raises(ValueError, match="`codes` must be finite"):
        ae.effective_rank(torch.tensor([[1.0], [torch.nan]]))
