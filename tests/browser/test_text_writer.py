"""The network that writes: its text, its bars, and a beginning that it cannot read."""

import pytest
import torch
from gestures import numbers
from playwright.sync_api import expect
from trained import example, writer

import ae_course as ae
from ae_course import widgets


def test_it_writes_and_a_seed_writes_the_same_again(show):
    page = show("text_writer", fresh=True)
    text = page.locator(".ae-text")
    assert text.inner_text().startswith("romeo:")
    write = page.get_by_role("button", name="Write 300 characters")
    write.click()
    expect(page.get_by_text("300 characters written.")).to_be_visible(timeout=20_000)
    first = text.text_content()
    assert len(first) == len("romeo:\n") + 300
    assert set(first) <= set(writer()[1].characters)
    page.emulate_media(reduced_motion="reduce")  # the same text at once
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


def test_a_hidden_tab_pauses_the_writing(open_page):
    page = open_page("about:blank")
    page.clock.install()
    page.evaluate(
        """() => { window.held = []; const real = requestAnimationFrame; window.asleep = false;
        window.requestAnimationFrame =
          (f) => window.asleep ? (window.held.push(f), -1) : real(f); }"""
    )
    page.evaluate(
        "(html) => { document.body.append(document.createRange().createContextualFragment(html)) }",
        example("text_writer").html,
    )
    page.get_by_role("button", name="Write 300 characters").click()
    page.evaluate("window.asleep = true")
    page.wait_for_function("window.held.length > 0")
    paused = page.locator(".ae-text").text_content()
    page.clock.run_for(1000)
    assert page.locator(".ae-text").text_content() == paused
    page.evaluate("window.asleep = false; window.held.forEach((f) => f(performance.now()))")
    expect(page.get_by_text("300 characters written.")).to_be_visible(timeout=20_000)
