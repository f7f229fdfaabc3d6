"""The stub fails, the solution passes, each common wrong answer gets its own sentence."""

import math
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import completeness_score, homogeneity_score, roc_auc_score
from torch import nn
from torch.utils.data import Subset, TensorDataset

import ae_course as ae
from ae_course.exercises.check import CHECKS, check
from ae_course.exercises.feedback import NotYet

IMAGE = nn.Unflatten(1, (1, 28, 28))
ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_tools"))

import exercises as tool
import notebooks

SOURCES = {path.stem: nbformat.read(path, as_version=4) for path in tool.SOURCES}
each = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())


def places(dataset, digits):
    return torch.where(~torch.isin(dataset.tensors[1], torch.tensor(digits)))[0].tolist()


def without(dataset, digits):
    return Subset(dataset, places(dataset, digits))


def error_by_class(model, dataset, each=lambda errors: errors.mean(), evaluate=True, sums=False):
    images, labels = dataset.tensors
    model.train(not evaluate)
    with torch.no_grad():
        errors = (model(images) - images).square().flatten(1)
    errors = (errors.sum(1) if sums else errors.mean(1)).numpy()
    return np.array([each(errors[labels.numpy() == digit]) for digit in range(10)])


def auroc(errors, labels, foreign):
    return roc_auc_score(np.isin(labels, foreign), errors)


def build(latent_dim):
    return ae.dense_autoencoder([784, 100, latent_dim])


def groups(codes, n_clusters, seed):
    return KMeans(n_clusters, n_init=10, random_state=seed).fit_predict(codes)


def homogeneity(codes, labels, n_clusters, seed):
    return homogeneity_score(labels, groups(codes, n_clusters, seed))


def denoiser(depth, channels, padding=1, size=3, last=(), between=nn.ReLU):
    sizes = [1, *(depth - 1) * [channels], 1]
    layers = []
    for a, b in pairwise(sizes):
        layers += [nn.Conv2d(a, b, size, padding=padding), between()]
    return nn.Sequential(*layers[:-1], *last)


def cleaning_error(model, noisy, clean):
    model.eval()
    with torch.no_grad():
        return (model(noisy) - clean).square().mean().item()


def tied(sizes, code=(), out=(), between=nn.ReLU, bias=True, layer=ae.TransposeLinear):
    there = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    back = [layer(linear, bias=bias) for linear in reversed(there)]
    there, back = ([part for x in half for part in (x, between())][:-1] for half in (there, back))
    return ae.AutoEncoder(
        nn.Sequential(nn.Flatten(), *there, *code),
        nn.Sequential(*back, *out, IMAGE),
    )


def own(linear, bias):
    return nn.Linear(linear.out_features, linear.in_features, bias=bias)


def frozen(sizes):
    model = tied(sizes)
    model.encoder[1].weight.requires_grad_(False)
    return model


def count(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def rows(error=lambda images, decoder, seed: 0.04 - images / 1e7 + seed / 1e4, **changed):
    return [
        {"images": images, "decoder": decoder, "seed": seed, "error": error(images, decoder, seed)}
        for images in changed.get("amounts", (1000, 60000))
        for decoder in changed.get("decoders", ("shared", "unshared"))
        for seed in range(changed.get("seeds", 3))
    ]


ROWS = rows(lambda images, decoder, seed: 0.03 + seed / 1e4 + (decoder == "shared") / 1e3
            - images / 1e7)  # fmt: skip


def decoder(latent_dim, last=(), between=nn.ReLU, size=4):
    return nn.Sequential(
        nn.Linear(latent_dim, 4 * 49),
        between(),
        nn.Unflatten(1, (4, 7, 7)),
        nn.ConvTranspose2d(4, 2, 4, stride=2, padding=1),
        between(),
        nn.ConvTranspose2d(2, 1, size, stride=2, padding=1),
        *last,
    )


def asymmetric(latent_dim, sigma, noise=ae.AdditiveGaussNoise, **options):
    layer = noise(sigma) if noise else None
    dense = ae.dense_autoencoder([784, 100, latent_dim], noise=layer)
    return ae.AutoEncoder(dense.encoder, options.get("decoder", decoder)(latent_dim))


class Always(ae.AdditiveGaussNoise):
    def forward(self, x):
        return ae.CORRUPTIONS["Gaussian"](x, self.sigma)


class Uniform(ae.AdditiveGaussNoise):
    def forward(self, x):
        return x + self.sigma * 12**0.5 * (torch.rand_like(x) - 0.5) if self.training else x


class Same(ae.AdditiveGaussNoise):
    def forward(self, x):
        return x + self.sigma * torch.randn(x.shape[1:]) if self.training else x


def noise_twice(latent_dim, sigma):
    model = asymmetric(latent_dim, sigma)
    model.encoder.append(ae.AdditiveGaussNoise(sigma))
    return model


def noise_on_the_code(latent_dim, sigma):
    model = asymmetric(latent_dim, sigma, noise=None)
    model.encoder.append(ae.AdditiveGaussNoise(sigma))
    return model


def noise_in_the_decoder(latent_dim, sigma):
    model = asymmetric(latent_dim, sigma)
    model.decoder.append(ae.AdditiveGaussNoise(sigma))
    return model


def convolutional_encoder(latent_dim, sigma):
    encoder = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(2 * 26 * 26, latent_dim))
    return ae.AutoEncoder(encoder, decoder(latent_dim))


ERRORS = {"asymmetric": [0.020, 0.021, 0.022], "dense": [0.023, 0.024, 0.022]}


def sequences(images):
    y = nn.functional.avg_pool2d(images[..., 2:26, 2:26], 2).flatten(1)
    return nn.functional.pad(y[:, :-1], (1, 0)), y


def mixture(parameters, width=torch.exp, shares=lambda logits: logits.log_softmax(-1)):
    logits, means, widths = parameters.chunk(3, dim=-1)
    return shares(logits), torch.distributions.Normal(means, width(widths))


def mixture_loss(parameters, pixels, **options):
    shares, bells = mixture(parameters, **options)
    return -(shares + bells.log_prob(pixels[..., None])).logsumexp(-1)


def averaged_logarithms(parameters, pixels):
    shares, bells = mixture(parameters)
    return -(shares.exp() * bells.log_prob(pixels[..., None])).sum(-1).mean()


def squared_error(parameters, pixels):
    shares, bells = mixture(parameters)
    return ((shares.exp() * bells.mean).sum(-1) - pixels).square().mean()


@torch.no_grad()
def paint(model, draw, count, keep=True, feed=True, clamp=(0, 1), late=False):
    x, state, pixels = torch.zeros(count, 1), None, []
    for place in range(144):
        parameters, state = model(x, state if keep else None, start=place)
        drawn = draw(parameters)
        x = drawn.clamp(*clamp) if feed else torch.zeros(count, 1)
        pixels.append(drawn.clamp(*clamp))
    images = torch.cat(pixels, dim=1).view(count, 1, 12, 12)
    return images.clamp(0, 1) if late else images


def hidden_for(cell, budget, counted=None, more=0):
    hidden = 1
    while weights(counted or cell, hidden + 1) <= budget:
        hidden += 1
    return hidden + more


def weights(cell, hidden):
    with torch.device("meta"):
        model = ae.AutoRegressive(39, hidden_dim=hidden, cell=cell)
    return sum(p.numel() for p in model.parameters())


def pieces(text, n, step=1):
    return [text[i : i + n] for i in range(0, len(text) - n + 1, step)]


def distinct(text, n):
    return len(set(pieces(text, n))) / len(pieces(text, n))


def spoken(text):
    return re.findall("[a-z']+", text)


def share_known(words, known):
    return sum(word in known for word in words) / max(len(words), 1)


def line_starts(text):
    before = "\n" + text
    return [i for i, c in enumerate(text) if before[i] == "\n" and c != "\n"]


def every_line(text):
    return [0, *(i + 1 for i, c in enumerate(text) if c == "\n")]


def chunk_pairs(tokens, starts, length, room=1):
    fits = [tokens[i : i + length + 1] for i in starts if i + length + room <= len(tokens)]
    both = torch.stack(fits)
    return both[:, :-1], both[:, 1:]


def sentences(text, shortest, longest, speakers=False, joint=" ", mark="[.?!]"):
    lines = [line for line in text.split("\n") if speakers or not line.endswith(":")]
    found = re.findall(rf"[^.?!]+{mark}", joint.join(lines))
    found = [" ".join(one.split()) if joint == " " else one.strip() for one in found]
    return [one for one in found if shortest <= len(one) <= longest]


def vectors(model, vocab, said, take=lambda out, state: state[-1][0], evaluate=True):
    model.train(not evaluate)
    with torch.no_grad():
        return torch.cat([take(*model.read(vocab.encode(one)[None])) for one in said])


def padded(model, vocab, said):
    tokens = [vocab.encode(one) for one in said]
    filled = nn.utils.rnn.pad_sequence(tokens, batch_first=True)
    with torch.no_grad():
        return model.eval().read(filled)[1][-1][0]


def shuffled(codes, labels, n_clusters, times, both=False):
    generator, found = np.random.default_rng(5), []
    for _ in range(times):
        order = generator.permutation(len(labels))
        moved = codes[order] if both else codes
        found.append(
            ae.cluster_homogeneity(moved, np.asarray(labels)[order], n_clusters=n_clusters)
        )
    return found


VERDICT = {"pixels": [0.45, 0.46, 0.45], "codes": [0.5, 0.52, 0.49]}
RIGHT = {
    "1a": without,
    "1b": error_by_class,
    "1c": auroc,
    "2a": build,
    "2b": homogeneity,
    "2c": VERDICT,
    "3a": denoiser,
    "3b": lambda kernels: 1 + sum(kernel - 1 for kernel in kernels),
    "3c": cleaning_error,
    "4a": tied,
    "4b": count,
    "4c": ROWS,
    "5a": decoder,
    "5b": asymmetric,
    "5c": ERRORS,
    "6a": sequences,
    "6b": lambda p, x: mixture_loss(p, x).mean(),
    "6c": paint,
    "7a": hidden_for,
    "7b": distinct,
    "7c": lambda text, known: share_known(spoken(text), known),
    "8a": line_starts,
    "8b": chunk_pairs,
    "9a": sentences,
    "9b": vectors,
    "9c": lambda *asked: np.mean(shuffled(*asked)),
}
BARE = nn.Sequential(nn.Flatten(), nn.Linear(784, 64))

# task, wrong answer, what it is told
WRONG = [
    (
        "1a",
        lambda d, digits: Subset(d, sorted(set(range(len(d))) - set(places(d, digits)))),
        "Turn",
    ),
    ("1a", lambda d, digits: without(d, digits[:1]), "the second is still there"),
    ("1a", lambda d, digits: without(d, digits[1:]), "the first is still there"),
    ("1a", lambda d, digits: d.tensors[0][places(d, digits)], "a pair of an image and its label"),
    ("1a", lambda d, digits: Subset(d, places(d, digits)[::-1]), "in another order"),
    ("1a", lambda d, digits: without(d, (9, 5)), "Use the argument `digits`"),
    ("1a", lambda d, digits: d, "it keeps"),
    ("1a", lambda d, digits: 3, "should return a dataset, not a int"),
    ("1b", lambda m, d: error_by_class(m, d, np.sum), "take the mean"),
    ("1b", lambda m, d: np.full(10, ae.reconstruction_errors(m, d).mean()), "ten times"),
    ("1b", lambda m, d: np.sqrt(error_by_class(m, d)), "has no root"),
    ("1b", lambda m, d: error_by_class(m, d, sums=True), "mean over pixels"),
    ("1b", lambda m, d: error_by_class(m, d, evaluate=False), "model.eval()"),
    (
        "1b",
        lambda m, d: ae.reconstruction_errors(m, d),
        r"shape (10,), not an array of shape (37,)",
    ),
    ("1b", lambda m, d: error_by_class(m, d)[::-1].copy(), "by hand"),
    ("1b", lambda m, d: ["a"] * 10, "should be numbers, not a list"),
    ("1b", lambda m, d: [float("nan")] * 10, "a NaN"),
    ("1c", lambda e, y, f: auroc(-e, y, f), "*larger* error"),
    ("1c", lambda e, y, f: auroc(e, y, f[:1]), "only 9 counts"),
    ("1c", lambda e, y, f: auroc(e, y, f[1:]), "only 5 counts"),
    ("1c", lambda e, y, f: auroc(e > e.mean(), y, f), "ranks alarms"),
    ("1c", lambda e, y, f: np.mean(e > e.mean()), "truth first"),
    ("2a", lambda z: ae.pca_autoencoder(784, z), "it is linear"),
    ("2a", lambda z: build(64), "Use the argument"),
    ("2a", lambda z: BARE, "encode and decode"),
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
    ("2c", {"pixels": [0.4] * 3}, "two lists"),
    ("2c", {"pixels": [0.4] * 2, "codes": [0.5, 0.6, 0.5]}, "anecdote"),
    ("2c", {"pixels": [0.4] * 3, "codes": [5, 6, 7]}, "between 0 and 1"),
    ("2c", {"pixels": [0.4] * 3, "codes": [0.5] * 3}, "every seed"),
    ("2c", {"pixels": [0.01] * 3, "codes": [0.5, 0.6, 0.5]}, "in step"),
    ("2c", {"pixels": ["a"] * 3, "codes": [0.5, 0.6, 0.5]}, "should be numbers"),
    ("2c", {"pixels": [math.nan] * 3, "codes": [0.5, 0.6, 0.5]}, "a NaN"),
    ("3a", lambda d, c: denoiser(d, c, padding=0), "(4, 1, 22, 22)"),
    ("3a", lambda d, c: ae.dense_autoencoder([784, 30]), "no nn.Conv2d"),
    (
        "3a",
        lambda d, c: nn.Sequential(
            nn.Conv2d(1, 1, 3, padding=1),
            nn.Flatten(),
            nn.Linear(784, 784),
            IMAGE,
        ),
        "28 × 28 only",
    ),
    ("3a", lambda d, c: denoiser(d, c, last=[nn.ReLU()]), "stands behind"),
    ("3a", lambda d, c: denoiser(d + 1, c), "not 4"),
    ("3a", lambda d, c: denoiser(3, c), "Use the argument"),
    ("3a", lambda d, c: denoiser(d, 16), "asked for 8 channels between the layers, it has [16]"),
    ("3a", lambda d, c: denoiser(d, 8), "asked for 4 channels"),
    ("3a", lambda d, c: denoiser(d, c, between=nn.Sigmoid), "and nothing else"),
    ("3a", denoiser(3, 8), "and not a network"),
    ("3a", lambda d, c: denoiser(d, c, between=nn.Identity), "one larger filter"),
    ("3a", lambda d, c: denoiser(d, c, padding=2, size=5), "should be 3 × 3"),
    ("3a", lambda d, c: [nn.Conv2d(1, 1, 3)], "not a list"),
    ("3b", sum, "overlap"),
    ("3b", math.prod, "multiplies"),
    ("3b", lambda kernels: sum(k - 1 for k in kernels), "the pixel itself"),
    ("3b", lambda kernels: 1 + sum(k // 2 for k in kernels), "both sides"),
    ("3b", max, "the largest layer"),
    ("3b", lambda kernels: (1 + sum(k - 1 for k in kernels)) ** 2, "number of pixels"),
    ("3b", lambda kernels: 99, "it gives 99"),
    ("3c", lambda m, x, y: cleaning_error(m, x, x), "it compares with the noisy"),
    ("3c", lambda m, x, y: cleaning_error(m, y, y), "clean already"),
    ("3c", lambda m, x, y: (x - y).square().mean(), "Ask the model"),
    ("3c", lambda m, x, y: (m(x) - y).square().mean().item(), "model.eval()"),
    ("3c", lambda m, x, y: (m.eval()(x) - y).square().mean(), "carries gradients"),
    ("3c", lambda m, x, y: cleaning_error(m, x, y) ** 0.5, "has no root"),
    ("3c", lambda m, x, y: 784 * cleaning_error(m, x, y), "adds up"),
    ("3c", lambda m, x, y: 0.1, "not the mean squared error"),
    ("4a", lambda sizes: tied(sizes, layer=own), "3 matrices to train, and there are 6"),
    ("4a", lambda sizes: tied(sizes, code=[nn.ReLU()]), "no ReLU on the code"),
    ("4a", lambda sizes: tied(sizes, out=[nn.Tanh()]), "look at the output"),
    ("4a", lambda sizes: tied([*sizes[:1], *sizes[-3:]]), "for 5 sizes there should be 4"),
    ("4a", lambda sizes: tied(sizes, between=nn.Sigmoid), "look at the code"),
    ("4a", lambda sizes: tied(sizes, out=[nn.ReLU()]), "no ReLU on the output"),
    ("4a", lambda sizes: tied(sizes, between=nn.Identity), "one half is linear"),
    ("4a", lambda sizes: tied(sizes, bias=False), "6 biases"),
    ("4a", lambda sizes: tied([784, 12]), "3 matrices to train, and there are 1"),
    (
        "4a",
        lambda sizes: ae.AutoEncoder(tied(sizes).encoder, tied(sizes).decoder[::-1]),
        "cannot read a code of 12",
    ),
    ("4a", lambda sizes: tied(sizes[:-1]), "shape (8, 12), not a tensor of shape (8, 30)"),
    ("4a", frozen, "frozen"),
    ("4a", lambda sizes: nn.Linear(784, 12), "ae.AutoEncoder, not a Linear"),
    ("4b", lambda m: sum(p.numel() for p in m.parameters()), "frozen parameters count too"),
    ("4b", lambda m: sum(v.numel() for v in m.state_dict().values()), "running means"),
    (
        "4b",
        lambda m: sum(p.numel() for x in m for p in x.parameters() if p.requires_grad),
        "counted twice",
    ),
    ("4b", lambda m: len(list(m.parameters())), "counts tensors"),
    (
        "4b",
        lambda m: sum(p.numel() for p in m.parameters() if p.requires_grad and p.ndim == 2),
        "biases are missing",
    ),
    ("4b", lambda m: 5, "has 5, it says"),
    ("4c", {}, "a list of rows"),
    ("4c", rows(decoders=("tied", "free")), 'are "shared" and "unshared"'),
    ("4c", rows(amounts=(1000,)), "one amount of images only"),
    ("4c", rows(seeds=2), "at least three different seeds"),
    ("4c", rows(lambda n, d, s: 0.04 - n / 1e7), "all seeds gave"),
    ("4c", [{**row, "images": "many"} for row in ROWS], "`images` of a row"),
    ("4c", [{**row, "seed": 0} for row in ROWS], "different seeds"),
    ("4c", rows(), "the same errors"),
    ("4c", rows(lambda n, d, s: 0.04 + n / 1e7 + s / 1e4 + (d == "shared") / 1e3), "fewer images"),
    ("4c", rows(lambda n, d, s: 0.3 + (d == "shared") / 1e3), "draws nothing"),
    ("4c", [{"images": 3}], "a row has the entries"),
    ("5a", lambda z: decoder(z, size=3), "not a tensor of shape (8, 1, 27, 27)"),
    (
        "5a",
        lambda z: nn.Sequential(nn.Linear(z, 784), IMAGE),
        "no convolution",
    ),
    (
        "5a",
        lambda z: nn.Sequential(
            nn.Unflatten(1, (1, z, 1)),
            nn.Conv2d(1, 2, 1),
            nn.Flatten(),
            nn.Linear(2 * z, 784),
            IMAGE,
        ),
        "its last layer is linear",
    ),
    ("5a", lambda z: decoder(z, between=nn.Identity), "it is linear"),
    ("5a", lambda z: decoder(z, last=[nn.ReLU()]), "stands behind"),
    ("5a", lambda z: decoder(12), "Use the argument"),
    ("5a", lambda z: decoder(z, last=[nn.Tanh()]), "stands behind"),
    ("5b", lambda z, s: asymmetric(z, s, noise=None), "no noise on the image"),
    ("5b", lambda z, s: asymmetric(z, s, noise=Always), "in evaluation mode too"),
    ("5b", noise_on_the_code, "on the code"),
    ("5b", noise_in_the_decoder, "noise in the decoder"),
    ("5b", convolutional_encoder, "a convolution in the encoder"),
    ("5b", lambda z, s: asymmetric(z, 0.5), "whatever it is asked for"),
    ("5b", lambda z, s: asymmetric(z, 0.2), "adds noise of 0.20"),
    ("5b", lambda z, s: ae.dense_autoencoder([784, z]), "no convolution in the decoder"),
    ("5b", lambda z, s: asymmetric(10, s), "(64, 12), not a tensor of shape (64, 10)"),
    ("5b", lambda z, s: asymmetric(12, s), "for a code of 7"),
    ("5b", lambda z, s: asymmetric(z, s, noise=Uniform), "not Gaussian"),
    ("5b", lambda z, s: asymmetric(z, s, noise=Same), "again and again"),
    ("5b", noise_twice, "more noise"),
    ("5b", lambda z, s: nn.Linear(784, 784), "not a Linear"),
    ("5c", {"asymmetric": [0.02] * 3}, "two lists"),
    ("5c", {**ERRORS, "dense": [0.02] * 3}, "train anew (dense)"),
    ("5c", {**ERRORS, "dense": [0.25, 0.26, 0.25]}, "that of the noise"),
    ("5c", {**ERRORS, "dense": [0.07, 0.071, 0.07]}, "the mean image's"),
    ("5c", {**ERRORS, "dense": [0.0001, 0.02, 0.03]}, "too good"),
    ("5c", {**ERRORS, "dense": ERRORS["asymmetric"]}, "measured twice"),
    ("5c", {**ERRORS, "dense": [0.02]}, "anecdote"),
    ("6a", lambda x: sequences(x)[::-1], "exchanged"),
    ("6a", lambda x: sequences(x)[1], "a pair"),
    ("6a", lambda x: 2 * (sequences(x)[1],), "only to copy"),
    ("6a", lambda x: (sequences(x)[1].roll(-1, 1), sequences(x)[1]), "*after*"),
    ("6a", lambda x: (sequences(x)[1].roll(1, 1), sequences(x)[1]), "begins with the last pixel"),
    ("6a", lambda x: sequences(x.mT), "column by column"),
    (
        "6a",
        lambda x: 2 * (nn.functional.max_pool2d(x[..., 2:26, 2:26], 2).flatten(1),),
        "the largest",
    ),
    ("6a", lambda x: 2 * (x[..., 2:26:2, 2:26:2].flatten(1),), "every second pixel"),
    ("6a", lambda x: 2 * (x.flatten(1),), "shape (3, 144), not a tensor of shape (3, 784)"),
    ("6a", lambda x: [part.numpy() for part in sequences(x)], "a tensor of shape (3, 144), not"),
    ("6b", lambda p, x: -mixture_loss(p, x).mean(), "sign"),
    ("6b", lambda p, x: mixture_loss(p, x).sum(), "adds up"),
    ("6b", lambda p, x: mixture_loss(p, x).mean() / math.log(2), "in bits"),
    ("6b", lambda p, x: mixture_loss(p, x, shares=lambda s: s).mean(), "softmax"),
    ("6b", averaged_logarithms, "averages the logarithms"),
    ("6b", lambda p, x: mixture_loss(p, x, width=nn.functional.softplus).mean(), "exponential"),
    ("6b", lambda p, x: mixture_loss(p, x, width=lambda w: (w / 2).exp()).mean(), "variance"),
    ("6b", squared_error, "no density"),
    ("6b", lambda p, x: 7.7, "by hand"),
    ("6b", lambda p, x: mixture_loss(p, x).mean().item(), "no gradient"),
    ("6b", lambda p, x: mixture_loss(p, x), "one number, not an array of shape (4, 7)"),
    ("6c", lambda *asked: paint(*asked, keep=False), "thrown away"),
    ("6c", lambda *asked: paint(*asked, feed=False), "zeros only"),
    ("6c", lambda *asked: paint(*asked, clamp=(-9, 9)), "not clamped"),
    ("6c", lambda *asked: paint(*asked, clamp=(-9, 9), late=True), "before"),
    ("6c", lambda *asked: paint(*asked).mT, "rows and columns"),
    ("6c", lambda model, draw, count: paint(model, draw, 1), "(3, 1, 12, 12), not"),
    ("6c", paint.__wrapped__, "carry gradients"),
    ("6c", lambda *asked: 1 - paint(*asked), "count from 0 to 143"),
    ("7a", lambda cell, budget: hidden_for(cell, budget, "gru"), "what a GRU may have"),
    ("7a", lambda cell, budget: hidden_for(cell, budget, "lstm"), "what an LSTM may have"),
    ("7a", lambda cell, budget: hidden_for(cell, budget, more=1), "exceeded"),
    ("7a", lambda cell, budget: hidden_for(cell, budget, more=-1), "still be within"),
    ("7a", lambda cell, budget: weights(cell, hidden_for(cell, budget)), "not that of units"),
    ("7a", lambda cell, budget: 128, "too many"),
    ("7a", lambda cell, budget: 3, "there is room for more"),
    ("7a", lambda cell, budget: -3, "positive integer"),
    ("7b", lambda text, n: len(set(pieces(text, n))), "The share of all groups"),
    ("7b", lambda text, n: 1 - distinct(text, n), "share of repetitions"),
    ("7b", lambda text, n: len(set(pieces(text, n, n))) / len(pieces(text, n, n)), "side by side"),
    (
        "7b",
        lambda text, n: (
            sum(map((lambda c: c == 1), Counter(pieces(text, n)).values())) / len(pieces(text, n))
        ),
        "come once",
    ),
    ("7b", lambda text, n: len(set(pieces(text, n))) / len(text), "fewer groups"),
    ("7b", lambda text, n: len(set(text.split())) / len(text.split()), "takes words"),
    ("7b", lambda text, n: distinct(text, 3), "for groups of 5"),
    ("7b", lambda text, n: distinct(text, 1), "single characters"),
    ("7c", lambda text, known: share_known(text.split(), known), "commas and full stops"),
    ("7c", lambda text, known: share_known(set(spoken(text)), known), "each different word once"),
    ("7c", lambda text, known: share_known(re.findall("[a-z]+", text), known), "the apostrophe"),
    ("7c", lambda text, known: sum(w in known for w in spoken(text)), "a number of words"),
    ("7c", lambda text, known: 1 - share_known(spoken(text), known), "do not exist"),
    ("7c", lambda text, known: np.mean([word in text for word in known]), "which known words"),
    ("7c", lambda text, known: share_known(spoken(text), known) or 0.5, "should give 0"),
    ("7c", lambda text, known: 0.77, "it says 0.770"),
    (
        "7c",
        lambda text, known: sum(word in known for word in spoken(text)) / len(spoken(text)),
        "ZeroDivisionError",
    ),
    ("8a", lambda text: [i for i, c in enumerate(text) if c == "\n"], "one place later"),
    ("8a", every_line, "blank lines are among them"),
    ("8a", lambda text: [i for i in line_starts(text) if i], "the first line is missing"),
    ("8a", lambda text: sorted({0, *line_starts(text)}), "begins with a blank line"),
    ("8a", lambda text: [*line_starts(text), len(text)], "the end of the text"),
    ("8a", lambda text: [i + 0.5 for i in line_starts(text)], "whole numbers"),
    ("8a", lambda text: list(range(len(text.splitlines()))), "numbers the lines"),
    (
        "8a",
        lambda text: [text.index(line) for line in text.splitlines() if line],
        "'so\\nso\\nso'",
    ),
    ("8a", lambda text: [5, 6], "it finds [5, 6]"),
    ("8b", lambda *asked: chunk_pairs(*asked)[::-1], "exchanged"),
    ("8b", lambda *asked: 2 * (chunk_pairs(*asked)[0],), "y is x itself"),
    ("8b", lambda *asked: chunk_pairs(*asked)[0], "a pair"),
    ("8b", lambda *asked: chunk_pairs(*asked, room=2), "still fits"),
    ("8b", lambda t, s, n: chunk_pairs(t, s[:1], n), "in no special order"),
    ("8b", lambda t, s, n: chunk_pairs(t, sorted(s), n), "in another order"),
    (
        "8b",
        lambda tokens, starts, length: chunk_pairs(torch.cat([tokens, tokens]), starts, length),
        "do not fit",
    ),
    ("8b", lambda tokens, starts, length: chunk_pairs(tokens, starts, length - 1), "has 9"),
    ("8b", lambda t, s, n: [part.tolist() for part in chunk_pairs(t, s, n)], "a tensor of whole"),
    ("8b", lambda t, s, n: chunk_pairs(t.roll(1), s, n), "begin where"),
    ("8b", lambda t, s, n: (chunk_pairs(t, s, n)[0], chunk_pairs(t, s, n)[1].flip(1)), "further"),
    ("9a", lambda *asked: sentences(*asked, speakers=True), "names of speakers"),
    ("9a", lambda *asked: sentences(*asked, joint="\n"), "over a line end"),
    ("9a", lambda *asked: sentences(*asked, mark=""), "ends with its mark"),
    ("9a", lambda *asked: [" " + one for one in sentences(*asked)], "spaces around"),
    ("9a", lambda text, a, b: sentences(text, a + 1, b), "exactly `shortest`"),
    ("9a", lambda *asked: [], "no sentence at all"),
    ("9a", lambda text, a, b: sentences(text, 0, b), "shorter than"),
    ("9a", lambda text, a, b: sentences(text, 5, 60), "the same lengths"),
    (
        "9a",
        lambda text, a, b: sentences("\n".join(x for x in text.split("\n") if ":" not in x), a, b),
        "a colon inside a line",
    ),
    ("9a", lambda text, a, b: text, "a list of strings"),
    ("9b", lambda *asked: vectors(*asked, take=lambda out, state: state[-1][1]), "it is c"),
    ("9b", lambda *asked: vectors(*asked, take=lambda out, state: state[0][0]), "first layer"),
    ("9b", lambda *asked: vectors(*asked, take=lambda out, state: out[:, -1]), "after layer norm"),
    ("9b", lambda *asked: vectors(*asked, take=lambda out, state: out.mean(1)), "mean of the out"),
    ("9b", lambda m, v, said: vectors(m, v, [one[:-1] for one in said]), "one character early"),
    ("9b", padded, "after the filling"),
    ("9b", lambda *asked: vectors(*asked, evaluate=False), "model.eval()"),
    ("9b", lambda m, v, said: vectors(m, v, said[:1])[0], "shape (3, 6)"),
    ("9b", lambda *asked: vectors(*asked).requires_grad_(), "carry gradients"),
    ("9b", lambda m, v, said: vectors(m, v, said).flip(0), "in order"),
    ("9c", lambda *asked: np.mean(shuffled(*asked, both=True)), "the true labels"),
    ("9c", lambda *asked: 0, "is not zero"),
    ("9c", lambda *asked: max(shuffled(*asked)), "The largest of several"),
    ("9c", lambda *asked: sum(shuffled(*asked)), "Take the mean"),
    ("9c", lambda codes, labels, k, n: np.mean(shuffled(codes, labels, 2, n)), "as many groups"),
    ("9c", lambda codes, labels, k, n: shuffled(codes, labels, k, 1)[0], "the same as a hundred"),
]


class Unsorted(nn.Module):
    """A network whose layers are made in another order than that in which they run."""

    def __init__(self, depth, channels):
        super().__init__()
        self.last = nn.Conv2d(channels, 1, 3, padding="same")
        self.middle = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, padding="same") for _ in range(depth - 2)
        )
        self.first = nn.Conv2d(1, channels, 3, padding="same")

    def forward(self, x):
        x = self.first(x).relu()
        for layer in self.middle:
            x = torch.relu(layer(x))
        return self.last(x)


def padded_apart(depth, channels):
    sizes = [1, *(depth - 1) * [channels], 1]
    layers = []
    for a, b in pairwise(sizes):
        layers += [nn.ZeroPad2d(1), nn.Conv2d(a, b, 3), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def grown(latent_dim, between=nn.Tanh, more=3):
    layers = [nn.Linear(latent_dim, 4 * 49), between(), nn.Unflatten(1, (4, 7, 7))]
    for _ in range(2):
        layers += [nn.Upsample(scale_factor=2), nn.Conv2d(4, 4, 3, padding=1), between()]
    for _ in range(more):
        layers += [nn.Conv2d(4, 4, 3, padding=1), between()]
    return nn.Sequential(*layers, nn.Conv2d(4, 1, 3, padding=1))


class NoiseInForward(ae.AutoEncoder):
    def __init__(self, latent_dim, sigma):
        super().__init__(asymmetric(latent_dim, sigma, noise=None).encoder, decoder(latent_dim))
        self.decoder.insert(4, nn.Dropout2d(0.2))
        self.sigma = sigma

    def forward(self, x):
        noise = self.sigma * torch.randn_like(x) if self.training else 0
        return super().forward(x + noise)


def careful_paint(model, draw, count):
    device = next(model.parameters()).device
    x, state = torch.zeros(count, 1, device=device), None
    pixels = torch.zeros(count, 144, device=device)
    with torch.inference_mode():
        for place in torch.arange(144):
            parameters, state = model(x, state, start=place)
            x = draw(parameters).clip(0, 1)
            pixels[:, place] = x[:, 0]
    return pixels.reshape(-1, 1, 12, 12)


# the same answers as others would write them
RIGHT_TOO = [
    ("1b", lambda m, d: torch.from_numpy(error_by_class(m, d)).tolist()),
    ("3a", Unsorted),
    ("3a", padded_apart),
    ("3b", lambda kernels: torch.tensor(1 + sum(k - 1 for k in kernels), dtype=torch.bfloat16)),
    ("3c", torch.no_grad()(lambda m, x, y: nn.functional.mse_loss(m.eval()(x), y))),
    ("4b", lambda m: np.sum([p.numel() for p in set(m.parameters()) if p.requires_grad])),
    ("4c", [{**row, "images": torch.tensor(row["images"])} for row in ROWS]),
    ("5a", grown),
    ("5a", lambda z: grown(z, nn.Sigmoid)),
    ("5a", lambda z: grown(z, nn.GELU, more=2)),
    ("5b", NoiseInForward),
    ("5c", {name: np.array(errors) for name, errors in ERRORS.items()}),
    ("5c", {name: torch.tensor(errors).bfloat16() for name, errors in ERRORS.items()}),
    ("6a", lambda x: list(sequences(x))),
    ("6c", careful_paint),
    ("7b", lambda text, n: round(distinct(text, n), 3)),
    ("8a", lambda text: np.array(line_starts(text))),
    ("8b", lambda t, starts, n: chunk_pairs(t, torch.tensor(starts), n)),
    ("9b", lambda *asked: list(vectors(*asked))),
    ("9c", lambda *asked: torch.tensor(shuffled(*asked)).mean()),
]


class Pair(nn.Module):
    def forward(self, *inputs):
        return inputs[0], inputs[0]


ODD = [
    None,
    (None,),
    "x",
    {"a": 1},
    10**400,
    [torch.ones(2, requires_grad=True) * 2],
    torch.ones(3, dtype=torch.bfloat16),
    torch.empty(3, device="meta"),
    np.array(["x"]),
    nn.Identity(),
    Pair(),
    ae.AutoEncoder(Pair(), Pair()),
    nn.ModuleList(),
]


@pytest.mark.parametrize(("task", "answer"), RIGHT_TOO)
def test_a_right_answer_passes_however_it_is_written(task, answer):
    check(task, answer)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
@pytest.mark.parametrize("task", CHECKS)
def test_whatever_comes_is_answered_in_one_sentence(task, odd):
    answer = (lambda *arguments: odd) if callable(RIGHT[task]) else odd
    with pytest.raises(NotYet) as caught:
        check(task, answer)
    assert "\n" not in str(caught.value)
    assert "the check cannot use" not in str(caught.value)


@pytest.mark.parametrize("task", CHECKS)
def test_a_right_answer_passes(task, capsys):
    check(task, RIGHT[task])
    assert capsys.readouterr().out == f"✓ Task {task}: right.\n"


@pytest.mark.parametrize(("task", "answer", "sentence"), WRONG)
def test_a_wrong_answer_is_told_where_to_look(task, answer, sentence, capsys):
    with pytest.raises(NotYet, match=f"^Task {task}: .*{re.escape(sentence)}"):
        check(task, answer)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("task", CHECKS)
def test_every_task_has_three_wrong_answers_with_sentences_of_their_own(task):
    sentences = [sentence for other, _, sentence in WRONG if other == task]
    assert len(set(sentences)) >= 3


@pytest.mark.parametrize("task", [task for task, answer in RIGHT.items() if callable(answer)])
def test_what_stops_an_answer_becomes_one_sentence(task):
    def stub(*arguments):
        raise NotImplementedError(f"Task {task}")

    def broken(*arguments):
        seven = 7
        return torch.zeros(3) @ torch.zeros(seven)

    def eager():
        return 3

    for answer, sentence in (
        (stub, "stub is not written yet"),
        (broken, "broken stopped in its line 3 with RuntimeError"),
        (lambda *arguments: None, "returns nothing"),
        (3, "give the function itself"),
        (eager, "eager stopped with TypeError"),
    ):
        with pytest.raises(NotYet, match=sentence) as caught:
            check(task, answer)
        assert "\n" not in str(caught.value)
        assert caught.value.__suppress_context__


def test_jupyter_shows_the_sentence_alone():
    assert NotYet("Task 1a: so.")._render_traceback_() == ["✗ Task 1a: so."]


def test_an_unknown_task_is_named():
    with pytest.raises(ValueError, match=r"must be one of 1a, 1b, .*, 9c, got '9z'"):
        check("9z", 1)


def test_a_check_leaves_chance_and_the_answer_s_arguments_alone():
    state = torch.get_rng_state()

    def greedy(dataset, digits):
        kept = without(dataset, digits)
        dataset.tensors = (dataset.tensors[0], 0 * dataset.tensors[1])
        return TensorDataset(*(part[kept.indices] for part in kept.dataset.tensors))

    with pytest.raises(NotYet):
        check("1a", greedy)
    check("1a", without)
    assert torch.equal(torch.get_rng_state(), state)


# ---------------------------------------------------------------- the notebooks


@pytest.mark.parametrize("path", tool.SOURCES, ids=lambda path: path.stem)
def test_pages_are_what_their_source_yields(path):
    for target, notebook in tool.pages(path).items():
        assert nbformat.read(target, as_version=4) == notebook, "make exercises"


def test_there_are_no_other_pages():
    wanted = {target for path in tool.SOURCES for target in tool.pages(path)}
    assert set((ROOT / "book" / "exercises").glob("*.ipynb")) == wanted


@each
def test_a_source_has_what_an_exercise_needs(source):
    text = "\n".join(cell.source for cell in source.cells if cell.cell_type == "markdown")
    assert re.match(r"# Exercise \d: ", text)
    assert "**Why it matters.**" in text
    assert "expected minutes" in text
    assert "## What to look for" in text
    tasks = [task for task in map(tool.task_of, source.cells) if task]
    assert text.count("## Task ") == len(tasks)
    for number in (1, 2, 3):
        assert text.count(f"<summary>Hint {number}</summary>") == len(tasks)
    checked = [
        cell.metadata.nbgrader.grade_id
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    ]
    assert checked == [f"check-{task}" for task in tasks]
    assert set(tasks) <= set(CHECKS)


def test_every_check_belongs_to_an_exercise():
    tasks = [tool.task_of(cell) for source in SOURCES.values() for cell in source.cells]
    assert sorted(filter(None, tasks)) == sorted(CHECKS)


@each
def test_the_source_was_run_in_full_and_all_was_right(source):
    run = source.metadata.get("ae_course")
    assert run["mode"] == "full"
    assert run["digest"] == notebooks.digest(source), "make exercises-run"
    said = "".join(out.get("text", "") for cell in source.cells for out in cell.get("outputs", []))
    tasks = [task for task in map(tool.task_of, source.cells) if task]
    for task in tasks:
        assert f"✓ Task {task}: right." in said
    assert "[full run" not in re.sub(r"✓ .*\[full run.*\]", "", said)


@each
def test_a_student_s_copy_gives_nothing_away(source):
    handed_out = tool.student(source)
    text = nbformat.writes(handed_out)
    assert "SOLUTION" not in text
    assert "solution-only" not in text
    assert not any(cell.get("outputs") for cell in handed_out.cells)
    for cell in source.cells:
        if tool.task_of(cell):
            secret = tool.REGION.search(cell.source)[0].splitlines()[1:-1]
            assert max(secret, key=len).strip() not in text  # hints may quote the smaller parts


@each
def test_the_stubs_of_a_student_s_copy_fail(source, tmp_path):
    """In plain Python, each task as it is handed out, with a check right after it."""
    handed_out = tool.student(source)
    stubs = [cell.source for cell in handed_out.cells if tool.task_of(cell)]
    lines = ["from ae_course.exercises import NotYet, check"]
    for stub in stubs:
        task, name = re.search(r"Task (\w+)", stub)[1], re.search(r"def (\w+)", stub)[1]
        asked = f"check({task!r}, {name})"
        lines += [stub, f"try:\n    {asked}\nexcept NotYet as answered:\n    print(answered)"]
    program = tmp_path / "stubs.py"
    program.write_text("\n".join([*lines, asked]))  # the last time nobody catches it
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, cwd=ROOT)
    said = done.stdout.splitlines()
    assert [line.split(":")[0] for line in said] == [
        f"Task {tool.task_of(cell)}" for cell in source.cells if tool.task_of(cell)
    ]
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(said[-1])
