"""Small trainings of the models that draw: of codes, of words, and of noise."""

import functools

import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.utils.data import TensorDataset
from trainings import digits, fit, once

import ae_course as ae


@once
def shelves():
    """Variational autoencoders of two numbers at three weights, and a reader of digits."""
    images, labels = digits()
    models = {}
    for beta in (0.0, 1.0, 30.0):
        models[beta] = ae.dense_vae([784, 48, 2])
        loader = ae.batches(ae.AutoEncodeDataset(images), 50, shuffle=True)
        loss = functools.partial(ae.negative_elbo, beta=beta)
        ae.train(models[beta], loss, loader, epochs=8, lr=0.005, device="cpu")
    judge = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    pairs = ae.batches(TensorDataset(images, labels), 50, shuffle=True)
    ae.train(judge, cross_entropy, pairs, epochs=8, lr=0.003, device="cpu")
    return {beta: model.eval() for beta, model in models.items()}, judge.eval()


@once
def quantized():
    """An autoencoder of digits, and sixteen of its vectors as words: 7 × 7 make a page."""
    twice = {"kernel_size": 4, "stride": 2, "padding": 1}
    up = [
        nn.ReLU(),
        nn.ConvTranspose2d(8, 8, **twice),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 1, **twice),
    ]
    decoder = nn.Sequential(nn.Conv2d(4, 8, 3, padding=1), *up)
    model = fit(ae.AutoEncoder(nn.Conv2d(1, 4, 4, stride=4), decoder), digits()[0])
    words = ae.VectorQuantizer(16, 4)
    vectors = model.encode(digits()[0][:16])[:, :, 2, 3].detach()
    words.load_state_dict({"codebook": vectors})
    return model, words


def hills():
    """Centres, shares and width of three hills in the plane, with their mean at the origin."""
    centers = torch.tensor([[-1.6, -0.6], [2.4, -0.6], [0.4, 2.4]], dtype=torch.float64)
    return centers, torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64), 0.25


@once
def diffusion():
    """A denoiser of codes, the decoder of these codes, their means and their spreads."""
    images, labels = digits()
    model = fit(ae.conv_autoencoder((4, 8), 6), images)
    with torch.no_grad():
        raw = model.encode(images)
    center, scale = raw.mean(dim=0), raw.std(dim=0)
    network, alpha_bar = ae.CodeDenoiser(6, width=64, blocks=2), ae.alpha_bars()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.003)
    for _ in range(300):
        t, noise = torch.randint(1000, (len(raw),)), torch.randn_like(raw)
        left = alpha_bar[t][:, None]
        x = left.sqrt() * (raw - center) / scale + (1 - left).sqrt() * noise
        told = labels.where(torch.rand(len(labels)) > 0.3, torch.tensor(10))
        optimizer.zero_grad()
        mse_loss(network(x, ((1 - left) / left).log()[:, 0] / 2, told), noise).backward()
        optimizer.step()
    return network.eval(), model.decoder, center, scale


@once
def masked():
    """A masked autoencoder after 300 steps at three quarters."""
    patches = ae.to_patches(digits()[0])
    model = ae.MaskedAutoencoder(32, 2, 4, decoder_width=16)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(300):
        x = patches[torch.randint(len(patches), (32,))]
        visible, hidden = ae.hide_patches(32, 0.75)
        optimizer.zero_grad()
        ae.take_patches((model(x, visible) - x).square(), hidden).mean().backward()
        optimizer.step()
    return model.eval()
