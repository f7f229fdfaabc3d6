"""Views: each amount does what it says, image by image, and agrees with torchvision."""

import pytest
import torch
from torchvision.transforms import v2

import ae_course as ae

X = torch.rand(40, 1, 28, 28, generator=torch.Generator().manual_seed(0))


def seeded():
    return torch.Generator().manual_seed(1)


def drawn():
    """The six numbers from -1 to 1 that each image gets, (7, 40)."""
    return 2 * torch.rand(6, 40, generator=seeded()) - 1


def test_with_no_amount_nothing_changes():
    torch.testing.assert_close(ae.random_affine(X), X, atol=1e-5, rtol=0)


def test_a_turn_is_torchvision_s():
    turned = ae.random_affine(X, rotation=50, generator=seeded())
    for image, got, u in zip(X, turned, drawn()[0], strict=True):
        bilinear = v2.InterpolationMode.BILINEAR
        wanted = v2.functional.rotate(image, 50 * u.item(), interpolation=bilinear)
        # it rounds its grid in another way
        torch.testing.assert_close(got, wanted, atol=1e-3, rtol=0)


def test_a_scale_is_torchvision_s():
    scaled = ae.random_affine(X, scale=1.5, generator=seeded())
    options = {"angle": 0, "translate": [0, 0], "shear": [0, 0]}
    for image, got, u in zip(X, scaled, drawn()[1], strict=True):
        bilinear = v2.InterpolationMode.BILINEAR
        factor = 1.5 ** -u.item()
        wanted = v2.functional.affine(image, scale=factor, interpolation=bilinear, **options)
        torch.testing.assert_close(got, wanted, atol=1e-3, rtol=0)


def test_a_shift_of_whole_pixels_moves_the_pixels():
    u = drawn()[2, 0].item()  # of the first image, which is to move by two pixels
    line = torch.zeros(40, 1, 28, 28)
    line[:, :, :, 14] = 1
    moved = ae.random_affine(line, shift=2 / abs(u), generator=seeded())
    assert moved[0, 0, 14].argmax() == 14 - (2 if u > 0 else -2)


def test_a_window_lies_within_the_image():
    white = torch.ones(40, 1, 28, 28)
    cropped = ae.random_affine(white, crop=0.2, generator=seeded())
    # at the very border half a pixel of what lies outside is mixed in
    assert (cropped > 0.99).flatten(1).float().mean(dim=1).min() > 0.8
    gradient = torch.arange(28.0).view(1, 1, 1, 28).expand(40, 1, 28, 28)
    windows = ae.random_affine(gradient, crop=0.5, generator=seeded())[:, 0, 14, 2:-2]
    steps = windows.diff(dim=1)
    torch.testing.assert_close(steps, torch.full_like(steps, 0.5))


def test_images_differ_in_what_happens_to_them():
    same = X[:1].repeat(40, 1, 1, 1)
    for amount in ({"rotation": 90}, {"shift": 5}, {"scale": 2}, {"crop": 0.3}):
        turned = ae.random_affine(same, **amount)
        assert (turned[0] - turned[1]).abs().max() > 0.01


def test_a_generator_decides_and_what_is_given_stays():
    before, state = X.clone(), torch.get_rng_state()
    one, two = (ae.random_affine(X, rotation=30, generator=seeded()) for _ in range(2))
    assert torch.equal(one, two)
    assert torch.equal(X, before)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        ({"rotation": -1}, "`rotation` must be an angle from 0 to 180 degrees, got -1"),
        ({"rotation": 181}, "`rotation` must be"),
        ({"shift": -1}, "`shift` must be a finite number of pixels"),
        ({"shift": float("nan")}, "`shift` must be"),
        ({"scale": 0.5}, "`scale` must be a finite factor of at least 1, got 0.5"),
        ({"crop": 0}, "`crop` must be a share of the side above 0"),
        ({"crop": 1.2}, "`crop` must be"),
    ],
)
def test_what_is_refused(amount, message):
    with pytest.raises(ValueError, match=message):
        ae.random_affine(X, **amount)


def test_only_images_of_floats():
    with pytest.raises(TypeError, match=r"floating-point values, got torch\.int64"):
        ae.random_affine(X.long())
    with pytest.raises(ValueError, match=r"\(B, C, h, w\), got shape \(1, 28, 28\)"):
        ae.random_affine(X[0])
