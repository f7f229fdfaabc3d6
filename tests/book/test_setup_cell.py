"""The first cell of every notebook: one text, which finds the package or installs it alone."""

import os
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).parents[2]


def setup_cell():
    cells = set()
    for folder in ("book", "book/evidence", "book/exercises", "book/exercises/source/*"):
        for path in ROOT.glob(f"{folder}/*.ipynb"):
            notebook = nbformat.read(path, as_version=4)
            cells.add(next(cell.source for cell in notebook.cells if cell.cell_type == "code"))
    assert len(cells) == 1, "the setup cell must be the same in every notebook"
    return cells.pop()


def test_the_setup_cell_is_one_and_names_the_repository_and_the_version():
    repository = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f'"{repository}/archive/refs/tags/v{version}.tar.gz"' in setup_cell()


def test_the_setup_cell_finds_the_clone_around_a_notebook(tmp_path):
    """As in JupyterLab opened anywhere in a clone, with torch but without the package."""
    clone = tmp_path / "a clone"
    (clone / "ae_course").mkdir(parents=True)
    (clone / "ae_course" / "__init__.py").write_text("")
    folder = clone / "book" / "exercises"
    folder.mkdir(parents=True)
    code = setup_cell() + "\nimport ae_course\nprint(ae_course.__file__)"
    # without the site-packages and PYTHONPATH, where the package itself may be
    ran = subprocess.run(
        [sys.executable, "-SE", "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == str(clone / "ae_course" / "__init__.py")


def test_the_setup_cell_does_nothing_where_the_package_is(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("nothing should be installed")

    monkeypatch.setattr(subprocess, "run", refuse)
    exec(setup_cell(), {})


def without_caches(member):
    return None if "__pycache__" in member.name else member


def test_the_setup_cell_installs_the_package_and_nothing_else(tmp_path):
    """In a fresh environment that has torch, as Colab's has, but neither the package nor git.

    The source is an archive, such as a forge makes of a tag.
    """
    source = tmp_path / "ae-course.tar.gz"
    with tarfile.open(source, "w:gz") as archive:
        for name in ("ae_course", "pyproject.toml", "README.md", "LICENSE", "LICENSE-text"):
            archive.add(ROOT / name, f"ae-course/{name}", filter=without_caches)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "fresh"], check=True)
    folder = "Scripts" if os.name == "nt" else "bin"
    python = tmp_path / "fresh" / folder / "python"
    colab = tmp_path / "colab"
    (colab / "google" / "colab").mkdir(parents=True)
    (colab / "google" / "colab" / "__init__.py").write_text("")
    # the machine's own packages, seen through a path: the editable ae_course is not among them
    here = [path for path in sys.path if path.endswith("site-packages")]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(colab), *here]),
        "AE_COURSE_SOURCE": source.as_uri(),
        "PATH": "",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's switch is inverted: this turns isolation off
        "PIP_NO_INDEX": "1",
    }
    check = (
        "\nimport google.colab, torch, ae_course, pathlib"
        "\nprint(pathlib.Path(ae_course.__file__).parents[1])"
        "\nassert pathlib.Path(ae_course.__file__).with_name('course.mplstyle').exists()"
    )
    for _ in range(2):  # running it again must be harmless
        result = subprocess.run(
            [python, "-W", "ignore", "-c", setup_cell() + check],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        assert "fresh" in result.stdout
    installed = [path.name for path in (tmp_path / "fresh").rglob("*.dist-info")]
    assert [name.split("-")[0] for name in installed] == ["ae_course"]
