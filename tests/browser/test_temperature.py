"""The softmax by hand, and a temperature wherever one can be typed."""

import pytest
import torch
from gestures import numbers
from playwright.sync_api import expect


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
