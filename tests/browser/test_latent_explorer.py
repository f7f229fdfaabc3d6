"""The plane of codes: what is drawn there, the path between two digits, and the digits on it."""

import re

import pytest
import torch
from gestures import PHONE, drag, ink, numbers, pixels, touch
from playwright.sync_api import expect
from trained import digits, example, planes


@torch.no_grad()
def test_dragging_draws_what_the_decoder_draws_there(show):
    page = show("latent_explorer")
    plane, drawn = page.locator(".ae-plane"), page.locator(".ae-picture canvas").first
    before = pixels(drawn)
    drag(page, plane, (0.5, 0.5), (0.3, 0.4), (0.62, 0.45))
    assert pixels(drawn) != before
    text = plane.get_attribute("aria-valuetext")
    assert text == page.locator(".ae-say").inner_text()
    x, y = numbers(text)[:2]
    expected = planes()["deep"].decode(torch.tensor([[x, y]])).flatten().clamp(0, 1)
    assert (ink(drawn) - expected).abs().max() < 0.05  # the text has two decimals


def test_a_finger_drags_too_and_the_page_stays(show):
    page = show("latent_explorer", **PHONE)
    plane = page.locator(".ae-plane")
    touch(page, plane, (0.5, 0.2))  # the ring comes here, or to a digit near by
    before, scroll = plane.get_attribute("aria-valuetext"), page.evaluate("scrollY")
    touch(page, plane, (0.5, 0.2), (0.5, 0.4), (0.4, 0.8))
    assert plane.get_attribute("aria-valuetext") != before
    assert page.evaluate("scrollY") == scroll


def test_a_finger_beside_the_ring_scrolls_the_page(show):
    page = show("latent_explorer", **PHONE)
    plane = page.locator(".ae-plane")
    plane.scroll_into_view_if_needed()
    page.evaluate(
        """() => { window.kept = []; document.addEventListener("touchstart",
        (event) => window.kept.push(event.defaultPrevented)); }"""
    )
    before = plane.get_attribute("aria-valuetext")
    touch(page, plane, (0.9, 0.95), (0.9, 0.6))
    assert plane.get_attribute("aria-valuetext") == before
    touch(page, plane, (0.5, 0.2))  # a tap brings the ring here, and then it can be held
    touch(page, plane, (0.5, 0.2), (0.5, 0.4))
    assert page.evaluate("window.kept") == [False, False, True]


def test_the_sentence_counts_the_classes_of_the_ten_nearest_digits(show):
    page = show("latent_explorer")
    codes = planes()["deep"].encode(digits()[0][:200]).detach()
    along = page.get_by_label("Move along the path")
    for place in ("0", "37", "100"):
        along.fill(place)
        said = page.locator(".ae-say").inner_text()
        words = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight"]
        words += ["nine", "ten"]
        counts = dict.fromkeys("0123456789", 0)
        said = said.replace("all are", "ten are").partition("Of the ten nearest test digits, ")[2]
        for many, digit in re.findall(r"(\w+) (?:are|is an?) (\d)", said):
            counts[digit] = words.index(many)
        assert sum(counts.values()) == 10
        x, y = numbers(page.locator(".ae-plane").get_attribute("aria-valuetext"))[:2]
        low, high = page_frame(codes)
        far = (((codes - torch.tensor([x, y])) / (high - low)) ** 2).sum(1)
        nearest = digits()[1][:200][far.argsort()[:10]].tolist()
        # the text has two decimals: at most one digit at the rim of the ten may be another
        assert sum(abs(counts[str(d)] - nearest.count(d)) for d in range(10)) <= 2


def page_frame(codes):
    """The plane's edges: from the 2nd to the 98th percentile, and a twelfth more each way."""
    ordered = codes.sort(0).values
    low, high = ordered[int(0.02 * len(codes))], ordered[-int(0.02 * len(codes)) - 1]
    return low - (high - low) / 12, high + (high - low) / 12


def test_arrow_keys_walk_and_enter_takes_a_digit(show):
    page = show("latent_explorer")
    plane = page.locator(".ae-plane")
    plane.focus()
    x = numbers(plane.get_attribute("aria-valuetext"))[0]
    page.keyboard.press("ArrowLeft")
    assert numbers(plane.get_attribute("aria-valuetext"))[0] < x
    for _ in range(60):
        page.keyboard.press("Shift+ArrowRight")
    assert plane.get_attribute("aria-valuenow") == "100"  # the edge holds
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]")).to_contain_text(
        re.compile(r"Test digit \d+ of 200, an? \d")
    )


@torch.no_grad()
def test_a_digit_stands_beside_its_reconstruction(show):
    page = show("latent_explorer")
    page.get_by_role("button", name="Next digit").click()
    said = re.search(
        r"Test digit (\d+) of 200, (an? (\d))", page.locator("[role=status]").inner_text()
    )
    image, label = (part[int(said[1]) - 1] for part in digits())
    assert int(said[3]) == label
    model = planes()["deep"]
    pictures = page.locator(".ae-picture canvas")
    assert (ink(pictures.nth(1)) - image.flatten()).abs().max() < 0.01
    redrawn = model(image[None]).flatten()
    assert (ink(pictures.nth(2)) - redrawn.clamp(0, 1)).abs().max() < 0.03
    caption = page.locator("figcaption").nth(2).inner_text()
    error = (redrawn - image.flatten()).square().mean().item()
    assert abs(numbers(caption)[-1] - error) < 2e-3
    expect(page.locator("figcaption").nth(1)).to_have_text(f"Chosen digit: {said[2]}")


def test_tapping_a_digit_takes_it(show):
    page = show("latent_explorer")
    plane = page.locator(".ae-plane")
    box = plane.bounding_box()
    status = page.locator("[role=status]")
    for step in range(100):  # until a digit is hit
        x, y = 0.05 + 0.1 * (step % 10), 0.05 + 0.1 * (step // 10)
        plane.click(position={"x": x * box["width"], "y": y * box["height"]})
        if status.inner_text():
            break
    expect(status).to_contain_text(re.compile(r"Test digit \d+ of 200, an? \d"))
    caption = page.locator("figcaption").nth(1).inner_text()
    assert caption[-1] == re.search(r"an? (\d)", status.inner_text())[1]


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_path_plays_from_one_digit_to_the_other(show, motion):
    page = show("latent_explorer", reduced_motion=motion, fresh=True)
    page.clock.install()
    along = page.get_by_label("Move along the path")
    page.get_by_role("button", name="Play the path").click()
    page.clock.run_for(1500)
    places = {along.input_value()}
    for _ in range(8):
        page.clock.run_for(1200)
        places.add(along.input_value())
    assert along.input_value() == "100"
    assert len(places) >= (2 if motion == "no-preference" else 5)
    expect(page.get_by_role("button", name="Play the path")).to_be_visible()


def test_the_path_can_be_walked_by_hand(show):
    page = show("latent_explorer")
    along = page.get_by_label("Move along the path")
    end = page.locator(".ae-say").inner_text()
    along.fill("0")
    start = page.locator(".ae-say").inner_text()
    along.fill("50")
    middle = page.locator(".ae-say").inner_text()
    mean = [(a + b) / 2 for a, b in zip(numbers(start)[:2], numbers(end)[:2], strict=True)]
    assert numbers(middle)[:2] == pytest.approx(mean, abs=0.02)


def test_the_slider_of_the_path_says_where_it_is(show):
    page = show("latent_explorer")
    along = page.get_by_label("Move along the path")
    assert along.get_attribute("aria-valuetext").startswith("100 % of the way")
    along.fill("37")
    assert along.get_attribute("aria-valuetext").startswith("37 % of the way")
    page.get_by_role("button", name="Next digit").click()
    assert along.get_attribute("aria-valuetext").startswith("100 % of the way")


def test_digits_beyond_the_frame_stay_within_what_a_slider_may_say(show):
    page = show("latent_explorer")
    following = page.get_by_role("button", name="Next digit")
    values = following.evaluate(
        """(following) => Array.from({ length: 200 }, () => {
        following.click();
        return Number(document.querySelector(".ae-plane").getAttribute("aria-valuenow"));
      })"""
    )
    assert min(values) >= 0
    assert max(values) <= 100
    assert len(set(values)) > 20


def test_another_decoder_shows_the_same_digit_elsewhere(show):
    page = show("latent_explorer")
    page.get_by_text("Where the classes lie").click()
    before = page.locator("tbody").inner_text()
    page.get_by_role("radio", name="linear").check()
    assert page.locator("tbody").inner_text() != before
    assert page.locator("tbody tr").count() == 10
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="tanh")).to_be_checked()


def test_on_a_phone_the_table_scrolls_and_breaks_no_word(show):
    page = show("latent_explorer", **PHONE)
    page.get_by_text("Where the classes lie").click()
    box = page.locator(".ae-scroll")
    assert box.evaluate("(one) => one.scrollWidth > one.clientWidth")
    cells = box.locator("td").evaluate_all("(all) => all.map((one) => one.clientHeight)")
    assert len(set(cells)) == 1  # each number on one line
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_resizing_while_dragging(show):
    page = show("latent_explorer")
    plane = page.locator(".ae-plane")
    box = plane.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 150)
    page.set_viewport_size({"width": 340, "height": 700})
    page.mouse.move(30, 300)
    page.mouse.up()
    assert 0 <= float(plane.get_attribute("aria-valuenow")) <= 100
    drag(page, plane, (0.5, 0.5), (0.9, 0.1))
    assert float(plane.get_attribute("aria-valuenow")) == pytest.approx(90, abs=2)


def test_a_figure_in_a_hidden_part_appears_when_it_is_shown(open_page):
    page = open_page(
        content=f"<div id=box style='display: none'>{example('latent_explorer').html}</div>"
    )
    page.evaluate("document.getElementById('box').style.display = 'block'")
    plane = page.locator(".ae-plane")
    expect(plane).to_be_visible()
    page.wait_for_function("() => document.querySelector('.ae-plane').width > 300")
    assert any(pixels(plane))
