"""Exercise 5: a dense encoder, and a decoder that draws with convolutions."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ae_course.autoencoders import AutoEncoder
from ae_course.exercises.saying import NotYet, call, linear, module, runs

CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
MEAN_IMAGE = 0.0675  # the error of predicting it, on the test set


def _weighted(net: nn.Module) -> list[nn.Module]:
    return [layer for layer in net.modules() if isinstance(layer, (nn.Linear, *CONVOLUTIONS))]


def check_decoder(decoder: Any) -> None:
    net = module(call(decoder, 12))
    codes = 3 * torch.randn(8, 12)
    drawn = call(net, codes)
    if not isinstance(drawn, Tensor) or drawn.shape != (8, 1, 28, 28):
        shape = tuple(drawn.shape) if isinstance(drawn, Tensor) else type(drawn).__name__
        raise NotYet(
            f"8 codes should become images (8, 1, 28, 28), not {shape}. A transposed convolution "
            "makes of n pixels (n − 1) · stride − 2 · padding + kernel."
        )
    layers = _weighted(net)
    if not any(isinstance(layer, CONVOLUTIONS) for layer in layers):
        raise NotYet("there is no convolution in it.")
    if not isinstance(layers[-1], CONVOLUTIONS):
        raise NotYet("its last layer is linear. The convolutions should draw the image.")
    if linear(net, codes):
        raise NotYet("it is linear. Put a nonlinearity between the layers.")
    if (drawn >= 0).all():
        raise NotYet("what it draws is never negative. The last layer has nothing behind it.")
    if drawn.abs().max() <= 1 and call(net, 1000 * codes).abs().max() <= 1:
        raise NotYet("what it draws is bounded. The last layer has nothing behind it.")
    if call(module(call(decoder, 5)), codes[:, :5]).shape != drawn.shape:
        raise NotYet("it reads codes of 12 whatever it is asked for. Use the argument.")


def check_asymmetric(asymmetric: Any) -> None:
    model = module(call(asymmetric, 12, 0.5))
    if not isinstance(model, AutoEncoder):
        raise NotYet(f"it should return an ae.AutoEncoder, not a {type(model).__name__}.")
    if any(isinstance(layer, CONVOLUTIONS) for layer in model.encoder.modules()):
        raise NotYet("there is a convolution in the encoder, which should be fully connected.")
    if not any(isinstance(layer, CONVOLUTIONS) for layer in model.decoder.modules()):
        raise NotYet("there is no convolution in the decoder. Use the one from before.")
    images = torch.rand(16, 1, 28, 28)
    codes, drawn = call(model.encode, images).detach(), call(model, images)
    if codes.shape != (16, 12) or drawn.shape != images.shape:
        raise NotYet(
            f"16 images should give codes (16, 12) and images {tuple(images.shape)}, not "
            f"{tuple(codes.shape)} and {tuple(drawn.shape)}."
        )
    if not torch.equal(codes, call(model.encode, images)):
        raise NotYet("its codes are noisy in evaluation mode too. Noise is for training alone.")
    model.train()
    for layer in model.modules():  # these draw or adapt in training as well, and are not the noise
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d | nn.Dropout):
            layer.eval()
    if not torch.equal(call(model.decode, codes), call(model.decode, codes)):
        raise NotYet("there is noise in the decoder. It belongs on the image.")
    first = _weighted(model.encoder)[0]
    seen: list[Tensor] = []
    hook = first.register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0].detach()))
    call(model.encode, images)
    hook.remove()
    spread = (seen[0].flatten(1) - images.flatten(1)).std().item()
    if spread == 0:
        noisy = not torch.equal(call(model.encode, images), call(model.encode, images))
        raise NotYet(
            "the noise is on the code or between the layers. It belongs on the image."
            if noisy
            else "in training there is no noise on the image."
        )
    if abs(spread - 0.5) > 0.03:
        raise NotYet(f"asked for noise of 0.5, it adds noise of {spread:.2f}. Use `sigma`.")
    louder = module(call(asymmetric, 12, 2.0)).train()
    hook = _weighted(louder.get_submodule("encoder"))[0].register_forward_pre_hook(
        lambda layer, inputs: seen.append(inputs[0].detach())
    )
    call(louder, images)
    hook.remove()
    if (seen[-1].flatten(1) - images.flatten(1)).std() < 1:
        raise NotYet("it adds noise of 0.5 whatever it is asked for. Use `sigma`.")


def check_verdict(verdict: Any) -> None:
    found = runs(verdict, "asymmetric", "dense")
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
