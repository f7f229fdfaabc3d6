"""The convolutional autoencoder: what goes where, and what it cannot help knowing."""

import pytest
import torch
from torch import nn

from ae_course import MaskingNoise, conv_autoencoder
from ae_course.models.convolutional import upsampling


@pytest.mark.parametrize("resizing", ["strided", "pooled"])
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 16, 8)])
def test_codes_and_reconstructions_have_their_shapes(resizing, shape):
    model = conv_autoencoder((4, 6), 5, resizing=resizing, image_shape=shape)
    x = torch.rand(7, *shape)
    z = model.encode(x)
    assert z.shape == (7, 5)
    assert model.decode(z).shape == model(x).shape == x.shape


def test_its_weights_are_few_and_counted_by_hand():
    convolutions = (1 * 16 * 9 + 16) + (16 * 32 * 9 + 32)
    dense = (32 * 49 * 28 + 28) + (28 * 32 * 49 + 32 * 49)
    transposed = (32 * 16 * 16 + 16) + (16 * 1 * 16 + 1)
    normalised = 2 * (16 + 32) + 2 * (32 + 16)
    total = sum(parameter.numel() for parameter in conv_autoencoder().parameters())
    assert total == convolutions + dense + transposed + normalised


def test_before_the_dense_layer_a_moved_image_gives_moved_maps():
    """Two pixels in the image are one place after one stride, away from the edges."""
    torch.manual_seed(0)
    first = conv_autoencoder().eval().encoder[:3]
    x = torch.zeros(1, 1, 28, 28)
    x[:, :, 10:16, 10:16] = torch.rand(6, 6)
    moved = first(x.roll((2, 4), (2, 3)))
    torch.testing.assert_close(
        moved[..., 3:-3, 3:-3], first(x).roll((1, 2), (2, 3))[..., 3:-3, 3:-3]
    )
    assert not torch.allclose(moved, first(x))


@pytest.mark.parametrize("resizing", ["strided", "pooled"])
def test_every_place_gets_equally_many_contributions(resizing):
    """Else a plain input would come out as a checkerboard (Odena et al., 2016)."""
    layers = nn.Sequential(*upsampling(1, 1, resizing))
    for layer in layers:
        if hasattr(layer, "weight"):
            nn.init.ones_(layer.weight)
            nn.init.zeros_(layer.bias)
    inside = layers(torch.ones(1, 1, 6, 6))[..., 2:-2, 2:-2]
    assert inside.unique().numel() == 1


def test_the_output_starts_faint_and_the_code_does_not():
    torch.manual_seed(0)
    model = conv_autoencoder().eval()
    x = torch.rand(50, 1, 28, 28)
    assert model(x).std() < 0.3
    assert model.encode(x).std() > model(x).std()


def test_noise_comes_first_and_only_in_training():
    model = conv_autoencoder((4,), 3, noise=MaskingNoise(0.5))
    assert isinstance(model.encoder[0], MaskingNoise)
    x = torch.rand(5, 1, 28, 28)
    model.eval()
    assert torch.equal(model(x), model(x))


def test_it_learns():
    torch.manual_seed(0)
    x = torch.zeros(64, 1, 8, 8)
    for item in x:
        row, column = torch.randint(0, 6, (2,)).tolist()
        item[0, row : row + 2, column : column + 2] = 1
    model = conv_autoencoder((8, 8), 8, image_shape=(1, 8, 8))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(150):
        optimizer.zero_grad()
        loss = (model(x) - x).square().mean()
        loss.backward()
        optimizer.step()
    assert loss < 0.3 * x.var()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"channels": ()}, ValueError, "at least one convolution, got none"),
        ({"channels": (16, 0)}, ValueError, "`channels` must be a positive integer, got 0"),
        ({"channels": (8, 8, 8)}, ValueError, r"that 8 divides, for 3 convolutions, got \(1, 28"),
        ({"latent_dim": 1.5}, ValueError, "`latent_dim` must be a positive integer, got 1.5"),
        ({"image_shape": (28, 28)}, ValueError, r"must be \(C, h, w\), got \(28, 28\)"),
        ({"image_shape": (1, 28, -4)}, ValueError, "`image_shape` must be .* got -4"),
        ({"resizing": "bilinear"}, ValueError, "one of .*strided.*, got 'bilinear'"),
        ({"noise": 0.5}, TypeError, "`noise` must be an nn.Module, got float"),
    ],
)
def test_bad_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        conv_autoencoder(**arguments)
