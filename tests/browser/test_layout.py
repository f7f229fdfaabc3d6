"""What a reader sees and reaches: on a desk, on a phone, on paper, by keyboard and by finger."""

import pytest
from playwright.sync_api import expect

WORDS = "book/33-words-from-context"

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}


# until the page has not moved for ten frames: a swipe goes on by itself
STILL = """() => new Promise((done) => {
  let [last, count] = [scrollY, 0];
  const look = () => {
    count = scrollY === last ? count + 1 : 0;
    last = scrollY;
    count < 10 ? requestAnimationFrame(look) : done();
  };
  look();
})"""


def swipe(page, start, end):
    """One finger, from a place on the screen to another."""
    session = page.context.new_cdp_session(page)
    for step in range(9):
        x, y = (a + (b - a) * step / 8 for a, b in zip(start, end, strict=True))
        kind = "touchMove" if step else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_finger_scrolls_the_page_over_the_plane_and_drags_the_ring(open_page, address):
    page = open_page(f"{address}/book/12-pca.html", **PHONE)
    plane = page.locator(".ae-plane")
    plane.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    box = plane.bounding_box()
    before = page.evaluate("scrollY"), plane.get_attribute("aria-valuetext")
    x, y = box["x"] + 12, box["y"] + box["height"] - 12  # the corner is far from the ring
    swipe(page, (x, y), (x, y - 200))
    page.wait_for_function("(before) => scrollY > before + 100", arg=before[0])
    page.evaluate(STILL)
    assert plane.get_attribute("aria-valuetext") == before[1]
    plane.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    box = plane.bounding_box()
    x, y = box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"]
    page.touchscreen.tap(x, y)  # the ring comes here, or to the digit at this place
    page.evaluate(STILL)
    before = page.evaluate("scrollY"), plane.get_attribute("aria-valuetext")
    swipe(page, (x, y), (x + 30, y - 90))
    assert plane.get_attribute("aria-valuetext") != before[1]
    assert page.evaluate("scrollY") == before[0]


def test_the_landing_page_shows_where_to_start_and_what_to_play(open_page, address):
    page = open_page(f"{address}/book/intro.html", viewport={"width": 1440, "height": 900})
    for part in (
        page.get_by_role("link", name="Start with 1.1"),
        page.locator(".ae-figure .ae-main"),  # it plays the path by itself, the first time
    ):
        box = part.bounding_box()
        assert box["y"] + box["height"] < 900
    text, figure = page.locator(".bd-article h1"), page.locator(".ae-figure")
    assert figure.bounding_box()["x"] == pytest.approx(text.bounding_box()["x"], abs=1)
    assert 10 < int(page.locator(".ae-plane").get_attribute("aria-valuenow")) < 90
    expect(page.get_by_role("button", name="Play the path from the 0 to the 1")).to_be_visible()


def test_the_plane_says_an_eight_and_who_else_is_near(open_page, address):
    page = open_page(f"{address}/book/14-deep-autoencoder.html")
    following = page.get_by_role("button", name="Next digit").first
    chosen = page.locator("figcaption", has_text="Chosen digit")
    for _ in range(60):
        following.click()
        if chosen.first.inner_text().endswith("8"):
            break
    expect(chosen.first).to_have_text("Chosen digit: an 8")
    said = page.locator(".ae-say").first
    expect(said).to_contain_text("the nearest test digit is an 8. Of the ten nearest")


def test_the_figure_of_the_temperature_keeps_its_lines_together(open_page, address):
    page = open_page(f"{address}/book/32-writing.html", viewport={"width": 1440, "height": 900})
    assert page.locator(".ae-figure").first.bounding_box()["height"] < 600


def test_the_keyboard_s_place_shows_on_every_button_of_the_header(open_page, address):
    page = open_page(f"{address}/book/12-pca.html", viewport={"width": 1440, "height": 900})
    buttons = page.locator(".bd-header-article button:visible")
    assert buttons.count() >= 4
    for button in buttons.all():
        button.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        expect(button).to_be_focused()
        expect(button).to_have_css("outline", "rgb(11, 110, 153) solid 3px")


@pytest.mark.parametrize("width", [390, 1280, 1440])
def test_no_line_of_code_is_cut(open_page, address, width):
    page = open_page(f"{address}/book/32-writing.html", viewport={"width": width, "height": 900})
    code = page.locator(".cell_input pre:visible")
    assert code.count() > 10
    cut = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).length"
    assert code.evaluate_all(cut) == 0
    # a line that goes on below does so further in than it began
    rows = code.locator(".ae-line", has_text="Categorical(logits").first
    lefts = rows.evaluate(
        "(one) => [...one.querySelectorAll('span')].map((part) => part.getBoundingClientRect().x)"
    )
    assert lefts.index(min(lefts)) == 0


def test_a_figure_on_a_phone_keeps_its_labels_readable(open_page, address):
    page = open_page(f"{address}/book/32-writing.html", **PHONE)
    pictures = page.locator(".ae-zoom img")
    widths = pictures.evaluate_all(
        "(all) => all.map((one) => [one.width, +one.getAttribute('width')])"
    )
    assert len(widths) >= 3
    assert all(shown >= 0.54 * full for shown, full in widths)
    assert max(shown for shown, _ in widths) > 390
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("width", [390, 1280])
def test_no_picture_is_stretched(open_page, address, width):
    page = open_page(f"{address}/{WORDS}.html", viewport={"width": width, "height": 900})
    pictures = page.locator(".cell_output img")
    assert pictures.count() >= 5
    stretched = pictures.evaluate_all(
        """async (all) => {
        for (const one of all) one.loading = "eager";
        await Promise.all(all.map((one) => one.decode()));
        return all.map((one) => (one.naturalWidth * one.clientHeight)
          / (one.naturalHeight * one.clientWidth));
        }"""
    )
    assert stretched == [pytest.approx(1, abs=0.01)] * len(stretched)


def test_paper_has_every_column_and_no_empty_frame(open_page, address):
    page = open_page(
        f"{address}/book/evidence/21-robustness.html", viewport={"width": 720, "height": 1000}
    )
    page.emulate_media(media="print")
    tables = page.locator(".bd-article table:visible")
    assert tables.count() > 3
    lost = """(all) => all.filter((one) => {
      const box = one.closest(".output") || one.parentElement;
      return one.scrollWidth > one.clientWidth || one.offsetWidth > box.clientWidth + 1;
    }).length"""
    assert tables.evaluate_all(lost) == 0
    expect(page.locator(".cell_input:visible").last).to_have_css("break-inside", "avoid")


def test_a_link_within_the_page_arrives_at_once(open_page, address):
    page = open_page(f"{address}/book/12-pca.html", viewport={"width": 1440, "height": 900})
    page.wait_for_load_state("load")
    reached = page.locator(".bd-toc a").last.evaluate(
        """async (link) => {
        link.click();
        await new Promise((done) => setTimeout(done, 100));
        const first = scrollY;
        await new Promise((done) => setTimeout(done, 400));
        return [first, scrollY];
      }"""
    )
    assert reached[0] > 1000
    assert reached[1] == pytest.approx(reached[0], abs=300)  # pictures above may still come


def test_search_puts_the_chapter_before_what_speaks_about_it(open_page, address):
    page = open_page(f"{address}/search.html?q=robustness")
    results = page.locator("#search-results li > a")
    expect(results.filter(has_text="For teachers").first).to_be_visible()
    assert results.first.inner_text() == "2.1 Robustness to noise"
