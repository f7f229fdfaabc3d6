"""Builders: the contract, the parts, and the mathematics they stand for."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import mse_loss
from torch.utils.data import TensorDataset

from ae_course import (
    AdditiveGaussNoise,
    AutoEncodeDataset,
    AutoEncoder,
    MaskingNoise,
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
    "dense, spoiled": lambda: dense_autoencoder([784, 20, 3], noise=MaskingNoise(0.5), dropout=0.5),
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


def test_the_output_starts_faint():
    torch.manual_seed(0)
    model = dense_autoencoder([784, 100, 2])
    weight = model.decoder[-2].weight
    bound = 0.1 * (6 / (784 + 100)) ** 0.5  # a tenth of Glorot and Bengio's (2010, eq. 16)
    assert 0.99 * bound < weight.abs().max() <= bound
    assert model.encoder[1].weight.abs().max() > bound


def test_a_dropout_model_contains_dropout_and_shares_nothing_with_a_gaussian_one():
    sizes = [784, 50, 50]
    gaussian = dense_autoencoder(sizes, noise=AdditiveGaussNoise(0.5))
    dropout = dense_autoencoder(sizes, noise=nn.Dropout(0.2), dropout=0.5)
    rates = [m.p for m in dropout.modules() if isinstance(m, nn.Dropout)]
    assert rates == [0.2, 0.5, 0.5]  # the input, then one hidden layer on each side
    assert not any(isinstance(m, nn.Dropout) for m in gaussian.modules())
    assert [m.sigma for m in gaussian.modules() if isinstance(m, AdditiveGaussNoise)] == [0.5]
    memory = [{p.data_ptr() for p in m.parameters()} for m in (gaussian, dropout)]
    assert not memory[0] & memory[1]


def test_noise_and_dropout_act_while_training_and_the_two_models_differ():
    x = torch.rand(64, 1, 28, 28)
    torch.manual_seed(0)
    plain = dense_autoencoder([784, 50, 50], batch_norm=False)
    weights = list(plain.parameters())
    outputs = {}
    for name, arguments in {
        "Gaussian": {"noise": AdditiveGaussNoise(0.5)},
        "dropout": {"noise": nn.Dropout(0.2), "dropout": 0.5},
    }.items():
        model = dense_autoencoder([784, 50, 50], batch_norm=False, **arguments)
        with torch.no_grad():
            for parameter, value in zip(model.parameters(), weights, strict=True):
                parameter.copy_(value)
        assert not torch.equal(model.train()(x), model(x))  # another draw each time
        torch.testing.assert_close(model.eval()(x), plain(x))  # and none in evaluation
        outputs[name] = model.train()(x)
    # the input noise adds to each value of the first layer a variance of 0.25 |w|^2; dropout
    # zeroes half of the hidden units outright
    assert not torch.allclose(outputs["Gaussian"], outputs["dropout"], atol=1e-3)


def test_a_denoiser_is_measured_against_the_clean_target_and_learns_to_remove_noise():
    torch.manual_seed(0)
    along = torch.randn(2000, 1)
    line = TensorDataset(along @ torch.ones(1, 8) / 8**0.5, torch.zeros(2000))  # a line in 8-D
    model = dense_autoencoder([8, 32, 8], noise=AdditiveGaussNoise(0.5), batch_norm=False)
    train(model, mse_loss, batches(AutoEncodeDataset(line), 100, shuffle=True), epochs=10)
    noisy = line.tensors[0] + 0.5 * torch.randn(2000, 8)
    error = (model(noisy.to(next(model.parameters()).device)).cpu() - line.tensors[0]).square()
    assert error.mean() < 0.2 * 0.25  # seven of the eight directions of the noise are removed


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
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    loader = batches(AutoEncodeDataset(data), 400)
    train(model, mse_loss, loader, epochs=500, optimizer=optimizer, device="cpu")
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
        (lambda: dense_autoencoder([784, 2], dropout=1.0), "at least 0 and below 1, got 1.0"),
        (lambda: dense_autoencoder([784, 2], dropout=-0.5), "at least 0 and below 1, got -0.5"),
    ],
)
def test_bad_sizes_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_parts_must_be_modules():
    with pytest.raises(TypeError, match=r"`decoder` must be an nn\.Module, got function"):
        AutoEncoder(nn.Identity(), lambda z: z)


def test_noise_must_be_a_module():
    with pytest.raises(TypeError, match=r"`noise` must be an nn\.Module, got float"):
        dense_autoencoder([784, 2], noise=0.5)
