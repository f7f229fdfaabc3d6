"""Robustness curves and outliers: against numbers that can be worked out by hand."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

from ae_course import (
    CORRUPTIONS,
    dense_autoencoder,
    dense_vae,
    fit_pca,
    outlier_threshold,
    pca_as_autoencoder,
    reconstruction_errors,
    robustness_curve,
)

RANDOM = torch.Generator().manual_seed(0)
IMAGES = TensorDataset(
    torch.rand(500, 1, 6, 6, generator=RANDOM), torch.randint(3, (500,), generator=RANDOM)
)
GAUSSIAN = CORRUPTIONS["Gaussian"]


def identity(x):
    return x


def test_the_identity_keeps_all_of_the_noise():
    rows = robustness_curve(identity, IMAGES, GAUSSIAN, [0, 0.1, 0.5, 1])
    assert [row["level"] for row in rows] == [0, 0.1, 0.5, 1]
    assert rows[0]["error"] == 0
    for row in rows:
        assert row["error"] == pytest.approx(row["level"] ** 2, rel=0.03)  # of 18,000 values
        assert row["accuracy"] is None


def test_pca_lets_a_share_of_the_noise_through_that_is_its_share_of_directions():
    pca = fit_pca(IMAGES)
    for k in (1, 9, 27):
        clean, noisy = robustness_curve(pca_as_autoencoder(pca, k, image_shape=(1, 6, 6)),
                                        IMAGES, GAUSSIAN, [0, 0.5])  # fmt: skip
        added = noisy["error"] - clean["error"]
        assert added == pytest.approx(0.25 * k / 36, rel=0.15)  # cross terms vanish in the mean


def test_every_model_meets_the_same_noise_whatever_ran_before():
    seen = []

    def spy(x):
        seen.append(x.clone())
        return x

    other = torch.Generator().manual_seed(1)
    state = other.get_state()
    for generator in (None, None, torch.Generator().manual_seed(0), other, other):
        robustness_curve(spy, IMAGES, GAUSSIAN, [0.3], generator=generator)
        torch.rand(3)  # the global generator plays no part
    assert torch.equal(seen[0], seen[1])
    assert torch.equal(seen[0], seen[2])  # the default is a generator with the seed 0
    assert not torch.equal(seen[0], seen[3])
    assert torch.equal(seen[3], seen[4])  # it is left as it was
    assert torch.equal(other.get_state(), state)


def test_each_level_begins_from_the_same_noise():
    seen = []

    def spy(x):
        seen.append(x - IMAGES.tensors[0])
        return x

    robustness_curve(spy, IMAGES, GAUSSIAN, [0.2, 0.4], generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(2 * seen[0], seen[1], atol=1e-6, rtol=0)


def test_errors_count_every_image_once():
    half = CORRUPTIONS["masking"]
    whole = robustness_curve(identity, IMAGES, half, [1.0], batch_size=500)[0]["error"]
    parts = robustness_curve(identity, IMAGES, half, [1.0], batch_size=499)[0]["error"]
    expected = IMAGES.tensors[0].square().mean().item()
    assert whole == pytest.approx(expected, rel=1e-6)
    assert parts == pytest.approx(expected, rel=1e-6)


class Reader(nn.Module):
    """Says the class that is written in an image's first pixel."""

    def forward(self, x):
        return nn.functional.one_hot(x[:, 0, 0, 0].round().long().clamp(0, 2), 3).float()


def test_accuracy_is_that_of_the_classifier_on_the_reconstructions():
    labels = torch.arange(300) % 3
    images = labels[:, None, None, None].float().expand(300, 1, 6, 6).clone()
    dataset, reader = TensorDataset(images, labels), Reader().train()
    clean, noisy = robustness_curve(identity, dataset, GAUSSIAN, [0, 3], classifier=reader)
    assert clean["accuracy"] == 1
    assert noisy["accuracy"] < 0.7
    blank = robustness_curve(torch.zeros_like, dataset, GAUSSIAN, [0], classifier=reader)
    assert blank[0]["accuracy"] == pytest.approx(1 / 3)
    assert reader.training


def test_models_are_measured_in_evaluation_mode_and_given_back_as_they_were():
    model = dense_autoencoder([36, 8, 2], image_shape=(1, 6, 6), dropout=0.5).train()
    model.decoder[0].eval()
    modes = [module.training for module in model.modules()]
    state = {name: value.clone() for name, value in model.state_dict().items()}
    first, again = (robustness_curve(model, IMAGES, GAUSSIAN, [0.5]) for _ in range(2))
    assert first == again  # dropout and batch statistics play no part
    np.testing.assert_array_equal(
        reconstruction_errors(model, IMAGES), reconstruction_errors(model, IMAGES)
    )
    assert [module.training for module in model.modules()] == modes
    for name, value in model.state_dict().items():
        assert torch.equal(value, state[name])
    assert all(parameter.grad is None for parameter in model.parameters())


def test_reconstruction_errors_come_one_an_image_in_order():
    errors = reconstruction_errors(torch.zeros_like, IMAGES, batch_size=64)
    assert errors.shape == (500,)
    np.testing.assert_allclose(
        errors, IMAGES.tensors[0].square().mean(dim=(1, 2, 3)).numpy(), rtol=1e-5
    )


def test_a_variational_autoencoder_is_asked_for_the_decoded_mean():
    torch.manual_seed(0)
    vae, x = dense_vae([36, 8, 2], image_shape=(1, 6, 6)), IMAGES.tensors[0]
    with torch.no_grad():
        expected = (vae.decode(vae.encode(x)) - x).square().mean(dim=(1, 2, 3))
    errors = reconstruction_errors(vae, IMAGES, batch_size=64)
    np.testing.assert_allclose(errors, expected.numpy(), rtol=1e-5)  # nothing is drawn
    row = robustness_curve(vae, IMAGES, GAUSSIAN, [0])[0]
    assert row["error"] == pytest.approx(errors.mean(), rel=1e-5)
    assert vae.training


@pytest.mark.parametrize("unlabelled", [IMAGES.tensors[0], TensorDataset(IMAGES.tensors[0])])
def test_images_without_labels_do(unlabelled):
    np.testing.assert_array_equal(
        reconstruction_errors(torch.zeros_like, unlabelled),
        reconstruction_errors(torch.zeros_like, IMAGES),
    )
    curve = robustness_curve(identity, unlabelled, GAUSSIAN, [0.5])
    assert curve == robustness_curve(identity, IMAGES, GAUSSIAN, [0.5])
    with pytest.raises(ValueError, match=r"labels must have shape \(500,\), got None"):
        robustness_curve(identity, unlabelled, GAUSSIAN, [0.5], classifier=Reader())


def test_a_threshold_lets_the_named_share_pass_it():
    errors = np.random.default_rng(0).exponential(size=10_000)
    for share in (0.001, 0.1, 0.5):
        above = (errors > outlier_threshold(errors, share)).mean()
        assert above == share  # never more, and not one item fewer
    for count in (1, 7, 100):  # too few for the share: then none may pass
        few = errors[:count]
        assert (few > outlier_threshold(few, 0.001)).sum() == 0


NAN = TensorDataset(torch.full((3, 1, 6, 6), float("nan")), torch.zeros(3))
COLUMN = TensorDataset(torch.zeros(3, 1, 6, 6), torch.zeros(3, 1))
EMPTY = TensorDataset(torch.zeros(0, 1, 6, 6), torch.zeros(0))


def broken(x, *_, **__):
    return x / 0


def pair(x):
    return x, x


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: robustness_curve(3, IMAGES, GAUSSIAN, [0]), TypeError, "`model` .* got int"),
        (lambda: robustness_curve(identity, IMAGES, "x", [0]), TypeError, "`corrupt` .* got str"),
        (lambda: robustness_curve(identity, IMAGES, GAUSSIAN, []), ValueError, "at least one lev"),
        (lambda: robustness_curve(identity, IMAGES, GAUSSIAN, [-1]), ValueError, "`sigma` .* -1"),
        (lambda: robustness_curve(identity, EMPTY, GAUSSIAN, [0]), ValueError, "empty dataset"),
        (lambda: robustness_curve(identity, NAN, GAUSSIAN, [0]), ValueError, "finite .* got 108"),
        (
            lambda: robustness_curve(nn.Flatten(), IMAGES, GAUSSIAN, [0]),
            ValueError,
            r"keep the shape \(500, 1, 6, 6\) .* got \(500, 36\)",
        ),
        (
            lambda: robustness_curve(identity, IMAGES, GAUSSIAN, [0], classifier=identity),
            TypeError,
            "`classifier` must be an nn.Module, got function",
        ),
        (
            lambda: robustness_curve(identity, IMAGES, lambda x, level, generator: x[1:], [0]),
            ValueError,
            r"`corrupt` must keep the shape \(500, 1, 6, 6\) .* got \(499, 1, 6, 6\)",
        ),
        (
            lambda: robustness_curve(identity, COLUMN, GAUSSIAN, [0], classifier=Reader()),
            ValueError,
            r"labels must have shape \(3,\), got \(3, 1\)",
        ),
        (
            lambda: robustness_curve(identity, IMAGES, broken, [0]),
            ValueError,
            "`corrupt` must give finite values, got 18000 in a batch that are not",
        ),
        (lambda: robustness_curve(broken, IMAGES, GAUSSIAN, [0]), ValueError, "`model` .* finite"),
        (lambda: reconstruction_errors(broken, IMAGES), ValueError, "`model` must give finite"),
        (lambda: reconstruction_errors(pair, IMAGES), TypeError, "tensor of images, got tuple"),
        (lambda: reconstruction_errors(None, IMAGES), TypeError, "`model` .* got NoneType"),
        (lambda: reconstruction_errors(identity, EMPTY), ValueError, "empty dataset"),
        (lambda: reconstruction_errors(identity, NAN), ValueError, "finite"),
        (lambda: outlier_threshold([1.0], 0), ValueError, "above 0 and below 1, got 0"),
        (lambda: outlier_threshold([1.0], 1), ValueError, "above 0 and below 1, got 1"),
        (lambda: outlier_threshold([]), ValueError, r"shape \(0,\)"),
        (lambda: outlier_threshold([1.0, np.nan]), ValueError, "1 values that are not"),
    ],
)
def test_bad_input_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
