"""What holds for each interactive figure, whatever it shows."""

import re

import pytest
from gestures import PHONE, drag, two_frames
from playwright.sync_api import expect
from trained import EXAMPLES, example

each = pytest.mark.parametrize("name", EXAMPLES)


def parts(html):
    """The place and the script of an output."""
    return re.fullmatch(r"(<div.*?</div>)\n(<script>.*)", html, re.S).groups()


@each
def test_a_figure_fits_and_anyone_can_read_it(show, axe, name):
    page = show(name, viewport={"width": 320, "height": 800})
    page.evaluate("document.querySelector('h1').style.color = 'grey'")  # not the figure's
    for paper, widths in (("white", (320, 390, 900)), ("#121212", (900, 390, 320))):
        page.evaluate("(paper) => { document.body.style.background = paper }", paper)
        expect(page.locator(".ae-figure.ae-dark")).to_have_count(int(paper != "white"))
        for width in widths:  # axe reads the last
            page.set_viewport_size({"width": width, "height": 800})
            two_frames(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [found for found in axe(page) if "<h1" not in found[1]] == []


def test_the_checker_finds_a_pale_word_among_many(open_page, axe):
    words = (
        "<p>dark</p>" * 3 + "<p style='color: #bbb'>pale</p>" + "<p>dark <i class=x>pale</i></p>"
    )
    page = open_page(content=f"<style>.x {{ color: #bbb }}</style>{words}")
    assert [rule for rule, _ in axe(page)] == ["color-contrast"] * 2


@each
def test_a_finger_meets_44_pixels_and_pinching_is_left_to_the_browser(show, name):
    page = show(name, **PHONE)
    small = page.evaluate(
        """() => [...document.querySelectorAll(".ae-figure :is(button, summary, textarea, input)")]
        .map((one) => one.closest("label") || one)
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
        .map((one) => one.outerHTML)"""
    )
    assert small == []
    actions = page.locator(".ae-figure *").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).touchAction)"
    )
    assert not {action for action in actions if action != "auto" and "pinch-zoom" not in action}


@each
def test_every_control_has_words_and_can_be_reached_by_keyboard(show, name):
    page = show(name)
    words = page.locator(".ae-figure").inner_text() + "".join(
        page.locator(".ae-figure [aria-label]").evaluate_all(
            "(all) => all.map((one) => one.getAttribute('aria-label'))"
        )
    )
    assert not re.search("undefined|NaN|null|object", words)
    controls = page.locator(
        ".ae-figure :is(button, summary, textarea, input, canvas[tabindex], "
        "[role=group][tabindex], [role=slider][tabindex])"
    )
    wanted = controls.evaluate_all(
        "(all) => all.filter((one) => one.checkVisibility() && !one.disabled "
        "&& (one.type !== 'radio' || one.checked)).length"
    )
    for _ in range(wanted + 3):  # and round again
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.ae-figure') !== null"):
            outline = "getComputedStyle(document.activeElement).outlineStyle"
            assert page.evaluate(outline) == "solid"
            page.evaluate("document.activeElement.setAttribute('data-seen', '')")
    assert page.locator("[data-seen]").count() == wanted


def test_a_sentence_that_changes_often_is_said_once(show):
    page = show("outlier_meter", fresh=True)
    page.clock.install()
    page.evaluate(
        """() => { window.said = 0; for (const status of document.querySelectorAll("[role=status]"))
        new MutationObserver((all) => { window.said += all.length; }).observe(status,
          { childList: true, subtree: true, characterData: true }); }"""
    )
    drag(page, page.locator(".ae-plane"), *[(0.2 + 0.1 * i, 0.3) for i in range(6)])
    page.clock.run_for(1200)
    assert 1 <= page.evaluate("window.said") <= 2


@pytest.mark.parametrize(
    ("name", "late"), [*((name, False) for name in EXAMPLES), ("noise_slider", True)]
)
def test_two_copies_live_side_by_side(open_page, name, late):
    place, script = parts(example(name).html)
    html = script + script + place + place if late else 2 * (place + script)
    page = open_page(content=html)
    expect(page.locator(".ae-figure")).to_have_count(2)
    # what one of them says aloud may come a moment later
    page.wait_for_function(
        """() => { const [one, other] = document.querySelectorAll(".ae-figure");
        return one.innerText === other.innerText; }"""
    )
    radios = page.locator("input[type=radio]")
    if radios.count():
        page.locator(".ae-figure").nth(0).locator("input[type=radio]").first.check()
        chosen = page.locator("input[type=radio]:checked")
        groups = page.locator("fieldset")
        expect(chosen).to_have_count(groups.count())  # no group took another's choice


@pytest.mark.parametrize(
    ("paper", "dark"),
    [
        ("#fafafa", 0),
        ("rgba(0, 0, 0, 0.9)", 1),
        ("rgba(0, 0, 0, 0.1)", 0),
        ("color-mix(in srgb, white 95%, black)", 0),
        ("color(display-p3 0.1 0.1 0.1)", 1),
        ("oklch(0.2 0 0)", 1),
        ("oklab(0.9 none none)", 0),
        ("lab(15 2 3)", 1),
        ("transparent", 0),
    ],
)
def test_any_way_of_writing_a_colour_is_understood(show, paper, dark):
    page = show("temperature_by_hand")
    page.evaluate("(paper) => { document.body.style.background = paper }", paper)
    two_frames(page)
    expect(page.locator(".ae-figure.ae-dark")).to_have_count(dark)


def test_no_colour_is_read_from_a_canvas(show):
    """A browser that resists fingerprinting, as Tor's does, gives noise for pixels."""
    page = show("temperature_by_hand")
    page.evaluate(
        """() => { CanvasRenderingContext2D.prototype.getImageData = () => { throw Error("noise") };
        document.body.style.background = "#121212"; }"""
    )
    two_frames(page)
    expect(page.locator(".ae-figure.ae-dark")).to_have_count(1)


def test_a_figure_that_was_away_while_the_colours_changed_follows(show):
    page = show("latent_explorer")
    page.evaluate(
        """() => { const place = document.querySelector("[data-ae-figure]");
        window.back = () => document.querySelector("main").append(place); place.remove();
        document.body.style.background = "#121212"; }"""
    )
    two_frames(page)
    page.evaluate("window.back()")
    expect(page.locator(".ae-figure.ae-dark")).to_have_count(1)


@each
def test_without_scripts_there_is_a_picture_with_words(open_page, name):
    page = open_page(content=example(name).html, java_script_enabled=False)
    image = page.locator("img")
    expect(image).to_be_visible()
    assert len(image.get_attribute("alt").split()) >= 8
    expect(page.get_by_text("A still picture")).to_be_visible()


@each
def test_in_a_sandbox_where_the_script_comes_before_its_place(open_page, name):
    place, script = parts(example(name).html)
    late = f"setTimeout(() => document.body.insertAdjacentHTML('beforeend', {place!r}), 100)"
    inner = f"<body>{script}<script>{late}</script></body>"
    page = open_page(content="<iframe sandbox='allow-scripts' width=800 height=700></iframe>")
    page.evaluate("(html) => { document.querySelector('iframe').srcdoc = html }", inner)
    expect(page.frame_locator("iframe").locator(".ae-figure")).to_be_visible()
    expect(page.frame_locator("iframe").locator("img")).to_have_count(0)
