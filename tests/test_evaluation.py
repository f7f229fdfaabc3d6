"""Evaluation: against definitions and against scikit-learn."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import TensorDataset

from ae_course import equivalent_components, fit_pca, linear_probe, pca_errors, principal_angles

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


def blobs(count, seed, classes=4):
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    return random.normal(size=(count, 6)) + 4 * np.eye(6)[labels], labels


def test_a_probe_reads_what_is_linear_and_nothing_from_noise():
    x, y = blobs(400, 0)
    x_test, y_test = blobs(400, 1)
    assert linear_probe(x, y, x_test, y_test) > 0.95
    noise = np.random.default_rng(2).normal(size=(400, 6))
    assert linear_probe(noise, y, x_test, y_test) < 0.5


def test_a_probe_uses_only_the_labels_it_may_see():
    x, y = blobs(400, 0)
    x_test, y_test = blobs(400, 1)
    few = [linear_probe(x, y, x_test, y_test, labels_per_class=1, seed=s) for s in range(6)]
    assert len(set(few)) > 1  # another draw, another score
    assert few[0] == linear_probe(x, y, x_test, y_test, labels_per_class=1, seed=0)
    many = linear_probe(x, y, x_test, y_test, labels_per_class=100)
    assert np.mean(few) < many == linear_probe(x, y, x_test, y_test)


def test_a_probe_does_not_depend_on_the_unit_and_keeps_relative_scales():
    x, y = blobs(400, 0)
    x_test, y_test = blobs(400, 1)
    plain = linear_probe(x, y, x_test, y_test, labels_per_class=5)
    assert linear_probe(7 * x + 3, y, 7 * x_test + 3, y_test, labels_per_class=5) == plain
    noise = np.random.default_rng(3).normal(size=(2, 400, 60)) / 100  # faint, and of no use
    faint = [np.hstack([x, noise[0]]), y, np.hstack([x_test, noise[1]]), y_test]
    loud = [faint[0] / faint[0].std(0), y, faint[2] / faint[0].std(0), y_test]
    assert linear_probe(*faint, labels_per_class=5) == pytest.approx(plain, abs=0.02)
    assert linear_probe(*loud, labels_per_class=5) < plain - 0.05


CODES, TARGETS = blobs(40, 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_pca(dataset(1, 4)), "at least two items .* got 1"),
        (lambda: fit_pca(dataset(9, 4), n_components=5), "between 1 and 4, got 5"),
        (lambda: fit_pca(dataset(9, 4), n_components=0), "between 1 and 4, got 0"),
        (lambda: pca_errors(fit_pca(dataset(9, 4)), dataset(9, 3)), "4 values an item.* got 3"),
        (lambda: equivalent_components(-1.0, [1.0, 0.0]), "at least 0, got -1.0"),
        (lambda: equivalent_components(float("nan"), [1.0, 0.0]), "at least 0, got nan"),
        (lambda: equivalent_components(0.1, [1.0, 0.5]), "at least 0.5, what 1 components reach"),
        (lambda: equivalent_components(0.1, []), r"one row of errors, got shape \(0,\)"),
        (lambda: principal_angles(np.eye(3), np.eye(2)), r"same number of columns, .* \(3, 3\)"),
        (lambda: principal_angles(np.ones(3), np.eye(3)), r"must be matrices .* \(3,\)"),
        (lambda: principal_angles(np.ones((2, 3)), np.eye(3)), "`a` .* independent .* rank 1"),
        (
            lambda: linear_probe(CODES, TARGETS[:-1], CODES, TARGETS),
            r"`train_labels` shape \(N,\), got \(40, 6\) and \(39,\)",
        ),
        (
            lambda: linear_probe(CODES, TARGETS, CODES[:, :5], TARGETS),
            "same size Z, got 6 and 5",
        ),
        (lambda: linear_probe(CODES[0], TARGETS, CODES, TARGETS), r"shape \(N, Z\)"),
        (
            lambda: linear_probe(np.full((40, 6), np.nan), TARGETS, CODES, TARGETS),
            "`train_codes` must be finite, got 240 values",
        ),
        (lambda: linear_probe(CODES * 0, TARGETS, CODES, TARGETS), "must differ .* 40 times the"),
        (
            lambda: linear_probe(CODES, TARGETS, CODES, TARGETS, labels_per_class=11),
            "between 1 and 10, .* got 11",
        ),
        (
            lambda: linear_probe(CODES, TARGETS, CODES, TARGETS, labels_per_class=0),
            "between 1 and 10, .* got 0",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
