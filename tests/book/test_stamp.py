"""One address of the repository, in every file, and one command that writes another."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from stamp import stamp

ROOT = Path(__file__).parents[2]
# in pieces, so that the stamp leaves this file alone
PLACEHOLDER = "/".join(["-owner-", "ae-course"])
OLD = f"https://github.com/{PLACEHOLDER}"


@pytest.fixture
def repository(tmp_path):
    owner, name = PLACEHOLDER.split("/")
    site = f"https://{owner}.github.io/{name}/"
    (tmp_path / "_config.yml").write_text(
        f"repository:\n  url: {OLD}\nhtml:\n  baseurl: &address {site}\n"
    )
    (tmp_path / "README.md").write_text(f"[read]({OLD}/wiki) colab/github/{PLACEHOLDER}/blob")
    (tmp_path / "pages.md").write_text(f"read {site}")
    (tmp_path / "picture.bin").write_bytes(b"\xff\x00nothing here")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    return tmp_path


def test_the_stamp_reaches_every_file_and_can_be_repeated(repository):
    changed = ["README.md", "_config.yml", "pages.md"]
    assert stamp(repository, "Some/course") == changed
    assert (repository / "pages.md").read_text() == "read https://some.github.io/course/"
    assert (repository / "README.md").read_text() == (
        "[read](https://github.com/Some/course/wiki) colab/github/Some/course/blob"
    )
    assert stamp(repository, "Some/course") == []
    assert stamp(repository, "other/name") == changed


@pytest.mark.parametrize(
    "repo", ["", "a", "a/b/c", "a/b.git", "https://github.com/a/b", PLACEHOLDER, "a b/c"]
)
def test_a_bad_name_changes_nothing(repository, repo):
    with pytest.raises(ValueError, match="must look like owner/name, got"):
        stamp(repository, repo)
    assert OLD in (repository / "_config.yml").read_text()


def test_one_address_stands_in_every_file():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    owner, name = config["repository"]["url"].split("/")[-2:]
    assert config["html"]["baseurl"] == f"https://{owner.lower()}.github.io/{name}/"
    assert config["sphinx"]["config"]["ogp_site_url"] == config["html"]["baseurl"]
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    found = set()
    for file in filter(None, listed.split("\0")):
        text = (ROOT / file).read_text(encoding="utf-8", errors="ignore")
        found |= set(re.findall(rf"github\.com/([\w.-]+/{name})\b", text))
    assert found == {f"{owner}/{name}"}
