"""Exercise 5: a dense encoder, and a decoder that draws with convolutions."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from ae_course.exercises.feedback import (
    NotYet,
    build_model,
    call,
    check_runs,
    described,
    ends_with,
    is_linear,
    tensor,
    traced,
)
from ae_course.models.autoencoder import AutoEncoder

CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
WEIGHTED = (nn.Linear, *CONVOLUTIONS)
MEAN_IMAGE = 0.0675  # the error of predicting it, on the test set


def check_decoder(decoder: Any) -> None:
    """Check task 5a: a decoder that draws with convolutions."""
    net = build_model(decoder, 12)
    codes = torch.randn(8, 12)
    drawn = call(net, codes)
    if not isinstance(drawn, Tensor) or drawn.shape != (8, 1, 28, 28):
        raise NotYet(
            f"8 codes should become images (8, 1, 28, 28), not {described(drawn)}. A transposed "
            "convolution makes of n pixels (n − 1) · stride − 2 · padding + kernel."
        )
    layers = [layer for layer, _, _ in traced(net, codes, *WEIGHTED)]
    if not any(isinstance(layer, CONVOLUTIONS) for layer in layers):
        raise NotYet("there is no convolution in it.")
    if not isinstance(layers[-1], CONVOLUTIONS):
        raise NotYet("its last layer is linear. The convolutions should draw the image.")
    if any(isinstance(layer, nn.Linear) for layer in layers[1:]):
        raise NotYet("a linear layer comes after the first. From there on it is convolutions.")
    if not ends_with(net, layers[-1], codes):
        raise NotYet("something stands behind the last layer. It should give the pixels.")
    if is_linear(net, codes):
        raise NotYet("it is linear. Put a nonlinearity between the layers.")
    try:
        other = call(build_model(decoder, 5), codes[:, :5]).shape
    except NotYet:
        other = None
    if other != drawn.shape:
        raise NotYet("it reads codes of 12 whatever it is asked for. Use the argument.")


def check_asymmetric(asymmetric: Any) -> None:
    """Check task 5b: a dense encoder before that decoder, with noise on the image."""
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


def check_verdict(verdict: Any) -> None:
    """Check task 5c: the errors of the asymmetric network and the dense one."""
    found = check_runs(verdict, "asymmetric", "dense")
    for name, errors in found.items():
        if errors.min() <= 0.002:
            raise NotYet(f"errors of {errors.min():.4f} are too good for noise of 0.5 ({name}).")
        if errors.max() > 0.2:
            raise NotYet(
                f"an error of {errors.max():.2f} is that of the noise, 0.25. Compare with the "
                f"clean images ({name})."
            )
        if errors.max() > MEAN_IMAGE:
            raise NotYet(
                f"an error above {MEAN_IMAGE} is worse than the mean image's. Trained ({name})?"
            )
        if len(set(errors.round(7))) == 1:
            raise NotYet(f"all runs gave the same number. Did every seed train anew ({name})?")
    if set(found["asymmetric"]) == set(found["dense"]):
        raise NotYet("both networks gave the same numbers. Was the same one measured twice?")


CHECKS = {"5a": check_decoder, "5b": check_asymmetric, "5c": check_verdict}
