"""PCA, the yardstick: against definitions and against scikit-learn."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from torch.utils.data import TensorDataset

from ae_course import (
    equivalent_components,
    fit_pca,
    pca_as_autoencoder,
    pca_errors,
    principal_angles,
)

RANDOM = np.random.default_rng(0)


def dataset(count, *shape, seed=0):
    x = np.random.default_rng(seed).normal(size=(count, *shape)).astype(np.float32) + 1
    return TensorDataset(torch.from_numpy(x), torch.zeros(count))


def test_pca_errors_are_those_of_projecting_and_coming_back():
    train, test = dataset(200, 1, 3, 4), dataset(80, 1, 3, 4, seed=1)
    pca = fit_pca(train)
    errors = pca_errors(pca, test)
    x = test.tensors[0].flatten(1).numpy()
    assert errors.shape == (13,)
    for k in range(13):
        axes = pca.components_[:k]
        x_hat = pca.mean_ + (x - pca.mean_) @ axes.T @ axes
        assert errors[k] == pytest.approx(np.square(x - x_hat).mean(), abs=1e-6)


def test_pca_errors_fall_from_the_variance_to_zero():
    train = dataset(200, 5)
    errors = pca_errors(fit_pca(train), train)
    assert errors[0] == pytest.approx(train.tensors[0].numpy().var(axis=0).mean(), rel=1e-5)
    assert (np.diff(errors) <= 0).all()
    assert errors[-1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("k", [1, 5, 12])
def test_as_an_autoencoder_pca_has_the_same_codes_and_the_same_error(k):
    train, test = dataset(200, 1, 3, 4), dataset(80, 1, 3, 4, seed=1)
    pca = fit_pca(train)
    model = pca_as_autoencoder(pca, k, image_shape=(1, 3, 4))
    x = test.tensors[0]
    codes = pca.transform(x.flatten(1).numpy())[:, :k]
    torch.testing.assert_close(model.encode(x).detach().numpy(), codes, atol=1e-5, rtol=1e-4)
    error = (model(x) - x).square().mean().item()
    assert error == pytest.approx(pca_errors(pca, test)[k], abs=1e-6)
    assert not model.training


@pytest.mark.parametrize("mean", [0, 300, 10_000])
def test_measurements_far_from_zero_have_the_axes_of_their_full_decomposition(mean):
    """In single precision: temperatures in kelvin, say, about 300 with a spread of 1."""
    axes = np.linalg.qr(RANDOM.normal(size=(20, 20)))[0]
    x = RANDOM.normal(size=(2000, 20)) * np.logspace(0, -1, 20) @ axes.T
    x = (mean + x).astype(np.float32)
    found = fit_pca(TensorDataset(torch.from_numpy(x), torch.zeros(2000)), n_components=5)
    full = PCA(5, svd_solver="full").fit(x.astype(np.float64))
    # 10,000 has steps of 0.001 in single precision, and so has the mean
    assert principal_angles(found.components_, full.components_).max() < 0.05
    np.testing.assert_allclose(found.mean_, full.mean_, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found.explained_variance_, full.explained_variance_, rtol=1e-3)
    errors = pca_errors(found, TensorDataset(torch.from_numpy(x)))
    left = full.noise_variance_ * 15 / 20  # of 20 directions, 15 are left out
    assert errors[5] == pytest.approx(left, rel=5e-3)


def test_a_fit_changes_no_input_and_needs_no_labels():
    x = dataset(50, 1, 3, 4).tensors[0]
    before = x.clone()
    fits = [fit_pca(data) for data in (x, TensorDataset(x), TensorDataset(x, x))]
    assert torch.equal(x, before)
    for pca in fits:
        np.testing.assert_array_equal(pca.components_, fits[0].components_)
        pca_errors(pca, x)
    assert torch.equal(x, before)


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.float16, torch.uint8, torch.int64]
)
def test_the_precision_is_that_of_the_inputs_or_double(dtype):
    x = (100 * torch.rand(60, 4, generator=torch.Generator().manual_seed(0))).to(dtype)
    pca = fit_pca(TensorDataset(x, torch.zeros(60)))
    expected = np.float32 if dtype == torch.float32 else np.float64
    assert pca.components_.dtype == pca.mean_.dtype == expected
    np.testing.assert_allclose(pca.mean_, x.double().mean(dim=0).numpy(), rtol=1e-6)


def test_fewer_components_are_the_first_of_all():
    train = dataset(200, 5)
    np.testing.assert_allclose(
        fit_pca(train, n_components=2).components_, fit_pca(train).components_[:2], atol=1e-5
    )


@given(st.floats(0, 90))
def test_the_angle_of_two_lines(degrees):
    radians = np.radians(degrees)
    found = principal_angles([[2.0, 0, 0]], [[np.cos(radians), np.sin(radians), 0]])
    assert found == pytest.approx([degrees], abs=1e-5)


def test_angles_do_not_depend_on_the_axes_within_a_subspace():
    plane = RANDOM.normal(size=(2, 9))
    mixed = np.array([[3.0, 1.0], [-1.0, 0.5]]) @ plane
    assert principal_angles(plane, mixed).max() < 1e-5
    assert principal_angles(np.eye(4)[:2], np.eye(4)[2:]) == pytest.approx([90, 90])
    assert principal_angles(np.eye(4)[:2], np.eye(4)[[0, 2]]) == pytest.approx([90, 0])


def test_equivalent_components_is_the_smallest_number_that_suffices():
    errors = [1.0, 0.5, 0.2, 0.1]
    assert [equivalent_components(e, errors) for e in (2.0, 1.0, 0.6, 0.5, 0.3, 0.1)] == [
        0,
        0,
        1,
        1,
        2,
        3,
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_pca(dataset(1, 4)), "at least two items .* got 1"),
        (lambda: fit_pca(dataset(9, 4), n_components=5), "between 1 and 4, got 5"),
        (lambda: fit_pca(dataset(9, 4), n_components=0), "between 1 and 4, got 0"),
        (lambda: fit_pca(torch.full((9, 4), torch.nan)), "`dataset` .* finite values, got 36"),
        (
            lambda: pca_errors(fit_pca(dataset(9, 4)), torch.tensor([[1.0, 2, 3, torch.inf]])),
            "finite values, got 1 in",
        ),
        (lambda: principal_angles(np.full((2, 3), np.nan), np.eye(3)), "`a` must be finite"),
        (lambda: pca_errors(fit_pca(dataset(9, 4)), dataset(9, 3)), "4 values an item.* got 3"),
        (lambda: pca_as_autoencoder(fit_pca(dataset(9, 4)), 5), "between 1 and 4, got 5"),
        (lambda: pca_as_autoencoder(fit_pca(dataset(9, 4)), 0), "between 1 and 4, got 0"),
        (lambda: equivalent_components(-1.0, [1.0, 0.0]), "at least 0, got -1.0"),
        (lambda: equivalent_components(float("nan"), [1.0, 0.0]), "at least 0, got nan"),
        (lambda: equivalent_components(0.1, [1.0, 0.5]), "at least 0.5, what 1 components reach"),
        (lambda: equivalent_components(0.1, []), r"one row of errors, got shape \(0,\)"),
        (lambda: principal_angles(np.eye(3), np.eye(2)), r"same number of columns, .* \(3, 3\)"),
        (lambda: principal_angles(np.ones(3), np.eye(3)), r"must be matrices .* \(3,\)"),
        (lambda: principal_angles(np.ones((2, 3)), np.eye(3)), "`a` .* independent .* rank 1"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
