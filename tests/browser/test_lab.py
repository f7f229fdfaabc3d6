"""The same output in JupyterLab, with a kernel: untrusted it waits, and after a run it lives."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import expect
from trained import example

ROOT = Path(__file__).parents[2]
CODE = """from ae_course import widgets
widgets.temperature_by_hand(["a", "b", "c"], [1, 0, -1])"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab with one notebook, in a home of its own."""
    folder = tmp_path_factory.mktemp("lab")
    stored = new_output(
        "execute_result", {"text/html": example("latent_explorer").html}, execution_count=1
    )
    cells = [
        new_code_cell("# as it was stored", outputs=[stored], execution_count=1),
        new_code_cell(CODE),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "a.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = {
        name: str(folder / "home")
        for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    environment = os.environ | home | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}"]
    options = ["--IdentityProvider.token=", "--ServerApp.password=", "--allow-root"]
    quiet = [
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(
            [*command, *options, *quiet, f"--notebook-dir={folder}"],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"{address}/api/status").close()
                    break
                except OSError:
                    assert server.poll() is None, (folder / "log").read_text()
                    time.sleep(0.25)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def test_untrusted_it_waits_and_after_a_run_it_lives(open_page, lab):
    page = open_page(f"{lab}/lab/tree/a.ipynb")
    note = page.get_by_text("A still picture").first
    expect(note).to_be_visible(timeout=60_000)
    expect(page.locator(".ae-figure")).to_have_count(0)  # scripts were taken out

    expect(page.get_by_text("(ipykernel) | Idle")).to_be_visible(timeout=60_000)
    cell = page.locator(".jp-CodeCell").nth(1)
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    figure = cell.locator(".ae-figure")
    expect(figure).to_be_visible(timeout=60_000)
    slider = figure.get_by_label("Score of b")
    before = figure.locator(".ae-bars").inner_text()
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")  # not a command to the notebook
    assert figure.locator(".ae-bars").inner_text() != before
    expect(slider).to_be_focused()
