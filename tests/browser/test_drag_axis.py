"""The axis through a cloud: what is said of it, and how it is turned."""

import numpy as np
import pytest
from gestures import PHONE, drag, numbers, touch
from playwright.sync_api import expect
from trained import cloud


def error_at(angle):
    """The share of the cloud's variance that an axis at an angle in degrees leaves."""
    points = cloud() - cloud().mean(0)
    axis = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    return np.square(points - np.outer(points @ axis, axis)).sum() / np.square(points).sum()


def shown(page):
    """The angle in degrees; error and variance kept, in percent."""
    rows = page.locator(".ae-bars .ae-number").all_inner_texts()
    angle = float(page.locator(".ae-plane").get_attribute("aria-valuenow"))
    return angle, *[numbers(row)[0] for row in rows]


def agrees(page):
    angle, error, kept = shown(page)
    assert error == pytest.approx(100 * error_at(angle), abs=0.06)
    assert error + kept == pytest.approx(100, abs=0.11)  # each is rounded
    return angle


def test_it_begins_with_the_first_number_alone(show):
    page = show("drag_axis")
    assert agrees(page) == 0
    expect(page.locator(".ae-say").first).to_contain_text("At 0° the axis keeps")


@pytest.mark.parametrize(
    ("place", "angle"), [((0.9, 0.1), 45), ((0.5, 0.1), 90), ((0.1, 0.1), 135), ((0.1, 0.9), 45)]
)
def test_a_drag_points_the_axis_at_the_mouse(show, place, angle):
    page = show("drag_axis")
    drag(page, page.locator(".ae-plane"), (0.93, 0.5), place)
    assert agrees(page) == pytest.approx(angle, abs=1)


def test_keys_turn_it_by_a_degree_or_ten_and_round(show):
    page = show("drag_axis")
    page.locator(".ae-plane").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowLeft")
    assert agrees(page) == 11
    for _ in range(2):
        page.keyboard.press("Shift+ArrowDown")
    assert agrees(page) == 171


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_a_button_finds_the_component_and_no_angle_leaves_less(show, motion):
    page = show("drag_axis", reduced_motion=motion)
    page.get_by_role("button", name="Turn to the component").click()
    expect(page.locator(".ae-say").first).to_contain_text("This is the component")
    angle = agrees(page)
    centred = cloud() - cloud().mean(0)
    first = np.linalg.svd(centred)[2][0]
    assert angle == pytest.approx(np.degrees(np.arctan2(first[1], first[0])) % 180, abs=0.06)
    least = min(error_at(one) for one in range(180))
    assert shown(page)[1] <= 100 * least + 0.06
    page.get_by_role("button", name="A right angle further").click()
    assert agrees(page) == pytest.approx((angle + 90) % 180, abs=0.06)


def test_every_angle_on_the_way_leaves_a_column_until_they_are_forgotten(show):
    page = show("drag_axis")
    curve = page.locator("canvas[role=img]")
    plane = page.locator(".ae-plane")
    plane.focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowUp")
    assert numbers(curve.get_attribute("aria-label"))[0] == 61  # by half a degree, both ends
    drag(page, plane, (0.9, 0.27), (0.1, 0.2))  # past the upright
    assert int(numbers(curve.get_attribute("aria-label"))[0]) > 200
    page.get_by_role("button", name="Forget the columns").click()
    assert numbers(curve.get_attribute("aria-label"))[0] == 1


def test_a_finger_turns_it_and_the_page_stays(show):
    page = show("drag_axis", **PHONE)
    plane = page.locator(".ae-plane")
    plane.scroll_into_view_if_needed()
    scroll = page.evaluate("scrollY")
    touch(page, plane, (0.93, 0.5), (0.9, 0.3), (0.5, 0.07))
    assert agrees(page) == pytest.approx(90, abs=1)
    assert page.evaluate("scrollY") == scroll
    touch(page, plane, (0.75, 0.75))  # a tap
    assert agrees(page) == pytest.approx(135, abs=1)
