"""The two figures on which a reader draws, `draw_a_digit` and `outlier_meter`."""

import re

import pytest
import torch
from gestures import PHONE, drag, ink, numbers, pixels, touch
from playwright.sync_api import expect


@pytest.mark.parametrize("way", ["mouse", "touch", "keys"])
@pytest.mark.parametrize("name", ["draw_a_digit", "outlier_meter"])
def test_drawing(show, name, way):
    page = show(name, **(PHONE if way == "touch" else {}))
    page.get_by_role("button", name="Clear").click()
    pad = page.locator(".ae-plane")
    assert ink(pad).sum() == 0
    if way == "keys":
        pad.focus()
        for key in [" ", *["ArrowDown"] * 6, *["ArrowRight"] * 4, " ", "ArrowUp"]:
            page.keyboard.press(key)
        expect(page.get_by_text("Pen up, 18 across, 19 down.")).to_be_attached()
    else:
        (drag if way == "mouse" else touch)(page, pad, (0.3, 0.2), (0.7, 0.2), (0.4, 0.9))
    assert ink(pad).sum() > 10
    captions = page.locator("figcaption").all_inner_texts()
    assert any(re.search(r"error 0\.\d+", caption) for caption in captions)
    assert not any("NaN" in caption for caption in captions)
    drawn = ink(page.locator(".ae-picture canvas").first)
    page.get_by_label("Centre and scale").uncheck()
    assert not torch.equal(ink(page.locator(".ae-picture canvas").first), drawn)


def test_a_drawing_begins_on_a_clean_page(show):
    page = show("draw_a_digit")
    pad = page.locator(".ae-plane")
    drag(page, pad, (0.5, 0.1), (0.5, 0.15))
    assert ink(pad)[28 * 10 :].sum() == 0  # nothing is left of the test digit
    page.get_by_role("button", name="Next digit").click()
    expect(page.locator(".ae-say")).to_contain_text("Test digit 1, a")


def test_a_pinch_on_the_page_spares_the_digit(show):
    page = show("draw_a_digit", **PHONE)
    pad = page.locator(".ae-plane")
    before = pixels(pad)
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    session = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session.send(
        "Input.synthesizePinchGesture", {"x": x, "y": y, "scaleFactor": 1.5, "relativeSpeed": 400}
    )
    assert page.evaluate("visualViewport.scale") > 1.1
    assert pixels(pad) == before


def test_a_page_that_is_hidden_while_somebody_draws(show):
    page = show("draw_a_digit")
    pad = page.locator(".ae-plane")
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.evaluate("document.querySelector('.ae-figure').style.display = 'none'")
    page.mouse.move(box["x"] + 90, box["y"] + 90)
    page.mouse.up()
    page.evaluate("document.querySelector('.ae-figure').style.display = ''")
    drag(page, pad, (0.2, 0.2), (0.8, 0.8))
    assert ink(pad).sum() > 10


def test_a_release_that_nobody_saw_ends_the_line(show):
    page = show("draw_a_digit")
    page.get_by_role("button", name="Clear").click()
    pad = page.locator(".ae-plane")
    pad.evaluate(
        """(pad) => { pad.setPointerCapture = () => {};
        const box = pad.getBoundingClientRect();
        const send = (type, x, buttons) => pad.dispatchEvent(new PointerEvent(type,
          { pointerId: 7, buttons, clientX: box.left + x, clientY: box.top + 60 }));
        send("pointerdown", 30, 1); send("pointermove", 60, 1);
        send("pointermove", 200, 0); send("pointermove", 250, 0); }"""
    )
    assert ink(pad).view(28, 28)[:, 15:].sum() == 0


def test_whoever_draws_with_keys_sees_the_pen(show):
    page = show("draw_a_digit")
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Enter")
    pad = page.locator(".ae-plane")
    empty = pixels(pad)
    page.keyboard.press("Shift+Tab")
    expect(pad).to_be_focused()
    seen = pixels(pad)
    assert seen != empty
    page.keyboard.press("ArrowRight")
    assert pixels(pad) not in (seen, empty)
    page.keyboard.press("Tab")
    assert pixels(pad) == empty


def test_a_test_digit_lifts_the_pen(show):
    page = show("draw_a_digit")
    page.locator(".ae-plane").focus()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Next digit").click()
    page.locator(".ae-plane").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("Pen up")).to_be_attached()


def test_an_empty_page_is_said_to_be_empty(show):
    page = show("draw_a_digit")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".ae-say")).to_contain_text("The page is empty.")
    page.get_by_label("Amount of noise", exact=True).fill("1")
    expect(page.locator(".ae-say")).to_contain_text("The page is empty.")


def test_the_noise_slider_and_the_errors(show):
    page = show("draw_a_digit")
    caption = page.locator("figcaption").nth(1)
    amount = page.get_by_label("Amount of noise", exact=True)
    amount.fill("0")
    expect(caption).to_have_text("With noise, error 0.000")
    amount.fill("0.5")
    assert 0.15 < numbers(caption.inner_text())[-1] < 0.4
    first = caption.inner_text()
    page.get_by_role("button", name="Other noise").click()
    assert caption.inner_text() != first
    for kind in ("masking", "salt and pepper"):
        page.get_by_label(kind).check()
        assert 0.01 < numbers(caption.inner_text())[-1] < 0.3
    expect(page.locator(".ae-say")).to_contain_text("Nearest to the clean picture")


def test_the_alarm_sleeps_on_an_empty_page_and_rings_for_a_scribble(show):
    page = show("outlier_meter")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".ae-say")).to_contain_text(re.compile("An empty page: error.*it passes"))
    zigzag = [(0.05 + 0.9 * (i % 2), 0.05 + 0.09 * i) for i in range(11)]
    page.get_by_label("Centre and scale").uncheck()
    drag(page, page.locator(".ae-plane"), *zigzag)
    expect(page.locator(".ae-say")).to_contain_text("the alarm rings")
    label = page.locator("canvas[style*='11rem']").get_attribute("aria-label")
    assert numbers(label)[-1] > numbers(label)[-2]


def test_a_stranger_is_caught_until_it_is_faded(show):
    page = show("outlier_meter")
    page.get_by_role("button", name="Noise").click()
    say, caption = page.locator(".ae-say"), page.locator("figcaption").nth(1)
    expect(say).to_contain_text(re.compile("^Noise: error.*the alarm rings"))
    full = numbers(caption.inner_text())[-1]
    page.get_by_label("Ink left, in %", exact=True).fill("20")
    expect(say).to_contain_text(re.compile("^Noise, with 20 % of its ink: error.*it passes"))
    assert 0 < numbers(caption.inner_text())[-1] < 0.2 * full
    page.get_by_role("button", name="Next digit").click()
    expect(say).to_contain_text("Test digit 1, a")
    page.get_by_role("button", name="Blank page").click()
    expect(say).to_contain_text("Blank page, with 20 % of its ink: error")
    drag(page, page.locator(".ae-plane"), (0.4, 0.4), (0.6, 0.6))
    expect(say).to_contain_text("Your drawing, with 20 %")


def test_more_false_alarms_lower_the_threshold(show):
    page = show("outlier_meter")
    histogram = page.locator("canvas[style*='11rem']")
    found = []
    for share in ("0.1", "1", "20"):
        page.get_by_label("False alarms, in %", exact=True).fill(share)
        found.append(numbers(histogram.get_attribute("aria-label"))[-2])
    assert found[0] > found[1] > found[2] > 0
