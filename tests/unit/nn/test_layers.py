"""Layers: each against its definition."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ae_course import TransposeLinear, orthogonality_penalty, pca_autoencoder


def test_transpose_linear_is_the_transposed_product():
    linear = nn.Linear(7, 3)
    decoder = TransposeLinear(linear)
    with torch.no_grad():
        decoder.bias.uniform_()
    z = torch.randn(5, 3)
    torch.testing.assert_close(decoder(z), z @ linear.weight + decoder.bias)


def test_transpose_linear_bias_starts_at_zero_and_can_be_left_out():
    assert torch.equal(TransposeLinear(nn.Linear(7, 3)).bias, torch.zeros(7))
    assert TransposeLinear(nn.Linear(7, 3), bias=False).bias is None


def tied_weights(model):
    return model.encoder[1].weight, model.decoder[0].weight


def test_the_weight_stays_tied():
    model = pca_autoencoder(12, 2)
    clone = copy.deepcopy(model)
    other = pca_autoencoder(12, 2)
    other.load_state_dict(model.state_dict())
    moved = copy.deepcopy(model).to(torch.float64)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    model(torch.randn(4, 12)).square().mean().backward()
    optimizer.step()
    for version in (model, clone, other, moved):
        encoder_weight, decoder_weight = tied_weights(version)
        assert encoder_weight is decoder_weight
    assert tied_weights(clone)[0] is not tied_weights(model)[0]
    assert not torch.equal(tied_weights(clone)[0], tied_weights(model)[0])  # the step moved one
    assert len(list(model.parameters())) == 3  # W once, and two biases


def test_gradients_reach_the_shared_weight_from_both_layers():
    linear = nn.Linear(4, 2, dtype=torch.float64)
    decoder = TransposeLinear(linear)

    def reconstruct(x, weight, bias):
        parameters = {"weight": weight, "bias": bias}
        z = F.linear(x, weight)
        return torch.func.functional_call(decoder, parameters, (z,))

    x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(reconstruct, (x, linear.weight, decoder.bias))


def test_penalty_is_the_squared_distance_of_the_gram_matrix_from_the_identity():
    weight = torch.tensor([[2.0, 0.0, 0.0], [1.0, 1.0, 0.0]], dtype=torch.float64)
    # W Wᵀ − I = [[3, 2], [2, 1]]
    assert orthogonality_penalty(weight).item() == 9 + 4 + 4 + 1


def test_penalty_vanishes_on_orthonormal_rows_in_any_rotation():
    weight = nn.init.orthogonal_(torch.empty(3, 10, dtype=torch.float64))
    assert orthogonality_penalty(weight).item() < 1e-20
    assert orthogonality_penalty(1.1 * weight).item() > 0.1


def test_penalty_has_the_right_gradient():
    weight = torch.randn(2, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(orthogonality_penalty, (weight,))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: TransposeLinear(nn.Conv2d(1, 1, 3)), TypeError, "nn.Linear, got Conv2d"),
        (lambda: TransposeLinear(None), TypeError, "nn.Linear, got NoneType"),
        (
            lambda: orthogonality_penalty(torch.zeros(3)),
            ValueError,
            r"shape \(Z, D\) .* got shape \(3,\)",
        ),
        (
            lambda: orthogonality_penalty(torch.zeros(3, 2)),
            ValueError,
            r"Z <= D, got shape \(3, 2\)",
        ),
    ],
)
def test_bad_input_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
