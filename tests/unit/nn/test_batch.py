"""The spread of a batch, appended to each of its examples."""

import pytest
import torch

import ae_course as ae


def test_features_stay_and_their_standard_deviation_follows():
    x = torch.randn(6, 3, dtype=torch.float64)
    out = ae.BatchSpread()(x)
    assert torch.equal(out[:, :3], x)
    torch.testing.assert_close(out[:, 3:], x.std(dim=0).expand(6, 3))


def test_the_gradient_is_right_and_finite_where_all_are_equal():
    x = torch.randn(4, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(ae.BatchSpread(), x)
    same = torch.ones(4, 2, requires_grad=True)
    ae.BatchSpread()(same).sum().backward()
    assert torch.isfinite(same.grad).all()


@pytest.mark.parametrize("shape", [(1, 3), (3,), (2, 3, 4)])
def test_what_is_refused(shape):
    with pytest.raises(ValueError, match="must have shape"):
        ae.BatchSpread()(torch.ones(shape))
