"""Write requirements.txt and requirements.lock from pyproject.toml.

    python book/_tools/requirements.py [--upgrade]
    python book/_tools/requirements.py oldest

requirements.txt has the package with its extras, then the tools of the group `dev`, in ranges.
requirements.lock has the tools and all that they need, each in one version, for every system and
Python that the course supports, with the checksums of its files. It keeps the versions that it has
as far as the ranges allow; with `--upgrade` it takes the newest. `oldest` prints the package's
needs, each in the oldest version that it promises to work with.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HEADER = "# Written by `make requirements` from pyproject.toml.\n"
LOCK_HEADER = HEADER + (
    "# Exact versions of the tools, for: pip install --require-hashes -r requirements.lock\n"
    "# The package's own needs (torch, numpy and the like) are left free; requirements.txt has them.\n"
)


def tools(project: dict[str, Any], group: str = "dev") -> list[str]:
    """The requirements of a dependency group and of the groups that it includes, sorted."""
    found = []
    for entry in project["dependency-groups"][group]:
        found += [entry] if isinstance(entry, str) else tools(project, entry["include-group"])
    return sorted(set(found))


def requirements(project: dict[str, Any]) -> str:
    """The text of requirements.txt."""
    extras = ",".join(sorted(project["project"]["optional-dependencies"]))
    return HEADER + "\n".join([f"-e .[{extras}]", *tools(project)]) + "\n"


def oldest(project: dict[str, Any]) -> str:
    """The package's needs, each in the lowest version of its range."""
    return "\n".join(need.replace(">=", "==") for need in project["project"]["dependencies"])


def lock(*options: str) -> None:
    """Solve for all systems at once, which pip cannot do, and write requirements.lock."""
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    path = ROOT / "requirements.lock"
    command = ["uv", "pip", "compile", "--quiet", "--group", "dev", "--universal"]
    lowest = ["--python-version", "3.11", "--generate-hashes", "--no-header"]
    output = ["--no-annotate", "--output-file", path.name]
    subprocess.run(
        [sys.executable, "-m", *command, *lowest, *output, *options],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    path.write_text(LOCK_HEADER + path.read_text(encoding="utf-8"), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("action", nargs="?", choices=["write", "oldest"], default="write")
    parser.add_argument("--upgrade", action="store_true")
    options = parser.parse_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    if options.action == "oldest":
        print(oldest(project))
        return
    (ROOT / "requirements.txt").write_text(requirements(project), encoding="utf-8")
    lock(*(["--upgrade"] if options.upgrade else []))


if __name__ == "__main__":
    main()
