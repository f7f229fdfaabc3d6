"""The steered writer: states and predictions are torch's, and its controls do what they say."""

import pytest
import torch
from gestures import PHONE, milliseconds, numbers, slow_phone
from playwright.sync_api import expect
from trained import READ, example, pushes, writer

import ae_course as ae

WRITE = "Write 300 characters"
WALK = """(() => { const { network, pushes } = steeredWriter(config, buffer);
  return given.texts.map((tokens) => { let [scores, state] = [null, null];
    const push = given.which < 0 ? null : pushes[given.which].map((one) => one * given.strength);
    for (const token of tokens) [scores, state] = steered(network, token, state, push);
    return [Array.from(scores), Array.from(state[state.length - 1][0])]; }); })()"""


@torch.no_grad()
@pytest.mark.parametrize(("which", "strength"), [(-1, 0), (0, 1), (1, -2), (2, 3)])
def test_the_steps_are_torch_s(compute, which, strength):
    model, vocab = writer("gru")
    held_out = ae.load_shakespeare()[READ:]
    texts = [held_out[100 * i : 100 * i + 80] for i in range(100)]
    known = [text for text in texts if set(text) <= set(vocab.characters)][:20]
    tokens = torch.stack([vocab.encode(text) for text in known])
    push = 0 if which < 0 else strength * list(pushes().values())[which]
    state = None
    for token in tokens.unbind(dim=1):
        _, state = model.step(token, state)
        state = (*state[:-1], (state[-1] + push).clamp(-1, 1))
    expected = model.head(model.norms[-1](state[-1])).softmax(1)
    given = {"texts": tokens.tolist(), "which": which, "strength": strength}
    found = compute("steer_the_writer", WALK, given)
    scores, last = (torch.tensor(one) for one in zip(*found, strict=True))
    torch.testing.assert_close(last, state[-1], atol=0.01, rtol=0)
    assert ((scores.softmax(1) - expected).abs().sum(1) / 2).max() < 0.02


def test_the_random_direction_has_the_length_of_the_other_one(compute):
    push = pushes()["th"]
    drawn = compute("steer_the_writer", "randomLike(given, generator(3))", push)
    drawn = torch.tensor(drawn)
    torch.testing.assert_close(drawn.norm(), push.norm(), atol=1e-4, rtol=1e-4)
    assert abs(torch.cosine_similarity(drawn, push, dim=0)) < 0.4


def texts(page):
    return [one.text_content() for one in page.locator(".ae-text").all()]


def written(page):
    page.get_by_role("button", name=WRITE).click()
    expect(page.get_by_text("Of 300 characters it is")).to_be_visible()
    return texts(page)


def test_it_writes_with_and_without_and_counts(show):
    page = show("steer_the_writer", reduced_motion="reduce")
    one, plain = written(page)
    assert len(one) == len(plain) == len("romeo:\n") + 300
    assert one != plain
    said = numbers(page.locator(".ae-say").inner_text())
    assert said == [300, *(text[len("romeo:\n") :].count("e") for text in (one, plain))]
    page.get_by_label("Strength, typed").fill("0")
    again = written(page)
    assert again[0] == again[1] == plain  # a push of no length changes nothing


def test_another_feature_changes_only_the_steered_text(show):
    page = show("steer_the_writer", reduced_motion="reduce")
    one, plain = written(page)
    page.get_by_text("…e␣").click()
    other, same = written(page)
    assert same == plain
    assert other != one
    page.get_by_text("a random direction").click()
    third, same = written(page)
    assert same == plain
    assert third != other
    expect(page.get_by_text("with a random direction, and")).to_be_visible()


def test_it_streams_and_stops_and_a_seed_writes_other_texts(show):
    page = show("steer_the_writer")
    page.get_by_role("button", name=WRITE).click()
    page.get_by_role("button", name="Stop").click()
    first = texts(page)
    assert len(first[1]) < len("romeo:\n") + 300
    page.get_by_role("button", name="Another seed").click()
    assert texts(page) == ["romeo:\n", "romeo:\n"]


def test_a_beginning_that_it_cannot_read(show):
    page = show("steer_the_writer")
    page.get_by_label("Beginning of the text").fill("1€")
    expect(page.get_by_role("alert").filter(has_text="never seen")).to_be_visible()
    expect(page.get_by_role("button", name=WRITE)).to_be_disabled()
    page.get_by_label("Beginning of the text").fill("JULIET:")
    expect(page.get_by_role("button", name=WRITE)).to_be_enabled()


@pytest.mark.timing
def test_it_answers_at_once_on_a_slow_phone(show):
    page = show("steer_the_writer", **PHONE)
    slow_phone(page)
    another = page.get_by_role("button", name="Another seed")
    assert milliseconds(another, "(one) => one.click()") < 100


def test_the_figure_is_small():
    assert len(example("steer_the_writer").data) < 600_000
