"""Files: whole or not at all."""

import pytest

from ae_course.utils.files import write_atomically


def test_a_file_is_replaced_at_the_end_and_its_folder_made(tmp_path):
    path = tmp_path / "new" / "words.txt"
    write_atomically(path, lambda temporary: temporary.write_text("first"))

    def write(temporary):
        temporary.write_text("second")
        assert path.read_text() == "first"
        assert temporary.parent == path.parent  # so that the rename crosses no border

    write_atomically(path, write)
    assert path.read_text() == "second"
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_leaves_what_was_there_and_nothing_else(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("first")

    def fail(temporary):
        temporary.write_text("sec")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, fail)
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]
