"""Builders: the contract, the parts, and the mathematics they stand for."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import mse_loss
from torch.utils.data import TensorDataset

from ae_course import (
    AutoEncodeDataset,
    AutoEncoder,
    batches,
    dense_autoencoder,
    evaluate,
    fit_pca,
    nonlinear_pca,
    pca_autoencoder,
    pca_errors,
    principal_angles,
    train,
)

BUILDERS = {
    "pca": lambda: pca_autoencoder(784, 3),
    "uncentered pca": lambda: pca_autoencoder(784, 3, centered=False),
    "nonlinear": lambda: nonlinear_pca(784, 3),
    "dense": lambda: dense_autoencoder([784, 20, 3]),
    "dense, no norm": lambda: dense_autoencoder([784, 20, 3], activation=nn.Tanh, batch_norm=False),
}


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS.keys())
def test_every_builder_keeps_the_contract(build):
    model = build()
    x = torch.rand(5, 1, 28, 28)
    z = model.encode(x)
    assert isinstance(model, AutoEncoder)
    assert z.shape == (5, 3)
    assert model.decode(z).shape == x.shape
    model.eval()
    torch.testing.assert_close(model(x), model.decode(model.encode(x)))


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS.keys())
def test_every_parameter_takes_part(build):
    model = build()
    model(torch.rand(5, 1, 28, 28)).square().sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_pca_starts_orthonormal_and_without_biases_when_uncentered():
    weight = pca_autoencoder(784, 5).encoder[1].weight
    torch.testing.assert_close(weight @ weight.T, torch.eye(5))
    assert len(list(pca_autoencoder(784, 5, centered=False).parameters())) == 1


def test_nonlinear_pca_has_one_activation_on_the_code_and_untied_weights():
    model = nonlinear_pca(6, 2, activation=nn.Sigmoid)
    z = model.encode(torch.randn(50, 6))
    assert z.min() > 0
    assert z.max() < 1
    assert model.encoder[1].weight.shape == (2, 6)
    assert model.decoder[0].weight.shape == (6, 2)


def test_dense_autoencoder_mirrors_its_sizes():
    model = dense_autoencoder([784, 392, 261, 196, 2])
    linear = [m for m in model.modules() if isinstance(m, nn.Linear)]
    assert [(m.in_features, m.out_features) for m in linear] == [
        (784, 392),
        (392, 261),
        (261, 196),
        (196, 2),
        (2, 196),
        (196, 261),
        (261, 392),
        (392, 784),
    ]
    assert isinstance(model.encoder[-1], nn.Linear)  # the code is linear
    assert sum(isinstance(m, nn.BatchNorm1d) for m in model.modules()) == 6


def test_activations_are_not_shared_between_layers():
    model = dense_autoencoder([8, 4, 3, 2], activation=nn.PReLU)
    assert len({id(m) for m in model.modules() if isinstance(m, nn.PReLU)}) == 4


@pytest.mark.parametrize("centered", [True, False])
def test_a_tied_linear_autoencoder_reaches_the_error_and_the_subspace_of_pca(centered):
    random = np.random.default_rng(0)
    scales = np.array([4.0, 3.0, 1.0, 0.5, 0.5, 0.2])
    x = random.normal(size=(400, 6)) * scales + 2.0  # the mean is far from zero
    x = x.astype(np.float32)
    data = TensorDataset(torch.from_numpy(x), torch.zeros(400))
    torch.manual_seed(0)
    model = pca_autoencoder(6, 2, centered=centered)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    loader = batches(AutoEncodeDataset(data), 400)
    train(model, mse_loss, loader, epochs=1500, optimizer=optimizer, device="cpu")
    if centered:
        pca = fit_pca(data)
        error, plane = pca_errors(pca, data)[2], pca.components_[:2]
    else:  # the same from the raw second moments, mean included
        plane = np.linalg.svd(x, full_matrices=False)[2][:2]
        error = np.square(x - x @ plane.T @ plane).mean()
    assert evaluate(model, mse_loss, loader) == pytest.approx(error, rel=1e-3)
    weight = model.encoder[1].weight.detach().numpy()
    assert principal_angles(weight, plane).max() < 1.0  # degrees
    np.testing.assert_allclose(weight @ weight.T, np.eye(2), atol=0.02)  # without any penalty


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pca_autoencoder(784, 0), "positive integers, .* got .784, 0."),
        (lambda: pca_autoencoder(-4, 2), "positive integers"),
        (lambda: pca_autoencoder(4, 5), "at most `input_dim`=4 .* got 5"),
        (lambda: pca_autoencoder(784, 2, image_shape=(1, 28)), r"784 values .* \(1, 28\) with 28"),
        (lambda: nonlinear_pca(784, 2.5), "positive integers, .* 2.5"),
        (lambda: nonlinear_pca(6, 2, image_shape=(7,)), "the 6 values of one input"),
        (lambda: dense_autoencoder([784]), "at least two positive integers, .* got .784."),
        (lambda: dense_autoencoder([]), r"at least two positive integers, .* got \[\]"),
        (lambda: dense_autoencoder([784, "20", 2]), "at least two positive integers"),
    ],
)
def test_bad_sizes_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_parts_must_be_modules():
    with pytest.raises(TypeError, match=r"`decoder` must be an nn\.Module, got function"):
        AutoEncoder(nn.Identity(), lambda z: z)
