"""Rules that every lesson and its evidence keep (nbval checks that they run)."""

import ast
import base64
import copy
import re
import statistics
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_tools"))

import notebooks as tool
from stored import LESSONS, NOTEBOOKS, code_of, prose_of

from ae_course.widgets.figure import refreshed

each = pytest.mark.parametrize("notebook", NOTEBOOKS.values(), ids=NOTEBOOKS.keys())

IGNORED = "nbval-ignore-output"
MYST = re.compile(r"^(:::+|```+)\{|\{(cite|ref|numref|glue|eval|doc|term)[:}]", re.M)


def images_in(cell):
    return [o for o in cell.outputs if any(k.startswith("image/") for k in o.get("data", {}))]


def text_of(output):
    return output.get("text") or output.get("data", {}).get("text/plain", "")


def test_the_book_has_its_chapters():
    chapters = yaml.safe_load((ROOT / "_toc.yml").read_text())
    files = [entry["file"] for part in chapters["parts"] for entry in part["chapters"]]
    assert {f"book/{name}" for name in LESSONS} <= set(files)
    assert len(LESSONS) >= 13


@each
def test_stored_outputs_come_from_a_full_run_of_the_present_code(notebook):
    run = notebook.metadata.get("ae_course")
    assert run is not None, "never run in full: make notebooks"
    assert run["mode"] == "full"
    assert run["digest"] == tool.digest(notebook), "code changed: make notebooks"
    record = {"seconds", "date", "device", "threads", "memory", "versions"}
    # stored before there were records: every new run leaves a whole one
    assert set(run) - {"mode", "digest", "seeds"} in (record, set())
    said = "".join(text_of(out) for cell in code_of(notebook) for out in cell.outputs)
    data = {
        "load_mnist(": "MNIST: 60,000 training images",
        "load_shakespeare(": "Shakespeare: 1,115,394",
    }
    code = "".join(cell.source for cell in code_of(notebook))
    used = [sentence for function, sentence in data.items() if function in code]
    # points made on the spot are all the data of some lessons: their cards say so
    assert used or "| points made on the spot" in notebook.cells[0].source
    assert all(sentence in said for sentence in used)
    assert "[full run" not in re.sub(r"✓ .*\[full run.*\]", "", said)  # none was left unchecked


@each
def test_a_diagram_is_one_line_that_changes_nothing(notebook):
    for cell in code_of(notebook):
        if "ae.diagrams." in cell.source:
            assert re.fullmatch(r"ae\.diagrams\.\w+\([^\n;=]*\)", cell.source)


def test_an_edited_cell_is_noticed():
    notebook = copy.deepcopy(next(iter(NOTEBOOKS.values())))
    before = tool.digest(notebook)
    code_of(notebook)[-1].source += "\n"
    assert tool.digest(notebook) != before


@each
def test_notebooks_are_stored_in_the_normal_form(notebook):
    assert tool.normalize(nbformat.from_dict(notebook)) == notebook


@each
def test_nothing_went_wrong_when_it_ran(notebook):
    for cell in code_of(notebook):
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr"
            assert "Warning" not in text_of(output)
            assert "/root/" not in text_of(output)
            assert "/home/" not in text_of(output)
            assert not re.search(r"<.* at 0x", text_of(output))  # an object, and no result


@each
def test_the_first_screen(notebook):
    card = prose_of(notebook)[0].source
    assert card.startswith("# ")
    assert re.search(r"\| minutes on two CPU cores \| (on a GPU \| )?memory \| data \|", card)
    setup, imports, seed = code_of(notebook)[:3]
    assert setup.source.startswith("# Setup.")
    assert setup.metadata.tags == ["hide-input"]  # one line on the page, all of it in Colab
    longest = 15 if card.startswith("# Evidence") else 11
    assert len(imports.source.splitlines()) <= longest
    assert "torch.manual_seed(" in imports.source + seed.source
    seeds = [
        cell
        for cell in code_of(notebook)[3:]
        if re.search(r"(np\.random|random)\.seed\(", cell.source)
    ]
    assert not seeds


@each
def test_markdown_reads_well_in_colab_too(notebook):
    for cell in prose_of(notebook):
        assert not MYST.search(cell.source)
        assert cell.source.count("<details>") == cell.source.count("</details>")


@each
def test_cells_are_short_and_explained(notebook):
    # a figure to play with, or a drawing, is not one more step of the argument
    shown = re.compile(r"ae\.(widgets|diagrams)\.")
    steps = [cell for cell in code_of(notebook) if not shown.search(cell.source)]
    assert 5 <= len(steps) <= 30
    lengths = [len(cell.source.splitlines()) for cell in code_of(notebook)]
    assert statistics.median(lengths) <= 13
    assert max(lengths) <= 30
    in_a_row = 0
    for cell in notebook.cells[4:]:  # after setup, imports and seed
        in_a_row = in_a_row + 1 if cell.cell_type == "code" else 0
        assert in_a_row <= 2, cell.source


@each
def test_outputs_are_stored_and_short(notebook):
    for cell in code_of(notebook):
        if re.search(r"claim\(|print\(|plt\.show\(\)", cell.source):
            assert cell.outputs, f"no output stored:\n{cell.source}"
        for output in cell.outputs:
            # of a data frame a reader sees the table, not its plain-text twin
            table = output.get("data", {}).get("text/html", "")
            assert (table.count("<tr") or len(text_of(output).splitlines())) <= 16


@each
def test_claims_are_compared_and_numbers_are_not(notebook):
    for cell in code_of(notebook):
        tags = cell.metadata.get("tags", [])
        assert set(tags) <= {IGNORED, "hide-input", "hero", "lab"}
        if "✓" in "".join(text_of(out) for out in cell.outputs):
            assert IGNORED not in tags, f"this claim is not compared:\n{cell.source}"
    assert sum("claim(" in cell.source for cell in code_of(notebook)) >= 3


@each
def test_every_image_has_its_own_description(notebook):
    descriptions = []
    for cell in code_of(notebook):
        pictures = images_in(cell)
        if pictures:
            assert len(pictures) == 1, "one figure a cell, so that each has its description"
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt.split()) >= 10, f"no description:\n{cell.source}"
            descriptions.append(alt)
    assert descriptions
    assert len(set(descriptions)) == len(descriptions)


@each
def test_figures_fit_the_page(notebook):
    for cell in code_of(notebook):
        for output in images_in(cell):
            if "image/svg+xml" in output.data:  # all are of one width
                continue
            png = base64.b64decode(output.data["image/png"])
            size = output.metadata.get("image/png")  # for one with more pixels
            width, height = (int.from_bytes(png[i : i + 4], "big") for i in (16, 20))
            if size:
                assert (width // 2, height // 2) == (size.width, size.height)
                width, height = size.width, size.height
            assert width <= 8.3 * 120
            assert height <= 5.3 * 120


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_stored_notebook_is_small(name):
    interactive = [data[tool.HTML] for data in tool.figures(NOTEBOOKS[name])]
    assert all(len(html) < 1_000_000 for html in interactive)  # a kernel's message limit
    size = (ROOT / "book" / f"{name}.ipynb").stat().st_size
    assert size - sum(map(len, interactive)) <= 1_572_864


@each
def test_interactive_figures_are_stored_with_the_present_scripts(notebook):
    written = [cell for cell in code_of(notebook) if "ae.widgets." in cell.source]
    stored = tool.figures(notebook)
    assert len(stored) == len(written)
    for cell in written:
        assert IGNORED in cell.metadata.tags  # its weights are those of the run
    for data in stored:
        assert data[tool.HTML] == refreshed(data[tool.HTML]), "old scripts: make refresh"


@each
def test_no_stale_interface_is_used(notebook):
    for cell in code_of(notebook):
        ast.parse(cell.source)
        assert not re.search(
            r"set_matplotlib_formats|num_workers|make_grid|torch\.load|^[!%]", cell.source, re.M
        )
