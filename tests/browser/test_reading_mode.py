"""Reading mode folds plots and checks, nothing that a lesson builds, and is remembered."""

import pytest
from book_pages import hidden, switch
from playwright.sync_api import expect

NAME, OTHER = "book/12-pca", "book/21-robustness"


@pytest.fixture
def page(open_page, address):
    return open_page(f"{address}/{NAME}.html")


def test_at_first_all_code_is_shown(page):
    expect(switch(page)).to_have_attribute("aria-pressed", "false")
    assert hidden(page) == []
    expect(page.locator(".ae-unfold:visible")).to_have_count(0)


def test_what_the_lesson_builds_stays_and_the_rest_folds(page, address):
    switch(page).click()
    folded = hidden(page)
    assert not [code for code in folded if code.startswith("import ")]  # they fold on every page
    assert any("plt.show()" in code for code in folded)
    assert any("ae.claim(" in code for code in folded)
    assert not [code for code in folded if code.startswith(("def ", "class "))]
    shown = page.locator("article div.cell > .cell_input:visible").all_inner_texts()
    assert any("def " in code for code in shown)

    first = page.locator(".ae-unfold").first
    expect(first).to_have_text("Show the code of this plot")
    first.focus()
    page.keyboard.press("Enter")
    expect(first).to_have_text("Hide the code of this plot")
    expect(first).to_have_attribute("aria-expanded", "true")
    assert len(hidden(page)) == len(folded) - 1

    page.goto(f"{address}/{OTHER}.html")
    expect(switch(page)).to_have_attribute("aria-pressed", "true")
    assert hidden(page)
    switch(page).click()
    assert hidden(page) == []


def test_on_a_narrow_phone_the_switch_fits(open_page, address):
    page = open_page(f"{address}/{NAME}.html", viewport={"width": 320, "height": 700})
    switch(page).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
