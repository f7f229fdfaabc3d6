"""Find a Chromium for the browser tests and the PDF; as a program, install one if there is none.

The one without windows goes first: it takes two thirds of the time of the whole browser.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HELP = """No Chromium could be installed. Install one yourself (on Debian: apt-get install chromium;
elsewhere: python -m playwright install chromium), or name one in AE_COURSE_CHROMIUM."""


def find() -> str | None:
    """The path of AE_COURSE_CHROMIUM's, the system's or Playwright's own, or None."""
    if named := os.environ.get("AE_COURSE_CHROMIUM"):
        return named
    for name in ("chromium-headless-shell", "chromium", "chromium-browser"):
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def attempts() -> Iterator[list[str]]:
    """Commands that may install one, in order."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        yield ["apt-get", "update", "-qq"]
        for name in ("chromium-headless-shell", "chromium"):
            yield ["apt-get", "install", "-y", "-qq", "--no-install-recommends", name]
    yield [sys.executable, "-m", "playwright", "install", "chromium"]


def main() -> None:
    for command in attempts():
        if find():
            break
        print("$", *command, flush=True)
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if not find():
        sys.exit(HELP)
    print("Chromium:", find())


if __name__ == "__main__":
    main()
