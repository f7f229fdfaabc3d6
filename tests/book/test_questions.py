"""The question bank: ten a chapter, one right answer each, every answer explained."""

import re
from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

BOOK = Path(__file__).parents[2] / "book"
CHAPTERS = sorted(path.stem for path in BOOK.glob("*.ipynb"))


@pytest.fixture(scope="module")
def questions(site):
    """chapter -> questions as (asked, [(right, answer, explanation)])."""
    found = {}
    for chapter in CHAPTERS:
        page = (site / "book" / "questions" / f"{chapter}.html").read_text(encoding="utf-8")
        found[chapter] = [
            (box.select_one(".ae-asked").get_text(), [read(one) for one in box.select("details")])
            for box in BeautifulSoup(page, "html.parser").select(".ae-question")
        ]
    return found


def read(answer):
    summary = answer.summary.extract().get_text(" ", strip=True)
    return "ae-right" in answer["class"], summary, answer.get_text(" ", strip=True)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_ten_questions_with_explained_answers(questions, chapter):
    asked = [question for question, _ in questions[chapter]]
    assert [int(question.split(".")[0]) for question in asked] == list(range(1, 11))
    assert len(set(asked)) == 10
    for question, answers in questions[chapter]:
        assert len(answers) >= 3, question
        assert [right for right, _, _ in answers].count(True) == 1, question
        assert len({answer for _, answer, _ in answers}) == len(answers), question
        for right, answer, explanation in answers:
            assert explanation.startswith("Right. " if right else "No. "), answer
            assert len(explanation.split()) >= 5, answer
            assert "[x]" not in answer + explanation


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_neither_place_nor_length_gives_the_right_answer_away(questions, chapter):
    places, longest = Counter(), 0
    for _, answers in questions[chapter]:
        place = [right for right, _, _ in answers].index(True)
        places[place] += 1
        lengths = [len(answer) for _, answer, _ in answers]
        longest += lengths[place] == max(lengths)
    assert max(places.values()) <= 5, places
    assert longest <= 6, longest


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_answer_stands_twice_in_the_same_place_three_times_in_a_row(questions, chapter):
    order = [[right for right, _, _ in answers].index(True) for _, answers in questions[chapter]]
    assert all(len(set(order[i : i + 4])) > 1 for i in range(7)), order


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("- [ ] One.\n\n  Why.\n- [ ] Two.\n\n  Why.", "exactly one answer"),
        ("- [x] One.\n\n  Why.\n- Two.\n\n  Why.", "begins with"),
        ("- [x] One.\n- [ ] Two.\n\n  Why.", "an explanation follows"),
        ("Just text.", "holds one list of answers"),
    ],
)
def test_a_question_that_is_not_whole_is_refused(tmp_path, source, complaint):
    from sphinx.testing.util import SphinxTestApp

    (tmp_path / "index.md").write_text(f"# Title\n\n:::{{question}} Why?\n{source}\n:::\n")
    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(BOOK / '_ext')!r})\n"
        "extensions = ['myst_parser', 'questions']\nmyst_enable_extensions = ['colon_fence']\n"
    )
    app = SphinxTestApp("html", srcdir=tmp_path)
    app.build()
    assert complaint in re.sub(r"\s+", " ", app.warning.getvalue())
    app.cleanup()
