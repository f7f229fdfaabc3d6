"""A page of questions in a browser: mouse and keyboard, a score that stays, and no scripts."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

NAMES = sorted(p.stem for p in (Path(__file__).parents[2] / "book" / "questions").glob("*.md"))
NONE = "None of 10 answered yet."


@pytest.fixture
def page(open_page, address):
    return open_page(f"{address}/book/questions/{NAMES[0]}.html")


def test_the_first_answer_counts_and_is_remembered(page):
    score = page.get_by_role("status")
    expect(score).to_have_text(NONE)
    first = page.locator(".ae-question").first
    first.locator(".ae-wrong summary").first.click()
    expect(first.locator(".ae-wrong").first).to_contain_text("No.")
    expect(score).to_have_text("1 of 10 answered, 0 right at the first try.")
    first.locator(".ae-right summary").click()
    expect(score).to_have_text("1 of 10 answered, 0 right at the first try.")
    page.locator(".ae-question").nth(1).locator(".ae-right summary").click()
    expect(score).to_have_text("2 of 10 answered, 1 right at the first try.")
    page.reload()
    expect(score).to_have_text("2 of 10 answered, 1 right at the first try.")
    page.get_by_role("button", name="Start again").click()
    expect(score).to_have_text(NONE)
    expect(page.locator(".ae-question details[open]")).to_have_count(0)
    expect(page.locator(".ae-question summary").first).to_be_focused()


def test_every_answer_opens_by_keyboard(page):
    answers = page.locator(".ae-question details")
    answers.first.locator("summary").focus()
    for number in range(answers.count()):
        page.keyboard.press("Enter" if number % 2 else "Space")
        expect(answers.nth(number)).to_have_attribute("open", "")
        page.keyboard.press("Tab")
    expect(page.get_by_role("status")).to_have_text(re.compile("^10 of 10 answered"))


def test_pages_keep_scores_of_their_own(page, address):
    page.locator(".ae-question summary").first.click()
    expect(page.get_by_role("status")).to_have_text(re.compile("^1 of 10"))
    page.goto(f"{address}/book/questions/{NAMES[1]}.html")
    expect(page.get_by_role("status")).to_have_text(NONE)


@pytest.mark.parametrize("kept", ["not json", "[]", '{"0": 99, "77": 1}', "null"])
def test_a_score_that_is_none_is_no_trouble(page, kept):
    key = f"ae-questions:{NAMES[0]}.html"
    page.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [key, kept])
    page.reload()
    expect(page.get_by_role("status")).to_have_text(NONE)
    page.locator(".ae-question summary").first.click()
    expect(page.get_by_role("status")).to_have_text(re.compile("^1 of 10"))


def test_without_storage_the_score_lasts_as_long_as_the_page(open_page, address):
    page = open_page("about:blank")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused'); }})"
    )
    # the theme's own scripts complain about it; the questions must not
    page.goto(f"{address}/book/questions/{NAMES[0]}.html")
    page.locator(".ae-question summary").first.click()
    expect(page.get_by_role("status")).to_have_text(re.compile("^1 of 10"))
    page.complaints.clear()


def test_without_scripts_answers_open_all_the_same(open_page, address):
    page = open_page(f"{address}/book/questions/{NAMES[0]}.html", java_script_enabled=False)
    answer = page.locator(".ae-question details").first
    answer.locator("summary").click()
    expect(answer).to_contain_text(re.compile(r"(Right|No)\."))
    expect(page.locator(".ae-score")).to_have_count(0)
