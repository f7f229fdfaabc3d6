"""The figure with the two puzzles, `patch_game`."""

import json
import re

import pytest
import torch
from gestures import PHONE, drag, numbers, pixels, touch
from playwright.sync_api import expect
from test_arithmetic import COUNT, largest_difference
from trained import digits, puzzlers

from ae_course.widgets.puzzles import ORDERS


def say(page):
    return page.locator(".ae-say")


def label(page):
    return page.locator(".ae-plane").get_attribute("aria-label")


@torch.no_grad()
def test_both_networks(compute):
    fill, restore = puzzlers()
    x = digits()[0][:COUNT].clone()
    x[..., 5:19, 8:22] = 0
    for name, model in (("fill", fill), ("restore", restore)):
        expression = f"given.map((x) => Array.from(run(patchGame(config, buffer).{name}, x)))"
        found = compute("patch_game", expression, x.flatten(1))
        expected = model(x).flatten(1)
        # eight bits a weight: within a twentieth of what the numbers span
        assert largest_difference(found, expected) < 0.05 * (expected.max() - expected.min()), name
        if name == "restore":
            same = (torch.tensor(found).argmax(1) == expected.argmax(1)).float().mean()
            assert same > 0.98


@torch.no_grad()
def test_the_hole_and_its_error_are_numpy_s(compute):
    a, b = digits()[0][:2].flatten(1)
    hidden = compute("patch_game", "Array.from(withHole(given, [3, 9], 14))", a)
    expected = a.view(28, 28).clone()
    expected[3:17, 9:23] = 0
    torch.testing.assert_close(torch.tensor(hidden), expected.flatten())
    expression = "holeError(given[0], given[1], [3, 9], 14)"
    error = compute("patch_game", expression, torch.stack([a, b]))
    inside = (a - b).view(28, 28)[3:17, 9:23]
    assert error == pytest.approx(inside.square().mean().item(), rel=1e-5)


def test_the_quarters_stand_as_an_order_says(compute):
    """As in the lesson: at place p stands quarter order[p], row by row."""
    image = digits()[0][0, 0]
    quarters = [image[:14, :14], image[:14, 14:], image[14:, :14], image[14:, 14:]]
    for order in ORDERS:
        a, b, c, d = (quarters[quarter] for quarter in order)
        expected = torch.cat([torch.cat([a, b], 1), torch.cat([c, d], 1)])
        expression = f"Array.from(arranged(given, {json.dumps(order)}))"
        found = compute("patch_game", expression, image.flatten())
        torch.testing.assert_close(torch.tensor(found), expected.flatten())


@pytest.mark.parametrize("way", ["mouse", "touch", "keys"])
def test_the_square_moves_and_the_errors_follow(show, way):
    page = show("patch_game", **(PHONE if way == "touch" else {}))
    board = page.locator(".ae-plane")
    before, words = pixels(board), say(page).inner_text()
    assert "row 8, column 8" in label(page)
    if way == "keys":
        board.focus()
        for key in ["ArrowUp"] * 3 + ["ArrowRight"] * 20:
            page.keyboard.press(key)
        assert "row 5, column 15" in label(page)  # it stays on the page
    else:
        (drag if way == "mouse" else touch)(page, board, (0.5, 0.5), (0.6, 0.4), (0.6, 0.3))
        assert "row 8, column 8" not in label(page)
    assert pixels(board) != before
    assert say(page).inner_text() != words
    captions = page.locator("figcaption").all_inner_texts()
    network, mean = numbers(say(page).inner_text())[-2:]
    assert f"error {network:.3f}" in captions[0]
    assert f"error {mean:.3f}" in captions[1]


def test_a_press_beside_the_square_brings_it_there(show):
    page = show("patch_game")
    drag(page, page.locator(".ae-plane"), (0.05, 0.05))
    assert "row 1, column 1" in label(page)


def in_place(page):
    return int(re.search(r"(\d) of 4 quarters", say(page).inner_text())[1])


@pytest.mark.parametrize("way", ["mouse", "touch", "keys"])
def test_quarters_are_put_back_by_swapping(show, way):
    page = show("patch_game", **(PHONE if way == "touch" else {}))
    page.get_by_label("shuffle the quarters").check()
    assert in_place(page) < 4
    board = page.locator(".ae-plane")
    places = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
    keys = [[], ["ArrowRight"], ["ArrowDown"], ["ArrowRight", "ArrowDown"]]
    home = ["ArrowLeft", "ArrowUp"]

    def take(place):
        if way == "keys":
            board.focus()
            for key in [*home, *keys[place], "Enter"]:
                page.keyboard.press(key)
        else:
            (drag if way == "mouse" else touch)(page, board, places[place])

    for first in range(4):  # a swap that does not help is taken back
        for second in range(first + 1, 4):
            had = in_place(page)
            take(first)
            take(second)
            if in_place(page) < had:
                take(first)
                take(second)
    for first in range(4):  # what is left is a circle of three or four
        for second in range(first + 1, 4):
            if in_place(page) < 4:
                had = in_place(page)
                take(first)
                take(second)
                if in_place(page) <= had:
                    take(first)
                    take(second)
    expect(say(page)).to_contain_text("4 of 4 quarters are in place. Restored with")


def test_a_quarter_can_be_dragged_onto_another(show):
    page = show("patch_game")
    page.get_by_label("shuffle the quarters").check()
    board = page.locator(".ae-plane")
    before = pixels(board)
    drag(page, board, (0.25, 0.25), (0.5, 0.5), (0.75, 0.75))
    page.locator("h1").click()
    assert pixels(board) != before
    drag(page, board, (0.75, 0.75), (0.25, 0.25))
    page.locator("h1").click()
    assert pixels(board) == before


def test_the_network_puts_a_digit_back(show):
    page = show("patch_game")
    page.get_by_label("shuffle the quarters").check()
    again = page.get_by_role("button", name="Shuffle again")
    right = 0
    for _ in range(12):
        page.get_by_role("button", name="Next digit").click()
        again.click()
        right += "puts them back right" in say(page).inner_text()
    assert right >= 6


def test_the_puzzle_is_put_away_and_comes_back(show):
    page = show("patch_game")
    page.get_by_label("shuffle the quarters").check()
    expect(page.get_by_text("Mean image: error")).to_be_hidden()
    page.get_by_label("hide a patch").check()
    expect(page.get_by_text("Mean image: error")).to_be_visible()
    expect(page.get_by_role("button", name="Shuffle again")).to_be_hidden()


def test_whoever_wants_to_guess_first_hides_the_answers(show):
    page = show("patch_game")
    page.get_by_label("Show what the network answers").uncheck()
    expect(page.get_by_text("As it was")).to_be_hidden()
    expect(say(page)).to_contain_text("What is under the square?")
    page.get_by_label("shuffle the quarters").check()
    assert "network" not in say(page).inner_text()
    page.get_by_label("Show what the network answers").check()
    expect(page.get_by_text("As it was")).to_be_visible()
    expect(say(page)).to_contain_text("The network puts them back")
