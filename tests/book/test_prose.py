"""Prose names a chapter by its title, with a link: its number may change."""

import re
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
PARTS = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
# file -> what the table of contents calls it, such as "1.2 PCA as an autoencoder"
LISTED = {
    Path(entry["file"]).name: entry.get("title", "")
    for part in PARTS
    for entry in part["chapters"]
    if re.fullmatch(r"book/\d\d-[\w-]+", entry["file"])
}
TITLES = {file: title.partition(" ")[2] for file, title in LISTED.items()}

COUNT = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen"
ORDINAL = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth"
)
NUMBERED = re.compile(
    rf"\b(?:chapters?|lessons?|ch\.)\s+(?:\d|(?:{COUNT})\b)|\b(?:{ORDINAL})\s+(?:chapter|lesson)\b",
    re.I,
)
# the name of a chapter's file, under whatever number
FILE = re.compile(rf"\b\d\d-(?:{'|'.join(file[3:] for file in TITLES)})\b")
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+\.ipynb)(?:#[\w-]*)?\)")


def read():
    """page -> the folder that its links start from, its prose, its code."""
    pages = {}
    for path in [*BOOK.glob("*.ipynb"), *BOOK.glob("e*/**/*.ipynb")]:
        if path.parent == BOOK / "exercises":
            continue  # written from the sources
        cells = nbformat.read(path, 4).cells
        prose = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        code = "\n\n".join(cell.source for cell in cells if cell.cell_type == "code")
        # the pages of an exercise are written into book/exercises
        folder = BOOK / "exercises" if "source" in path.parts else path.parent
        pages[path.relative_to(BOOK).as_posix()] = folder, prose, code
    for path in [*BOOK.glob("*.md"), *BOOK.glob("questions/*.md")]:
        prose = path.read_text(encoding="utf-8")
        pages[path.relative_to(BOOK).as_posix()] = path.parent, prose, ""
    return pages


PAGES = read()


def wrong_links(folder, prose):
    """The links whose text is the title of another chapter than the one they lead to."""
    wrong = []
    for text, address in LINK.findall(prose):
        if address.startswith("https:"):
            continue
        target = (folder / address).resolve()
        number, named = re.fullmatch(r"(\d\.\d )?(.*)", text, re.S).groups()
        of = [file for file, title in TITLES.items() if named.lower().startswith(title.lower())]
        told = f"{number}{named}" if number else LISTED.get(target.stem)
        right = not of or (target.stem in of and told == LISTED[target.stem])
        if not target.exists() or not right:
            wrong.append((text, address))
    return wrong


def test_the_pages_are_found():
    assert len(TITLES) == len(list(BOOK.glob("*.ipynb"))) >= 13
    assert len(PAGES) >= 2 * len(TITLES) + 9 + 5
    assert sum(len(LINK.findall(prose)) for _, prose, _ in PAGES.values()) >= 150


@pytest.mark.parametrize(
    "text",
    [
        "as in chapter 4",
        "Chapters 2 and 3",
        "chapter\n12's net",
        "chapters four to six",
        "lesson 3",
    ],
)
def test_a_number_is_noticed(text):
    assert NUMBERED.search(text)


@pytest.mark.parametrize(
    "text", ["the next chapter", "two chapters on", "exercise 4", "No chapter"]
)
def test_what_is_no_number_passes(text):
    assert not NUMBERED.search(text)


def test_no_chapter_is_named_by_a_number():
    found = {page: NUMBERED.findall(f"{prose}\n{code}") for page, (_, prose, code) in PAGES.items()}
    assert {page: numbers for page, numbers in found.items() if numbers} == {}


def test_no_file_has_a_name_that_it_had_before():
    for page, (_, prose, code) in PAGES.items():
        assert set(FILE.findall(f"{prose}\n{code}")) <= set(TITLES), page


def test_a_link_with_a_chapters_title_leads_to_that_chapter():
    found = {page: wrong_links(folder, prose) for page, (folder, prose, _) in PAGES.items()}
    assert {page: links for page, links in found.items() if links} == {}


@pytest.mark.parametrize(
    "link",
    [
        "[Denoising](21-robustness.ipynb)",
        "[Denoising, once more](21-robustness.ipynb)",
        "[2.1 Denoising](22-denoising.ipynb)",
        "[writing](31-what-comes-next.ipynb)",
        "[Denoising](06-denoising.ipynb)",
        "[Denoising](../22-denoising.ipynb)",
    ],
)
def test_a_wrong_link_is_noticed(link):
    assert len(wrong_links(BOOK, f"See {link}.")) == 1


def test_the_numbers_are_those_of_the_files_in_ascending_order():
    assert list(LISTED) == sorted(LISTED)
    for file, title in LISTED.items():
        assert title.split(" ")[0] == f"{file[0]}.{file[1]}"
    for place, part in enumerate(PARTS, 1):
        entries = {Path(entry["file"]).name: entry for entry in part["chapters"]}
        numbers = [name[:2] for name in entries if name in LISTED]
        assert numbers == [f"{place}{n}" for n in range(1, len(numbers) + 1)]
        for name in entries.keys() & LISTED.keys():
            sections = [{"file": f"book/questions/{name}"}]
            if (BOOK / "evidence" / f"{name}.ipynb").exists():
                sections.insert(0, {"file": f"book/evidence/{name}", "title": "Evidence"})
            assert entries[name]["sections"] == sections


def test_a_chapter_is_called_the_same_on_its_page_and_in_the_contents():
    for file, title in TITLES.items():
        first = nbformat.read(BOOK / f"{file}.ipynb", 4).cells[0].source.splitlines()[0]
        assert first == f"# {title}"


@pytest.mark.parametrize("page", ["intro", "teaching", "claims"])
def test_a_list_of_the_chapters_has_all_of_them_in_order(page):
    lines = re.findall(r"^(?:## |\| \[)(\d\.\d [^\]\n]+)", PAGES[f"{page}.md"][1], re.M)
    assert lines == list(LISTED.values())
