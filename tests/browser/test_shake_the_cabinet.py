"""The shaken cabinet: pictures, readings and shares follow the ring, the noise and the model."""

import pytest
import torch
from gestures import PHONE, drag, ink, milliseconds, numbers, pixels, slow_phone, touch, typed
from playwright.sync_api import expect
from trained import digits, example, shelves

from ae_course.widgets.shaking import SHAKES, SIDE, cells

SLIDER = {"name": "Noise σ", "exact": True}
SET_UP = "const map = shakeTheCabinet(config, buffer)"


def read(beta, codes):
    """The judge's highest probability and its class, for what torch's decoder draws."""
    models, judge = shelves()
    return judge(models[beta].decode(codes)).softmax(dim=1).max(dim=1)


def noise():
    return torch.randn(SHAKES, 2, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("number", range(3))
@torch.no_grad()
def test_decoders_and_codes_are_torch_s(compute, number):
    beta, model = list(shelves()[0].items())[number]
    mean, _ = model.encode_distribution(digits()[0][:60])
    codes = mean + 0.5 * torch.randn(60, 2)
    found = compute(
        "shake_the_cabinet",
        f"(() => {{ {SET_UP}.models[{number}]; return [map.points.map((p) => [...p]), "
        "given.map((z) => Array.from(run(map.decoder, z)))]; })()",
        codes,
    )
    torch.testing.assert_close(torch.tensor(found[0]), mean)
    drawn = torch.tensor(found[1]).view(-1, 1, 28, 28)
    assert (drawn - model.decode(codes)).abs().max() < 0.03, beta


@pytest.mark.parametrize("number", range(3))
@torch.no_grad()
def test_the_map_says_what_the_judge_reads_in_the_middle_of_each_cell(compute, number):
    beta = list(shelves()[0])[number]
    reach = example("shake_the_cabinet").config["models"][number]["reach"]
    middles = cells(reach)
    found = compute(
        "shake_the_cabinet",
        f"(() => {{ {SET_UP}; return given.map((z) => [cellAt(z, map.models[{number}].reach, "
        f"map.side), readAt(map.models[{number}], z, map)]); }})()",
        middles,
    )
    places, classes = torch.tensor(found).unbind(dim=1)
    assert places.tolist() == list(range(SIDE**2))
    surest, expected = read(beta, middles)
    clear = (surest - 0.9).abs() > 0.005  # bytes: a step of 1/255
    assert torch.equal(classes[clear], expected.where(surest > 0.9, -1)[clear])


@torch.no_grad()
def test_the_share_that_is_still_read_is_that_of_the_cells(compute):
    plane = example("shake_the_cabinet").config["models"][1]
    code = shelves()[0][1.0].encode(digits()[0][:1])
    shaken = code + 0.5 * noise()
    place = ((shaken * torch.tensor([1, -1]) / plane["reach"] + 1) / 2 * SIDE).floor()
    inside = ((place >= 0) & (place < SIDE)).all(dim=1)
    surest, classes = read(1.0, cells(plane["reach"]))
    readings = classes.where(surest > 0.9, -1)
    cell = (place[:, 1] * SIDE + place[:, 0]).long().clamp(0, SIDE**2 - 1)
    for wanted in range(10):
        expected = ((readings[cell] == wanted) & inside).sum().item()
        found = compute(
            "shake_the_cabinet",
            f"(() => {{ {SET_UP}; return stillRead(map.models[1], given[0], 0.5, {wanted}, map); "
            "})()",
            code,
        )
        assert abs(found - expected) <= 3  # codes on the edge of a cell, or a cell at 0.9


def test_the_share_of_the_prior_is_the_judge_s():
    draws = torch.Generator().manual_seed(0)
    torch.randn(SHAKES, 2, generator=draws)
    codes = torch.randn(2000, 2, generator=draws)
    for beta, plane in zip(
        shelves()[0], example("shake_the_cabinet").config["models"], strict=True
    ):
        with torch.no_grad():
            expected = (read(beta, codes)[0] > 0.9).double().mean().item()
        assert plane["read"] == pytest.approx(expected, abs=1e-3)


@torch.no_grad()
def test_the_pictures_are_the_decoder_s(show):
    page = show("shake_the_cabinet")
    page.get_by_role("slider", **SLIDER).fill("0.5")
    code = shelves()[0][1.0].encode(digits()[0][:1])
    expected = shelves()[0][1.0].decode(torch.cat([code, code + 0.5 * noise()[:7]]))
    canvases = page.locator(".ae-picture canvas")
    assert canvases.count() == 9
    for which, image in enumerate([digits()[0][0], *expected]):
        torch.testing.assert_close(ink(canvases.nth(which)), image.flatten(), atol=0.04, rtol=0)


def test_ring_noise_model_and_digit_change_what_is_said(show):
    page = show("shake_the_cabinet")
    say, plane = page.locator(".ae-say"), page.locator(".ae-plane")
    said = [say.inner_text()]

    def changed():
        said.append(say.inner_text())
        return said[-1] != said[-2]

    assert said[0].startswith("β = 1, noise σ = 0.3, code (")
    page.get_by_role("slider", **SLIDER).fill("1")
    assert changed()
    drag(page, plane, (0.5, 0.5), (0.3, 0.4), (0.62, 0.45))
    assert changed()
    assert numbers(said[-1])[2:4] == pytest.approx([0.72, 0.3], abs=0.1)
    page.get_by_role("radio", name="30", exact=True).check()
    assert changed()
    page.get_by_role("button", name="Next digit").click()
    assert page.locator("figcaption").first.inner_text().startswith("Test digit: ")
    page.get_by_role("button", name="Previous digit").click()
    page.get_by_role("radio", name="0", exact=True).check()
    assert changed()
    assert plane.get_attribute("aria-valuetext") == said[-1]


def test_keys_and_fingers_move_the_ring(show):
    page = show("shake_the_cabinet", **PHONE)
    plane = page.locator(".ae-plane")
    before = pixels(plane)
    plane.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    assert pixels(plane) != before
    for _ in range(12):
        page.keyboard.press("Shift+ArrowLeft")
    assert plane.get_attribute("aria-valuenow") == "0"  # the edge holds
    touch(page, plane, (0.5, 0.2))
    said = plane.get_attribute("aria-valuetext")
    scroll = page.evaluate("scrollY")
    touch(page, plane, (0.5, 0.2), (0.5, 0.4), (0.4, 0.8))
    assert plane.get_attribute("aria-valuetext") != said
    assert page.evaluate("scrollY") == scroll


def test_what_is_typed_may_leave_the_slider_but_not_the_limits(show):
    page = show("shake_the_cabinet")
    page.get_by_label("Noise σ, typed").fill("7")
    expect(page.locator(".ae-say")).to_contain_text("noise σ = 7,")
    page.get_by_label("Noise σ, typed").fill("70")
    expect(page.get_by_text("Noise σ: a number from 0 to 20, please.")).to_be_visible()
    expect(page.locator(".ae-say")).to_contain_text("noise σ = 7,")


@pytest.mark.timing
def test_it_answers_at_once_on_a_slow_phone(show):
    page = show("shake_the_cabinet", **PHONE)
    slow_phone(page)
    slider = page.get_by_role("slider", **SLIDER)
    assert milliseconds(slider, typed("(i % 5) / 5")) < 100
