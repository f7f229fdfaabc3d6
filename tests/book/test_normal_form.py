"""The normal form of stored notebooks, and what a run's fingerprint covers."""

import base64
import copy
from pathlib import Path

import nbformat
import notebooks as tool
import numpy as np
import pytest
import torch
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[2]


def messy():
    cell = new_code_cell(
        "1 + 1",
        execution_count=7,
        metadata={"tags": ["x"], "execution": {"iopub.status.busy": "2026"}, "scrolled": True},
        outputs=[
            new_output("stream", name="stderr", text="a warning"),
            new_output("display_data", {tool.WIDGET: {"model_id": "1"}, "text/plain": "0%"}),
            new_output("execute_result", {"text/plain": "2"}, execution_count=7, metadata={"a": 1}),
        ],
    )
    return new_notebook(
        cells=[new_markdown_cell("# A"), cell],
        metadata={"widgets": {}, "kernelspec": {"name": "conda-env", "display_name": "x"}},
    )


def test_the_normal_form_keeps_what_matters_and_drops_the_rest():
    notebook = tool.normalize(messy())
    cell = notebook.cells[1]
    assert cell.metadata == {"tags": ["x"]}
    assert cell.execution_count is None  # not a full run from top to bottom
    assert [(out.output_type, out.data) for out in cell.outputs] == [
        ("execute_result", {"text/plain": "2"})
    ]
    assert cell.outputs[0].metadata == {}
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    nbformat.validate(notebook)


def test_a_picture_keeps_the_size_in_which_it_is_meant_to_be_seen():
    notebook, size = messy(), {"width": 3, "height": 2}
    picture = new_output("display_data", {"image/png": ""}, metadata={"image/png": size, "b": 1})
    notebook.cells[1].outputs.append(picture)
    once = tool.normalize(notebook)
    assert once.cells[1].outputs[-1].metadata == {"image/png": size}
    assert tool.normalize(nbformat.from_dict(once)) == once


def test_a_stored_run_has_sharp_pictures_and_no_cell_more(tmp_path):
    path = tmp_path / "a.ipynb"
    draw = (
        "import matplotlib.pyplot as plt\nplt.figure(figsize=(2, 1))\nplt.plot([1, 2])\nplt.show()"
    )
    nbformat.write(new_notebook(cells=[new_code_cell(draw), new_code_cell("1 + 1")]), path)
    tool.run(path)
    first, second = nbformat.read(path, 4).cells
    (picture,) = first.outputs
    size = picture.metadata["image/png"]
    png = base64.b64decode(picture.data["image/png"])
    pixels = [int.from_bytes(png[i : i + 4], "big") for i in (16, 20)]
    assert [number // 2 for number in pixels] == [size.width, size.height]
    assert (first.execution_count, second.execution_count) == (1, 2)


def test_the_normal_form_is_stable_and_keeps_ids():
    once = tool.normalize(messy())
    again = tool.normalize(nbformat.from_dict(once))
    assert once == again
    ids = [cell.id for cell in once.cells]
    assert len(set(ids)) == 2


def test_every_notebook_of_the_book_is_stored_in_its_normal_form():
    """Also the sources of the exercises: nbval refuses a cell that has outputs and no number."""
    for path in sorted((ROOT / "book").rglob("*.ipynb")):
        stored = nbformat.read(path, as_version=4)
        normal = tool.normalize(copy.deepcopy(stored))
        assert normal == stored, f"python book/_tools/notebooks.py normalize {path}"


def test_cells_of_a_full_run_are_numbered_in_order():
    notebook = messy()
    notebook.metadata["ae_course"] = {"mode": "full", "digest": tool.digest(notebook)}
    cell = tool.normalize(notebook).cells[1]
    assert cell.execution_count == cell.outputs[0].execution_count == 1


def test_a_copied_cell_gets_an_id_of_its_own():
    notebook = messy()
    notebook.cells.append(nbformat.from_dict(notebook.cells[1]))
    ids = [cell.id for cell in tool.normalize(notebook).cells]
    assert len(set(ids)) == 3


def test_a_failing_notebook_is_left_as_it_was(tmp_path, monkeypatch):
    from nbclient import NotebookClient

    def fail(self):
        raise RuntimeError("a cell failed")

    path = tmp_path / "a.ipynb"
    nbformat.write(messy(), path)
    before = path.read_bytes()
    monkeypatch.setattr(NotebookClient, "execute", fail)
    with pytest.raises(RuntimeError, match="a cell failed"):
        tool.run(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_lab_keeps_what_it_complains_of_and_nothing_else(tmp_path):
    lab = "import sys\nfrom ipywidgets import interact\ninteract(lambda a: print(a), a=3)\n{}"
    for more, kept in (("", []), ("print(1, file=sys.stderr)", ["stream"]), ("1 / 0", ["error"])):
        cell = new_code_cell(lab.format(more), metadata={"tags": ["lab"]})
        tool.execute(new_notebook(cells=[cell]), tmp_path, allow_errors=True)
        assert [output.output_type for output in cell.outputs] == kept


@pytest.mark.parametrize(
    ("wrong", "fast", "digest", "recorded"),
    [
        ([], False, None, [100, 200]),
        (["AssertionError: a claim"], False, None, [200]),
        ([], True, None, [200]),
        ([], False, "another code", [200]),
    ],
)
def test_other_seeds_are_recorded_where_claims_hold(
    tmp_path, monkeypatch, wrong, fast, digest, recorded
):
    notebook = messy()
    digest = digest or tool.digest(notebook)
    notebook.metadata["ae_course"] = {"mode": "full", "digest": digest, "seeds": [200]}
    path = tmp_path / "a.ipynb"
    tool.write(tool.normalize(notebook), path)
    monkeypatch.setattr(tool, "failures", lambda path, offset: wrong)
    assert tool.try_seeds([path], [0, 100], fast) == (not wrong)
    stored = nbformat.read(path, as_version=4)
    assert stored.metadata["ae_course"]["seeds"] == recorded
    assert tool.normalize(copy.deepcopy(stored)) == stored


def test_a_claim_that_holds_with_one_seed_alone_is_found(tmp_path):
    torch.manual_seed(0)
    global_one = torch.rand(()).item()
    own = torch.rand((), generator=torch.Generator().manual_seed(0)).item()
    numpys = np.random.default_rng(0).random()
    claims = [
        f"torch.manual_seed(0)\nassert torch.rand(()).item() == {global_one}, 'a'",
        f"own = torch.Generator().manual_seed(0)\n"
        f"assert torch.rand((), generator=own).item() == {own}, 'b'",
        f"assert np.random.default_rng(0).random() == {numpys}, 'c'",
        "assert torch.rand(()) < 1, 'd'",
    ]
    cells = [new_code_cell(text) for text in ("import numpy as np\nimport torch", *claims)]
    path = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    before = path.read_bytes()
    assert tool.failures(path, 0) == []
    assert tool.failures(path, 100) == [f"AssertionError: {name}" for name in "abc"]
    assert path.read_bytes() == before


def test_what_only_a_fast_run_takes_is_no_part_of_a_full_one():
    code = "a = ae.full_or_fast(\n    10, (2, 'ü'))  # ü\nb = [ae.full_or_fast('ü', 1), {fast}]"

    def fingerprint(code):
        return tool.digest(new_notebook(cells=[new_code_cell(code)]))

    plain = code.format(fast=0)
    assert tool.in_full(plain) == (
        "a = ae.full_or_fast(\n    10, )  # ü\nb = [ae.full_or_fast('ü', ), 0]"
    )
    assert fingerprint(plain) == fingerprint(plain.replace("(2, 'ü')", "300"))
    assert fingerprint(plain) != fingerprint(plain.replace("10", "11"))
    assert fingerprint(plain) != fingerprint(plain.replace("'ü', 1", "'u', 1"))
    assert tool.in_full(plain.replace("ae.full_or_fast", "max")) == plain.replace(
        "ae.full_or_fast", "max"
    )


def test_the_stamp_leaves_a_stored_run_as_it_was():
    """The setup cell holds the address, and is no part of what a run's fingerprint covers."""
    notebook = nbformat.read(ROOT / "book" / "12-pca.ipynb", as_version=4)
    before = tool.digest(notebook)
    setup = next(cell for cell in notebook.cells if "AE_COURSE_SOURCE" in cell.source)
    setup.source = setup.source.replace("ae-course@", "elsewhere@")
    assert tool.digest(notebook) == before
    notebook.cells[-3].cell_type = "code"
    assert tool.digest(notebook) != before
