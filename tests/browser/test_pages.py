"""The built book in a browser: light and dark, wide and narrow, served and from disk."""

import re
from pathlib import PurePosixPath

import pytest
from book_pages import (
    FIGURES,
    KINDS,
    LANDING,
    LESSONS,
    PAGES,
    TRIED,
    VISITED,
    hidden,
    settle,
    switch,
)
from gestures import two_frames
from playwright.sync_api import expect

LIVE = [name for name in TRIED if name in FIGURES]


def folder(name):
    return str(PurePosixPath(name).parent)


FOLDERS = sorted({folder(name) for name in PAGES})
TEN = [VISITED[i : i + 10] for i in range(0, len(VISITED), 10)]  # for two processes to share


def test_every_folder_of_pages_has_a_kind_that_is_tried():
    assert sorted({folder(name) for name in KINDS}) == FOLDERS
    assert set(KINDS) <= set(PAGES)


def lesson_asks_for_a_guess_and_folds(page):
    expect(page.get_by_label("Your guess, in a line")).to_have_count(1)
    expect(page.locator("#what-holds .ae-guessed")).to_have_count(1)
    every = page.locator("article div.cell > .cell_input").count()
    switch(page).click()
    assert 4 <= len(hidden(page)) <= every - 4
    switch(page).click()  # it is remembered, and the next lesson is to begin open


@pytest.mark.parametrize("names", TEN, ids=lambda names: names[0])
def test_pages_are_quiet_no_wider_than_a_screen_and_keep_their_policy(open_page, address, names):
    page = open_page(
        "about:blank",
        bypass_csp=False,
        color_scheme="dark",
        reduced_motion="reduce",  # no sidebar on its way out
    )
    wide = []
    for name in names:
        page.goto(f"{address}/{name}.html")
        settle(page, name)
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page.locator(".ae-figure.ae-dark")).to_have_count(FIGURES.get(name, 0))
        for width in (320, 390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            two_frames(page)
            needed = page.evaluate("document.documentElement.scrollWidth")
            if needed > width:
                wide.append((name, width, needed))
        if name in LESSONS:
            lesson_asks_for_a_guess_and_folds(page)
    assert wide == []


@pytest.mark.parametrize("name", TRIED)
def test_a_page_is_accessible_in_light_and_dark(open_page, address, axe, name):
    page = open_page(
        f"{address}/{name}.html",
        viewport={"width": 1280, "height": 844},
        reduced_motion="reduce",  # no colour on its way to another
    )
    settle(page, name)
    assert axe(page) == []
    page.emulate_media(color_scheme="dark")  # the theme follows
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    page.set_viewport_size({"width": 390, "height": 844})
    two_frames(page)
    assert axe(page) == []


def test_the_policy_lets_a_page_s_own_scripts_run(open_page, address):
    page = open_page(f"{address}/{LANDING}.html", bypass_csp=False)
    expect(page.locator(".ae-figure button:visible").first).to_be_visible()
    page.get_by_role("button", name="Fullscreen").click()  # its script stands in an attribute
    expect(page.locator(":fullscreen")).to_have_count(1)


@pytest.mark.parametrize("name", LIVE)
def test_figures_live_when_the_page_is_opened_from_disk(open_page, site, name):
    page = open_page(f"file://{site}/{name}.html")
    settle(page, name)
    # a page from disk may not load a module or fetch a font; the figures need neither
    refused = re.compile("CORS policy|net::ERR_FAILED|Not allowed to load|A preload for 'file:")
    page.complaints[:] = [text for text in page.complaints if not refused.search(text)]
    page.locator(".ae-figure button").first.click()


@pytest.mark.parametrize("name", LIVE)
def test_figures_follow_the_book_s_light_switch(open_page, address, name):
    page = open_page(f"{address}/{name}.html", color_scheme="light")
    settle(page, name)
    expect(page.locator(".ae-figure.ae-dark")).to_have_count(0)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    expect(page.locator(".ae-figure.ae-dark")).to_have_count(FIGURES[name])


def test_without_scripts_the_page_shows_pictures(open_page, address):
    page = open_page(f"{address}/book/14-deep-autoencoder.html", java_script_enabled=False)
    places = page.locator("[data-ae-figure]")
    assert places.count() == 1
    for place in places.all():
        expect(place.locator("img")).to_be_visible()
    page.goto(f"{address}/book/12-pca.html")
    formula = page.locator("math[display=block]").last.bounding_box()
    assert formula["height"] > 30  # fractions and braces stand above and below the line


def test_without_scripts_a_phone_has_a_way_on_and_no_dead_buttons(open_page, address):
    page = open_page(
        f"{address}/book/12-pca.html",
        java_script_enabled=False,
        viewport={"width": 390, "height": 844},
    )
    expect(page.locator("button:visible")).to_have_count(0)
    page.get_by_role("link", name="All chapters").click()
    expect(page).to_have_url(f"{address}/book/intro.html#the-chapters")


def test_figures_are_on_the_printed_page(open_page, address):
    page = open_page(f"{address}/book/14-deep-autoencoder.html", color_scheme="dark")
    settle(page, "book/14-deep-autoencoder")
    root, picture = page.locator("html"), page.locator(".cell_output img").first
    expect(root).to_have_attribute("data-theme", "dark")
    expect(picture).not_to_have_css("filter", "none")
    page.emulate_media(media="print")
    expect(page.locator(".ae-figure canvas").first).to_be_visible()
    expect(page.locator(".ae-figure button").first).to_be_hidden()
    expect(root).to_have_attribute("data-theme", "light")  # paper is white
    expect(picture).to_have_css("filter", "none")
    page.emulate_media(media="screen")
    expect(root).to_have_attribute("data-theme", "dark")


def test_search_finds_the_word_then_the_chapter_that_explains_it(open_page, address):
    page = open_page(f"{address}/search.html?q=temperature")
    expect(page.locator(".search-summary")).to_contain_text("Search finished")
    results = page.locator("#search-results li")
    expect(results.nth(0)).to_contain_text("Words and symbols")
    expect(results.nth(1)).to_contain_text("3.2 Writing")
