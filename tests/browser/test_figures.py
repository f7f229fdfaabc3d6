"""Each figure by mouse, touch and keyboard, and what it does when it is asked for nonsense."""

import re

import pytest
import torch
from playwright.sync_api import expect
from trained import digits, figures, planes, writer

import ae_course as ae
from ae_course import widgets

NAMES = [
    "latent_explorer",
    "draw_a_digit",
    "outlier_meter",
    "text_writer",
    "temperature_by_hand",
]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
each = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def show(open_page):
    """show(name, **options): a page with one figure on it, alive."""

    def show(name, **options):
        page = open_page(content=figures()[name].html, **options)
        expect(page.locator(".ae-figure")).to_be_visible()
        return page

    return show


def drag(page, locator, *places):
    """Press at the first place, from 0 to 1 each way, go through the others, and let go."""
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=5)
    page.mouse.up()


def touch(page, locator, *places):
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    session = page.context.new_cdp_session(page)
    kinds = ["touchStart", *["touchMove"] * (len(places) - 1)]
    for kind, (x, y) in zip(kinds, places, strict=True):
        point = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def parts(html):
    """The place and the script of an output."""
    return re.fullmatch(r"(<div.*?</div>)\n(<script>.*)", html, re.S).groups()


def pixels(locator):
    return locator.evaluate(
        "(c) => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )


def ink(locator, paper=255):
    """A picture's values from 0, the paper, to 1."""
    return (paper - torch.tensor(pixels(locator)).view(-1, 4)[:, 0].float()) / 255


def numbers(text):
    return [float(value.replace("−", "-")) for value in re.findall(r"−?\d+(?:\.\d+)?", text)]


# ---------------------------------------------------------------- all of them


@each
@pytest.mark.parametrize("width", [320, 390, 900])
@pytest.mark.parametrize("paper", ["white", "#121212"])
def test_a_figure_fits_and_anyone_can_read_it(show, axe, name, width, paper):
    page = show(name, viewport={"width": width, "height": 800})
    page.evaluate("(paper) => { document.body.style.background = paper }", paper)
    expect(page.locator(".ae-figure.ae-dark")).to_have_count(int(paper != "white"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    heading = "document.querySelector('h1').style.color = 'grey'"
    page.evaluate(heading)
    assert [found for found in axe(page) if "<h1>" not in found[1]] == []


@each
def test_what_is_touched_has_44_pixels(show, name):
    page = show(name, **PHONE)
    small = page.evaluate(
        """() => [...document.querySelectorAll(".ae-figure :is(button, summary, textarea, input)")]
        .map((one) => one.closest("label") || one)
        .filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"""
    )
    assert small == []


@each
def test_every_control_can_be_reached_by_keyboard_and_shows_it(show, name):
    page = show(name)
    controls = page.locator(
        ".ae-figure :is(button, summary, textarea, input, canvas[tabindex], [role=group][tabindex])"
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


@each
def test_nothing_is_undefined(show, name):
    page = show(name)
    words = page.locator(".ae-figure").inner_text() + "".join(
        page.locator(".ae-figure [aria-label]").evaluate_all(
            "(all) => all.map((one) => one.getAttribute('aria-label'))"
        )
    )
    assert not re.search("undefined|NaN|null|object", words)


def test_a_sentence_that_changes_often_is_said_once(show):
    page = show("outlier_meter")
    page.evaluate(
        """() => { window.said = 0; for (const status of document.querySelectorAll("[role=status]"))
        new MutationObserver((all) => { window.said += all.length; }).observe(status,
          { childList: true, subtree: true, characterData: true }); }"""
    )
    drag(page, page.locator(".ae-plane"), *[(0.2 + 0.1 * i, 0.3) for i in range(6)])
    page.wait_for_timeout(1200)
    assert page.evaluate("window.said") <= 2


@each
def test_pinching_is_left_to_the_browser(show, name):
    page = show(name, **PHONE)
    actions = page.locator(".ae-figure *").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).touchAction)"
    )
    assert not {action for action in actions if action != "auto" and "pinch-zoom" not in action}


@each
@pytest.mark.parametrize("late", [False, True])
def test_two_copies_live_side_by_side(open_page, name, late):
    place, script = parts(figures()[name].html)
    html = script + script + place + place if late else 2 * (place + script)
    page = open_page(content=html)
    expect(page.locator(".ae-figure")).to_have_count(2)
    states = page.locator(".ae-figure").evaluate_all("(all) => all.map((one) => one.innerText)")
    assert states[0] == states[1]
    radios = page.locator("input[type=radio]")
    if radios.count():
        page.locator(".ae-figure").nth(0).locator("input[type=radio]").first.check()
        chosen = page.locator("input[type=radio]:checked")
        expect(chosen).to_have_count(2)  # neither group took the other's choice


@pytest.mark.parametrize(
    ("paper", "dark"),
    [("color-mix(in srgb, white 95%, black)", 0), ("oklch(0.2 0 0)", 1), ("transparent", 0)],
)
def test_any_way_of_writing_a_colour_is_understood(show, paper, dark):
    page = show("temperature_by_hand")
    page.evaluate("(paper) => { document.body.style.background = paper }", paper)
    page.wait_for_timeout(100)
    expect(page.locator(".ae-figure.ae-dark")).to_have_count(dark)


def test_a_figure_that_was_away_while_the_colours_changed_follows(show):
    page = show("latent_explorer")
    page.evaluate(
        """async () => { const place = document.querySelector("[data-ae-figure]");
        const parent = place.parentElement; place.remove();
        document.body.style.background = "#121212";
        await new Promise((done) => setTimeout(done, 100)); parent.append(place); }"""
    )
    expect(page.locator(".ae-figure.ae-dark")).to_have_count(1)


@each
def test_without_scripts_there_is_a_picture_with_words(open_page, name):
    page = open_page(content=figures()[name].html, java_script_enabled=False)
    image = page.locator("img")
    expect(image).to_be_visible()
    assert len(image.get_attribute("alt").split()) >= 8
    expect(page.get_by_text("A still picture")).to_be_visible()


@each
def test_in_a_sandbox_where_the_script_comes_before_its_place(open_page, name):
    place, script = parts(figures()[name].html)
    late = f"setTimeout(() => document.body.insertAdjacentHTML('beforeend', {place!r}), 400)"
    inner = f"<body>{script}<script>{late}</script></body>"
    page = open_page(content="<iframe sandbox='allow-scripts' width=800 height=700></iframe>")
    page.evaluate("(html) => { document.querySelector('iframe').srcdoc = html }", inner)
    expect(page.frame_locator("iframe").locator(".ae-figure")).to_be_visible()
    expect(page.frame_locator("iframe").locator("img")).to_have_count(0)


@each
def test_a_touch_or_a_key_is_answered_within_a_tenth_of_a_second_on_a_slow_phone(show, name):
    page = show(name, **PHONE)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    took = page.evaluate(
        """async () => {
        const frame = () => new Promise(requestAnimationFrame);
        const target = document.querySelector(".ae-plane, .ae-figure input[type=range]");
        const box = target.getBoundingClientRect();
        const times = [];
        for (let i = 0; i < 20; i++) {
          await frame();
          const began = performance.now();
          if (target.matches("canvas")) {
            const [clientX, clientY] = [box.left + 20 + 8 * i, box.top + 20 + 5 * i];
            const place = { bubbles: true, pointerId: 1, clientX, clientY };
            target.setPointerCapture = () => {};
            target.dispatchEvent(new PointerEvent(i ? "pointermove" : "pointerdown", place));
          } else {
            target.value = target.max * (i / 20);
            target.dispatchEvent(new Event("input", { bubbles: true }));
          }
          await frame();
          times.push(performance.now() - began);
        }
        return times.sort((a, b) => a - b)[17];
      }"""
    )
    assert took < 100


# ---------------------------------------------------------------- the plane


@torch.no_grad()
def test_dragging_draws_what_the_decoder_draws_there(show):
    page = show("latent_explorer")
    plane, drawn = page.locator(".ae-plane"), page.locator(".ae-picture canvas").first
    before = pixels(drawn)
    drag(page, plane, (0.5, 0.5), (0.3, 0.4), (0.62, 0.45))
    assert pixels(drawn) != before
    text = plane.get_attribute("aria-valuetext")
    assert text == page.locator(".ae-say").inner_text()
    x, y = numbers(text)[:2]
    expected = planes()["deep"].decode(torch.tensor([[x, y]])).flatten().clamp(0, 1)
    assert (ink(drawn) - expected).abs().max() < 0.05  # the text has two decimals


def test_a_finger_drags_too_and_the_page_stays(show):
    page = show("latent_explorer", **PHONE)
    plane = page.locator(".ae-plane")
    plane.scroll_into_view_if_needed()
    before, scroll = plane.get_attribute("aria-valuetext"), page.evaluate("scrollY")
    touch(page, plane, (0.5, 0.2), (0.5, 0.4), (0.4, 0.8))
    assert plane.get_attribute("aria-valuetext") != before
    assert page.evaluate("scrollY") == scroll


def test_arrow_keys_walk_and_enter_takes_a_digit(show):
    page = show("latent_explorer")
    plane = page.locator(".ae-plane")
    plane.focus()
    x = numbers(plane.get_attribute("aria-valuetext"))[0]
    page.keyboard.press("ArrowLeft")
    assert numbers(plane.get_attribute("aria-valuetext"))[0] < x
    for _ in range(60):
        page.keyboard.press("Shift+ArrowRight")
    assert plane.get_attribute("aria-valuenow") == "100"  # the edge holds
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]")).to_contain_text(
        re.compile(r"Test digit \d+ of 200, a \d")
    )


@torch.no_grad()
def test_a_digit_stands_beside_its_reconstruction(show):
    page = show("latent_explorer")
    page.get_by_role("button", name="Next digit").click()
    image, label = (part[1] for part in digits())
    model = planes()["deep"]
    pictures = page.locator(".ae-picture canvas")
    assert (ink(pictures.nth(1)) - image.flatten()).abs().max() < 0.01
    redrawn = model(image[None]).flatten()
    assert (ink(pictures.nth(2)) - redrawn.clamp(0, 1)).abs().max() < 0.03
    caption = page.locator("figcaption").nth(2).inner_text()
    error = (redrawn - image.flatten()).square().mean().item()
    assert abs(numbers(caption)[-1] - error) < 2e-3
    expect(page.locator("figcaption").nth(1)).to_have_text(f"Chosen digit: a {label}")


def test_tapping_a_digit_takes_it(show):
    page = show("latent_explorer")
    plane = page.locator(".ae-plane")
    box = plane.bounding_box()
    status = page.locator("[role=status]")
    for step in range(100):  # until a digit is hit
        x, y = 0.05 + 0.1 * (step % 10), 0.05 + 0.1 * (step // 10)
        plane.click(position={"x": x * box["width"], "y": y * box["height"]})
        if status.inner_text():
            break
    expect(status).to_contain_text(re.compile(r"Test digit \d+ of 200, a \d"))
    caption = page.locator("figcaption").nth(1).inner_text()
    assert caption[-1] == re.search(r"a (\d)", status.inner_text())[1]


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_path_plays_from_one_digit_to_the_other(show, motion):
    page = show("latent_explorer", reduced_motion=motion)
    page.clock.install()
    along = page.get_by_label("Move along the path")
    page.get_by_role("button", name="Play the path").click()
    page.clock.run_for(1500)
    places = {along.input_value()}
    for _ in range(8):
        page.clock.run_for(1200)
        places.add(along.input_value())
    assert along.input_value() == "100"
    assert len(places) >= (2 if motion == "no-preference" else 5)
    expect(page.get_by_role("button", name="Play the path")).to_be_visible()


def test_the_path_can_be_walked_by_hand(show):
    page = show("latent_explorer")
    along = page.get_by_label("Move along the path")
    end = page.locator(".ae-say").inner_text()
    along.fill("0")
    start = page.locator(".ae-say").inner_text()
    along.fill("50")
    middle = page.locator(".ae-say").inner_text()
    mean = [(a + b) / 2 for a, b in zip(numbers(start)[:2], numbers(end)[:2], strict=True)]
    assert numbers(middle)[:2] == pytest.approx(mean, abs=0.02)


def test_the_slider_of_the_path_says_where_it_is(show):
    page = show("latent_explorer")
    along = page.get_by_label("Move along the path")
    assert along.get_attribute("aria-valuetext").startswith("100 % of the way")
    along.fill("37")
    assert along.get_attribute("aria-valuetext").startswith("37 % of the way")
    page.get_by_role("button", name="Next digit").click()
    assert along.get_attribute("aria-valuetext").startswith("100 % of the way")


def test_digits_beyond_the_frame_stay_within_what_a_slider_may_say(show):
    page = show("latent_explorer")
    plane, following = page.locator(".ae-plane"), page.get_by_role("button", name="Next digit")
    values = set()
    for _ in range(200):
        following.click()
        values.add(int(plane.get_attribute("aria-valuenow")))
    assert min(values) >= 0
    assert max(values) <= 100
    assert len(values) > 20


def test_another_decoder_shows_the_same_digit_elsewhere(show):
    page = show("latent_explorer")
    page.get_by_text("Where the classes lie").click()
    before = page.locator("tbody").inner_text()
    page.get_by_role("radio", name="linear").check()
    assert page.locator("tbody").inner_text() != before
    assert page.locator("tbody tr").count() == 10
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="tanh")).to_be_checked()


def test_resizing_while_dragging(show):
    page = show("latent_explorer")
    plane = page.locator(".ae-plane")
    box = plane.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 150)
    page.set_viewport_size({"width": 340, "height": 700})
    page.mouse.move(30, 300)
    page.mouse.up()
    assert 0 <= float(plane.get_attribute("aria-valuenow")) <= 100
    drag(page, plane, (0.5, 0.5), (0.9, 0.1))
    assert float(plane.get_attribute("aria-valuenow")) == pytest.approx(90, abs=2)


def test_a_figure_in_a_hidden_part_appears_when_it_is_shown(open_page):
    page = open_page(
        content=f"<div id=box style='display: none'>{figures()['latent_explorer'].html}</div>"
    )
    page.evaluate("document.getElementById('box').style.display = 'block'")
    plane = page.locator(".ae-plane")
    expect(plane).to_be_visible()
    page.wait_for_function("() => document.querySelector('.ae-plane').width > 300")
    assert any(pixels(plane))


# ---------------------------------------------------------------- drawing


@pytest.mark.parametrize("way", ["mouse", "touch", "keys"])
@pytest.mark.parametrize("name", ["draw_a_digit", "outlier_meter"])
def test_drawing(show, name, way):
    page = show(name, **(PHONE if way == "touch" else {}))
    page.get_by_role("button", name="Clear").click()
    pad = page.locator(".ae-plane")
    assert ink(pad).sum() == 0
    if way == "keys":
        pad.focus()
        for key in [" ", *["ArrowDown"] * 6, *["ArrowRight"] * 4, " ", "ArrowUp"]:
            page.keyboard.press(key)
        expect(page.get_by_text("Pen up, 18 across, 19 down.")).to_be_attached()
    else:
        (drag if way == "mouse" else touch)(page, pad, (0.3, 0.2), (0.7, 0.2), (0.4, 0.9))
    assert ink(pad).sum() > 10
    captions = page.locator("figcaption").all_inner_texts()
    assert any(re.search(r"error 0\.\d+", caption) for caption in captions)
    assert not any("NaN" in caption for caption in captions)
    drawn = ink(page.locator(".ae-picture canvas").first)
    page.get_by_label("Centre and scale").uncheck()
    assert not torch.equal(ink(page.locator(".ae-picture canvas").first), drawn)


def test_a_drawing_begins_on_a_clean_page(show):
    page = show("draw_a_digit")
    pad = page.locator(".ae-plane")
    drag(page, pad, (0.5, 0.1), (0.5, 0.15))
    assert ink(pad)[28 * 10 :].sum() == 0  # nothing is left of the test digit
    page.get_by_role("button", name="Next digit").click()
    expect(page.locator(".ae-say")).to_contain_text("Test digit 1, a")


def test_a_pinch_on_the_page_spares_the_digit(show):
    page = show("draw_a_digit", **PHONE)
    pad = page.locator(".ae-plane")
    before = pixels(pad)
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    session = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session.send(
        "Input.synthesizePinchGesture", {"x": x, "y": y, "scaleFactor": 1.5, "relativeSpeed": 400}
    )
    assert page.evaluate("visualViewport.scale") > 1.1
    assert pixels(pad) == before


def test_a_page_that_is_hidden_while_somebody_draws(show):
    page = show("draw_a_digit")
    pad = page.locator(".ae-plane")
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.evaluate("document.querySelector('.ae-figure').style.display = 'none'")
    page.mouse.move(box["x"] + 90, box["y"] + 90)
    page.mouse.up()
    page.evaluate("document.querySelector('.ae-figure').style.display = ''")
    drag(page, pad, (0.2, 0.2), (0.8, 0.8))
    assert ink(pad).sum() > 10


def test_a_release_that_nobody_saw_ends_the_line(show):
    page = show("draw_a_digit")
    page.get_by_role("button", name="Clear").click()
    pad = page.locator(".ae-plane")
    pad.evaluate(
        """(pad) => { pad.setPointerCapture = () => {};
        const box = pad.getBoundingClientRect();
        const send = (type, x, buttons) => pad.dispatchEvent(new PointerEvent(type,
          { pointerId: 7, buttons, clientX: box.left + x, clientY: box.top + 60 }));
        send("pointerdown", 30, 1); send("pointermove", 60, 1);
        send("pointermove", 200, 0); send("pointermove", 250, 0); }"""
    )
    assert ink(pad).view(28, 28)[:, 15:].sum() == 0


def test_whoever_draws_with_keys_sees_the_pen(show):
    page = show("draw_a_digit")
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Enter")
    pad = page.locator(".ae-plane")
    empty = pixels(pad)
    page.keyboard.press("Shift+Tab")
    expect(pad).to_be_focused()
    seen = pixels(pad)
    assert seen != empty
    page.keyboard.press("ArrowRight")
    assert pixels(pad) not in (seen, empty)
    page.keyboard.press("Tab")
    assert pixels(pad) == empty


def test_a_test_digit_lifts_the_pen(show):
    page = show("draw_a_digit")
    page.locator(".ae-plane").focus()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Next digit").click()
    page.locator(".ae-plane").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("Pen up")).to_be_attached()


def test_an_empty_page_is_said_to_be_empty(show):
    page = show("draw_a_digit")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".ae-say")).to_contain_text("The page is empty.")
    page.get_by_label("Amount of noise", exact=True).fill("1")
    expect(page.locator(".ae-say")).to_contain_text("The page is empty.")


def test_the_noise_slider_and_the_errors(show):
    page = show("draw_a_digit")
    caption = page.locator("figcaption").nth(1)
    amount = page.get_by_label("Amount of noise", exact=True)
    amount.fill("0")
    expect(caption).to_have_text("With noise, error 0.000")
    amount.fill("0.5")
    assert 0.15 < numbers(caption.inner_text())[-1] < 0.4
    first = caption.inner_text()
    page.get_by_role("button", name="Other noise").click()
    assert caption.inner_text() != first
    for kind in ("masking", "salt and pepper"):
        page.get_by_label(kind).check()
        assert 0.01 < numbers(caption.inner_text())[-1] < 0.3
    expect(page.locator(".ae-say")).to_contain_text("Nearest to the clean picture")


def test_the_alarm_sleeps_on_an_empty_page_and_rings_for_a_scribble(show):
    page = show("outlier_meter")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".ae-say")).to_contain_text(re.compile("An empty page: error.*it passes"))
    zigzag = [(0.05 + 0.9 * (i % 2), 0.05 + 0.09 * i) for i in range(11)]
    page.get_by_label("Centre and scale").uncheck()
    drag(page, page.locator(".ae-plane"), *zigzag)
    expect(page.locator(".ae-say")).to_contain_text("the alarm rings")
    label = page.locator("canvas[style*='11rem']").get_attribute("aria-label")
    assert numbers(label)[-1] > numbers(label)[-2]


# ---------------------------------------------------------------- writing


def test_it_writes_and_a_seed_writes_the_same_again(show):
    page = show("text_writer")
    text = page.locator(".ae-text")
    assert text.inner_text().startswith("romeo:")
    write = page.get_by_role("button", name="Write 300 characters")
    write.click()
    expect(page.get_by_text("300 characters written.")).to_be_visible(timeout=20_000)
    first = text.text_content()
    assert len(first) == len("romeo:\n") + 300
    assert set(first) <= set(writer()[1].characters)
    page.get_by_role("button", name="Start again").click()
    assert text.text_content() == "romeo:\n"
    write.click()
    expect(page.get_by_text("300 characters written.")).to_be_visible(timeout=20_000)
    assert text.text_content() == first
    page.get_by_role("button", name="Another seed").click()
    write.click()
    expect(page.get_by_text("300 characters written.")).to_be_visible(timeout=20_000)
    assert text.text_content() != first


def test_a_figure_that_is_taken_away_stops_and_does_not_boast(show):
    page = show("text_writer")
    page.get_by_role("button", name="Write 300 characters").click()
    page.evaluate("window.gone = document.querySelector('.ae-figure'); gone.remove()")
    page.wait_for_function("gone.querySelector('[role=status]').textContent === 'Stopped.'")


def test_capitals_stay_capitals_for_a_network_that_knows_them(open_page):
    vocab = ae.Vocabulary("ABC abc")
    model = ae.AutoRegressive(len(vocab), 4, 8, 1)
    page = open_page(content=widgets.text_writer(model, vocab, prompt="AB").html)
    expect(page.locator(".ae-text")).to_have_text("AB")


def test_it_streams_and_stops(show):
    page = show("text_writer")
    page.get_by_role("button", name="Write 300 characters").click()
    page.get_by_role("button", name="Stop").click()
    assert len(page.locator(".ae-text").text_content()) < len("romeo:\n") + 300
    expect(page.get_by_text("Stopped.")).to_be_visible()


def test_where_motion_is_not_wanted_the_text_comes_at_once(show):
    page = show("text_writer", reduced_motion="reduce")
    page.get_by_role("button", name="Write 300 characters").click()
    page.wait_for_function("() => document.querySelector('.ae-text').textContent.length === 307")


@torch.no_grad()
def test_the_bars_are_the_network_s_odds_and_follow_the_temperature(show):
    page = show("text_writer")
    model, vocab = writer()

    def shown():
        rows = page.locator(".ae-bars li")
        letters = rows.locator(".ae-letter").all_inner_texts()
        shares = [numbers(text)[0] / 100 for text in rows.locator(".ae-number").all_inner_texts()]
        return letters, shares

    logits = model(vocab.encode("romeo:\n")[None])[0, -1]
    for temperature in ("0.5", "1", "2"):
        page.get_by_label("Temperature, typed").fill(temperature)
        letters, shares = shown()
        expected = (logits / float(temperature)).softmax(0)
        top = expected.topk(12)
        assert letters[0] == vocab.characters[int(top.indices[0])]
        assert shares == pytest.approx(top.values.tolist(), abs=0.012)
    page.get_by_label("Temperature, typed").fill("0")
    assert shown()[1] == [1.0] + [0.0] * 11
    page.get_by_label("Temperature, typed").fill("1")
    page.get_by_label("Top-k, 0 is off", exact=True).fill("3")
    assert page.locator(".ae-cut").count() == 9
    assert page.locator(".ae-number").all_inner_texts()[3:] == ["cut"] * 9
    widths = [bar.bounding_box()["width"] for bar in page.locator(".ae-cut .ae-filled").all()]
    assert widths[0] > 1  # what was cut is still to be seen


def test_one_character_at_a_time(show):
    page = show("text_writer")
    one = page.get_by_role("button", name="One character")
    for count in range(1, 6):
        one.click()
        assert len(page.locator(".ae-text").text_content()) == len("romeo:\n") + count
        expect(page.get_by_text("Chosen:")).to_be_visible()


def test_temperature_zero_writes_what_generate_writes(show):
    page = show("text_writer", reduced_motion="reduce")
    page.get_by_label("Temperature, typed").fill("0")
    page.get_by_role("button", name="Write 300 characters").click()
    page.wait_for_function("() => document.querySelector('.ae-text').textContent.length === 307")
    model, vocab = writer()
    expected = ae.generate(model, vocab, "romeo:\n", 300, temperature=0)
    assert page.locator(".ae-text").text_content()[:80] == expected[:80]


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("näh", "The network has never seen “ä”"),
        ("", "at least one character"),
        ("1€2", "The network has never seen “1”, “€”, “2”"),
    ],
)
def test_a_beginning_that_the_network_cannot_read(show, typed, complaint):
    page = show("text_writer")
    field = page.get_by_label("Beginning of the text")
    field.fill(typed)
    expect(page.get_by_role("alert").filter(has_text=complaint)).to_be_visible()
    assert field.get_attribute("aria-invalid") == "true"
    expect(page.get_by_role("button", name="Write 300 characters")).to_be_disabled()
    field.fill("JULIET:")  # capitals are read as small letters
    assert page.locator(".ae-text").text_content() == "juliet:"
    expect(page.get_by_role("button", name="Write 300 characters")).to_be_enabled()


@pytest.mark.parametrize("typed", ["-1", "101", "1e9", ""])
@pytest.mark.parametrize("name", ["text_writer", "temperature_by_hand"])
def test_absurd_temperatures(show, name, typed):
    page = show(name)
    field = page.get_by_label("Temperature, typed")
    before = page.locator(".ae-bars").inner_text()
    field.fill(typed)
    expect(page.get_by_text("Temperature: a number from 0 to 100, please.")).to_be_visible()
    assert page.locator(".ae-bars").inner_text() == before  # the last good one stays
    field.fill("100")
    expect(page.get_by_text("please.")).to_have_count(0)
    assert "NaN" not in page.locator(".ae-figure").inner_text()


def test_a_hidden_tab_pauses_the_writing(open_page):
    page = open_page("about:blank")
    page.evaluate(
        """() => { window.held = []; const real = requestAnimationFrame; window.asleep = false;
        window.requestAnimationFrame =
          (f) => window.asleep ? (window.held.push(f), -1) : real(f); }"""
    )
    page.evaluate(
        "(html) => { document.body.append(document.createRange().createContextualFragment(html)) }",
        figures()["text_writer"].html,
    )
    page.get_by_role("button", name="Write 300 characters").click()
    page.evaluate("window.asleep = true")
    page.wait_for_function("window.held.length > 0")
    paused = page.locator(".ae-text").text_content()
    page.wait_for_timeout(200)
    assert page.locator(".ae-text").text_content() == paused
    page.evaluate("window.asleep = false; window.held.forEach((f) => f(performance.now()))")
    expect(page.get_by_text("300 characters written.")).to_be_visible(timeout=20_000)


# ---------------------------------------------------------------- temperature by hand


def test_scores_are_dragged_and_the_softmax_answers(show):
    page = show("temperature_by_hand")
    scores = torch.tensor([3.0, 2, 1, 0, -1, -2, 0])

    def shares():
        return [numbers(t)[0] / 100 for t in page.locator(".ae-number").all_inner_texts()]

    assert shares() == pytest.approx(scores.softmax(0).tolist(), abs=0.006)
    slider = page.get_by_label("Score of t")
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")  # by a tenth each
    moved = scores + torch.tensor([0, 1.0, 0, 0, 0, 0, 0])
    assert shares() == pytest.approx(moved.softmax(0).tolist(), abs=0.02)
    page.get_by_role("button", name="All equal").click()
    assert shares() == pytest.approx([1 / 7] * 7, abs=0.006)
    expect(page.locator(".ae-say")).to_contain_text("The choice holds 2.81 bits")
    page.get_by_label("Temperature, typed").fill("3")
    page.get_by_role("button", name="As the network said").click()
    assert shares() == pytest.approx(scores.softmax(0).tolist(), abs=0.006)
    page.get_by_role("button", name="Double all scores").click()
    doubled = shares()
    page.get_by_role("button", name="As the network said").click()
    page.get_by_label("Temperature, typed").fill("0.5")
    assert shares() == doubled
    page.get_by_label("Temperature, typed").fill("0")
    assert shares() == [1, 0, 0, 0, 0, 0, 0]
    expect(page.get_by_label("Score of new line")).to_be_visible()
