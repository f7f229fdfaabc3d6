"""The map of words: what is listed is what torch finds, however a word is chosen."""

import re

import pytest
import torch
from gestures import PHONE, milliseconds, numbers, pixels, slow_phone, touch, two_frames, typed
from playwright.sync_api import expect
from torch.nn.functional import normalize
from trained import neighbours


def nearest(word, model="sixteen", count=10):
    """The words with the largest cosine, by torch, as [(word, cosine)]."""
    words, models = neighbours()
    unit = normalize(models[model])
    cosine = unit @ unit[words.index(word)]
    order = [i for i in cosine.argsort(descending=True).tolist() if words[i] != word][:count]
    return [(words[i], cosine[i].item()) for i in order]


def listed(page):
    items = page.get_by_role("list", name="Nearest words").get_by_role("button").all_inner_texts()
    return [(item.split(" ")[0], numbers(item)[0]) for item in items]


def assert_listed(page, word, model="sixteen"):
    """Ties in the second decimal may change places, nothing else."""
    found, expected = listed(page), nearest(word, model)
    assert [cosine for _, cosine in found] == pytest.approx([c for _, c in expected], abs=0.006)
    assert {word for word, _ in found} == {word for word, _ in expected}


def chosen(page):
    return page.locator(".ae-say").inner_text().split(",")[0]


def test_the_cosines_are_those_of_torch(compute):
    words, models = neighbours()
    unit = normalize(models["sixteen"])
    expected = unit @ unit[7]
    code = "nearestWords(wordMap(config, buffer).models[0], 7, 10_000)"
    found = torch.zeros(len(words))
    for which, cosine in compute("word_map", code):
        found[int(which)] = cosine
    expected[7] = 0  # a word is not its own neighbour
    torch.testing.assert_close(found, expected, atol=2e-4, rtol=0)  # 16 bits a number


@pytest.mark.parametrize("word", ["he", "the", "rome"])
def test_a_word_is_typed(show, word):
    page = show("word_map")
    plane = page.locator(".ae-plane")
    page.get_by_label("Word to look for").fill("citizen")
    before = pixels(plane)
    page.get_by_label("Word to look for").fill(word.upper() + " ")
    assert chosen(page) == word
    assert_listed(page, word)
    assert pixels(plane) != before
    assert plane.get_attribute("aria-valuetext") == page.locator(".ae-say").inner_text()
    place = neighbours()[0].index(word) + 1
    expect(page.locator(".ae-say")).to_contain_text(f"{word}, word {place} of")


def test_the_beginning_of_a_word_offers_whole_ones_and_nonsense_is_told(show):
    words = neighbours()[0]
    word = next(
        one for one in words[50:] if sum(other.startswith(one[:-1]) for other in words) == 1
    )
    page = show("word_map")
    search = page.get_by_label("Word to look for")
    search.fill(word[:-1])
    assert chosen(page) == "he"  # until there is a word
    page.get_by_role("button", name=word, exact=True).click()
    assert chosen(page) == word
    expect(search).to_have_value(word)
    expect(search).to_be_focused()
    search.fill("xyzzy")
    expect(page.get_by_text("“xyzzy” is none of the")).to_be_visible()
    assert chosen(page) == word


def test_a_neighbour_is_followed_and_other_vectors_have_others(show):
    page = show("word_map")
    first = page.get_by_role("list", name="Nearest words").get_by_role("button").first
    following = nearest("he")[0][0]
    first.click()
    assert chosen(page) == following
    assert_listed(page, following)
    expect(first).to_be_focused()
    page.get_by_role("radio", name="four").check()
    assert chosen(page) == following
    assert_listed(page, following, "four")
    expect(page.locator(".ae-say")).to_contain_text("Nearest by four:")


@pytest.mark.parametrize("way", ["mouse", "touch"])
def test_the_word_that_is_tapped(show, way):
    page = show("word_map", **(PHONE if way == "touch" else {}))
    plane, words = page.locator(".ae-plane"), neighbours()[0]
    places = neighbours()[1]["sixteen"][:, :2]
    low, high = places.min(0).values, places.max(0).values
    share = (places - low + 0.05 * (high - low)) / (1.1 * (high - low))
    lonely = torch.cdist(share, share).fill_diagonal_(9).min(1).values.argmax().item()
    x, y = share[lonely, 0].item(), 1 - share[lonely, 1].item()
    if way == "touch":
        touch(page, plane, (x, y))
    else:
        box = plane.bounding_box()
        plane.click(position={"x": x * box["width"], "y": y * box["height"]})
    two_frames(page)
    assert chosen(page) == words[lonely]
    assert_listed(page, words[lonely])


def test_keys_walk_over_the_map(show):
    page = show("word_map")
    plane = page.locator(".ae-plane")
    plane.focus()
    places = dict(zip(neighbours()[0], neighbours()[1]["sixteen"][:, :2].tolist(), strict=True))
    for key, axis, sign in (("ArrowRight", 0, 1), ("ArrowLeft", 0, -1), ("ArrowDown", 1, -1)):
        before = chosen(page)
        page.keyboard.press(key)
        after = chosen(page)
        assert after != before
        assert sign * (places[after][axis] - places[before][axis]) > 0
    page.keyboard.press("Enter")
    assert chosen(page) == nearest(after)[0][0]
    for _ in range(40):
        page.keyboard.press("Shift+ArrowUp")  # the edge holds
    assert re.fullmatch(r"[a-z]+", chosen(page))


@pytest.mark.timing
def test_it_answers_at_once_on_a_slow_phone(show):
    page = show("word_map", **PHONE)
    slow_phone(page)
    search = page.get_by_label("Word to look for")
    took = milliseconds(search, typed('["the", "he", "rome", "people", "you", "they", "we"][i]'))
    assert took < 100
