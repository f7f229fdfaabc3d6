"""The plane on which a point is dropped and denoised, step by step."""

import pytest
from gestures import PHONE, drag, numbers, pixels, touch
from playwright.sync_api import expect
from trained import arrows, ring


def words(page):
    return page.locator(".ae-say").inner_text()


@pytest.mark.parametrize("way", ["mouse", "touch", "keys"])
def test_a_point_is_dropped(show, way):
    page = show("drop_a_point", **(PHONE if way == "touch" else {}))
    plane = page.locator(".ae-plane")
    before = pixels(plane)
    if way == "keys":
        page.get_by_role("button", name="Back to where it was").click()
        at = numbers(words(page))[:2]
        plane.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowUp")
        moved = [b - a for a, b in zip(at, numbers(words(page))[:2], strict=True)]
        assert moved[1] == pytest.approx(5 * moved[0], abs=0.03)
        assert moved[0] > 0
    else:
        (drag if way == "mouse" else touch)(page, plane, (0.5, 0.25))
        assert numbers(words(page))[0] == pytest.approx(0, abs=0.02)
        assert numbers(words(page))[1] == pytest.approx(0.7, abs=0.03)
    expect(page.locator(".ae-say")).to_contain_text("Dropped at")
    assert plane.get_attribute("aria-valuetext") == words(page)
    assert pixels(plane) != before


def test_a_finger_drags_the_ring_and_the_page_stays(show):
    page = show("drop_a_point", **PHONE)
    plane = page.locator(".ae-plane")
    touch(page, plane, (0.5, 0.3))
    before, scroll = words(page), page.evaluate("scrollY")
    touch(page, plane, (0.5, 0.3), (0.5, 0.5), (0.4, 0.8))
    assert words(page) != before
    assert page.evaluate("scrollY") == scroll


@pytest.mark.parametrize("key", [False, True])
def test_a_step_is_the_network_s(show, key):
    page = show("drop_a_point")
    plane = page.locator(".ae-plane")
    drag(page, plane, (0.7, 0.3))
    start = numbers(words(page))[:2]
    if key:
        plane.focus()
        page.keyboard.press("Enter")
    else:
        page.get_by_role("button", name="Denoise").click()
    expected = arrows(0.2)(ring().new_tensor([start]))[0].tolist()
    assert numbers(words(page))[2:4] == pytest.approx(expected, abs=0.03)  # two decimals
    expect(page.locator(".ae-say")).to_contain_text("One step of the network")
    page.get_by_role("button", name="Ten times").click()
    expect(page.locator(".ae-say")).to_contain_text("11 steps")
    page.get_by_text("The path, as a table").click()
    assert page.locator("tbody tr").count() == 12
    assert numbers(page.locator("tbody tr").last.inner_text())[-1] < 0.1  # it is on the circle
    page.get_by_role("button", name="Back to where it was").click()
    assert numbers(words(page))[:2] == start
    assert page.locator("tbody tr").count() == 1


def test_a_path_ends_some_day(show):
    page = show("drop_a_point")
    ten = page.get_by_role("button", name="Ten times")
    for _ in range(6):
        ten.click()
    expect(ten).to_be_disabled()
    expect(page.locator(".ae-say")).to_contain_text("60 steps")


def test_the_level_and_the_best_possible_change_the_arrows(show):
    page = show("drop_a_point")
    plane = page.locator(".ae-plane")
    seen = [pixels(plane)]
    for name in ("0.5", "the best possible", "0.2"):
        page.get_by_role("radio", name=name).check()
        assert pixels(plane) not in seen
        seen.append(pixels(plane))
    page.get_by_role("button", name="Denoise").click()
    expect(page.locator(".ae-say")).to_contain_text("of the best possible")


def test_a_noisy_point_lies_near_the_curve(show):
    page = show("drop_a_point")
    seen = set()
    for _ in range(10):
        page.get_by_role("button", name="A noisy point").click()
        assert numbers(words(page))[2] < 5 * 0.2
        seen.add(words(page))
    assert len(seen) == 10
