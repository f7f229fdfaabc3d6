"""The meaning of a term: where a finger taps it, and as a tooltip for a mouse."""

import re

import pytest
from gestures import PHONE
from playwright.sync_api import expect

NAME = "book/12-pca"


@pytest.fixture
def phone(open_page, address):
    return open_page(f"{address}/{NAME}.html", **PHONE)


def test_a_tap_opens_the_meaning_and_a_second_one_follows_the_link(phone, address):
    term = phone.locator("a.ae-term").first
    term.tap()
    meaning = phone.locator(".ae-meaning")
    expect(meaning).to_have_text(term.get_attribute("title"))
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
    phone.locator("a.ae-term").nth(1).tap()
    expect(meaning).to_have_count(1)
    expect(meaning).to_have_text(phone.locator("a.ae-term").nth(1).get_attribute("title"))
    phone.locator("article h1").tap()
    expect(meaning).to_have_count(0)
    term.tap()
    term.tap()
    expect(phone).to_have_url(re.compile(r"/book/glossary\.html#"))


def test_with_a_mouse_one_click_follows_the_link(open_page, address):
    page = open_page(f"{address}/{NAME}.html")
    term = page.locator("a.ae-term").first
    assert term.get_attribute("title")
    term.click()
    expect(page).to_have_url(re.compile(r"/book/glossary\.html#"))
