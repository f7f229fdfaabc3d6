"""What codes are worth: retrieval, clustering and single units, against definitions."""

import numpy as np
import pytest

from ae_course import cluster_homogeneity, retrieval_precision, unit_purity


def blobs(count, seed, classes=4):
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    return random.normal(size=(count, 6)) + 4 * np.eye(6)[labels], labels


def test_retrieval_counts_neighbours_of_the_same_class():
    codes, labels = np.array([[0.0], [1.0], [2.0], [10.0], [11.0]]), np.array([0, 0, 1, 1, 1])
    queries, wanted = np.array([[0.1], [10.4]]), np.array([0, 0])
    found = [retrieval_precision(codes, labels, queries, wanted, k=k) for k in (1, 2, 3, 5)]
    # of the k nearest: 0 | 0 0 | 0 0 1 | all, and beside 10.4 only ones
    assert found == pytest.approx([1 / 2, 2 / 4, 2 / 6, 4 / 10])


def test_retrieval_in_noise_finds_each_class_as_often_as_it_occurs():
    random = np.random.default_rng(0)
    codes, labels = random.normal(size=(2000, 3)), random.integers(4, size=2000)
    precision = retrieval_precision(codes[:1000], labels[:1000], codes[1000:], labels[1000:])
    assert precision == pytest.approx(0.25, abs=0.02)  # 10,000 neighbours: deviation 0.004


def test_homogeneity_is_one_for_pure_groups_and_near_zero_in_noise():
    x, y = blobs(400, 0)
    assert cluster_homogeneity(20 * x, y, n_clusters=4) == pytest.approx(1)
    assert cluster_homogeneity(20 * x, y, n_clusters=1) == pytest.approx(0)
    noise = np.random.default_rng(2).normal(size=(400, 6))
    assert cluster_homogeneity(noise, y, n_clusters=4) < 0.1


def test_clusters_depend_on_the_random_state_alone():
    noise, y = np.random.default_rng(2).normal(size=(300, 6)), np.arange(300) % 5
    found = [cluster_homogeneity(noise, y, n_clusters=5, random_state=s) for s in (0, 0, 1, 2, 3)]
    assert found[0] == found[1]
    assert len(set(found)) > 1


CODES, TARGETS = blobs(40, 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: retrieval_precision(CODES, TARGETS[:-1], CODES, TARGETS),
            r"`codes` .* `labels` .* got \(40, 6\) and \(39,\)",
        ),
        (
            lambda: retrieval_precision(CODES, TARGETS, CODES[:, :5], TARGETS),
            "same size Z, got 6 and 5",
        ),
        (lambda: retrieval_precision(CODES, TARGETS, CODES, TARGETS, k=41), "1 to 40, got 41"),
        (lambda: retrieval_precision(CODES, TARGETS, CODES, TARGETS, k=0), "1 to 40, got 0"),
        (lambda: retrieval_precision(CODES, TARGETS, CODES, TARGETS, k=2.0), "integer .* got 2.0"),
        (
            lambda: retrieval_precision(CODES[:0], TARGETS[:0], CODES, TARGETS),
            r"N > 0, got \(0, 6\) and \(0,\)",
        ),
        (lambda: cluster_homogeneity(CODES, TARGETS[:-1]), r"got \(40, 6\) and \(39,\)"),
        (lambda: cluster_homogeneity(CODES * np.inf, TARGETS), "`codes` must be finite, got 240"),
        (lambda: cluster_homogeneity(CODES, TARGETS, n_clusters=41), "from 1 to 40, got 41"),
        (
            lambda: unit_purity(np.full((40, 2), np.nan), TARGETS),
            "`activations` must be finite, got 80 values",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
