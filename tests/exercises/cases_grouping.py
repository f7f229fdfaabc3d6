"""Exercise 2, pixels or codes: its right answers and its common wrong ones."""

import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import completeness_score, homogeneity_score
from torch import nn

import ae_course as ae

IMAGE = nn.Unflatten(1, (1, 28, 28))


def build(latent_dim):
    return ae.dense_autoencoder([784, 100, latent_dim])


def groups(codes, n_clusters, seed):
    return KMeans(n_clusters, n_init=10, random_state=seed).fit_predict(codes)


def homogeneity(codes, labels, n_clusters, seed):
    return homogeneity_score(labels, groups(codes, n_clusters, seed))


def seeded(latent_dim):
    torch.manual_seed(0)
    return build(latent_dim)


def linear(latent_dim):
    return nn.Sequential(nn.Linear(latent_dim, 784), IMAGE)


def scaled(codes, labels, n_clusters, seed):
    return homogeneity((codes - codes.mean(0)) / codes.std(0), labels, n_clusters, seed)


BARE = nn.Sequential(nn.Flatten(), nn.Linear(784, 64))


RIGHT = {
    "2a": build,
    "2b": homogeneity,
}

# task, wrong answer, what it is told
WRONG = [
    ("2a", lambda z: ae.pca_autoencoder(784, z), "it is linear"),
    ("2a", lambda z: build(64), "Use the argument"),
    ("2a", lambda z: nn.Sequential(build(z)), "should return an ae.AutoEncoder"),
    ("2a", seeded, "begins with the same numbers"),
    ("2a", lambda z: ae.AutoEncoder(build(z).encoder, linear(z)), "its decoder is linear"),
    ("2a", lambda z: BARE, "begins with the same numbers"),
    (
        "2a",
        lambda z: ae.dense_autoencoder([784, z, 100]),
        "(8, 64), not a tensor of shape (8, 100)",
    ),
    (
        "2a",
        lambda z: ae.AutoEncoder(
            nn.Sequential(nn.Flatten(), nn.Linear(784, z), nn.ReLU()),
            nn.Sequential(nn.Linear(z, 784), IMAGE),
        ),
        "never negative",
    ),
    (
        "2a",
        lambda z: ae.AutoEncoder(build(z).encoder, nn.Linear(z, 784)),
        "what 8 images become should be",
    ),
    ("2b", lambda c, y, k, s: completeness_score(y, groups(c, k, s)), "completeness"),
    ("2b", lambda c, y, k, s: np.mean(groups(c, k, s) == y), "mean nothing"),
    ("2b", lambda c, y, k, s: homogeneity_score(y, y), "labels were compared with labels"),
    ("2b", lambda c, y, k, s: homogeneity(c, y, 3, s), "three groups whatever"),
    ("2b", lambda c, y, k, s: 0.5, "alone"),
    ("2b", lambda c, y, k, s: homogeneity(c, y, k, 0), "with 12 groups and seed 3"),
    ("2b", lambda c, y, k, s: homogeneity(np.c_[c, y], y, k, s), "with 12 groups and seed 3"),
    ("2b", scaled, "with 12 groups and seed 3"),
    ("2b", lambda c, y, k, s: homogeneity(c.__isub__(c.mean(0)), y, k, s), "changes what it"),
]

RIGHT_TOO = []
