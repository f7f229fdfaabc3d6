"""The moving window: its numbers are torch's, and mouse, finger and keys all move it."""

import pytest
import torch
from gestures import PHONE, drag, milliseconds, numbers, pixels, slow_phone, touch, typed
from playwright.sync_api import expect
from torch.nn.functional import conv2d
from trained import KERNELS, digits


def expected(which=0, kernel=KERNELS["edge"]):
    return conv2d(digits()[0][which][None], kernel[None, None], padding=1)[0, 0]  # (28, 28)


def said(page):
    """Row and column, counted from 0, and the sum."""
    row, column, total = numbers(page.locator(".ae-say").inner_text())
    return int(row) - 1, int(column) - 1, total


@pytest.mark.parametrize("name", KERNELS)
def test_the_map_is_torch_s_convolution(compute, name):
    image = digits()[0][2].flatten()
    given = {"image": image.tolist(), "weights": KERNELS[name].flatten().tolist()}
    found = compute("moving_window", "convolved(given.image, given.weights)", given)
    torch.testing.assert_close(torch.tensor(found), expected(2, KERNELS[name]).flatten())


def test_the_weights_and_pictures_are_those_that_were_given(compute):
    figure = "movingWindow(config, buffer)"
    kernels = compute("moving_window", f"{figure}.kernels")
    assert kernels == [kernel.flatten().tolist() for kernel in KERNELS.values()]
    pictures = compute("moving_window", f"{figure}.images.map((one) => Array.from(one))")
    torch.testing.assert_close(torch.tensor(pictures), digits()[0][:5].flatten(1))


def test_products_and_their_sum_in_numbers(show):
    page = show("moving_window")
    for name, kernel in KERNELS.items():
        page.get_by_role("radio", name=name, exact=True).check()
        for key in ("ArrowRight", "ArrowDown", "Shift+ArrowRight"):
            page.locator("canvas[tabindex]").press(key)
            row, column, total = said(page)
            assert total == pytest.approx(expected(0, kernel)[row, column].item(), abs=0.006)
            lines = page.locator(".ae-nine li").all_inner_texts()
            padded = torch.nn.functional.pad(digits()[0][0, 0], (1, 1, 1, 1))
            under = padded[row : row + 3, column : column + 3].flatten()
            for line, pixel, weight in zip(lines, under, kernel.flatten(), strict=True):
                assert numbers(line)[0] == pytest.approx(pixel.item(), abs=0.006)
                assert numbers(line)[-1] == pytest.approx((pixel * weight).item(), abs=0.006)


@pytest.mark.parametrize("way", ["mouse", "touch"])
def test_dragging_draws_the_map(show, way):
    page = show("moving_window", **(PHONE if way == "touch" else {}))
    page.get_by_role("button", name="Empty the map").click()
    canvas, drawn = page.locator("canvas[tabindex]"), page.locator("canvas[role=img]")
    caption = page.locator("figcaption").last
    expect(caption).to_contain_text("0 of 784 places")
    canvas.scroll_into_view_if_needed()
    before, scroll = pixels(drawn), page.evaluate("scrollY")
    row, column, _ = said(page)
    start = ((column + 0.5) / 28, (row + 0.5) / 28)
    (drag if way == "mouse" else touch)(page, canvas, start, (start[0], 0.9), (0.9, 0.9))
    assert said(page)[:2] == (25, 25)
    done = numbers(caption.inner_text())[0]
    assert done >= 25 - row + 25 - column  # each place on the way, none left out
    assert pixels(drawn) != before
    assert page.evaluate("scrollY") == scroll  # a finger on the window does not scroll


def test_a_tap_beside_the_window_moves_it(show):
    page = show("moving_window", **PHONE)
    touch(page, page.locator("canvas[tabindex]"), (0.05, 0.95))
    assert said(page)[:2] == (26, 1)


def test_keys_stop_at_the_rim_where_outside_is_zero(show):
    page = show("moving_window")
    canvas = page.locator("canvas[tabindex]")
    for _ in range(7):
        canvas.press("Shift+ArrowUp")
        canvas.press("Shift+ArrowLeft")
    assert said(page)[:2] == (0, 0)
    assert canvas.get_attribute("aria-valuetext") == page.locator(".ae-say").inner_text()
    canvas.press("ArrowUp")
    assert said(page)[:2] == (0, 0)


def test_a_weight_is_changed_and_a_bad_one_is_not_taken(show):
    page = show("moving_window")
    weight = page.get_by_label("Weight, row 2, column 2")
    weight.fill("3")
    expect(page.get_by_role("radio", name="your own")).to_be_checked()
    changed = KERNELS["edge"].clone()
    changed[1, 1] = 3
    row, column, total = said(page)
    assert total == pytest.approx(expected(0, changed)[row, column].item(), abs=0.006)
    for bad in ("", "1000"):
        weight.fill(bad)
        expect(page.get_by_role("alert")).to_have_text("A weight is a number from −99 to 99.")
        assert weight.get_attribute("aria-invalid") == "true"
        assert said(page)[2] == total
    page.get_by_role("radio", name="blur", exact=True).check()
    expect(page.get_by_role("alert")).to_have_text("")
    assert weight.get_attribute("aria-invalid") == "false"
    assert float(weight.input_value()) == pytest.approx(1 / 9, abs=0.006)


def test_all_places_and_another_digit(show):
    page = show("moving_window")
    page.get_by_role("button", name="Do all places").click()
    caption = page.locator("figcaption").last
    expect(caption).to_contain_text("784 of 784 places")
    for which in (0, 1):
        low, high = numbers(caption.inner_text())[2:4]
        wanted = expected(which)
        assert (low, high) == pytest.approx((wanted.min().item(), wanted.max().item()), abs=0.006)
        page.get_by_role("button", name="Next digit").click()
    page.get_by_role("button", name="Previous digit").click()


@pytest.mark.timing
def test_it_answers_at_once_on_a_slow_phone(show):
    page = show("moving_window", **PHONE)
    slow_phone(page)
    took = milliseconds(page.get_by_label("Weight, row 1, column 1"), typed("i"))
    assert took < 100
