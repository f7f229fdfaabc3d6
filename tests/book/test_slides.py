"""Slides hold what the lesson has stored, need no network, and speak from the plan for the hour."""

import re

import pytest
import slides
from stored import LESSONS, code_of


def kept(notebook):
    """The cells of code that a deck is made from."""
    return [c for c in code_of(notebook) if not slides.ASIDE & set(c.metadata.get("tags", ()))]


KEPT = {name: kept(notebook) for name, notebook in LESSONS.items()}


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slides")
    slides.main(folder)
    return folder


@pytest.fixture(params=LESSONS)
def lesson(request, decks):
    return request.param, (decks / f"{request.param}.html").read_text(encoding="utf-8")


def test_every_picture_and_figure_of_a_lesson_is_on_a_slide(lesson):
    name, page = lesson
    for cell in KEPT[name]:
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data:
                assert page.count(data["image/png"]) == 1
            elif "text/html" in data:
                assert data["text/html"] in page
    assert not re.findall(r'<img src="data:[^"]*" alt=""', page)


def test_what_was_measured_is_said_with_its_number(lesson):
    name, page = lesson
    claims = [
        claim
        for cell in KEPT[name]
        for output in cell.outputs
        if output.output_type == "stream"
        for claim in re.findall(r"^✓ ", output.text, re.MULTILINE)
    ]
    assert len(claims) >= 4
    assert page.count('<span class="measured">') == len(claims)


def test_a_deck_needs_no_network(lesson, decks):
    _, page = lesson
    shown = re.sub(r"base64,[^\"]*|<script>.*?</script>", "", page, flags=re.DOTALL)
    sources = re.findall(r'<(?:script|img|link)[^>]* (?:src|href)="([^"]*)"', shown)
    assert not [name for name in sources if re.match(r"(https?:)?//", name)]
    for name in set(sources):
        assert name.startswith("data:") or (decks / name).is_file()


def test_the_notes_are_the_plan_and_the_last_slide_is_the_exit_ticket(lesson):
    _, page = lesson
    parts = page.split("<section>")[1:]
    assert "<h1>" in parts[0]
    assert "<strong>Objectives.</strong>" in parts[0].split('<aside class="notes">')[1]
    assert "<h2>Exit ticket</h2>" in parts[-1]
    shown, answer = parts[-1].split('<aside class="notes">')
    assert len(shown) > 60
    assert len(answer) > 60
    assert "<details>" not in "".join(part.split("<aside")[0] for part in parts)


def test_the_index_names_every_deck(decks):
    index = (decks / "index.html").read_text(encoding="utf-8")
    for name in LESSONS:
        assert f'<a href="{name}.html">{name[0]}.{name[1]} ' in index


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("What is it? It is this.", ["What is it?"]),
        ("Guess. How many?\n\n<details>\nWhy?\n</details>\n", ["How many?"]),
        ("Nothing is asked.", []),
    ],
)
def test_the_questions_of_a_text(text, asked):
    assert slides.questions(text) == asked


def test_links_to_pages_of_the_book_become_words():
    text = slides.rendered("[Writing](32-writing.ipynb) and [a paper](https://doi.org/x), $x^2$")
    assert "<p>Writing and <a href=" in text
    assert "<math" in text
