"""The holes: both fillings are torch's, and every way of hiding a patch works."""

import pytest
import torch
from gestures import PHONE, drag, milliseconds, numbers, slow_phone, touch
from playwright.sync_api import expect
from trained import digits
from trained_generators import masked

import ae_course as ae

BOARD = ".ae-plane"
NETWORK = "fillTheHoles(config, buffer).network"


def hidden_on(page):
    return [int(place) for place in page.locator(BOARD).get_attribute("data-hidden").split()]


def visible_beside(hidden):
    return torch.tensor([[place for place in range(49) if place not in hidden]])


@torch.no_grad()
def filled(image, hidden):
    return ae.from_patches(masked()(ae.to_patches(image[None]), visible_beside(hidden)))[0, 0]


def laplace(image, hidden):
    """Solve the system of the hidden pixels, each the mean of its neighbours, in one go."""
    holes = torch.zeros(1, 49, 16)
    holes[0, hidden] = 1
    holes = ae.from_patches(holes).flatten().bool()
    where = torch.cartesian_prod(torch.arange(28.0), torch.arange(28.0))
    near = (torch.cdist(where, where, p=1) == 1).double()
    system = near.sum(1).diag() - near
    x = image.flatten().double().clone()
    x[holes] = torch.linalg.solve(system[holes][:, holes], near[holes][:, ~holes] @ x[~holes])
    return x.view(28, 28).float()


@pytest.mark.parametrize("share", [0.15, 0.75, 0.97])
def test_what_is_drawn_is_torch_s(compute, share):
    images = digits()[0][:3]
    _, hidden = ae.hide_patches(3, share, generator=torch.Generator().manual_seed(1))
    given = {"pixels": images.flatten(1).tolist(), "hidden": hidden.tolist()}
    for name, wanted in (
        ("drawnBy(network, pixels, given.hidden[i])", filled),
        ("interpolated(pixels, given.hidden[i])", laplace),
    ):
        every = f"((network) => given.pixels.map((pixels, i) => Array.from({name})))({NETWORK})"
        found = torch.tensor(compute("fill_the_holes", every, given)).float().view(3, 28, 28)
        for image, holes, one in zip(images, hidden.tolist(), found, strict=True):
            torch.testing.assert_close(one, wanted(image, holes), atol=1e-4, rtol=0)


def test_the_errors_count_the_holes_alone(show):
    page = show("fill_the_holes")
    page.get_by_role("button", name="Hide 50 %").click()
    hidden, image = hidden_on(page), digits()[0][0]
    assert len(hidden) == 25
    captions = page.locator(".ae-picture figcaption").all_inner_texts()
    for caption, fill in zip(captions, (filled, laplace), strict=False):
        apart = (fill(image, hidden).clamp(0, 1) - image).square()[None]
        error = ae.to_patches(apart)[0, hidden].mean().item()
        assert numbers(caption)[-1] == pytest.approx(error, abs=0.0006)


def test_buttons_hide_shares_and_show_all(show):
    page = show("fill_the_holes")
    say = page.locator(".ae-say")
    assert len(hidden_on(page)) == 37
    for share, count in (("15", 7), ("75", 37), ("90", 44)):
        page.get_by_role("button", name=f"Hide {share} %").click()
        assert len(hidden_on(page)) == count
        expect(say).to_contain_text(f"{count} of 49 patches hidden")
    before = hidden_on(page)
    page.get_by_role("button", name="Hide 90 %").click()
    assert hidden_on(page) != before  # drawn anew
    page.get_by_role("button", name="Next digit").click()
    expect(say).to_contain_text("Test digit 2")
    page.get_by_role("button", name="Show all").click()
    expect(say).to_contain_text("0 of 49 patches hidden, 0 %. Hide some.")
    assert hidden_on(page) == []


def test_keys_hide_and_show(show):
    page = show("fill_the_holes")
    page.get_by_role("button", name="Show all").click()
    page.locator(BOARD).focus()
    page.keyboard.press("Enter")
    assert hidden_on(page) == [24]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press(" ")
    assert hidden_on(page) == [16, 24]
    expect(page.get_by_text("Row 3, column 3, hidden.")).to_have_count(1)
    page.keyboard.press("Enter")
    assert hidden_on(page) == [24]
    for _ in range(9):
        page.keyboard.press("ArrowDown")  # not beyond the edge
    page.keyboard.press("Enter")
    assert hidden_on(page) == [24, 44]


def test_the_last_patch_stays(show):
    page = show("fill_the_holes")
    board = page.locator(BOARD)
    page.get_by_role("button", name="Show all").click()
    for row in range(7):
        drag(page, board, (0.05, (row + 0.5) / 7), (0.95, (row + 0.5) / 7))
    assert len(hidden_on(page)) == 48
    expect(page.locator(".ae-say")).to_contain_text("48 of 49 patches hidden, 98 %")


def test_a_finger_strokes_over_patches(show):
    page = show("fill_the_holes", **PHONE)
    board = page.locator(BOARD)
    page.get_by_role("button", name="Show all").click()
    row = [((column + 0.5) / 7, 0.5) for column in range(7)]
    touch(page, board, *row)
    assert hidden_on(page) == list(range(21, 28))
    touch(page, board, row[2], row[3])  # a stroke that begins on a hidden one shows
    assert hidden_on(page) == [21, 22, 25, 26, 27]


@pytest.mark.timing
def test_it_answers_at_once_on_a_slow_phone(show):
    page = show("fill_the_holes", **PHONE)
    slow_phone(page)
    fifteen = page.get_by_role("button", name="Hide 15 %")  # the most to compute
    assert milliseconds(fifteen, "(one) => one.click()") < 100
