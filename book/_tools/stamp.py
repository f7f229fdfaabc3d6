"""Write the repository's address wherever it stands: python book/_tools/stamp.py https://github.com/owner/name"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

ADDRESS = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+")


def stamp(root: Path, address: str) -> list[str]:
    """Replace the address that `_config.yml` names by `address` in every tracked text file.

    Parameters
    ----------
    root : Path
        The top of the repository.
    address : str
        ``https://github.com/owner/name``, without a slash or ``.git`` at the end.

    Returns
    -------
    list of str
        The files that changed.

    Raises
    ------
    ValueError
        If `address` is not of that form; nothing is changed then.
    """
    if not ADDRESS.fullmatch(address) or address.endswith(".git"):
        raise ValueError(
            f"the address must look like https://github.com/owner/name, got '{address}'"
        )
    old = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    pairs = [(old, address), (_slug(old), _slug(address))]
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    changed = []
    for name in filter(None, listed.split("\0")):
        path = root / name
        content = path.read_bytes()
        new = content
        for before, after in pairs:
            new = new.replace(before.encode(), after.encode())
        if new != content:
            path.write_bytes(new)
            changed.append(name)
    return changed


def _slug(address: str) -> str:
    return "/".join(address.split("/")[-2:])  # owner/name, as Colab's addresses have it


def main() -> None:
    root = Path(__file__).parents[2]
    try:
        changed = stamp(root, sys.argv[1] if len(sys.argv) > 1 else "")
    except ValueError as error:
        sys.exit(f"stamp: {error}")
    print(f"{len(changed)} files changed. The notebooks' code changed with them: make notebooks")


if __name__ == "__main__":
    main()
