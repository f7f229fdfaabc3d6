"""Masked autoencoders: patches are images again, and what is hidden reaches nobody."""

import pytest
import torch

from ae_course import (
    MaskedAutoencoder,
    from_patches,
    hide_patches,
    take_patches,
    to_patches,
)
from ae_course.models.masked import grid_positions


def seeded():
    return torch.Generator().manual_seed(0)


def small(**options):
    torch.manual_seed(0)
    return MaskedAutoencoder(8, 2, 2, decoder_width=8, **options).eval()


def test_patches_are_the_squares_of_an_image():
    images = torch.rand(3, 1, 28, 28, generator=seeded())
    patches = to_patches(images)
    assert patches.shape == (3, 49, 16)
    for row, column in ((0, 0), (2, 5), (6, 6)):
        square = images[:, 0, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
        assert torch.equal(patches[:, 7 * row + column], square.flatten(1))
    assert torch.equal(from_patches(patches), images)


def test_each_image_hides_its_own_share():
    visible, hidden = hide_patches(200, 0.75, generator=seeded())
    assert visible.shape == (200, 12)
    assert hidden.shape == (200, 37)
    both = torch.cat([visible, hidden], dim=1).sort(dim=1).values
    assert torch.equal(both, torch.arange(49).expand(200, -1))
    assert len(hidden.sort(dim=1).values.unique(dim=0)) == 200
    share = torch.bincount(hidden.flatten(), minlength=49) / 200  # every place equally often
    assert (share - 0.75).abs().max() < 0.13  # four standard deviations


@pytest.mark.parametrize(("ratio", "left"), [(0.001, 48), (0.15, 42), (0.5, 24), (0.999, 1)])
def test_one_patch_stays_and_one_goes(ratio, left):
    visible, hidden = hide_patches(2, ratio)
    assert (visible.shape[1], hidden.shape[1]) == (left, 49 - left)


def test_patches_are_taken_from_their_own_image():
    x = torch.rand(4, 49, 3, generator=seeded())
    places, _ = hide_patches(4, 0.9, generator=seeded())
    taken = take_patches(x, places)
    for image in range(4):
        assert torch.equal(taken[image], x[image, places[image]])


def test_what_is_hidden_changes_nothing():
    model, patches = small(), torch.rand(5, 49, 16, generator=seeded())
    visible, hidden = hide_patches(5, 0.75, generator=seeded())
    other = patches.scatter(1, hidden[..., None].expand(-1, -1, 16), 9.0)
    torch.testing.assert_close(model(other, visible), model(patches, visible))
    seen = patches.scatter(1, visible[:, :1, None].expand(-1, -1, 16), 9.0)
    assert not torch.allclose(model(seen, visible), model(patches, visible))


def test_the_order_in_which_patches_are_named_is_nothing():
    model, patches = small(), torch.rand(2, 49, 16, generator=seeded())
    visible, _ = hide_patches(2, 0.5, generator=seeded())
    backward = visible.flip(1)
    torch.testing.assert_close(model(patches, backward), model(patches, visible))
    torch.testing.assert_close(
        model.encode(patches, backward).flip(1), model.encode(patches, visible)
    )


def test_all_visible_is_the_default_of_the_encoder():
    model, patches = small(), torch.rand(2, 49, 16, generator=seeded())
    every = torch.arange(49).expand(2, -1)
    torch.testing.assert_close(model.encode(patches), model.encode(patches, every))


def test_a_mask_token_stands_where_nothing_was_seen():
    model, patches = small(), torch.rand(2, 49, 16, generator=seeded())
    visible, hidden = hide_patches(2, 0.75, generator=seeded())
    given = []
    model.decoder.register_forward_pre_hook(lambda _, x: given.append(x[0]))
    model(patches, visible)
    full = given[0] - model.decoder_positions
    wanted = model.narrow(model.encode(patches, visible))
    torch.testing.assert_close(take_patches(full, visible), wanted)
    tokens = model.mask_token.expand(2, hidden.shape[1], -1)
    torch.testing.assert_close(take_patches(full, hidden), tokens)


def test_no_two_places_have_the_same_position():
    positions = grid_positions(16)
    apart = torch.cdist(positions, positions) + torch.eye(49) * 9
    assert positions.shape == (49, 16)
    assert apart.min() > 0.1
    moves = [(positions[place] @ positions[place + 1]).item() for place in (0, 3, 30)]
    assert moves == pytest.approx([moves[0]] * 3, abs=1e-5)  # a step is a step anywhere


def test_it_learns_to_draw_what_it_cannot_see():
    torch.manual_seed(0)
    model = MaskedAutoencoder(16, 1, 2, decoder_width=16)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(150):  # images of one grey each: what is hidden is what is seen
        patches = torch.rand(32, 1, 1).expand(-1, 49, 16)
        visible, hidden = hide_patches(32, 0.75)
        loss = (take_patches(model(patches, visible) - patches, hidden)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.01  # the best without looking: 1 / 12


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: to_patches(torch.rand(2, 28, 28)), r"`images` must have shape \(B, 1, 28, 28\)"),
        (lambda: from_patches(torch.rand(2, 16, 49)), r"`patches` must have shape \(B, 49, 16\)"),
        (lambda: hide_patches(0, 0.5), "`count` must be a positive integer, got 0"),
        (lambda: hide_patches(2, 1.0), "`ratio` must be between 0 and 1, got 1.0"),
        (lambda: MaskedAutoencoder(layers=0), "`layers` must be a positive integer, got 0"),
        (lambda: MaskedAutoencoder(30), "`width` must be a multiple of 4 and of `heads`, got 30"),
        (
            lambda: MaskedAutoencoder(decoder_width=12, heads=8),
            "`decoder_width` must be a multiple of 4 and of `heads`, got 12",
        ),
    ],
)
def test_refusals(make, message):
    with pytest.raises(ValueError, match=message):
        make()
