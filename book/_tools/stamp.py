"""Write the repository's address wherever it stands: python book/_tools/stamp.py owner/name"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

# as GitHub has them: an owner neither begins nor ends with a hyphen
REPO = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?/[\w.-]+(?<!\.git)")


def stamp(root: Path, repo: str) -> list[str]:
    """Replace both addresses that `_config.yml` names, the repository's and the site's, everywhere.

    Parameters
    ----------
    root : Path
        The top of the repository, whose tracked files are changed.
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
    if not REPO.fullmatch(repo):
        raise ValueError(f"the repository must look like owner/name, got '{repo}'")
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    old = "/".join(config["repository"]["url"].split("/")[-2:])
    owner, name = repo.split("/")
    site = f"https://{owner.lower()}.github.io/{name}/"  # where GitHub Pages shows it
    listing = ["git", "ls-files", "-z"]
    try:
        listed = subprocess.run(
            listing, cwd=root, capture_output=True, text=True, check=True
        ).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise OSError("this needs git, and a clone of the repository rather than a zip") from error
    changed = []
    for file in filter(None, listed.split("\0")):
        before = (root / file).read_bytes()
        after = before.replace(config["html"]["baseurl"].encode(), site.encode())
        after = after.replace(old.encode(), repo.encode())
        if after != before:
            (root / file).write_bytes(after)
            changed.append(file)
    return changed


def main() -> None:
    try:
        changed = stamp(Path(__file__).parents[2], "".join(sys.argv[1:]))
    except (ValueError, OSError) as error:
        sys.exit(f"stamp: {error}")
    print(f"{len(changed)} files changed. Look at them with git diff, and commit.")
    print("Then tag the commit with the version that the setup cells ask for: see CONTRIBUTING.md.")


if __name__ == "__main__":
    main()
