"""What needs git says so in one sentence where it is missing."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_tools"))

import stamp


@pytest.mark.parametrize("missing", ["git", "the clone"])
def test_publishing_without_git_or_without_a_clone_is_refused(missing, tmp_path, monkeypatch):
    (tmp_path / "_config.yml").write_text("repository: {url: https://github.com/a/b}\n")
    if missing == "git":
        monkeypatch.setenv("PATH", "")
    with pytest.raises(OSError, match="needs git, and a clone of the repository"):
        stamp.stamp(tmp_path, "owner/name")
