"""The site: built strictly from the stored outputs, complete, and asking no third party."""

import ast
import json
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import html5lib
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from pybtex.database import parse_file
from stored import NOTEBOOKS, calls

ROOT = Path(__file__).parents[2]
PAGES = re.findall(r"book/([\w/-]+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = [name for name in PAGES if re.match(r"\d\d-", name)]
EVIDENCE = [name for name in PAGES if name.startswith("evidence/")]
EXERCISES = sorted(path.stem for path in (ROOT / "book" / "exercises" / "source").glob("*/*.ipynb"))
# a DOI, or for papers that have none the address of their proceedings
WORK = r"https://(doi\.org/10\.\d{4,5}/|www\.jmlr\.org/|aclanthology\.org/|papers\.nips\.cc/)"


def test_the_contents_list_everything_that_there_is():
    assert len(CHAPTERS) == len(list((ROOT / "book").glob("*.ipynb"))) >= 8
    assert len(EXERCISES) == 15
    written = {path.stem for path in (ROOT / "book").glob("*.md")}
    exercises = {f"exercises/{name}{page}" for name in EXERCISES for page in ("", "-solution")}
    questions = {f"questions/{chapter}" for chapter in CHAPTERS}
    evidence = {f"evidence/{path.stem}" for path in (ROOT / "book").glob("evidence/*.ipynb")}
    api = {f"api/{path.stem}" for path in (ROOT / "book" / "api").glob("*.md")}
    assert set(PAGES) == {*CHAPTERS, *written, *exercises, *questions, *api, *evidence}
    assert len(set(PAGES)) == len(PAGES)


@pytest.fixture(scope="module")
def pages(site):
    read = {name: (site / "book" / f"{name}.html").read_text(encoding="utf-8") for name in PAGES}
    return {name: BeautifulSoup(text, "html.parser") for name, text in read.items()}


def test_only_pages_of_the_table_of_contents_are_built(site):
    book = site / "book"
    built = {path.relative_to(book).with_suffix("").as_posix() for path in book.rglob("*.html")}
    assert built == set(PAGES)
    assert (site / "index.html").exists()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_valid_html(site, name):
    parser = html5lib.HTMLParser()
    parser.parse((site / "book" / f"{name}.html").read_bytes())
    assert [(place, kind) for place, kind, _ in parser.errors] == []


def test_no_page_loads_anything_from_another_host(pages):
    for name, page in pages.items():
        loaded = [tag.get("src") for tag in page.find_all(["script", "img", "iframe"])]
        loaded += [
            tag.get("href") for tag in page.find_all("link", rel=["stylesheet", "icon", "preload"])
        ]
        assert not [url for url in loaded if url and urlsplit(url).netloc], name


def test_every_image_has_a_description_that_a_person_wrote(pages):
    for name, page in pages.items():
        for image in page.find_all("img"):
            alt = image.get("alt", "")
            assert alt, (name, image)
            assert not re.search(r"\.(png|svg)$|^[0-9a-f]{20,}", alt), (name, alt)


def test_internal_links_and_anchors_resolve(site, pages):
    anchors = {
        (site / "book" / f"{name}.html"): {tag["id"] for tag in page.find_all(id=True)}
        for name, page in pages.items()
    }
    for name, page in pages.items():
        here = site / "book" / f"{name}.html"
        for tag in page.find_all("a", href=True):
            url = urlsplit(tag["href"])
            if url.scheme or url.netloc or tag["href"] in ("#", ""):
                continue
            target = (here.parent / unquote(url.path)).resolve() if url.path else here
            assert target.exists(), (name, tag["href"])
            if url.fragment and target in anchors:
                assert unquote(url.fragment) in anchors[target], (name, tag["href"])


def test_no_button_leads_to_the_placeholder_and_notebooks_can_be_downloaded(pages):
    """Which buttons a published book has: test_edition.py."""
    for name, page in pages.items():
        links = [tag["href"] for tag in page.find_all("a", href=True)]
        assert not [link for link in links if "-owner-" in link], name
        if name[0].isdigit():
            assert f"../_sources/book/{name}.ipynb" in links


def test_outputs_and_figures_are_on_the_pages(pages):
    for name in (*CHAPTERS, *EVIDENCE):
        text = pages[name].get_text()
        assert "✓" in text
        outputs = [out for cell in NOTEBOOKS[name].cells for out in cell.get("outputs", [])]
        figures = sum("image/png" in output.get("data", {}) for output in outputs)
        least = 3 if name in CHAPTERS else 1
        assert len(pages[name].select(".cell_output img")) >= figures >= least


def test_mathematics_needs_no_script_and_finds_its_letters(site, pages):
    drawn = {
        char for page in pages.values() for math in page.find_all("math") for char in math.text
    }
    letters = TTFont(site / "_static" / "math.woff2").getBestCmap()
    assert len(pages["12-pca"].find_all("math")) > 10
    assert not [char for char in drawn if ord(char) not in letters and not char.isspace()]
    italic = [0x1D434 + i for i in range(52) if i != 33]  # h stands elsewhere: as Planck's constant
    assert {*italic, 0x210E} <= set(letters)


def test_a_page_carries_its_styles_and_waits_for_no_script(pages):
    for page in pages.values():
        assert page.find_all("link", rel="stylesheet") == []
        assert all(script.has_attr("defer") for script in page.select("script[src]"))
        assert ".bd-article" in page.style.text
        assert "webfonts" not in page.style.text
        assert page.find("meta", {"http-equiv": "Content-Security-Policy"})


def test_every_claim_of_a_chapter_is_in_the_list(pages):
    listed = pages["claims"].get_text().replace("’", "'").replace("“", '"').replace("”", '"')
    for name in (*CHAPTERS, *EVIDENCE):
        texts = [one.args[0] for one in calls(NOTEBOOKS[name], "ae.claim")]
        sentences = [one.value for one in texts if isinstance(one, ast.Constant)]
        assert len(sentences) >= 5
        for sentence in sentences:
            assert sentence in listed, (name, sentence)


def test_the_claims_come_with_their_numbers(pages):
    shown = pages["claims"].select(".bd-article :is(details, .ae-measured)")
    assert len(shown) >= 100
    assert all(re.search(r"\d", one.get_text()) for one in shown)
    place = re.compile(r"^evidence/12-pca\.html#are-error-and-plane")
    spread = pages["claims"].find("a", href=place)
    below = spread.find_next("ul")
    assert "over all seeds" in below.get_text()
    assert re.search(r"\d", below.select_one(".ae-measured").get_text())


def test_the_first_use_of_a_term_leads_to_the_glossary(pages):
    linked = {}
    for name in CHAPTERS:
        article = pages[name].select_one(".bd-article")
        links = article.select("a.ae-term")
        assert len({link["href"] for link in links}) == len(links) > 3
        assert all(len(link["title"]) > 20 for link in links)
        assert article.select(":is(h1, h2, h3, code, pre, math) a.ae-term") == []
        for link in links:
            linked.setdefault(link["href"], []).append(name)
    assert not pages["glossary"].select("a.ae-term")
    (first, *_) = pages["12-pca"].select('a.ae-term[href$="#term-autoencoder"]')
    before = "".join(str(text) for text in first.find_all_previous(string=True))
    assert "write and train a linear " in before
    assert "must give back its own input" not in before
    assert re.search(r"\d+ minutes of text", pages["12-pca"].find(class_="ae-reading").text)
    # no chapter before the one where the glossary says that a term is first needed has it
    for term in pages["glossary"].select("dl.glossary dt"):
        told = re.findall(r'href="(\d\d-[\w-]+)\.html"', str(term.find_next("dd")))
        used = linked.get(f"glossary.html#{term['id']}")
        if told and used:
            assert told[0] <= used[0], term["id"]


def prose(path):
    """What a page says, code left out."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    cells = json.loads(text)["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def cited(path):
    """The works that a page sends its readers to: address -> title."""
    return {
        url: title
        for title, url in re.findall(r"\[([^\]]+)\]\((https://[^\s]+)\)", prose(path))
        if re.search(r"doi\.org|jmlr\.org|aclanthology\.org|papers\.nips\.cc", url)
    }


def test_the_references_are_those_of_the_chapters_and_of_where_next():
    entries = parse_file(ROOT / "book" / "references.bib", "bibtex").entries
    listed = {}
    for entry in entries.values():
        fields = entry.fields
        address = f"https://doi.org/{fields['doi']}" if "doi" in fields else fields["url"]
        assert re.fullmatch(WORK + r"\S+", address)
        assert re.fullmatch(r"19\d\d|20[0-2]\d", fields["year"])
        assert entry.persons["author"]
        listed[address] = (fields["title"].translate({123: None, 125: None}), fields["note"])
    assert len(listed) == len(entries)
    found = {}
    pages = [ROOT / "book" / f"{name}.ipynb" for name in CHAPTERS]
    for path in [*pages, ROOT / "book" / "where-next.md"]:
        chapter = prose(path).splitlines()[0].lstrip("# ")
        for address, title in cited(path).items():
            assert address not in found, "name both pages in the note"
            found[address] = (title, chapter)
    assert found == listed


def test_search_knows_the_words_of_the_chapters(site):
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    terms = json.loads(index[index.index("(") + 1 : index.rindex(")")])["terms"]
    assert {"eigenvector", "probe"} <= set(terms)


def headings(name):
    text = prose(ROOT / "book" / f"{name}.ipynb")
    return [line.lstrip("# ") for line in text.splitlines() if line.startswith("## ")]


def test_each_correction_of_the_sources_names_a_proof_that_exists():
    text = (ROOT / "book" / "sources.md").read_text(encoding="utf-8")
    slips = text[text.index("## Slips") : text.index("### Where the books are right")]
    slips = [line for line in slips.splitlines() if line.startswith("- ")]
    assert len(slips) >= 20
    for slip in slips:
        sections = re.findall(r"\]\((\d\d-[\w-]+)\.ipynb\), \*([^*]+)\*", slip)
        tests = re.findall(r"`(tests/[\w/]+\.py)`, \*([^*]+)\*", slip)
        assert sections or tests, slip
        assert len(tests) == slip.count("`tests/"), slip
        for chapter, heading in sections:
            assert any(found.startswith(heading) for found in headings(chapter)), heading
        for file, phrase in tests:
            functions = re.findall(r"def (test_\w+)", (ROOT / file).read_text(encoding="utf-8"))
            words = phrase.lower().replace("-", " ").replace(" ", "_")
            assert any(words in name.lower() for name in functions), (file, phrase)
