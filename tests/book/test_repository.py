"""Rules of the repository that no linter knows."""

from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_no_test_file_is_longer_than_300_lines():
    lengths = {
        str(path.relative_to(TESTS)): len(path.read_text(encoding="utf-8").splitlines())
        for path in TESTS.rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > 300} == {}


def test_no_two_test_files_have_the_same_name():
    """Pytest imports them by their name alone."""
    names = [path.name for path in TESTS.rglob("*.py") if path.name != "conftest.py"]
    assert sorted(names) == sorted(set(names))
