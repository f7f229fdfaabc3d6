"""A teacher's edition: published, most chapters left out, and a notebook of the teacher's own."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebooks import KERNEL
from stamp import stamp

ROOT = Path(__file__).parents[2]
TOC = """format: jb-book
root: book/intro
chapters:
  - file: book/14-deep-autoencoder
  - file: book/99-mine
  - file: book/claims
  - file: book/glossary
"""
MINE = "# Mine\n\nAfter [the plane](12-pca.ipynb), [*deep*](14-deep-autoencoder.ipynb)."
SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{0}" viewBox="0 0 9 9"/>"""


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """Each page of the strictly built edition, by its name."""
    folder = tmp_path_factory.mktemp("edition")
    shutil.copytree(ROOT / "book", folder / "book")
    for name in ("_config.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, folder)
    (folder / "_toc.yml").write_text(TOC)
    cells = [new_markdown_cell(MINE)]
    for size in ("72pt", "9cats"):
        picture = new_output("display_data", {"image/svg+xml": SVG.format(size)})
        alt = {"mystnb": {"image": {"alt": "nothing"}}}
        cells.append(new_code_cell("plot()", outputs=[picture], metadata=alt))
    mine = new_notebook(cells=cells, metadata=KERNEL)
    nbformat.write(mine, folder / "book" / "99-mine.ipynb")
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    stamp(folder, "Some/course")
    build = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", "."]
    done = subprocess.run([*build, "-W", "-n"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    pages = (folder / "_build" / "html" / "book").glob("*.html")
    return {page.stem: BeautifulSoup(page.read_text("utf-8"), "html.parser") for page in pages}


def test_links_to_what_is_left_out_are_plain_text(edition):
    assert set(edition) == {"intro", "14-deep-autoencoder", "99-mine", "claims", "glossary"}
    text = edition["99-mine"].select_one(".bd-article section p:not(.ae-reading)")
    assert text.get_text() == "After the plane, deep."
    assert [link["href"] for link in text.find_all("a")] == ["14-deep-autoencoder.html"]
    links = {link["href"] for page in edition.values() for link in page.find_all("a", href=True)}
    assert not [link for link in links if link.startswith(("12-pca", "questions/", "teaching"))]


def test_the_claims_of_a_chapter_that_is_left_out_are_not_in_the_list(edition):
    left_out = edition["claims"].find(id="pca-as-an-autoencoder").get_text()
    sentence = "This chapter is not part of this edition of the book."
    assert left_out.count(sentence) == 2  # the lesson and its evidence
    assert "over five seeds" not in edition["claims"].get_text()
    assert edition["claims"].find(id="the-deep-autoencoder").find("li")


def test_a_picture_whose_size_is_not_plain_does_not_stop_the_book(edition):
    in_points, strange = edition["99-mine"].select(".cell_output img")
    assert (in_points["width"], in_points["height"], in_points["loading"]) == ("96", "96", "lazy")
    assert not strange.has_attr("width")


def test_a_published_page_opens_elsewhere_as_its_tag_and_can_be_corrected(edition):
    tag = "v" + tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    name, page = "book/14-deep-autoencoder", edition["14-deep-autoencoder"]
    links = [link["href"] for link in page.find_all("a", href=True)]
    repository = "https://github.com/Some/course"
    notebook = f"Some/course/blob/{tag}/{name}.ipynb"
    assert f"https://colab.research.google.com/github/{notebook}" in links
    assert f"https://www.kaggle.com/kernels/welcome?src=https://github.com/{notebook}" in links
    binder = f"https://mybinder.org/v2/gh/Some/course/{tag}?urlpath=lab/tree"
    assert f"{binder}/{name}.ipynb" in links
    assert repository in links
    (report,) = {link for link in links if link.startswith(f"{repository}/issues/new?")}
    asked = parse_qs(urlsplit(report).query)
    assert asked["title"] == [f"Error in {name}"]
    assert asked["page"] == [name]
    form = ROOT / ".github" / "ISSUE_TEMPLATE" / asked["template"][0]
    assert "id: page" in form.read_text(encoding="utf-8")
    address = f"https://some.github.io/course/{name}.html"
    assert page.find("link", rel="canonical")["href"] == address
    assert page.find("meta", property="og:url")["content"] == address
    assert page.select_one(".ae-cite p").text.endswith(address)
    assert f"url = {{{address}}}" in page.select_one(".ae-cite pre").text
