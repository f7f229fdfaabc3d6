"""Exercise 5, an asymmetric denoiser: its right answers and its common wrong ones."""

from itertools import pairwise

import torch
from torch import nn

import ae_course as ae

IMAGE = nn.Unflatten(1, (1, 28, 28))


def maps(channels, between=nn.ReLU, padding=1, more=0, first=()):
    layers = [nn.Unflatten(1, (channels, 28, 28)), *first, nn.Conv2d(channels, 8, 3, 1, padding)]
    for _ in range(more):
        layers += [between(), nn.Conv2d(8, 8, 3, 1, padding)]
    return nn.Sequential(*layers, between(), nn.Conv2d(8, 1, 3, 1, padding))


class Maps(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.channels = channels
        self.wide, self.last = nn.Conv2d(channels, 4, 5, padding=2), nn.ConvTranspose2d(4, 1, 1)

    def view(self, codes):
        return codes.view(-1, self.channels, 28, 28)

    def forward(self, codes):
        return self.last(self.wide(self.view(codes)).relu())


class ChannelsLast(Maps):
    def view(self, codes):
        return codes.view(-1, 28, 28, self.channels).permute(0, 3, 1, 2)


class Mean(nn.Module):
    def forward(self, maps):
        return maps.mean(dim=1, keepdim=True)


class Turned(nn.Module):
    def forward(self, maps):
        return maps.mT


class FirstAlone(Maps):
    def __init__(self, channels):
        super().__init__(channels)
        self.wide = nn.Conv2d(1, 4, 5, padding=2)

    def view(self, codes):
        return super().view(codes)[:, :1]


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


def asymmetric(latent_dim, sigma, noise=ae.AdditiveGaussNoise, sizes=(392, 261, 196), **options):
    layer = noise(sigma) if noise else None
    dense = ae.dense_autoencoder([784, *sizes, latent_dim], noise=layer)
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


def linear_encoder(latent_dim, sigma):
    sizes = [784, 392, 261, 196, latent_dim]
    layers = [nn.Linear(*pair) for pair in pairwise(sizes)]
    encoder = nn.Sequential(nn.Flatten(), ae.AdditiveGaussNoise(sigma), *layers)
    return ae.AutoEncoder(encoder, decoder(latent_dim))


def no_negative_code(latent_dim, sigma):
    model = asymmetric(latent_dim, sigma)
    model.encoder.append(nn.ReLU())
    return model


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


class Detached(nn.Module):
    def forward(self, z):
        return z.detach()


class FirstCode(nn.Module):
    def forward(self, z):
        return z[:1].expand_as(z)


class LastDropped(nn.Module):
    def forward(self, z):
        return torch.cat([z[:, :-1], 0 * z[:, -1:]], dim=1)


class Bright(ae.AdditiveGaussNoise):
    def forward(self, x):
        return x + self.sigma * torch.randn(len(x), 1, 1, 1) if self.training else x


RIGHT = {
    "5a": maps,
    "5b": decoder,
    "5c": asymmetric,
}

# the same answers as others would write them
RIGHT_TOO = [
    ("5a", Maps),
    ("5a", lambda c: maps(c, between=nn.Tanh, more=4)),
    ("5b", grown),
    ("5b", lambda z: grown(z, nn.Sigmoid)),
    ("5b", lambda z: grown(z, nn.GELU, more=2)),
    ("5c", NoiseInForward),
]

# task, wrong answer, what it is told
WRONG = [
    ("5a", lambda c: maps(c, padding=0), "not a tensor of shape (8, 1, 24, 24)"),
    ("5a", lambda c: nn.Sequential(nn.Linear(784 * c, 784), nn.ReLU(), IMAGE), "a linear layer"),
    ("5a", lambda c: nn.Sequential(nn.Unflatten(1, (c, 28, 28)), Mean()), "no convolution"),
    ("5a", lambda c: maps(c, between=nn.Identity), "it is linear"),
    ("5a", lambda c: maps(c).append(nn.Sigmoid()), "stands behind"),
    ("5a", lambda c: maps(c, first=[nn.Conv2d(c, c, 1)]), "together they are one"),
    ("5a", lambda c: maps(2), "Use the argument"),
    ("5a", lambda c: ChannelsLast(c), "moves the pixels around row"),
    ("5a", lambda c: maps(c, first=[Turned()]), "moves the pixels around row 9, column 5"),
    ("5a", FirstAlone, "changes no pixel"),
    ("5b", lambda z: decoder(z, size=3), "not a tensor of shape (8, 1, 27, 27)"),
    (
        "5b",
        lambda z: nn.Sequential(nn.Linear(z, 784), IMAGE),
        "no convolution",
    ),
    (
        "5b",
        lambda z: nn.Sequential(
            nn.Unflatten(1, (1, z, 1)),
            nn.Conv2d(1, 2, 1),
            nn.Flatten(),
            nn.Linear(2 * z, 784),
            IMAGE,
        ),
        "its last layer is linear",
    ),
    ("5b", lambda z: decoder(z, between=nn.Identity), "it is linear"),
    ("5b", lambda z: decoder(z, last=[nn.ReLU()]), "stands behind"),
    ("5b", lambda z: decoder(12), "Use the argument"),
    ("5b", lambda z: decoder(z, last=[nn.Tanh()]), "stands behind"),
    ("5c", lambda z, s: asymmetric(z, s, noise=None), "no noise on the image"),
    ("5c", lambda z, s: asymmetric(z, s, noise=Always), "in evaluation mode too"),
    ("5c", noise_on_the_code, "on the code"),
    ("5c", noise_in_the_decoder, "noise in the decoder"),
    ("5c", convolutional_encoder, "a convolution in the encoder"),
    ("5c", lambda z, s: asymmetric(z, 0.5), "whatever it is asked for"),
    ("5c", lambda z, s: asymmetric(z, 0.2), "adds noise of 0.20"),
    ("5c", lambda z, s: ae.dense_autoencoder([784, z]), "no convolution in the decoder"),
    ("5c", lambda z, s: asymmetric(10, s), "(64, 12), not a tensor of shape (64, 10)"),
    ("5c", lambda z, s: asymmetric(12, s), "for a code of 7"),
    ("5c", lambda z, s: asymmetric(z, s, noise=Uniform), "not Gaussian"),
    ("5c", lambda z, s: asymmetric(z, s, noise=Same), "again and again"),
    ("5c", noise_twice, "more noise"),
    ("5c", lambda z, s: asymmetric(z, s, sizes=(100,)), "give 100, 12 numbers"),
    ("5c", no_negative_code, "behind the last layer of the encoder"),
    ("5c", linear_encoder, "its encoder is linear"),
    ("5c", lambda z, s: nn.Linear(784, 784), "not a Linear"),
    ("5a", lambda channels: nn.Sequential(FirstCode(), maps(channels)), "other codes"),
    ("5b", lambda size: nn.Sequential(Detached(), decoder(size)), "no gradient reaches"),
    ("5b", lambda size: nn.Sequential(FirstCode(), decoder(size)), "other codes"),
    ("5b", lambda size: nn.Sequential(LastDropped(), decoder(size)), "no influence"),
    ("5c", lambda size, sigma: asymmetric(size, sigma, noise=Bright), "one number to a whole"),
]
