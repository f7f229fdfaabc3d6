"""The best judge of a forger on a line: loss, divergence, pulls and steps are torch's."""

import math
from functools import partial

import pytest
import torch
from gestures import PHONE, drag, milliseconds, numbers, pixels, slow_phone, touch
from playwright.sync_api import expect
from torch.distributions import Normal

import ae_course as ae

LINE = torch.linspace(-30, 30, 6001, dtype=torch.float64)
STEP = LINE[1] - LINE[0]
FORGERS = [(4.0, 1.0), (-2.0, 0.7), (0.3, 2.5), (5.5, 0.2), (-4.0, 3.5)]
SET_UP = "const setting = surveyed(config)"


def log_real(x):
    hills = [math.log(s) + Normal(c, 0.7).log_prob(x) for c, s in ((-2.0, 0.65), (2.0, 0.35))]
    return torch.logaddexp(*hills)


def divergence(mean, width):
    p, q = log_real(LINE), Normal(mean, width).log_prob(LINE)
    middle = torch.logaddexp(p, q) - math.log(2)
    return ((p.exp() * (p - middle) + q.exp() * (q - middle)).sum() * STEP / 2).item()


def pulls(mean, width):
    """Differentiate the package's losses of forgeries mean + width z, weighted by z's density."""
    z = torch.linspace(-9, 9, 1801, dtype=torch.float64)
    weight = Normal(0.0, 1.0).log_prob(z).exp() * (z[1] - z[0])
    found = []
    for saturating in (False, True):
        forger = torch.tensor([mean, width], dtype=torch.float64, requires_grad=True)
        x = forger[0] + forger[1] * z
        logits = log_real(x) - Normal(mean, width).log_prob(x)  # the judge stands still
        each = torch.vmap(partial(ae.generator_loss, saturating=saturating))(logits)
        slope = torch.autograd.grad((weight * each).sum(), forger)[0]
        found.append((-slope).tolist())
    return found


def said(page):
    """Steps, mean, width, the judge's loss, divergence and the four pulls."""
    return numbers(page.locator(".ae-say").inner_text())


@pytest.mark.parametrize(("mean", "width"), FORGERS)
def test_loss_divergence_and_pulls_are_torch_s(compute, mean, width):
    given = {"mean": mean, "width": width}
    found = compute(
        "best_judge", f"(() => {{ {SET_UP}; return assessed(setting, given); }})()", given
    )
    assert found["divergence"] == pytest.approx(divergence(mean, width), abs=1e-6)
    assert found["loss"] == pytest.approx(2 * math.log(2) - 2 * found["divergence"], abs=1e-12)
    for mine, torchs in zip(found["pulls"], pulls(mean, width), strict=True):
        assert mine == pytest.approx(torchs, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("which", [0, 1])
def test_a_hundred_steps_are_torch_s(compute, which):
    code = (
        f"(() => {{ {SET_UP}; let at = given; return Array.from({{ length: 100 }}, () => {{ "
        f"at = stepped(setting, at, {which}, 0.3); return [at.mean, at.width]; }}); }})()"
    )
    found = compute("best_judge", code, {"mean": 4.0, "width": 1.0})
    mean, width = 4.0, 1.0
    for place in found:
        across, wide = pulls(mean, width)[which]
        mean, width = mean + 0.3 * across, min(4.0, max(0.2, width + 0.3 * wide))
        assert place == pytest.approx([mean, width], abs=1e-4)


def test_non_saturating_steps_end_on_one_hill_and_saturating_ones_on_both(show):
    page = show("best_judge")
    ten = page.get_by_role("button", name="Ten steps")
    for _ in range(10):
        ten.click()
    steps, mean, width = said(page)[:3]
    assert (steps, mean, width) == (
        100,
        pytest.approx(1.98, abs=0.03),
        pytest.approx(0.72, abs=0.03),
    )
    page.get_by_role("radio", name="saturating", exact=True).check()
    page.get_by_label("Step size, typed").fill("1")
    for _ in range(30):
        ten.click()
    assert said(page)[1:3] == [pytest.approx(-0.6, abs=0.05), pytest.approx(2.0, abs=0.05)]
    assert said(page)[4] == pytest.approx(divergence(-0.6, 2.0), abs=0.002)


def test_what_is_said_are_the_numbers_at_the_start(show):
    page = show("best_judge")
    found = said(page)
    js = divergence(4.0, 1.0)
    assert found[:5] == pytest.approx([0, 4, 1, 2 * math.log(2) - 2 * js, js], abs=0.0006)
    assert found[5:9] == pytest.approx([*pulls(4.0, 1.0)[0], *pulls(4.0, 1.0)[1]], abs=0.0006)
    page.get_by_text("The pulls, as a table").click()
    rows = page.locator("tbody tr").all_inner_texts()
    assert [numbers(row)[-2:] for row in rows] == [found[5:7], found[7:9]]


def test_mouse_keys_and_dials_move_the_forger(show):
    page = show("best_judge")
    line = page.locator(".ae-plane")
    before = pixels(line)
    drag(page, line, (0.78, 0.5), (0.5, 0.5))
    assert said(page)[:2] == pytest.approx([0, 0], abs=0.06)
    assert pixels(line) != before
    line.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowUp")
    assert said(page)[1:3] == pytest.approx([0.5, 1.1], abs=0.06)
    page.get_by_role("slider", name="Forger's width", exact=True).fill("2")
    page.get_by_label("Forger's mean, typed").fill("-3")
    assert said(page)[1:3] == [-3, 2]
    page.get_by_role("button", name="Start again").click()
    assert said(page)[:3] == [0, 4, 1]


def test_a_finger_moves_it_and_the_page_stays(show):
    page = show("best_judge", **PHONE)
    line = page.locator(".ae-plane")
    line.scroll_into_view_if_needed()
    scroll = page.evaluate("scrollY")
    touch(page, line, (11 / 14, 0.6), (0.6, 0.5), (0.3, 0.2))
    assert said(page)[1] == pytest.approx(-2.8, abs=0.1)
    assert page.evaluate("scrollY") == scroll


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_it_plays_and_stops(show, motion):
    page = show("best_judge", reduced_motion=motion)
    page.get_by_role("button", name="Play").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ae-say")).not_to_contain_text("0 steps.")
    page.get_by_role("button", name="Pause").click()
    stopped = said(page)
    page.wait_for_timeout(150)
    assert said(page) == stopped
    expect(page.get_by_role("button", name="Play")).to_be_visible()


@pytest.mark.timing
def test_it_answers_at_once_on_a_slow_phone(show):
    page = show("best_judge", **PHONE)
    slow_phone(page)
    ten = page.get_by_role("button", name="Ten steps")
    assert milliseconds(ten, "(one) => one.click()") < 100
