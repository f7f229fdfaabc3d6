"""The first page: cards that say how far a reader has come, and a figure that moves once."""

from playwright.sync_api import expect


def test_a_chapter_read_to_its_end_and_answers_are_marked_on_its_card(open_page, address):
    page = open_page(f"{address}/book/intro.html")
    expect(page.locator(".ae-cards li").first).to_be_visible()
    assert page.locator(".ae-progress").count() == 0
    page.goto(f"{address}/book/12-pca.html")
    page.locator("#what-holds").scroll_into_view_if_needed()
    page.wait_for_function("localStorage.getItem('ae-read:12-pca.html') === 'yes'")
    page.goto(f"{address}/book/questions/12-pca.html")
    page.locator(".ae-question summary").first.click()
    expect(page.locator(".ae-score")).to_contain_text("1 of 10 answered")  # and with it, kept
    page.goto(f"{address}/book/intro.html")
    marks = page.locator(".ae-progress")
    expect(marks).to_have_count(1)
    expect(marks).to_have_text("✓ read, 1 of its questions answered")
    expect(page.locator(".ae-cards li", has=marks).locator("a")).to_have_text(
        "1.2 PCA as an autoencoder"
    )


def test_what_else_the_browser_keeps_does_no_harm(open_page, address):
    page = open_page(f"{address}/book/intro.html")
    page.evaluate("localStorage.setItem('ae-questions:12-pca.html', 'no answers')")
    page.reload()
    expect(page.locator(".ae-cards li a").first).to_be_visible()
    assert page.locator(".ae-progress").count() == 0


def test_a_card_leads_to_its_chapter_wherever_one_taps(open_page, address):
    page = open_page(f"{address}/book/intro.html", viewport={"width": 320, "height": 700})
    page.locator(".ae-cards li", has_text="1.3").locator("img").click(force=True)
    expect(page).to_have_url(f"{address}/book/13-nonlinear-pca.html")


def test_the_first_figure_moves_by_itself_once(open_page, address):
    page = open_page(f"{address}/book/intro.html", viewport={"width": 1280, "height": 900})
    stop = page.get_by_role("button", name="Stop", exact=True)
    expect(stop).to_be_visible()
    way = page.get_by_label("Move along the path")
    page.wait_for_function("way => 20 < way.value && way.value < 95", arg=way.element_handle())
    expect(page.get_by_role("button", name="Play the path")).to_be_visible()  # at its end
    page.reload()
    expect(page.get_by_role("button", name="Play the path")).to_be_visible()
    expect(stop).to_have_count(0)


def test_where_motion_is_not_wanted_it_waits(open_page, address):
    page = open_page(f"{address}/book/intro.html", reduced_motion="reduce")
    page.get_by_label("Move along the path").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Play the path")).to_be_visible()
    assert page.evaluate("localStorage.getItem('ae-moved')") is None


def test_nothing_jumps_when_the_figure_comes_late(open_page, address):
    page = open_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    held = []
    page.route("**/_static/figures/*.js", lambda script: held.append(script))
    page.goto(f"{address}/book/intro.html", wait_until="commit")
    below = page.locator(".ae-cards li").first
    expect(below).to_be_visible()
    expect(page.get_by_text("A still picture")).to_be_visible()
    before = below.bounding_box()["y"]
    for script in held:
        script.continue_()
    expect(page.get_by_label("Move along the path")).to_be_visible()
    assert held
    assert abs(below.bounding_box()["y"] - before) < 16
