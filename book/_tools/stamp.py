"""Write the repository's address wherever it stands: python book/_tools/stamp.py owner/name"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

# as GitHub has them: an owner neither begins nor ends with a hyphen
REPO = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?/[\w.-]+")


def stamp(root: Path, repo: str) -> list[str]:
    """Replace the repository that `_config.yml` names by `repo` in every tracked file.

    Parameters
    ----------
    root : Path
        The top of the repository.
    repo : str
        ``owner/name`` on GitHub, without ``.git`` at the end.

    Returns
    -------
    list of str
        The files that changed.

    Raises
    ------
    ValueError
        If `repo` is not of that form; nothing is changed then.
    OSError
        If git is missing, or `root` is no clone.
    """
    if not REPO.fullmatch(repo) or repo.endswith(".git"):
        raise ValueError(f"the repository must look like owner/name, got '{repo}'")
    url = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    old = "/".join(url.split("/")[-2:])
    pages = {_pages(old).encode(): _pages(repo).encode(), old.encode(): repo.encode()}
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True
        ).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise OSError("this needs git, and a clone of the repository rather than a zip") from error
    changed = []
    for name in filter(None, listed.split("\0")):
        path = root / name
        content = path.read_bytes()
        new = content
        for before, after in pages.items():
            new = new.replace(before, after)
        if new != content:
            path.write_bytes(new)
            changed.append(name)
    return changed


def _pages(repo: str) -> str:
    """Where GitHub Pages shows it."""
    owner, name = repo.split("/")
    return f"{owner.lower()}.github.io/{name}"


def main() -> None:
    root = Path(__file__).parents[2]
    try:
        changed = stamp(root, sys.argv[1] if len(sys.argv) > 1 else "")
    except (ValueError, OSError) as error:
        sys.exit(f"stamp: {error}")
    print(
        f"{len(changed)} files changed. Look at them with git diff, and commit. Then tag the commit"
    )
    print("with the version that the setup cells ask for, as CONTRIBUTING.md says.")


if __name__ == "__main__":
    main()
