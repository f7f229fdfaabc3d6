"""Attention over one's own text: what is shown is torch's, and every way of choosing works."""

import re

import pytest
import torch
from gestures import PHONE, milliseconds, numbers, slow_phone, typed
from playwright.sync_api import expect
from trained import reader

TEXT = "romeo:\nwhat light is this?"


def seen(page):
    """The heights of the bars, as shares of the highest."""
    heights = page.locator(".ae-look i span").evaluate_all(
        "(all) => all.map((one) => parseFloat(one.style.height) / 100)"
    )
    return torch.tensor(heights)


@torch.no_grad()
def expected(text, place, layer, head):
    model, vocab = reader()
    weights = model.attention_weights(vocab.encode(text)[None])[layer, 0, :, place]
    weights = weights.mean(0) if head == "mean" else weights[head]
    return weights / weights.max()


def test_the_bars_are_torch_s_weights_in_every_head(show):
    page = show("attention_map")
    for layer, head in ((0, 0), (0, 3), (1, 2), (1, "mean")):
        group = page.get_by_role("group", name="Layer")
        group.get_by_role("radio", name=str(layer + 1), exact=True).check()
        name = "mean" if head == "mean" else str(head + 1)
        page.get_by_role("group", name="Head").get_by_role("radio", name=name, exact=True).check()
        wanted = expected(TEXT, len(TEXT) - 1, layer, head)
        assert (seen(page) - wanted).abs().max() < 0.02


@torch.no_grad()
def test_the_guesses_are_torch_s_after_any_character(show):
    page = show("attention_map")
    model, vocab = reader()
    shares = model(vocab.encode(TEXT)[None])[0].softmax(-1)
    slider = page.get_by_role("slider", name="Character")
    for place in (len(TEXT) - 1, 12, 0):
        slider.fill(str(place + 1))
        top = shares[place].topk(6)
        rows = page.locator(".ae-bars li")
        found = [numbers(text)[0] / 100 for text in rows.locator(".ae-number").all_inner_texts()]
        assert found == pytest.approx(top.values.tolist(), abs=0.012)


def test_keys_clicks_and_buttons_choose_a_character(show):
    page = show("attention_map", **PHONE)
    say, slider = page.locator(".ae-say"), page.get_by_role("slider", name="Character")
    expect(say).to_contain_text(f"From “?”, character {len(TEXT)} of {len(TEXT)}")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(say).to_contain_text(f"From “s”, character {len(TEXT) - 1} of")
    page.get_by_role("button", name="Previous character").click()
    expect(say).to_contain_text(f"From “i”, character {len(TEXT) - 2} of")
    page.get_by_role("button", name="Next character").click()
    expect(say).to_contain_text(f"From “s”, character {len(TEXT) - 1} of")
    page.locator("[data-place='0']").tap()
    expect(say).to_contain_text("From “r”, character 1 of")
    expect(say).to_contain_text("looks at “r” (itself, 100 %)")
    assert seen(page)[1:].max() == 0  # nothing of what comes after
    page.locator("[data-place='6']").tap()
    expect(say).to_contain_text("From new line, character 7 of")


def test_what_is_typed_is_read_and_its_beginning_is_kept(show):
    page = show("attention_map")
    field = page.get_by_label("Your text")
    for text in ("the king is", "the king is dead", "a king"):
        field.fill(text)
        expect(page.locator("[data-place]")).to_have_count(len(text))
        assert (seen(page) - expected(text, len(text) - 1, 1, 0)).abs().max() < 0.02
    field.fill("THE KING")  # capitals are read as small letters
    assert (seen(page) - expected("the king", 7, 1, 0)).abs().max() < 0.02


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [("näh", "The network has never seen “ä”"), ("", "at least one character to look from")],
)
def test_a_text_that_the_network_cannot_read(show, typed, complaint):
    page = show("attention_map")
    before = page.locator(".ae-say").inner_text()
    field = page.get_by_label("Your text")
    field.fill(typed)
    expect(page.get_by_role("alert")).to_contain_text(complaint)
    assert field.get_attribute("aria-invalid") == "true"
    assert page.locator(".ae-say").inner_text() == before  # what was read last stays
    field.fill("the k")
    expect(page.get_by_role("alert")).to_have_text("")
    assert re.match("From “k”, character 5 of 5", page.locator(".ae-say").inner_text())


@pytest.mark.timing
def test_typing_is_answered_at_once_on_a_slow_phone(show):
    page = show("attention_map", **PHONE)
    slow_phone(page)
    took = milliseconds(page.get_by_label("Your text"), typed("one.value + 'e'"), times=9)
    assert took < 100
