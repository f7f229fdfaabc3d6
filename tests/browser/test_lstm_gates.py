"""The gates of an LSTM, character by character: its numbers, its colours, one's own text."""

import pytest
import torch
from gestures import numbers
from playwright.sync_api import expect
from trained import one_layer

TEXT = "first citizen:\nspeak."


def words(page):
    return page.locator(".ae-say").inner_text()


def table(page):
    """The numbers of the chosen unit at the chosen character, by name."""
    rows = page.locator("tbody tr")
    names = rows.locator("th").all_inner_texts()
    values = [numbers(text)[0] for text in rows.locator("td").all_inner_texts()]
    return dict(zip(names, values, strict=True))


@torch.no_grad()
def by_hand(text):
    """Gates, memory and h of all units after each character of a text, (T, H) each."""
    model, vocab = one_layer()
    layer = model.recurrent[0]
    h = c = torch.zeros(model.hidden_dim)
    rows = []
    for x in model.embedding(vocab.encode(text)):
        from_x = layer.weight_ih_l0 @ x + layer.bias_ih_l0
        both = from_x + layer.weight_hh_l0 @ h + layer.bias_hh_l0
        i, f, g, o = both.chunk(4)
        row = {"memory before": c, "input gate": i.sigmoid(), "forget gate": f.sigmoid()}
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        row |= {"candidate": g.tanh(), "memory now": c, "output gate": o.sigmoid(), "shown, h": h}
        rows.append(row)
    return {name: torch.stack([row[name] for row in rows]) for name in rows[0]}


def test_the_numbers_are_the_network_s(compute):
    _, vocab = one_layer()
    expression = (
        "trace(lstmGatesFigure(config, buffer).network, given).map((step) => "
        "['input', 'forget', 'candidate', 'output', 'memory', 'shown']"
        ".map((name) => Array.from(step[name])))"
    )
    text = "before we proceed any further, hear me speak.\n"
    found = torch.tensor(compute("lstm_gates", expression, vocab.encode(text)))  # (T, 6, H)
    expected = by_hand(text)
    names = ["input gate", "forget gate", "candidate", "output gate", "memory now", "shown, h"]
    for place, name in enumerate(names):
        torch.testing.assert_close(found[:, place], expected[name], atol=2e-3, rtol=0)


@pytest.mark.parametrize("way", ["button", "keys", "click"])
def test_one_steps_through_the_text(show, way):
    page = show("lstm_gates")
    strip, expected = page.get_by_role("slider", name="Character of the text"), by_hand(TEXT)
    page.get_by_label("Unit, typed").fill("7")
    for place in range(10, 14):
        if way == "button":
            page.get_by_role("button", name="Next character").click()
        elif way == "keys":
            strip.press("ArrowRight")
        else:
            strip.locator("span").nth(place).click()
        assert strip.get_attribute("aria-valuenow") == str(place + 1)
        for name, value in table(page).items():
            assert value == pytest.approx(expected[name][place, 6].item(), abs=0.011)
        expect(strip.locator(".ae-here")).to_have_count(1)
        assert strip.get_attribute("aria-valuetext") == words(page)
    strip.press("End")
    expect(page.get_by_role("button", name="Next character")).to_be_disabled()
    assert f"Character {len(TEXT)}, ." in words(page)
    strip.press("Home")
    expect(page.get_by_role("button", name="Back")).to_be_disabled()
    assert table(page)["memory before"] == 0


def test_the_sentence_says_the_step(show):
    page = show("lstm_gates")
    page.get_by_role("button", name="Next character").click()
    _, before, keep, write, candidate, now = numbers(words(page))
    assert now == pytest.approx(keep * before + write * candidate, abs=0.02)


def test_the_unit_that_changed_most_is_found(show):
    page = show("lstm_gates")
    page.get_by_role("button", name="The unit that changed most").click()
    expected = by_hand(TEXT)
    changes = (expected["memory now"] - expected["memory before"])[9].abs()
    assert page.get_by_label("Unit, typed").input_value() == str(changes.argmax().item() + 1)


def test_the_colours_show_what_is_chosen(show):
    page = show("lstm_gates")
    strip = page.locator(".ae-strip")
    seen = set()
    for name in ("the forget gate", "the input gate", "the output gate", "the memory"):
        page.get_by_role("radio", name=name).check()
        seen.add(strip.inner_html())
    assert len(seen) == 4


def test_a_text_of_one_s_own(show):
    page = show("lstm_gates")
    field, strip = page.get_by_label("Text to read"), page.locator(".ae-strip")
    field.fill("To be\nor not")
    assert strip.locator("span").all_text_contents() == [*"to be", "¶\n", *"or not"]
    field.fill("näh")
    alert = page.get_by_role("alert").filter(has_text="The network has never seen “ä”")
    expect(alert).to_be_visible()
    assert strip.locator("span").count() == 12  # what it could read is still there
    field.fill("a")
    expect(alert).to_have_count(0)
    assert strip.locator("span").count() == 1
    field.fill(400 * "a")
    assert strip.locator("span").count() <= 300
