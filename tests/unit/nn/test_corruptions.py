"""Corruptions: moments, definitions, and that they act in training mode alone."""

import copy
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from torch import nn

from ae_course import CORRUPTIONS, AdditiveGaussNoise, MaskingNoise
from ae_course.nn.corruptions import add_gaussian, mask_pixels, occlude, rotate, salt_and_pepper


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


GREY = torch.full((100, 1, 28, 28), 0.25)  # 78,400 values: deviations of shares below 0.002
MOST = {"occlusion": 10, "rotation": 45.0}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_keeps_shape_and_type_and_its_input_and_repeats_with_its_generator(name):
    x = torch.rand(8, 1, 28, 28, generator=drawn(1))
    before, state, level = x.clone(), torch.get_rng_state(), MOST.get(name, 0.5)
    first, again = (CORRUPTIONS[name](x, level, generator=drawn(3)) for _ in range(2))
    assert first.shape == x.shape
    assert first.dtype == x.dtype
    assert torch.equal(first, again)
    assert not torch.equal(first, x)
    assert torch.equal(x, before)
    assert torch.equal(torch.get_rng_state(), state)  # nothing drawn from the global one
    assert torch.equal(CORRUPTIONS[name](x, 0, generator=drawn(3)), x)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_without_a_generator_the_global_one_draws(name):
    x, level = torch.rand(8, 1, 28, 28), MOST.get(name, 0.5)
    torch.manual_seed(0)
    first = CORRUPTIONS[name](x, level)
    second = CORRUPTIONS[name](x, level)
    torch.manual_seed(0)
    assert torch.equal(CORRUPTIONS[name](x, level), first)
    assert not torch.equal(first, second)


@given(st.floats(0, 3))
def test_gaussian_noise_has_the_deviation_it_names_and_mean_zero(sigma):
    noise = add_gaussian(GREY, sigma, generator=drawn()) - GREY
    assert noise.std().item() == pytest.approx(sigma, abs=0.02 * sigma + 1e-6)
    assert noise.mean().item() == pytest.approx(0, abs=0.02 * sigma + 1e-6)


@given(st.floats(0, 1))
def test_masking_zeroes_a_share_and_leaves_the_rest_exactly(p):
    masked = mask_pixels(GREY, p, generator=drawn())
    assert set(masked.unique().tolist()) <= {0.0, 0.25}
    assert (masked == 0).float().mean().item() == pytest.approx(p, abs=0.01)


def test_rescaled_masking_is_the_noise_of_dropout():
    ours = mask_pixels(GREY, 0.2, rescale=True, generator=drawn())
    theirs = nn.functional.dropout(GREY, 0.2)
    torch.testing.assert_close(ours.unique(), theirs.unique())
    assert ours.mean().item() == pytest.approx(0.25, abs=0.005)


@given(st.floats(0, 1))
def test_salt_and_pepper_come_in_equal_shares(p):
    corrupted = salt_and_pepper(GREY, p, generator=drawn())
    for value in (0.0, 1.0):
        assert (corrupted == value).float().mean().item() == pytest.approx(p / 2, abs=0.01)
    assert set(corrupted.unique().tolist()) <= {0.0, 0.25, 1.0}


@given(st.integers(0, 20))
def test_occlusion_is_one_square_inside_each_image_at_changing_places(side):
    x = torch.ones(60, 2, 20, 28)
    corrupted = occlude(x, side, generator=drawn())
    holes = 1 - corrupted
    assert torch.equal(holes[:, 0], holes[:, 1])  # the same square in every channel
    assert (holes[:, 0].sum(dim=(1, 2)) == side * side).all()
    for axis in (1, 2):
        across = holes[:, 0].amax(dim=axis)  # (B, length)
        assert (across.sum(dim=1) == side).all()
        assert ((across.diff(dim=1) > 0).sum(dim=1) <= 1).all()  # one stretch, no gaps
    if 0 < side < 20:
        assert len(holes.flatten(1).unique(dim=0)) > 10


@pytest.mark.parametrize("shape", [(28, 28), (20, 28)])
def test_rotation_turns_by_the_angle_to_either_side(shape):
    x = torch.zeros(40, 1, *shape)
    x[:, :, 6:14, 10:12] = 1
    x = torch.nn.functional.avg_pool2d(x, 3, stride=1, padding=1)  # soft, so interpolation agrees
    turned = rotate(x, 30, generator=drawn())
    expected = {
        sign: torch.from_numpy(
            ndimage.rotate(x[0, 0].numpy(), 30 * sign, reshape=False, order=1)
        ).float()
        for sign in (-1, 1)
    }
    seen = set()
    for image in turned[:, 0]:
        distance = {s: (image - e).abs().max().item() for s, e in expected.items()}
        nearest = min(distance, key=distance.get)
        assert distance[nearest] < 1e-4
        seen.add(nearest)
    assert seen == {-1, 1}


@pytest.mark.parametrize("layer", [AdditiveGaussNoise(0.5), MaskingNoise(0.5)])
def test_a_noise_layer_is_the_identity_in_evaluation_mode_and_only_there(layer):
    x = torch.rand(4, 1, 28, 28)
    assert layer.eval()(x) is x
    assert not torch.equal(layer.train()(x), x)
    assert not list(layer.parameters())


@pytest.mark.parametrize(
    ("make", "function", "level"),
    [(AdditiveGaussNoise, add_gaussian, 0.3), (MaskingNoise, mask_pixels, 0.3)],
)
def test_a_noise_layer_is_its_function_and_draws_from_its_generator(make, function, level):
    x = torch.rand(4, 1, 28, 28)
    layer = make(level, generator=drawn(5))
    clone = copy.deepcopy(layer)  # with a generator of its own, in the same state
    expected = function(x, level, generator=drawn(5))
    assert torch.equal(layer(x), expected)
    assert torch.equal(clone(x), expected)
    assert not torch.equal(layer(x), expected)  # the generator went on


def test_gradients_pass_through_noise():
    x = torch.rand(4, 9, requires_grad=True)
    AdditiveGaussNoise(0.5)(x).sum().backward()
    assert torch.equal(x.grad, torch.ones(4, 9))
    x.grad = None
    masked = MaskingNoise(0.5)(x)
    masked.sum().backward()
    assert torch.equal(x.grad, (masked != 0).float())


def test_a_layer_shows_its_scale():
    assert repr(AdditiveGaussNoise(0.5)) == "AdditiveGaussNoise(sigma=0.5)"
    assert repr(MaskingNoise(0.25)) == "MaskingNoise(p=0.25)"


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_integers_are_refused(name):
    with pytest.raises(TypeError, match=r"floating-point values, got torch\.uint8"):
        CORRUPTIONS[name](torch.zeros(2, 1, 28, 28, dtype=torch.uint8), MOST.get(name, 0.5))


@pytest.mark.parametrize("hide", [partial(mask_pixels, p=1), partial(occlude, side=28)])
def test_what_is_hidden_is_zero_whatever_it_was(hide):
    assert torch.equal(hide(torch.full((2, 1, 28, 28), torch.inf)), torch.zeros(2, 1, 28, 28))


IMAGES = torch.zeros(2, 1, 28, 28)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: AdditiveGaussNoise(-0.1), "`sigma` .* at least 0, got -0.1"),
        (lambda: AdditiveGaussNoise(float("nan")), "`sigma` .* got nan"),
        (lambda: add_gaussian(IMAGES, np.inf), "`sigma` .* got inf"),
        (lambda: MaskingNoise(1.1), "`p` .* between 0 and 1, got 1.1"),
        (lambda: MaskingNoise(float("nan")), "`p` .* got nan"),
        (lambda: mask_pixels(IMAGES, -0.1), "`p` .* got -0.1"),
        (lambda: mask_pixels(IMAGES, 1, rescale=True), "below 1 to rescale"),
        (lambda: salt_and_pepper(IMAGES, 2), "`p` .* got 2"),
        (lambda: occlude(IMAGES, 29), "`side` .* 0 to 28, .* got 29"),
        (lambda: occlude(IMAGES, 2.5), "`side` .* got 2.5"),
        (lambda: occlude(IMAGES[0], 3), r"shape \(B, C, h, w\), got shape \(1, 28, 28\)"),
        (lambda: rotate(IMAGES, -5), "`degrees` .* at least 0, got -5"),
        (lambda: rotate(IMAGES[0, 0], 5), r"got shape \(28, 28\)"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
