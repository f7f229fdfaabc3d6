"""What makes the site: the normaliser, the stamp, style sheets, mathematics."""

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "book" / folder) for folder in ("_tools", "_ext")]

import notebooks as tool
from mathml import mathml
from stamp import stamp
from styles import needed, used_names


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


def test_the_normal_form_is_stable_and_keeps_ids():
    once = tool.normalize(messy())
    again = tool.normalize(nbformat.from_dict(once))
    assert once == again
    ids = [cell.id for cell in once.cells]
    assert len(set(ids)) == 2


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


def test_the_offline_run_blocks_the_network_wherever_a_kernel_starts(tmp_path):
    code = "import socket; socket.create_connection(('198.51.100.1', 80), timeout=1)"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests" / "offline")}
    for command in (code, code.replace("198.51.100.1", "example.org")):
        result = subprocess.run(
            [sys.executable, "-c", command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert "this test run has no network" in result.stderr
    # an absolute path, since kernels start in the notebooks' folder
    assert 'PYTHONPATH="$(CURDIR)/tests/offline"' in (ROOT / "Makefile").read_text()


# in pieces, so that the stamp leaves this file alone
PLACEHOLDER = "/".join(["-owner-", "ae-course"])
OLD = f"https://github.com/{PLACEHOLDER}"


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "_config.yml").write_text(f"repository:\n  url: {OLD}\n")
    (tmp_path / "README.md").write_text(f"[read]({OLD}/wiki) colab/github/{PLACEHOLDER}/blob")
    owner, name = PLACEHOLDER.split("/")
    (tmp_path / "pages.md").write_text(f"https://{owner}.github.io/{name}/")
    (tmp_path / "picture.bin").write_bytes(b"\xff\x00nothing here")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    return tmp_path


def test_the_stamp_reaches_every_file_and_can_be_repeated(repository):
    changed = ["README.md", "_config.yml", "pages.md"]
    assert stamp(repository, "Some/course") == changed
    assert (repository / "pages.md").read_text() == "https://some.github.io/course/"
    assert (repository / "README.md").read_text() == (
        "[read](https://github.com/Some/course/wiki) colab/github/Some/course/blob"
    )
    assert stamp(repository, "Some/course") == []
    assert stamp(repository, "other/name") == changed


@pytest.mark.parametrize(
    "repo", ["", "a", "a/b/c", "a/b.git", "https://github.com/a/b", PLACEHOLDER, "a b/c"]
)
def test_a_bad_name_changes_nothing(repository, repo):
    with pytest.raises(ValueError, match="must look like owner/name, got"):
        stamp(repository, repo)
    assert OLD in (repository / "_config.yml").read_text()


def test_the_stamp_leaves_a_stored_run_as_it_was():
    """The setup cell holds the address, and is no part of what a run's fingerprint covers."""
    notebook = nbformat.read(ROOT / "book" / "12-pca.ipynb", as_version=4)
    before = tool.digest(notebook)
    setup = next(cell for cell in notebook.cells if "AE_COURSE_SOURCE" in cell.source)
    setup.source = setup.source.replace("ae-course@", "elsewhere@")
    assert tool.digest(notebook) == before
    notebook.cells[-3].cell_type = "code"
    assert tool.digest(notebook) != before


def test_one_address_stands_in_every_file():
    url = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    name = url.split("/")[-1]
    found = set()
    for file in filter(None, listed.split("\0")):
        text = (ROOT / file).read_text(encoding="utf-8", errors="ignore")
        found |= set(re.findall(rf"github\.com/([\w.-]+/{name})\b", text))
    assert found == {"/".join(url.split("/")[-2:])}


def test_every_make_target_is_defined_once():
    """Make forgives a target that is declared phony and has no recipe: it then does nothing."""
    makefile = (Path(__file__).parents[2] / "Makefile").read_text()
    defined = re.findall(r"^([a-z-]+):", makefile, re.M)
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.M).group(1).split()
    assert sorted(defined) == sorted(phony)


def test_a_style_sheet_keeps_what_some_page_uses():
    sheet = """
    @charset "UTF-8";
    /* a comment */
    .used, .never { color: red }
    .used .never { color: blue }
    a:not(.never) { color: green }
    @media print { .never { display: none } #here { margin: 0 } }
    @media screen { .never { display: none } }
    @font-face { src: url(webfonts/icons.woff2) }
    @font-face { src: url(math.woff2) }
    .made { top: 0 }
    .fa-solid.fa-bars::before, .used::before { content: "x" }
    """
    pages = [
        '<p class="used" id="here"></p><i class="fa-solid fa-bars"></i>',
        '<script>show("made")</script>',
    ]
    kept = needed(sheet, used_names(pages, []))
    assert kept == (
        ".used{color: red}a:not(.never){color: green}@media print {#here{margin: 0}}"
        "@font-face { src: url(math.woff2) }.made{top: 0}"
        '.used::before{content: "x"}'
    )


def test_a_broken_style_sheet_is_an_error():
    with pytest.raises(ValueError, match="style sheet has an error"):
        needed("a { color: red } }", set())


def spaced(tex):
    """The formula's letters, with an underscore where a space was put."""
    formula = ElementTree.fromstring(mathml(tex, block=False))
    tags = [(element.tag.split("}")[1], element.text or "") for element in formula.iter()]
    return "".join("_" if tag == "mspace" else text for tag, text in tags)


@pytest.mark.parametrize(
    ("tex", "set_as"),
    [
        (r"\log p", "log_p"),
        (r"\log p(x)", "log_p(x)"),
        (r"\log(p)", "log(p)"),
        (r"p \ln p", "p_ln_p"),
        (r"= -\ln p", "=\u2212ln_p"),
        (r"p_i \log_2 p_i", "pi_log2_pi"),
        (r"\max(0, x)", "max(0,x)"),
        (r"\frac{\log x}{y}", "log_xy"),
    ],
)
def test_functions_stand_apart_as_in_tex(tex, set_as):
    assert spaced(tex) == set_as


def test_accents_are_small_and_names_are_no_operators():
    formula = mathml(r"\hat{x} = \max(0, x)", block=False)
    assert formula.startswith('<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline">')
    assert '<mo stretchy="false">\u02c6</mo>' in formula
    assert "<mi>max</mi>" in formula
    assert "\u02c6" not in mathml(r"\widehat{xy}", block=False)
    assert 'display="block"' in mathml("x", block=True)


@pytest.mark.parametrize(
    "tex", [r"\nonsense{x}", r"\begin{aligned} a &= b \\\\ c &= d \end{aligned}"]
)
def test_mathematics_that_cannot_be_set_is_an_error(tex):
    with pytest.raises(ValueError, match="no MathML"):
        mathml(tex, block=True)
