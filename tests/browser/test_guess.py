"""A guess is written down at the question, kept in the browser, and shown again at the end."""

import pytest
from book_pages import LESSONS
from playwright.sync_api import expect

NAME, OTHER = LESSONS[0], LESSONS[1]


def box(page):
    return page.get_by_label("Your guess, in a line")


def said(page):
    return page.locator("#what-holds .ae-guessed")


@pytest.fixture
def page(open_page, address):
    return open_page(f"{address}/{NAME}.html")


def test_a_guess_is_kept_and_shown_where_the_lesson_says_what_holds(page, address):
    expect(said(page)).to_be_hidden()
    box(page).fill("sixty <b>of</b> a hundred")
    expect(said(page)).to_have_text("Your guess was: sixty <b>of</b> a hundred")
    page.reload()
    expect(box(page)).to_have_value("sixty <b>of</b> a hundred")
    expect(said(page)).to_be_visible()
    said(page).get_by_role("link").click()
    expect(box(page)).to_be_in_viewport()
    page.goto(f"{address}/{OTHER}.html")
    expect(box(page)).to_have_value("")
    page.goto(f"{address}/{NAME}.html")
    box(page).fill("  ")
    expect(said(page)).to_be_hidden()
    page.reload()
    expect(box(page)).to_have_value("")


def test_without_storage_it_lasts_as_long_as_the_page(open_page, address):
    page = open_page(f"{address}/{OTHER}.html")
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); } }")
    box(page).fill("two")
    expect(said(page)).to_have_text("Your guess was: two")
