"""The linear probe: what it reads, from which labels, and that codes are compared in pairs."""

import statistics

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ae_course import fit_probe, linear_probe


def blobs(count, seed, classes=4):
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    return random.normal(size=(count, 6)) + 4 * np.eye(6)[labels], labels


X, Y = blobs(400, 0)
X_TEST, Y_TEST = blobs(400, 1)


def test_a_probe_reads_what_is_linear_and_nothing_from_noise():
    assert linear_probe(X, Y, X_TEST, Y_TEST).accuracy > 0.95
    noise = np.random.default_rng(2).normal(size=(400, 6))
    assert linear_probe(noise, Y, X_TEST, Y_TEST).accuracy < 0.5


@pytest.mark.parametrize("labels_per_class", [None, 3])
def test_it_is_a_logistic_regression_on_codes_of_one_scale(labels_per_class):
    """By hand: everything centred and divided by one number, then fitted to the items drawn."""
    scale = np.sqrt(np.square(X - X.mean(axis=0)).sum(axis=1).mean())
    expected = []
    for draw in range(1 if labels_per_class is None else 4):
        random = np.random.default_rng(draw)
        items = np.arange(400)
        if labels_per_class is not None:
            items = np.concatenate(
                [random.choice(np.flatnonzero(c == Y), 3, replace=False) for c in range(4)]
            )
        fitted = LogisticRegression(C=100, max_iter=2000)
        fitted.fit((X[items] - X.mean(axis=0)) / scale, Y[items])
        expected.append(fitted.score((X_TEST - X.mean(axis=0)) / scale, Y_TEST))
    found = linear_probe(X, Y, X_TEST, Y_TEST, labels_per_class=labels_per_class, draws=4)
    assert found.accuracies == tuple(expected)


def test_a_probe_uses_only_the_labels_it_may_see():
    few = linear_probe(X, Y, X_TEST, Y_TEST, labels_per_class=1, draws=6)
    assert len(few.accuracies) == 6
    assert len(set(few.accuracies)) > 1  # another draw, another score
    assert few == linear_probe(X, Y, X_TEST, Y_TEST, labels_per_class=1, draws=6)
    fewer = linear_probe(X, Y, X_TEST, Y_TEST, labels_per_class=1, draws=2)
    assert few.accuracies[:2] == fewer.accuracies  # a draw is known by its number
    many = linear_probe(X, Y, X_TEST, Y_TEST, labels_per_class=100)
    assert few.accuracy < many.accuracy == linear_probe(X, Y, X_TEST, Y_TEST).accuracy


def test_whatever_the_codes_a_draw_takes_the_same_items(monkeypatch):
    seen = []

    class Spy(LogisticRegression):
        def fit(self, x, y):
            seen.append(x[:, 0].argsort())
            return super().fit(x, y)

    monkeypatch.setattr("sklearn.linear_model.LogisticRegression", Spy)
    numbers = np.arange(400.0)[:, None]  # an item is known by its first value
    for other in (X, 100 * np.random.default_rng(5).random((400, 3))):
        codes = np.hstack([numbers, other])
        linear_probe(codes, Y, codes, Y, labels_per_class=2, draws=3)
    np.testing.assert_array_equal(seen[:3], seen[3:])


def test_a_fitted_probe_can_be_asked_again():
    fitted = fit_probe(X, Y, labels_per_class=2, draws=3)
    assert fitted.score(X_TEST, Y_TEST) == linear_probe(
        X, Y, X_TEST, Y_TEST, labels_per_class=2, draws=3
    )
    noisy = X_TEST + 5 * np.random.default_rng(3).normal(size=X_TEST.shape)
    assert fitted.score(noisy, Y_TEST).accuracy < fitted.score(X_TEST, Y_TEST).accuracy
    with pytest.raises(ValueError, match="must have the same size Z, got 6 and 5"):
        fitted.score(X_TEST[:, :5], Y_TEST)


def test_a_probe_says_its_mean_and_its_spread():
    probe = linear_probe(X, Y, X_TEST, Y_TEST, labels_per_class=1, draws=5)
    assert probe.accuracy == pytest.approx(statistics.mean(probe.accuracies))
    assert probe.spread == pytest.approx(statistics.stdev(probe.accuracies))
    assert f"{probe}" == f"{probe.accuracy:.3f} ± {probe.spread:.3f}"
    alone = linear_probe(X, Y, X_TEST, Y_TEST)
    assert (len(alone.accuracies), alone.spread) == (1, 0.0)
    assert str(alone) == f"{alone.accuracy:.3f}"


def test_a_probe_does_not_depend_on_the_unit_and_keeps_relative_scales():
    plain = linear_probe(X, Y, X_TEST, Y_TEST, labels_per_class=5)
    assert linear_probe(7 * X + 3, Y, 7 * X_TEST + 3, Y_TEST, labels_per_class=5) == plain
    noise = np.random.default_rng(3).normal(size=(2, 400, 60)) / 100  # faint, and of no use
    faint = [np.hstack([X, noise[0]]), Y, np.hstack([X_TEST, noise[1]]), Y_TEST]
    loud = [faint[0] / faint[0].std(0), Y, faint[2] / faint[0].std(0), Y_TEST]
    accuracy = linear_probe(*faint, labels_per_class=5).accuracy
    assert accuracy == pytest.approx(plain.accuracy, abs=0.02)
    assert linear_probe(*loud, labels_per_class=5).accuracy < plain.accuracy - 0.05


def test_codes_far_from_zero_are_read_as_well_in_single_precision():
    far, far_test = (np.float32(x + 1000) for x in (X, X_TEST))
    found = linear_probe(far, Y, far_test, Y_TEST, labels_per_class=5)
    plain = linear_probe(X, Y, X_TEST, Y_TEST, labels_per_class=5)
    assert found.accuracy == pytest.approx(plain.accuracy, abs=0.01)  # steps of 6e-5


def test_codes_are_left_as_they_were():
    codes = X.astype(np.float32)
    linear_probe(codes, Y, codes, Y)
    np.testing.assert_array_equal(codes, X.astype(np.float32))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train_labels": Y[:-1]}, r"`train_labels` shape \(N,\), .* got \(400, 6\) and \(399,\)"),
        ({"test_labels": Y[:-1]}, r"`test_labels` shape \(N,\), .* got \(400, 6\) and \(399,\)"),
        ({"test_codes": X[:, :5]}, "same size Z, got 6 and 5"),
        ({"train_codes": X[0]}, r"shape \(N, Z\)"),
        ({"train_codes": X * np.nan}, "`train_codes` must be finite, got 2400 values"),
        ({"test_codes": X * np.inf}, "`test_codes` must be finite, got 2400 values"),
        ({"train_codes": X * 0}, "must differ .* 400 times the"),
        ({"labels_per_class": 101}, "between 1 and 100, .* got 101"),
        ({"labels_per_class": 0}, "between 1 and 100, .* got 0"),
        ({"draws": 0}, "`draws` must be a positive integer, got 0"),
        ({"labels_per_class": 2, "draws": 1.5}, "`draws` must be a positive integer, got 1.5"),
    ],
)
def test_bad_input_is_refused(change, message):
    arguments = {"train_codes": X, "train_labels": Y, "test_codes": X_TEST, "test_labels": Y_TEST}
    with pytest.raises(ValueError, match=message):
        linear_probe(**(arguments | change))
