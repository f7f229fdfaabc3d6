"""Small models and data for the interactive figures, and one figure of each kind."""

import numpy as np
import torch
from torch import nn

import ae_course as ae
from ae_course import AutoRegressive, CausalTransformer, Vocabulary, widgets

IMAGES = torch.rand(12, 1, 28, 28, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(12) % 3
POINTS = torch.rand(20, 2, generator=torch.Generator().manual_seed(0))
CLOUD = np.random.default_rng(0).normal(size=(20, 2)) @ [[2.0, 1.0], [0.0, 0.5]]
CODES = torch.arange(15.0).view(3, 5) - 2  # one value is zero
PAGES = torch.rand(5, 784, generator=torch.Generator().manual_seed(1)) - 0.5
BOOK = torch.randn(5, 3, generator=torch.Generator().manual_seed(1))
LOOKS = torch.rand(5, 4, 4, generator=torch.Generator().manual_seed(1))
TOKENS = torch.randint(5, (2, 7, 7), generator=torch.Generator().manual_seed(1))
PLACES = torch.tensor([[0.0, 1.0], [-1.0, 0.5]])
VOCAB = Vocabulary("abc \n")
WORDS = [f"{letter}{letter}" for letter in "abcdefghijklmnopqrst"]
VECTORS = np.random.default_rng(1).normal(size=(20, 6))


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


def gated(**options):
    torch.manual_seed(0)
    return AutoRegressive(len(VOCAB), 4, 8, **({"layers": 1, "cell": "lstm"} | options))


def reader():
    torch.manual_seed(0)
    return CausalTransformer(len(VOCAB), 8, layers=2, heads=2, context=6)


def arrows(sigma=0.2):
    torch.manual_seed(0)
    return nn.Sequential(ae.AdditiveGaussNoise(sigma), nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))


def shelf(latent_dim=2):
    torch.manual_seed(0)
    return ae.dense_vae([784, 16, latent_dim]).eval()


def judge():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 3)).eval()


def diffusion():
    torch.manual_seed(0)
    decoder = ae.conv_autoencoder((4, 8), 3).decoder.eval()
    return ae.CodeDenoiser(3, classes=4, width=8), decoder, torch.zeros(3), torch.ones(3)


def drawer(*layers):
    """A decoder of pages of 7 × 7 vectors of three numbers."""
    torch.manual_seed(0)
    up = [nn.ConvTranspose2d(3, 2, 4, stride=2, padding=1), nn.ReLU()]
    return nn.Sequential(*layers, *up, nn.ConvTranspose2d(2, 1, 2, stride=2, bias=False))


def flat():
    """An encoder of images, without training: codes of five numbers."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 5)).eval()


def masked():
    torch.manual_seed(0)
    return ae.MaskedAutoencoder(8, 2, 2, decoder_width=8)


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
    "moving_window": lambda: widgets.moving_window({"one": torch.eye(3)}, IMAGES, LABELS),
    "shake_the_cabinet": lambda: widgets.shake_the_cabinet(
        {0.0: shelf(), 1.0: shelf()}, judge(), IMAGES, LABELS
    ),
    "patch_game": lambda: widgets.patch_game(*puzzlers(), IMAGES.mean(0), IMAGES, LABELS),
    "text_writer": lambda: widgets.text_writer(writer(), VOCAB, prompt="ab"),
    "steer_the_writer": lambda: widgets.steer_the_writer(
        gated(cell="gru"),
        VOCAB,
        {"ab": torch.ones(8), " ": -torch.ones(8)},
        {"ab": "c", " ": "a"},
        prompt="ab",
    ),
    "lstm_gates": lambda: widgets.lstm_gates(gated(), VOCAB, text="ab c\n"),
    "attention_map": lambda: widgets.attention_map(reader(), VOCAB, text="ab\nc a"),
    "train_in_the_page": lambda: widgets.train_in_the_page({"two points": PLACES}, hidden=4),
    "temperature_by_hand": lambda: widgets.temperature_by_hand(["a", "b", "<"], [1, 0, 2]),
    "drag_axis": lambda: widgets.drag_axis(CLOUD, names=("ink", "width")),
    "word_map": lambda: widgets.word_map(WORDS, {"one": VECTORS, "two": VECTORS[:, :2]}, POINTS),
    "word_by_word": lambda: widgets.word_by_word(
        CODES, PAGES, PAGES[0], IMAGES[:3], LABELS[:3], k=4
    ),
    "walkers": lambda: widgets.walkers(PLACES, torch.tensor([0.4, 0.6]), width=0.3, count=20),
    "best_judge": lambda: widgets.best_judge([-2.0, 2.0], [0.65, 0.35]),
    "sampler": lambda: widgets.sampler(*diffusion()),
    "fill_the_holes": lambda: widgets.fill_the_holes(masked(), IMAGES, LABELS),
    "edit_a_tile": lambda: widgets.edit_a_tile(
        drawer(), BOOK, LOOKS, TOKENS, IMAGES[:2], LABELS[:2]
    ),
    "two_views": lambda: widgets.two_views(
        {"one": flat()}, IMAGES, LABELS, augmentations={"one": {"rotation": 20}}
    ),
}


def unpacked(data, place):
    """An array of a packed model, from its kind, its offset and its length."""
    kind, offset, count = place
    return np.frombuffer(data, "<" + kind, count, offset)
