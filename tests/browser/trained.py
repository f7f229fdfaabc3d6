"""Small trainings of the models that the chapters' figures hold, at the chapters' sizes."""

import functools
import re
from collections import Counter

import torch
from torch import nn
from torch.nn.functional import avg_pool2d, cross_entropy, mse_loss
from torch.utils.data import TensorDataset
from trained_generators import diffusion, hills, masked, quantized, shelves
from trainings import digits, fit, once

import ae_course as ae
from ae_course import widgets
from ae_course.widgets.puzzles import ORDERS

READ = 30_000  # characters that the writers are trained on


def cloud():
    """Sixty digits as two numbers each, (60, 2): the ink above the middle, and below."""
    images, _ = digits()
    return images[:60, 0].unflatten(1, (2, 14)).mean((2, 3)).numpy()


@once
def planes():
    images, _ = digits()
    return {
        "linear": fit(ae.pca_autoencoder(784, 2), images),
        "tanh": fit(ae.nonlinear_pca(784, 2), images),
        "deep": fit(ae.dense_autoencoder([784, 392, 261, 196, 2]), images),
    }


@once
def denoisers():
    small = avg_pool2d(digits()[0], 2)

    def one_layer(*noise):
        encoder = [*noise, nn.Flatten(), nn.Linear(196, 256), nn.BatchNorm1d(256), nn.ReLU()]
        decoder = [nn.Linear(256, 196), nn.Unflatten(1, (1, 14, 14))]
        return ae.AutoEncoder(nn.Sequential(*encoder), nn.Sequential(*decoder))

    return {
        "bottleneck": fit(ae.dense_autoencoder([196, 128, 64, 16], image_shape=(1, 14, 14)), small),
        "overcomplete": fit(one_layer(), small),
        "denoising": fit(one_layer(ae.AdditiveGaussNoise(0.5)), small),
    }


def ring(count=200):
    """Points on a circle, equally far apart."""
    angle = torch.arange(count) * (2 * torch.pi / count)
    return torch.stack([angle.cos(), angle.sin()], dim=1)


@once
def arrows(sigma):
    """A network that has learned to bring noisy points back to the circle."""
    noise, hidden = ae.AdditiveGaussNoise(sigma), (nn.Linear(2, 64), nn.ReLU())
    model = nn.Sequential(noise, *hidden, nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(300):
        optimizer.zero_grad()
        mse_loss(model(ring()), ring()).backward()
        optimizer.step()
    return model.eval()


@once
def alarm():
    return fit(ae.dense_autoencoder([784, 96, 16]), digits()[0])


@once
def codes():
    """Two sizes of code, and their curves over all digits."""
    images, labels = digits()
    models = {"2 numbers": fit(ae.dense_autoencoder([784, 64, 2]), images), "16 numbers": alarm()}
    curves = {}
    for name, model in models.items():
        pairs = TensorDataset(images, labels)
        rows = ae.robustness_curve(model, pairs, ae.add_gaussian, [0, 0.5, 1])
        curves[name] = {row["level"]: row["error"] for row in rows}
    return models, curves


@once
def puzzlers():
    """A network that fills an erased square, and one that names the order of shuffled quarters."""
    images, _ = digits()
    hidden, orders = images.clone(), torch.randint(24, (len(images),))
    for image, (row, column) in zip(hidden, torch.randint(15, (len(images), 2)), strict=True):
        image[:, row : row + 14, column : column + 14] = 0
    quarters = images.unfold(2, 14, 14).unfold(3, 14, 14).reshape(-1, 4, 14, 14)
    quarters = quarters[torch.arange(len(images))[:, None], torch.tensor(ORDERS)[orders]]
    shuffled = torch.cat([torch.cat([*quarters[:, i : i + 2].unbind(1)], 2) for i in (0, 2)], 1)
    fill = ae.dense_autoencoder([784, 200, 100], batch_norm=False)
    restore = nn.Sequential(nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 24))
    for model, loss, pairs in (
        (fill, mse_loss, TensorDataset(hidden, images)),
        (restore, cross_entropy, TensorDataset(shuffled[:, None], orders)),
    ):
        ae.train(model, loss, ae.batches(pairs, 50, shuffle=True), epochs=8, lr=0.002)
    return fill.cpu().eval(), restore.cpu().eval()


def of_shakespeare(make, *, count=READ, chunk, epochs=2, lr=0.01):
    """Make a model for so many characters, train it on them, and give it with its vocabulary."""
    text = ae.load_shakespeare()[:count]
    vocab = ae.Vocabulary(text)
    model = make(len(vocab))
    loader = ae.batches(ae.AutoRegressiveDataset(text, vocab, chunk=chunk), 16, shuffle=True)
    ae.train(model, ae.sequence_loss, loader, epochs=epochs, lr=lr, clip_norm=1, device="cpu")
    return model.eval(), vocab


@once
def writer(cell="lstm"):
    return of_shakespeare(functools.partial(ae.AutoRegressive, cell=cell), chunk=100)


@once
def pushes():
    """Three directions for the state of a writer of GRUs, by what they are called."""
    chance = torch.Generator().manual_seed(0)
    return {name: torch.randn(128, generator=chance) / 10 for name in ("th", "e ", ":")}


@once
def one_layer():
    """A small reader with a single layer of gates, and its vocabulary."""
    make = functools.partial(ae.AutoRegressive, hidden_dim=32, layers=1, cell="lstm")
    return of_shakespeare(make, count=20_000, chunk=50, epochs=4)


@once
def reader():
    """A Transformer that looks back at 40 characters in each of two layers."""
    make = functools.partial(ae.CausalTransformer, hidden_dim=48, layers=2, heads=4, context=40)
    return of_shakespeare(make, chunk=60, lr=0.006)


def rings():
    """40 points on a circle with a gap, and 60 on two whole ones."""
    angles = torch.linspace(0.8, 5.5, 40, dtype=torch.float64)
    gap = torch.stack([angles.cos(), angles.sin()], dim=1)
    turn = torch.arange(60, dtype=torch.float64) * torch.pi / 15
    radius = torch.where(torch.arange(60) < 30, 1, 0.4)
    return {
        "gap": gap,
        "two circles": radius[:, None] * torch.stack([turn.cos(), turn.sin()], dim=1),
    }


@once
def neighbours():
    """Some 300 words of a short text, and two sets of vectors: of 16 and of 4 numbers each."""
    words = re.findall("[a-z]+", ae.load_shakespeare(n_chars=60_000))
    vocabulary = [word for word, count in Counter(words).most_common() if count >= 6]
    number = {word: place for place, word in enumerate(vocabulary)}
    pairs = ae.word_pairs(torch.tensor([number[word] for word in words if word in number]))
    noise = torch.bincount(pairs[:, 1], minlength=len(number)).double() / len(pairs)
    table = torch.from_numpy(ae.shifted_pmi(pairs, noise, negatives=1)).clamp(min=0)
    left, strength, _ = torch.linalg.svd(table)
    vectors = (left * strength.sqrt())[:, :16].float()
    return vocabulary, {"sixteen": vectors, "four": vectors[:, :4]}


@once
def dictionary():
    """A sparse autoencoder of 60 words, 12 of them for each digit."""
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 60), nn.ReLU(), ae.KSparse(12))
    decoder = nn.Sequential(nn.Linear(60, 784), nn.Unflatten(1, (1, 28, 28)))
    return fit(ae.AutoEncoder(encoder, decoder), digits()[0])


def word_by_word():
    images, labels = digits()
    draw = dictionary().decoder[0]
    with torch.no_grad():
        codes = dictionary().encode(images[:5])
    return widgets.word_by_word(codes, draw.weight.T, draw.bias, images[:5], labels[:5], k=8)


def outlier_meter():
    images, labels = digits()
    errors = ae.reconstruction_errors(alarm(), TensorDataset(images, labels))
    strangers = {"Blank page": torch.zeros(1, 28, 28), "Noise": torch.rand(1, 28, 28)}
    return widgets.outlier_meter(
        alarm(), images[:20], labels[:20], errors=errors, strangers=strangers
    )


def noise_slider():
    images, labels = digits()
    models, curves = codes()
    return widgets.noise_slider(models, images[:5], labels[:5], curves=curves)


KERNELS = {
    "edge": torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "blur": torch.full((3, 3), 1 / 9),
    "odd": torch.tensor([[0.31, -0.2, 0.05], [0.77, -1.4, 0.6], [0, 0.123, -0.5]]),
}


def word_map():
    words, vectors = neighbours()
    return widgets.word_map(words, vectors, vectors["sixteen"][:, :2], chosen="he")


def walkers():
    centers, shares, width = hills()
    return widgets.walkers(centers, shares, width=width)


def of_digits(widget, count, *parts, **options):
    """Make a figure of the first digits, after what else it is made of."""
    images, labels = digits()
    return widget(*parts, images[:count], labels[:count], **options)


def edit_a_tile():
    model, words = quantized()
    found = words.words(model.encode(digits()[0][:5]))
    looks = torch.rand(16, 4, 4, generator=torch.Generator().manual_seed(0))
    return of_digits(widgets.edit_a_tile, 5, model.decoder, words.codebook.detach(), looks, found)


VIEWS = {
    "as it is": {},
    "all": {"rotation": 20, "shift": 3, "scale": 1.25, "erase": 6, "noise": 0.1},
}


@once
def seen_twice():
    """Two encoders of digits, one of them trained for a moment to know views of one picture."""
    images, _ = digits()
    models = {name: nn.Sequential(nn.Flatten(), nn.Linear(784, 16)) for name in VIEWS}
    optimizer = torch.optim.Adam(models["all"].parameters(), lr=0.003)
    for part in images.split(100):
        one, two = (ae.random_affine(part, rotation=20, shift=3, scale=1.25) for _ in range(2))
        optimizer.zero_grad()
        ae.info_nce(models["all"](one), models["all"](two)).backward()
        optimizer.step()
    return {name: model.eval() for name, model in models.items()}


EXAMPLES = {  # one of each kind
    "latent_explorer": lambda: of_digits(widgets.latent_explorer, 200, planes()),
    "draw_a_digit": lambda: of_digits(widgets.draw_a_digit, 20, denoisers(), pool=2),
    "drop_a_point": lambda: widgets.drop_a_point(ring(), {0.2: arrows(0.2), 0.5: arrows(0.5)}),
    "outlier_meter": outlier_meter,
    "noise_slider": noise_slider,
    "moving_window": lambda: of_digits(widgets.moving_window, 5, KERNELS),
    "shake_the_cabinet": lambda: of_digits(widgets.shake_the_cabinet, 60, *shelves()),
    "patch_game": lambda: of_digits(widgets.patch_game, 20, *puzzlers(), digits()[0].mean(0)),
    "text_writer": lambda: widgets.text_writer(*writer(), prompt="romeo:\n"),
    "steer_the_writer": lambda: widgets.steer_the_writer(
        *writer("gru"), pushes(), {"th": "e", "e ": "t", ":": "\n"}, prompt="romeo:\n"
    ),
    "temperature_by_hand": lambda: widgets.temperature_by_hand(
        list("etaoin\n"), [3, 2, 1, 0, -1, -2, 0]
    ),
    "lstm_gates": lambda: widgets.lstm_gates(*one_layer(), text="first citizen:\nspeak."),
    "attention_map": lambda: widgets.attention_map(*reader(), text="romeo:\nwhat light is this?"),
    "drag_axis": lambda: widgets.drag_axis(cloud(), names=("ink above", "ink below")),
    "train_in_the_page": lambda: widgets.train_in_the_page(rings(), hidden=8),
    "word_map": word_map,
    "word_by_word": word_by_word,
    "walkers": walkers,
    "best_judge": lambda: widgets.best_judge([-2.0, 2.0], [0.65, 0.35]),
    "sampler": lambda: widgets.sampler(*diffusion()),
    "edit_a_tile": edit_a_tile,
    "two_views": lambda: of_digits(widgets.two_views, 120, seen_twice(), augmentations=VIEWS),
    "fill_the_holes": lambda: of_digits(widgets.fill_the_holes, 10, masked()),
}


@once
def example(name):
    return EXAMPLES[name]()
