"""How the built pages present code, outputs and formulas, and by which doors one comes in."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from PIL import Image

ROOT = Path(__file__).parents[2]
TITLES = dict(
    re.findall(r'file: book/(\d\d-[\w-]+)\n +title: "(.+)"', (ROOT / "_toc.yml").read_text("utf-8"))
)


@pytest.fixture(scope="module")
def chapters(site):
    return {
        name: BeautifulSoup((site / "book" / f"{name}.html").read_text("utf-8"), "html.parser")
        for name in TITLES
    }


def evidence(site):
    paths = sorted((site / "book" / "evidence").glob("*.html"))
    return [BeautifulSoup(path.read_text("utf-8"), "html.parser") for path in paths]


@pytest.fixture(scope="module")
def claims(site):
    return BeautifulSoup((site / "book" / "claims.html").read_text("utf-8"), "html.parser")


def test_bars_around_a_norm_have_one_height(chapters):
    bars = [
        mark for page in chapters.values() for mark in page.select("math mo") if mark.text in "|‖∥"
    ]
    assert len(bars) >= 6
    assert {mark.get("stretchy") for mark in bars} == {"false"}


def test_no_comma_begins_a_line_after_a_formula(chapters):
    kept = [math for page in chapters.values() for math in page.select(".ae-keep > math")]
    assert len(kept) > 20
    for page in chapters.values():
        for math in page.select(":not(.ae-keep) > math[display=inline]"):
            assert not re.match(r"[,.;:!?)]", str(math.next_sibling or "")), math.text


def test_the_book_s_styles_name_no_part_of_an_interactive_figure():
    """A rule of the book once met a class of the same name in a figure: 832 pixels, not 518."""
    static = ROOT / "ae_course" / "widgets" / "static"
    figures = set(re.findall(r"\.(ae-[\w-]+)", (static / "figure.css").read_text("utf-8")))
    book = (ROOT / "book" / "_static" / "course.css").read_text("utf-8")
    assert len(figures) > 20
    assert figures & set(re.findall(r"\.(ae-[\w-]+)", book)) == set()


@pytest.mark.parametrize("name", TITLES)
def test_code_is_the_notebook_s_line_by_line(chapters, name):
    cells = nbformat.read(ROOT / "book" / f"{name}.ipynb", 4).cells
    shown = chapters[name].select(".cell_input pre")
    assert [pre.text for pre in shown] == [
        cell.source + "\n" for cell in cells if cell.cell_type == "code"
    ]
    for line in (line for pre in shown for line in pre.select(".ae-line")):
        indent = re.search(r"--indent:(\d+)", line.get("style", ""))
        assert len(line.text) - len(line.text.lstrip(" ")) == (int(indent[1]) if indent else 0)


def test_tables_have_one_row_of_headers_and_no_empty_header(chapters, claims):
    tables = [
        table for page in (*chapters.values(), claims) for table in page.select("table.dataframe")
    ]
    assert len(tables) > 10  # lessons draw their numbers, where they can
    for table in tables:
        assert all(cell.text.strip() for cell in table.select("th"))
        last = [cell.text for cell in table.select("thead tr")[-1].select("th, td")]
        assert last[-1], last  # no row for the names of the index alone
    corners = [table.th.text for table in chapters["21-robustness"].select("table.dataframe")]
    assert "model ↓ level →" in corners


def test_where_the_digits_came_from_is_told_in_the_notebook_alone(chapters):
    assert not [name for name, page in chapters.items() if "images from the" in page.text]


def test_what_a_cell_has_checked_is_one_list(chapters):
    for page in chapters.values():
        assert not [pre for pre in page.select(".cell_output pre") if "✓" in pre.text]
        for output in page.select(".cell_output"):
            assert len(output.select(".ae-claims")) <= 1


def test_a_checked_sentence_leads_to_its_evidence_and_shows_no_syntax(chapters):
    for name, page in chapters.items():
        for checked in page.select(".ae-checked"):
            assert checked.select_one(".ae-evidence")["href"] == f"evidence/{name}.html"
            assert len(checked.select(".ae-holds")) == len(checked.select("li"))
        measured = [numbers.text for numbers in page.select(".ae-measured")]
        assert measured, name
        assert not [numbers for numbers in measured if numbers.startswith("{")]


def test_a_figure_opens_in_full_size(chapters):
    pictures = [
        image for page in chapters.values() for image in page.select(".cell_output img[src$=png]")
    ]
    assert len(pictures) > 40
    for image in pictures:
        assert image.parent["href"] == image["src"]
        assert image.parent["style"] == f"--width:{image['width']}px"


def test_a_figure_has_a_number_and_says_its_message_below(chapters):
    for page in chapters.values():
        figures = page.select("figure.ae-printed")
        assert len(figures) == len(page.select(".cell_output img[src*=_images]")) >= 4
        for number, figure in enumerate(figures, start=1):
            assert figure["id"] == f"figure-{number}"
            assert figure.figcaption.a["href"] == f"#figure-{number}"
            label, message = figure.figcaption.text.split(" ", 2)[:2], figure.figcaption.text
            message = message.removeprefix(f"Figure {number}").strip()
            assert label == ["Figure", str(number)]
            assert figure.img["alt"].startswith(message.rstrip("."))
            assert len(message.split()) > 3  # not "Two panels."


def test_what_was_not_measured_is_a_dash(site, chapters):
    pages = [*chapters.values(), *evidence(site)]
    tables = [table for page in pages for table in page.select("table.dataframe")]
    assert not [cell for table in tables for cell in table.select("td") if cell.text == "NaN"]
    dashes = [cell for table in tables for cell in table.select("td.ae-none")]
    assert dashes
    assert {(cell.text, cell["title"]) for cell in dashes} == {("–", "not measured")}


def test_a_chapter_says_how_it_is_cited(chapters):
    about = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    for name, page in chapters.items():
        box = page.select_one("details.ae-cite")
        number, title = TITLES[name].split(" ", 1)
        line = box.p.text
        assert f"{title}. Chapter {number} of {about['title']}, version {about['version']}." in line
        entry = box.pre.text
        assert entry.startswith(f"@incollection{{{name},")
        assert f"title = {{{title}}}" in entry
        assert entry.count("{") == entry.count("}")
        assert "-owner-" not in box.text  # no address before there is one
        assert box.find("a", string="Changes and errata")["href"] == "changes.html"


def test_a_work_and_its_place_in_the_list_lead_to_one_another(site, chapters):
    page = BeautifulSoup((site / "book" / "references.html").read_text("utf-8"), "html.parser")
    led_to = set()
    for name, chapter in chapters.items():
        for label in chapter.select(".ae-cited"):
            listed, _, key = label["href"].partition("#")
            assert listed == "references.html"
            work = label.find_previous_sibling("a")["href"]
            entry = page.find(id=key)
            assert entry.find("a", href=work)
            assert entry.find("a", href=f"{name}.html#further-reading").text
            assert label.text == entry.select_one(".label").text
            led_to.add(key)
        assert chapter.find(id="further-reading").select(".ae-cited")
    entries = {entry["id"] for entry in page.select(".citation")}
    assert len(led_to) > 60
    assert led_to < entries  # the rest are named in Where next
    assert all(page.find(id=key).select("a[href*='.html']") for key in entries)


def test_a_chapter_has_its_number_in_its_title_and_in_the_search(site, chapters):
    index = (site / "searchindex.js").read_text("utf-8")
    found = json.loads(index[index.index("(") + 1 : index.rindex(")")])
    titles = dict(zip(found["docnames"], found["titles"], strict=True))
    for name, title in TITLES.items():
        assert titles[f"book/{name}"] == title
        assert chapters[name].title.text.startswith(f"{title} ")
        assert chapters[name].select_one(".bd-article h1").text.startswith(title)


def test_a_page_is_described_by_its_question(chapters):
    said = chapters["12-pca"].select_one("meta[name=description]")["content"]
    assert said == "You may keep two numbers of 784. Which two? ..."


def test_the_bare_address_leads_in_and_has_a_card(site):
    page = BeautifulSoup((site / "index.html").read_text("utf-8"), "html.parser")
    title = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["title"]
    assert page.title.text == title
    assert "url=book/intro.html" in page.select_one("[http-equiv=refresh]")["content"]
    picture = page.select_one("meta[property='og:image']")["content"]
    assert (site / "_images" / picture.partition("/_images/")[2]).is_file()
    assert page.select_one("meta[name=description]")["content"].startswith("How much can a machine")


def test_a_wrong_address_leads_back_from_any_depth(site):
    page = BeautifulSoup((site / "404.html").read_text("utf-8"), "html.parser")
    links = [link["href"] for link in page.select("a")]
    assert len(links) == 3
    for link in links:
        folder, _, rest = link.removeprefix("/").partition("/")
        assert link.startswith("/")
        assert folder == "ae-course"
        assert (site / urlsplit(rest).path).is_file()


def test_machines_find_the_map_the_icon_and_what_is_offered(site, chapters):
    robots = (site / "robots.txt").read_text("utf-8")
    (place,) = re.findall(r"^Sitemap: https://[^/]+/[^/]+/(.+)$", robots, re.M)
    assert (site / place).is_file()
    icon = chapters["12-pca"].select_one("link[rel=apple-touch-icon]")["href"]
    assert (site / "book" / icon).read_bytes().startswith(b"\x89PNG")
    home = BeautifulSoup((site / "book" / "intro.html").read_text("utf-8"), "html.parser")
    course = json.loads(home.select_one("script[type='application/ld+json']").string)
    assert course["@type"] == "Course"
    assert course["name"] in home.title.text
    assert all(course.values())
    lesson = chapters["12-pca"]
    offered = json.loads(lesson.select_one("script[type='application/ld+json']").string)
    assert offered["name"] in lesson.title.text
    assert offered["isPartOf"]["url"] == course["url"]


def test_a_chapter_is_shared_with_its_picture(site, chapters):
    address_of = {
        name: page.select_one("meta[property='og:image']")["content"]
        for name, page in chapters.items()
    }
    for address in address_of.values():
        assert (site / "_images" / address.partition("/_images/")[2]).is_file()
    assert address_of["12-pca"].endswith("/12-pca.webp")


def test_a_chapter_says_when_it_was_computed(chapters):
    stored = nbformat.read(ROOT / "book" / "12-pca.ipynb", 4).metadata["ae_course"]
    said = chapters["12-pca"].select_one(".ae-reading").text
    assert re.fullmatch(
        rf"\d+ minutes of text, besides code and figures · computed on {stored['date']}", said
    )


def test_the_first_page_has_a_card_with_a_picture_for_each_chapter(site):
    home = BeautifulSoup((site / "book" / "intro.html").read_text("utf-8"), "html.parser")
    cards = {card.a["href"].removesuffix(".html"): card for card in home.select(".ae-cards li")}
    assert cards.keys() == TITLES.keys()
    for name, card in cards.items():
        cells = nbformat.read(ROOT / "book" / f"{name}.ipynb", 4).cells
        heroes = [cell for cell in cells if "hero" in cell.metadata.get("tags", [])]
        assert card.a.text == TITLES[name]
        assert "minutes on two CPU cores · you need: " in card.text
        assert card.select("p")[1].text.strip().endswith("?")
        (hero,) = heroes
        picture = card.img
        with Image.open((site / "book" / picture["src"]).resolve()) as stored:
            assert stored.size == (int(picture["width"]), int(picture["height"]))
            assert max(stored.size) == 640
        assert hero.metadata["mystnb"]["image"]["alt"].startswith(picture["alt"].rstrip("."))


@pytest.mark.parametrize("name", ["12-pca", "evidence/12-pca"])
def test_a_chapter_opens_with_its_cost_in_a_line_and_its_cells_folded(site, name):
    page = BeautifulSoup((site / "book" / f"{name}.html").read_text("utf-8"), "html.parser")
    costs = page.select_one(".ae-costs").text
    assert re.fullmatch(
        r"[\d.]+ minutes? on two CPU cores( · [\d.]+ minutes? on a GPU)? · [\d.]+ GB · .*MNIST.*",
        costs,
    )
    assert not re.search(r"\b1 minutes", costs)
    folded = page.select_one("details.ae-setup")
    assert "import torch" in folded.text
    first = page.select_one("article h2")
    before = [cell for cell in page.select("div.cell") if cell in first.find_all_previous("div")]
    assert before
    assert all(folded in cell.parents for cell in before)
    assert first not in folded.find_all("h2")
