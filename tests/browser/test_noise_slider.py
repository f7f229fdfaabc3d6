"""The noise slider: pictures, numbers and sentence follow the noise, the digit and the model."""

import pytest
import torch
from gestures import PHONE, ink, milliseconds, numbers, pixels, slow_phone, typed
from playwright.sync_api import expect
from trained import codes, digits

SLIDER = {"name": "Noise σ", "exact": True}


def test_the_numbers_are_those_of_the_models(show):
    page = show("noise_slider")
    images = digits()[0][:5]
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    slider = page.get_by_role("slider", **SLIDER)
    for sigma in (0, 0.3, 1):
        slider.fill(str(sigma))
        noisy = images + sigma * noise
        drawn = [noisy, *(model.reconstruct(noisy) for model in codes()[0].values())]
        expected = [(one - images).square().mean(dim=(1, 2, 3))[0].item() for one in drawn]
        captions = page.locator("figcaption").all_inner_texts()
        assert captions[0] == "Clean"
        found = [numbers(caption)[-1] for caption in captions[1:]]
        assert found == pytest.approx(expected, abs=0.0006)


def test_the_pictures_are_those_of_the_models(show):
    page = show("noise_slider")
    page.get_by_role("slider", **SLIDER).fill("0.5")
    images = digits()[0][:5]
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    model = codes()[0]["16 numbers"]
    drawn = model.reconstruct(images + 0.5 * noise)[0].clamp(0, 1).flatten()
    shown = ink(page.locator(".ae-picture canvas").last)
    torch.testing.assert_close(shown, drawn, atol=0.01, rtol=0)


def test_another_digit_and_another_curve(show):
    page = show("noise_slider")
    say, chart = page.locator(".ae-say"), page.locator("canvas[style*='13rem']")
    before, drawn = say.inner_text(), pixels(chart)
    page.get_by_role("button", name="Next digit").click()
    assert say.inner_text() != before
    assert pixels(chart) != drawn  # the dot has moved
    page.get_by_role("button", name="Previous digit").click()
    expect(say).to_have_text(before)
    expect(page.get_by_role("radio", name="16 numbers")).to_be_checked()
    page.get_by_role("radio", name="2 numbers", exact=True).check()
    expect(page.get_by_text("Thick line: error of 2 numbers")).to_be_visible()
    assert pixels(chart) != drawn
    page.get_by_role("button", name="Previous digit").click()  # from the first to the last
    expect(say).to_contain_text("under noise of 0.5. Nearest to the clean picture:")


def test_keys_move_the_noise_and_what_is_typed_is_taken_to_the_nearest_level(show):
    page = show("noise_slider", **PHONE)
    slider, say = page.get_by_role("slider", **SLIDER), page.locator(".ae-say")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(say).to_contain_text("under noise of 0.6.")
    page.keyboard.press("Home")
    expect(say).to_contain_text("under noise of 0.")
    typed = page.get_by_label("Noise σ, typed")
    typed.fill("0.37")
    expect(say).to_contain_text("under noise of 0.4.")
    typed.fill("7")
    expect(page.get_by_text("Noise σ: a number from 0 to 1, please.")).to_be_visible()
    expect(say).to_contain_text("under noise of 0.4.")


@pytest.mark.timing
def test_it_answers_at_once_on_a_slow_phone(show):
    page = show("noise_slider", **PHONE)
    slow_phone(page)
    slider = page.get_by_role("slider", **SLIDER)
    took = milliseconds(slider, typed("(i % 5) / 5"))
    assert took < 100
