"""Find a Chromium for the browser tests; as a program, install one where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HELP = """No Chromium could be installed. Install one yourself (on Debian: apt-get install chromium;
elsewhere: python -m playwright install chromium), or name one in AE_COURSE_CHROMIUM."""


def find():
    """The path of AE_COURSE_CHROMIUM's, the system's or Playwright's own, or None."""
    named = os.environ.get("AE_COURSE_CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def attempts():
    """Commands that may install one, in order."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        yield ["apt-get", "update", "-qq"]
        yield ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    yield [sys.executable, "-m", "playwright", "install", "chromium"]


def main():
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
