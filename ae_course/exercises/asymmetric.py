"""Exercise 5: a dense encoder, and a decoder that draws with convolutions."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import NotYet, call, described, tensor
from ae_course.exercises.networks import build_model, ends_with, is_linear, traced
from ae_course.models.autoencoder import AutoEncoder

CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
WEIGHTED = (nn.Linear, *CONVOLUTIONS)
NEAR = 4  # pixels between a number's place and the middle of what it moves


def check_maps(draw_maps: Any) -> None:
    """Check task 5a: a decoder that takes the code for images and has no linear layer."""
    codes = torch.randn(8, 2 * 784)
    hint = "With a kernel of k, an odd number, a padding of (k − 1) / 2 keeps height and width."
    net, layers = _drawing(draw_maps, 2, codes, hint)
    _refuse_what_does_not_learn(net, codes)
    if any(isinstance(layer, nn.Linear) for layer in layers):
        raise NotYet("there is a linear layer in it. The code is viewed as images, no more.")
    if not layers:
        raise NotYet("there is no convolution in it.")
    _refuse_what_does_not_draw(net, layers, codes)
    _refuse_one_size(draw_maps, 3, torch.randn(8, 3 * 784), "it views a code as 2 images")
    for channels, place in ((2, (0, 5, 9)), (2, (1, 3, 20)), (3, (1, 22, 4))):
        _refuse_another_place(build_model(draw_maps, channels), channels, place)


def _drawing(
    builder: Any, argument: int, codes: Tensor, hint: str
) -> tuple[nn.Module, list[nn.Module]]:
    """Build a decoder that makes images of codes, and list its layers with weights in order."""
    net = build_model(builder, argument)
    drawn, count = call(net, codes), len(codes)
    if not isinstance(drawn, Tensor) or drawn.shape != (count, 1, 28, 28):
        raise NotYet(
            f"{count} codes should become images ({count}, 1, 28, 28), not {described(drawn)}. "
            f"{hint}"
        )
    return net, [layer for layer, _, _ in traced(net, codes, *WEIGHTED)]


def _refuse_what_does_not_learn(net: nn.Module, codes: Tensor) -> None:
    """Ask whether each image follows its own code, and the gradient reaches all of it."""
    if not torch.allclose(call(net, codes[1:2]), call(net, codes)[1:2], atol=1e-4):
        raise NotYet("the image of a code depends on the other codes of the batch.")
    leaf = codes.clone().requires_grad_()
    drawn = call(net, leaf, copies=False)
    slope = None
    if drawn.requires_grad:
        (slope,) = torch.autograd.grad(drawn.square().sum(), leaf, allow_unused=True)
    if slope is None:
        raise NotYet("no gradient reaches the code. Leave out `detach` and `no_grad`.")
    if len(codes[0]) < 100 and (slope == 0).all(dim=0).any():
        raise NotYet("a number of the code has no influence on the image.")


def _refuse_one_size(builder: Any, argument: int, codes: Tensor, what: str) -> None:
    """Refuse a builder whose decoder cannot read the codes of another argument."""
    try:
        _drawing(builder, argument, codes, "")
    except NotYet:
        raise NotYet(f"{what} whatever it is asked for. Use the argument.") from None


def _refuse_what_does_not_draw(net: nn.Module, layers: list[Any], codes: Tensor) -> None:
    if not ends_with(net, layers[-1], codes):
        raise NotYet("something stands behind the last layer. It should give the pixels.")
    if is_linear(net, codes):
        raise NotYet("it is linear. Put a nonlinearity between the layers.")
    for (_, _, before), (_, after, _) in pairwise(traced(net, codes, *CONVOLUTIONS)):
        if before.numel() == after.numel() and torch.equal(before.flatten(), after.flatten()):
            raise NotYet(
                "between two of its convolutions there is no nonlinearity: together they are one."
            )


def _refuse_another_place(net: nn.Module, channels: int, place: tuple[int, int, int]) -> None:
    """Look whether the pixels that a number of the code moves lie around its own place."""
    channel, row, column = place
    number = channel * 784 + row * 28 + column
    codes = torch.randn(16, channels * 784)
    moved = codes.clone()
    moved[:, number] += 1
    with torch.no_grad():
        change = (call(net, moved) - call(net, codes)).abs().sum(dim=(0, 1))
    if change.shape != (28, 28) or change.sum() == 0:
        raise NotYet(f"with {channels} channels, number {number} of the code changes no pixel.")
    change = change / change.sum()
    found = [(change.sum(dim=1 - axis) * torch.arange(28)).sum().item() for axis in (0, 1)]
    if max(abs(found[0] - row), abs(found[1] - column)) > NEAR:
        raise NotYet(
            f"with {channels} channels, number {number} of the code is row {row}, column {column} "
            f"of image {channel}, and it moves the pixels around row {found[0]:.0f}, column "
            f"{found[1]:.0f}. View the code as (B, {channels}, 28, 28)."
        )


def check_decoder(decoder: Any) -> None:
    """Check task 5b: a decoder that draws with convolutions."""
    codes = torch.randn(8, 12)
    hint = "A transposed convolution makes of n pixels (n − 1) · stride − 2 · padding + kernel."
    net, layers = _drawing(decoder, 12, codes, hint)
    _refuse_what_does_not_learn(net, codes)
    if not any(isinstance(layer, CONVOLUTIONS) for layer in layers):
        raise NotYet("there is no convolution in it.")
    if not isinstance(layers[-1], CONVOLUTIONS):
        raise NotYet("its last layer is linear. The convolutions should draw the image.")
    if any(isinstance(layer, nn.Linear) for layer in layers[1:]):
        raise NotYet("a linear layer comes after the first. From there on it is convolutions.")
    _refuse_what_does_not_draw(net, layers, codes)
    _refuse_one_size(decoder, 5, codes[:, :5], "it reads codes of 12")


def check_asymmetric(asymmetric: Any) -> None:
    """Check task 5c: a dense encoder before that decoder, with noise on the image."""
    model = build_model(asymmetric, 12, 0.5)
    if not isinstance(model, AutoEncoder):
        raise NotYet(f"it should return an ae.AutoEncoder, not a {type(model).__name__}.")
    images = torch.rand(64, 1, 28, 28)
    codes = tensor(call(model.encode, images), (64, 12), "the codes of 64 images").detach()
    tensor(call(model, images), (64, 1, 28, 28), "what 64 images become")
    if traced(model.encoder, images, *CONVOLUTIONS):
        raise NotYet("there is a convolution in the encoder, which should be fully connected.")
    if not traced(model.decoder, codes, *CONVOLUTIONS):
        raise NotYet("there is no convolution in the decoder. Use the one from before.")
    if not traced(model.encoder, images, nn.Linear):
        raise NotYet("there is no nn.Linear in the encoder.")
    if not torch.equal(codes, call(model.encode, images)):
        raise NotYet("its codes are noisy in evaluation mode too. Noise is for training alone.")
    _noise_alone(model)
    if not torch.equal(call(model.decode, codes), call(model.decode, codes)):
        raise NotYet("there is noise in the decoder. It belongs on the image.")
    noise, again = _noise(model, images), _noise(model, images)
    spread = noise.std().item()
    if spread == 0:
        if torch.equal(call(model, images), call(model, images)):
            raise NotYet("in training there is no noise on the image.")
        raise NotYet("the noise is on the code or between the layers. It belongs on the image.")
    if any(torch.allclose(noise[0], other, atol=1e-4) for other in (again[0], noise[1])):
        raise NotYet("it adds the same noise again and again. Each image gets its own.")
    if noise.std(dim=1).mean() < spread / 2:
        raise NotYet("it adds one number to a whole image. Each pixel gets its own.")
    if abs(spread - 0.5) > 0.03:
        raise NotYet(f"asked for noise of 0.5, it adds noise of {spread:.2f}. Use `sigma`.")
    if not 2.7 < (noise / spread).pow(4).mean() < 3.3:  # 3 if Gaussian, 1.8 if uniform
        raise NotYet("the noise is not Gaussian.")
    if not torch.equal(_past_noise(model, images), _past_noise(model, images)):
        raise NotYet("there is more noise behind that on the image, on the code perhaps.")
    other = build_model(asymmetric, 7, 2.0)
    tensor(call(other.encode, images), (64, 7), "for a code of 7, the codes of 64 images")
    if _noise(_noise_alone(other), images).std() < 1:
        raise NotYet("it adds noise of 0.5 whatever it is asked for. Use `sigma`.")
    _refuse_another_encoder(model.eval(), images)


def _refuse_another_encoder(model: Any, images: Tensor) -> None:
    """Ask for the encoder of The deep autoencoder: its sizes, bent between and not at the end."""
    ran = [layer for layer, _, _ in traced(model.encoder, images, nn.Linear)]
    sizes = [layer.out_features for layer in ran]
    if sizes != [392, 261, 196, 12]:
        raise NotYet(
            f"the layers of its encoder give {', '.join(map(str, sizes))} numbers. In The deep "
            "autoencoder they give 392, 261 and 196, and then the code."
        )
    if not ends_with(model.encoder, ran[-1], images):
        raise NotYet("something stands behind the last layer of the encoder. It gives the code.")
    if is_linear(model.encoder, images):
        raise NotYet("its encoder is linear. Put a nonlinearity between the layers.")


def _noise_alone(model: nn.Module) -> nn.Module:
    """Put a model in training mode, but for layers that draw or adapt and are not the noise."""
    model.train()
    for layer in model.modules():
        if isinstance(layer, _DropoutNd | _BatchNorm):
            layer.eval()
    return model


def _noise(model: nn.Module, images: Tensor) -> Tensor:
    """Find what is added to the images before the first layer with weights sees them."""
    _, seen, _ = traced(model, images, *WEIGHTED)[0]
    return seen.flatten(1) - images.flatten(1)


def _past_noise(model: nn.Module, images: Tensor) -> Tensor:
    """Compute what comes out if the first layer with weights sees the images as they are."""
    first = traced(model, images, *WEIGHTED)[0][0]
    hook = first.register_forward_pre_hook(lambda layer, inputs: images.view_as(inputs[0]))
    try:
        result: Tensor = call(model, images)
    finally:
        hook.remove()
    return result


CHECKS = {
    "5a": check_maps,
    "5b": check_decoder,
    "5c": check_asymmetric,
    "5d": check_comparison,
}
