"""The whole book as one PDF, tagged and with an outline: python book/_tools/pdf.py

Sphinx puts all pages on one, and Chromium prints it. An interactive figure shows its still picture.
Jupyter Book's own builder, `pdfhtml`, does the same without tags, outline and what is folded, and
knows only the browser that Playwright downloads.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import chromium
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]

# what is folded cannot be opened on paper; the questions keep their answers for the screen
UNFOLD = """
for (const folded of document.querySelectorAll("details")) {
  folded.open = !folded.closest(".ae-question, .cell_input, .tag_hide-input");
}
"""


def main() -> None:
    found = chromium.find()
    if found is None:
        sys.exit("pdf: no Chromium was found: make chromium")
    out = ROOT / "_build" / "pdf"
    subprocess.run(
        [Path(sys.executable).with_name("jupyter-book"), "build", ".", "--all", "--path-output",
         out, "--builder", "singlehtml", "--quiet"],
        cwd=ROOT,
        check=True,
    )  # fmt: skip
    pages = out / "_build" / "singlehtml"
    # at the top, where its style sheets, pictures and mathematics are found
    shutil.copy(pages / "book" / "intro.html", pages / "index.html")
    target = ROOT / "_build" / "autoencoders-and-self-supervision.pdf"
    temporary = target.with_suffix(".part")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        # without scripts for the figures, which then show their pictures
        page = browser.new_page(color_scheme="light")
        page.goto((pages / "index.html").as_uri(), timeout=120_000)
        page.evaluate(UNFOLD)
        page.pdf(path=temporary, format="A4", tagged=True, outline=True, print_background=True,
                 margin={"top": "18mm", "bottom": "18mm",
                         "left": "18mm", "right": "18mm"})  # fmt: skip
        browser.close()
    temporary.replace(target)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
