"""Exercise 2: find which is easier to group, pixels or codes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import completeness_score, homogeneity_score

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import NotYet, call, close, number, tensor
from ae_course.exercises.networks import build_model, is_linear, refuse_untrained
from ae_course.models.autoencoder import AutoEncoder


def check_build(build: Any) -> None:
    """Check task 2a: an autoencoder with a code of 64."""
    model = build_model(build, 64)
    if not isinstance(model, AutoEncoder):
        raise NotYet(f"it should return an ae.AutoEncoder, not a {type(model).__name__}.")
    images = torch.rand(8, 1, 28, 28)
    codes = tensor(call(model.encode, images), (8, 64), "the codes of 8 images")
    tensor(call(model, images), (8, 1, 28, 28), "what 8 images become")
    halves = {"encoder": (model.encode, images), "decoder": (model.decode, torch.randn(8, 64))}
    linear = [name for name, (half, inputs) in halves.items() if is_linear(half, inputs)]
    if len(linear) == 2:
        raise NotYet(
            "it is linear, so it can do no more than PCA. Put hidden layers around the code."
        )
    if (codes >= 0).all():
        raise NotYet(
            "its codes are never negative. A ReLU on the code itself costs units: the lesson "
            "Nonlinear PCA shows it."
        )
    if linear:
        raise NotYet(f"its {linear[0]} is linear. Put a hidden layer with a nonlinearity into it.")
    refuse_untrained(model, images)
    smaller = build_model(build, 16)
    if call(smaller.encode, images).shape != (8, 16):
        raise NotYet("it builds codes of 64 whatever it is asked for. Use the argument.")


def _groups() -> tuple[NDArray[Any], NDArray[Any]]:
    """Blobs of three classes: one falls into two parts, two overlap."""
    rng = np.random.default_rng(0)
    centers = np.array([[0, 0], [8, 0], [4, 7], [4.8, 7.6]])
    which = rng.integers(4, size=240)
    labels = np.array([0, 0, 1, 2])[which]
    return centers[which] + rng.normal(size=(240, 2)), labels


def check_homogeneity(homogeneity: Any) -> None:
    """Check task 2b: the homogeneity of k-means groups."""
    codes, labels = _groups()
    found = number(call(homogeneity, codes, labels, 3, 0))

    def groups(count: int) -> NDArray[Any]:
        put: NDArray[Any] = KMeans(count, n_init=10, random_state=0).fit_predict(codes)
        return put

    put = groups(3)
    wanted = homogeneity_score(labels, put)
    if close(found, wanted, 0.02):
        if not close(
            number(call(homogeneity, codes, labels, 6, 0)),
            homogeneity_score(labels, groups(6)),
            0.05,
        ):
            raise NotYet("it makes three groups whatever it is asked for. Use the argument.")
        rng = np.random.default_rng(1)  # without groups: another start finds other ones
        codes, labels = rng.normal(size=(300, 5)) * np.arange(1, 6), rng.integers(10, size=300)
        put = KMeans(12, n_init=10, random_state=3).fit_predict(codes)
        if not close(
            number(call(homogeneity, codes, labels, 12, 3)), homogeneity_score(labels, put), 1e-6
        ):
            raise NotYet(
                "with 12 groups and seed 3 it is another number: ten starts, `random_state=seed`, "
                "the codes as they are, and no labels among them."
            )
        return
    if close(found, completeness_score(labels, put), 0.02):
        raise NotYet(
            "it is the completeness: whether a class lies in one group. The homogeneity asks "
            "whether a group holds one class. The labels come first."
        )
    if close(found, np.mean(put == labels), 1e-6) or found < 0.05:
        raise NotYet(
            "it compares the numbers of the groups with the classes. The numbers of groups mean "
            "nothing: group 3 need not be class 3. sklearn.metrics has a score that knows it."
        )
    if close(found, homogeneity_score(labels, labels), 1e-6):
        raise NotYet("it is 1, as if labels were compared with labels. Group the codes.")
    raise NotYet(
        "that is not the homogeneity of k-means with so many groups. Fit KMeans on the codes "
        "alone, and compare its groups with the labels."
    )


CHECKS = {"2a": check_build, "2b": check_homogeneity, "2c": check_comparison}
