"""Small models and data for the interactive figures, and one figure of each kind."""

import numpy as np
import torch
from torch import nn

import ae_course as ae
from ae_course import AutoRegressive, Vocabulary, widgets

IMAGES = torch.rand(12, 1, 28, 28, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(12) % 3
POINTS = torch.rand(20, 2, generator=torch.Generator().manual_seed(0))
CLOUD = np.random.default_rng(0).normal(size=(20, 2)) @ [[2.0, 1.0], [0.0, 0.5]]
PLACES = torch.tensor([[0.0, 1.0], [-1.0, 0.5]])
VOCAB = Vocabulary("abc \n")


def plane(**options):
    torch.manual_seed(0)
    return ae.dense_autoencoder([784, 16, 2], **options).eval()


def puzzlers():
    """A network that fills holes, and one that names one of 24 orders."""
    torch.manual_seed(0)
    return plane(), nn.Sequential(nn.Flatten(), nn.Linear(784, 24)).eval()


def writer():
    torch.manual_seed(0)
    return AutoRegressive(len(VOCAB), 4, 8, 2, "lstm")


def arrows(sigma=0.2):
    torch.manual_seed(0)
    return nn.Sequential(ae.AdditiveGaussNoise(sigma), nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))


def explorer():
    return widgets.latent_explorer({"one": plane()}, IMAGES, LABELS)


FIGURES = {
    "latent_explorer": explorer,
    "draw_a_digit": lambda: widgets.draw_a_digit({"one": plane()}, IMAGES, LABELS),
    "drop_a_point": lambda: widgets.drop_a_point(POINTS, {0.2: arrows(), 0.4: arrows(0.4)}),
    "outlier_meter": lambda: widgets.outlier_meter(
        plane(), IMAGES, LABELS, errors=np.linspace(0.1, 0.4, 50)
    ),
    "noise_slider": lambda: widgets.noise_slider(
        {"one": plane()}, IMAGES[:2], LABELS[:2], curves={"one": {0: 0.1, 1: 0.3}}
    ),
    "patch_game": lambda: widgets.patch_game(*puzzlers(), IMAGES.mean(0), IMAGES, LABELS),
    "text_writer": lambda: widgets.text_writer(writer(), VOCAB, prompt="ab"),
    "train_in_the_page": lambda: widgets.train_in_the_page({"two points": PLACES}, hidden=4),
    "temperature_by_hand": lambda: widgets.temperature_by_hand(["a", "b", "<"], [1, 0, 2]),
    "drag_axis": lambda: widgets.drag_axis(CLOUD, names=("ink", "width")),
}


def unpacked(data, place):
    """An array of a packed model, from its kind, its offset and its length."""
    kind, offset, count = place
    return np.frombuffer(data, "<" + kind, count, offset)
