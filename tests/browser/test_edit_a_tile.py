"""A tile of the page edited: what is drawn is torch's, by mouse, finger and keys."""

import pytest
import torch
from gestures import PHONE, drag, ink, milliseconds, numbers, slow_phone, touch
from playwright.sync_api import expect
from trained import digits, quantized


@torch.no_grad()
def drawn(words):
    """What torch draws of a page of words (7, 7), and its error for the first digit."""
    model, quantizer = quantized()
    picture = model.decode(quantizer.lookup(words[None]))
    return picture, (picture - digits()[0][:1]).square().mean().item()


@torch.no_grad()
def own(digit=0):
    model, quantizer = quantized()
    return quantizer.words(model.encode(digits()[0][digit : digit + 1]))[0]


def error(page):
    return numbers(page.locator("figcaption").nth(1).inner_text())[-1]


def canvases(page):
    return page.locator("canvas[tabindex]").first, page.locator("canvas[tabindex]").last


def centre(at, columns, rows):
    return ((at % columns + 0.5) / columns, (at // columns + 0.5) / rows)


def test_the_decoder_is_torch_s(compute):
    words = torch.randint(16, (7, 7), generator=torch.Generator().manual_seed(0))
    found = compute(
        "edit_a_tile",
        "Array.from(decoded(editATile(config, buffer), given))",
        words.flatten().tolist(),
    )
    expected = drawn(words)[0].flatten()
    torch.testing.assert_close(torch.tensor(found), expected, atol=1e-4, rtol=1e-4)


def test_the_page_and_what_is_drawn_of_it(show):
    page = show("edit_a_tile")
    picture, expected = drawn(own())
    assert error(page) == pytest.approx(expected, abs=0.0001)
    shown = ink(page.locator(".ae-picture canvas").last)
    torch.testing.assert_close(shown, picture.flatten().clamp(0, 1), atol=0.01, rtol=0)
    expect(page.locator(".ae-say")).to_contain_text("0 of 49 words changed")


@pytest.mark.parametrize("way", ["mouse", "touch"])
def test_a_tile_gets_another_word(show, way):
    page = show("edit_a_tile", **(PHONE if way == "touch" else {}))
    act = drag if way == "mouse" else touch
    sheet, shelf = canvases(page)
    words = own()
    new = (words[2, 4].item() + 5) % 16
    act(page, sheet, centre(2 * 7 + 4, 7, 7))
    expect(page.locator(".ae-say")).to_contain_text(f"Row 3, column 5: word {words[2, 4]}.")
    act(page, shelf, centre(new, 8, 2))
    expect(page.locator(".ae-say")).to_contain_text(f"word {new} in place of {words[2, 4]}")
    words[2, 4] = new
    assert error(page) == pytest.approx(drawn(words)[1], abs=0.0001)
    page.get_by_role("button", name="Its own words").click()
    assert error(page) == pytest.approx(drawn(own())[1], abs=0.0001)


def test_keys_choose_tiles_and_words_and_stop_at_the_rim(show):
    page = show("edit_a_tile")
    sheet, shelf = canvases(page)
    for _ in range(5):
        sheet.press("ArrowUp")
        sheet.press("ArrowLeft")
    expect(sheet).to_have_attribute("aria-valuenow", "1")
    words = own()
    first = words[0, 0].item()
    key = "ArrowRight" if first % 8 < 7 else "ArrowLeft"
    shelf.press(key)
    words[0, 0] = first + (1 if key == "ArrowRight" else -1)
    expect(shelf).to_have_attribute("aria-valuenow", str(words[0, 0].item()))
    assert error(page) == pytest.approx(drawn(words)[1], abs=0.0001)


def test_another_digit_has_its_own_words_and_a_page_can_be_emptied(show):
    page = show("edit_a_tile")
    page.get_by_role("button", name="Next digit").click()
    picture, _ = drawn(own(1))
    shown = ink(page.locator(".ae-picture canvas").last)
    torch.testing.assert_close(shown, picture.flatten().clamp(0, 1), atol=0.01, rtol=0)
    page.get_by_role("button", name="Empty page").click()
    blank = torch.stack([own(i) for i in range(5)]).flatten().bincount().argmax()
    picture, _ = drawn(blank.expand(7, 7))
    shown = ink(page.locator(".ae-picture canvas").last)
    torch.testing.assert_close(shown, picture.flatten().clamp(0, 1), atol=0.01, rtol=0)


@pytest.mark.timing
def test_it_answers_at_once_on_a_slow_phone(show):
    page = show("edit_a_tile", **PHONE)
    slow_phone(page)
    event = 'new KeyboardEvent("keydown", { key: i % 2 ? "ArrowLeft" : "ArrowRight" })'
    press = f"(one, i) => one.dispatchEvent({event})"
    assert milliseconds(canvases(page)[1], press) < 100
