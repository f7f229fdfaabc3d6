"""The API pages: each public name once, as the package has it, and reached from the lessons."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

import ae_course
from ae_course import diagrams, exercises, widgets

ROOT = Path(__file__).parents[2]
MODULES = {"ae_course": ae_course, "ae_course.widgets": widgets,
           "ae_course.diagrams": diagrams, "ae_course.exercises": exercises}  # fmt: skip
NAMES = {f"{path}.{name}" for path, module in MODULES.items() for name in module.__all__}
PUBLIC = {
    name: getattr(MODULES[name.rpartition(".")[0]], name.rpartition(".")[2]) for name in NAMES
}
CLASSES = [name for name, value in PUBLIC.items() if inspect.isclass(value)]


@pytest.fixture(scope="module")
def pages(site):
    read = {path: path.read_text("utf-8") for path in (site / "book" / "api").glob("*.html")}
    return {path.stem: BeautifulSoup(text, "html.parser") for path, text in read.items()}


@pytest.fixture(scope="module")
def signatures(pages):
    found = [dt for page in pages.values() for dt in page.select("dt.sig")]
    assert len({dt["id"] for dt in found}) == len(found)
    return {dt["id"]: dt for dt in found}


def test_every_public_name_has_an_entry_and_nothing_private_has_one(pages, signatures):
    modules = {span["id"] for page in pages.values() for span in page.select("[id^=module-]")}
    assert modules == {f"module-{path}" for path in MODULES if path != "ae_course"}
    entries = {name for name in signatures if name.rpartition(".")[0] not in CLASSES}
    assert entries == {name for name, value in PUBLIC.items() if not inspect.ismodule(value)}
    inside = set(signatures) - entries
    assert vars(ae_course.Vocabulary("a"))["characters"]
    for name in inside - {"ae_course.Vocabulary.characters"}:
        owner, _, method = name.rpartition(".")
        assert method in vars(PUBLIC[owner]), name
        assert not method.startswith("_"), name
    assert {"ae_course.VAE.encode", "ae_course.AutoEncoder.forward"} <= inside


def test_a_name_stands_there_as_a_lesson_writes_it(signatures):
    shown = {
        name: dt.get_text().split("(")[0].split("class ")[-1].strip()
        for name, dt in signatures.items()
    }
    assert shown["ae_course.train"] == "ae.train"
    assert shown["ae_course.widgets.text_writer"] == "ae.widgets.text_writer"
    assert shown["ae_course.exercises.check"] == "ae_course.exercises.check"  # imported by name


def test_every_signature_is_the_one_of_the_code(signatures):
    compared = 0
    for name, dt in signatures.items():
        owner, _, own = name.rpartition(".")
        thing = PUBLIC[name] if name in PUBLIC else vars(PUBLIC[owner]).get(own)
        if not callable(thing) or thing is exercises.NotYet:
            continue  # a constant, an attribute, and an exception that takes a sentence
        function = inspect.unwrap(thing.__init__ if inspect.isclass(thing) else thing)
        wanted = list(inspect.signature(function).parameters.values())
        if inspect.isclass(thing) or name not in PUBLIC:
            wanted = wanted[1:]  # self
        found = [" ".join(one.get_text().split()) for one in dt.select("em.sig-param")]
        found = [text for text in found if text not in ("*", "/")]
        assert len(found) == len(wanted), name
        for text, parameter in zip(found, wanted, strict=True):
            typed, _, default = text.partition(" = ")
            star = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(
                parameter.kind, ""
            )
            assert typed == f"{star}{parameter.name}: {parameter.annotation}", name
            assert bool(default) == (parameter.default is not parameter.empty), (name, text)
            if default:
                assert eval(default, function.__globals__) == parameter.default, (name, text)  # noqa: S307
        returned = dt.select_one(".sig-return-typehint")
        if returned is not None:
            assert returned.get_text() == inspect.signature(function).return_annotation, name
        star = "*" in [one.get_text() for one in dt.select("em.sig-param")]
        assert star == any(one.kind is one.KEYWORD_ONLY for one in wanted), name
        compared += 1
    assert compared > 100


def test_examples_are_shown_as_code_and_arguments_as_what_they_are(pages):
    text = pages["data"].find(id="ae_course.Vocabulary").find_next("dd")
    assert text.select_one(".highlight pre .gp").get_text().startswith(">>>")
    assert text.select_one("dl.field-list dt").get_text() == "Parameters:"
    cell = pages["models-of-text"].find(id="ae_course.AutoRegressive").find_next("dd")
    assert '{"gru", "lstm", "rnn"}' in cell.get_text()  # straight quotes: a string of Python


def test_types_of_other_packages_lead_to_their_pages(signatures):
    links = {
        link.get_text(): link["href"]
        for dt in signatures.values()
        for link in dt.select("a.reference.external")
    }
    assert links["Tensor"] == "https://docs.pytorch.org/docs/stable/tensors.html#torch.Tensor"
    listed = {
        line.split()[0]
        for path in (ROOT / "book" / "_inventories").glob("*.inv")
        for line in path.read_text("utf-8").splitlines()[3:]
    }
    assert {
        url.partition("#")[2] for url in links.values()
    } == listed  # none is missing or left over
    own = {link["href"] for dt in signatures.values() for link in dt.select("a.reference.internal")}
    assert "models-of-images.html#ae_course.AutoEncoder" in own


def test_the_list_names_each_entry(site, signatures):
    page = BeautifulSoup((site / "book" / "api.html").read_text("utf-8"), "html.parser")
    links = {link["href"].partition("#")[2] for link in page.select(".bd-article li a.internal")}
    entries = {name for name in signatures if name.rpartition(".")[0] not in CLASSES}
    assert {link for link in links if not link.startswith("module-")} >= entries


def test_the_code_of_a_lesson_leads_to_the_entries_and_stays_what_it_was(site):
    page = BeautifulSoup((site / "book" / "12-pca.html").read_text("utf-8"), "html.parser")
    cells = [cell for cell in page.select(".cell_input pre") if cell.select("a.ae-api")]
    assert len(cells) > 10
    sources = [
        cell.source
        for cell in nbformat.read(ROOT / "book" / "12-pca.ipynb", 4).cells
        if cell.cell_type == "code"
    ]
    for cell in cells:
        assert cell.get_text().strip() in [source.strip() for source in sources]
        links = [(link.get_text(), link["href"]) for link in cell.select("a.ae-api")]
        assert len(set(links)) == len(links)
        for name, address in links:
            assert re.fullmatch(rf"api/[\w-]+\.html#ae_course\.{name[3:]}", address)


WITHOUT_IMPORTS = """
import sys
sys.path.insert(0, "book/_ext")
import api
text = "".join(api.described(path) for group in api.groups() for path in api.entries(group))
assert "py:function:: train(" in text
print([name for name in ("torch", "ae_course") if name in sys.modules])
"""


def test_the_pages_are_made_without_importing_the_package():
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_IMPORTS],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.strip() == "[]"
