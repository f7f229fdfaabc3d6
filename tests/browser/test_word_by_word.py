"""A digit built word by word: the sums are torch's, whichever words are on."""

import pytest
import torch
from gestures import PHONE, ink, milliseconds, numbers, slow_phone, typed
from playwright.sync_api import expect
from trained import dictionary, digits


@torch.no_grad()
def drawn(digit, count, without=()):
    """What the network draws of the largest words, and its error."""
    image = digits()[0][digit : digit + 1]
    code = dictionary().encode(image)
    order = code[0].argsort(descending=True)
    kept = [unit for i, unit in enumerate(order[:count].tolist()) if i not in without]
    mask = torch.zeros_like(code)
    mask[0, kept] = 1
    picture = dictionary().decode(code * mask)
    return picture, (picture - image).square().mean().item()


def error(page):
    return numbers(page.locator("figcaption").last.inner_text())[-1]


def test_the_sum_so_far_is_the_network_s(show):
    page = show("word_by_word")
    for count in range(4):
        picture, expected = drawn(0, count)
        assert error(page) == pytest.approx(expected, abs=0.0001)
        shown = ink(page.locator(".ae-picture canvas").last)
        torch.testing.assert_close(shown, picture.flatten().clamp(0, 1), atol=0.01, rtol=0)
        page.get_by_role("button", name="Next word").click()
    page.get_by_role("button", name="Previous word").click()
    assert error(page) == pytest.approx(drawn(0, 3)[1], abs=0.0001)


def test_any_k_is_the_network_with_that_k(show):
    page = show("word_by_word")
    image = digits()[0][:1]
    for k in (3, 8, 10):
        page.get_by_label("Words k, typed").fill(str(k))
        page.get_by_role("button", name="All words").click()
        sparse = dictionary()
        sparse.encoder[-1].k = k
        expected = (sparse.reconstruct(image) - image).square().mean().item()
        sparse.encoder[-1].k = 12
        assert error(page) == pytest.approx(expected, abs=0.0001)
        expect(page.locator(".ae-words button")).to_have_count(k)


def test_a_word_is_switched_off_and_on(show):
    page = show("word_by_word")
    page.get_by_role("button", name="All words").click()
    before, say = error(page), page.locator(".ae-say")
    second = page.get_by_role("button", name="Word 2,")
    expect(second).to_have_attribute("aria-pressed", "true")
    second.click()
    expect(second).to_have_attribute("aria-pressed", "false")
    expect(say).to_contain_text("All 8, without word 2:")
    assert error(page) == pytest.approx(drawn(0, 8, without=[1])[1], abs=0.0001)
    second.focus()
    page.keyboard.press("Enter")
    expect(second).to_have_attribute("aria-pressed", "true")
    assert error(page) == before


def test_another_digit_begins_with_an_empty_page(show):
    page = show("word_by_word")
    page.get_by_role("button", name="All words").click()
    page.get_by_role("button", name="Word 1,").click()
    page.get_by_role("button", name="Previous digit").click()  # from the first to the last
    expect(page.locator(".ae-say")).to_contain_text("before any word")
    assert error(page) == pytest.approx(drawn(4, 0)[1], abs=0.0001)
    page.get_by_role("button", name="All words").click()
    assert error(page) == pytest.approx(drawn(4, 8)[1], abs=0.0001)


def test_what_cannot_be_a_number_of_words_is_refused(show):
    page = show("word_by_word")
    page.get_by_label("Words k, typed").fill("2.5")
    expect(page.get_by_text("Words k: a whole number from 1 to")).to_be_visible()
    expect(page.locator(".ae-words button")).to_have_count(8)


@pytest.mark.timing
def test_it_answers_at_once_on_a_slow_phone(show):
    page = show("word_by_word", **PHONE)
    slow_phone(page)
    slider = page.get_by_role("slider", name="Words k", exact=True)
    took = milliseconds(slider, typed("10 - i"))
    assert took < 100
