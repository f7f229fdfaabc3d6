"""A data file: found as it is or as an archive, and never taken for another."""

import gzip
import hashlib

import pytest

from ae_course.data.files import DataFile, locate, read_verified

CONTENT = b"header, then what is left"
FILE = DataFile("raw/file", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), b"header")


@pytest.fixture
def raw(tmp_path):
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw"


def test_the_file_comes_before_its_archive(tmp_path, raw):
    assert locate(tmp_path, FILE) == raw / "file"  # also where nothing is
    (raw / "file.gz").write_bytes(gzip.compress(CONTENT))
    assert locate(tmp_path, FILE) == raw / "file.gz"
    assert read_verified(tmp_path, FILE) == CONTENT
    (raw / "file.gz").write_bytes(b"no archive")
    (raw / "file").write_bytes(CONTENT)
    assert locate(tmp_path, FILE) == raw / "file"
    assert read_verified(tmp_path, FILE) == CONTENT


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        (b"no archive", r"file\.gz' must be a whole gzip archive, found 10 bytes .*Not a gzipped"),
        (gzip.compress(CONTENT)[:-12], "must be a whole gzip archive.* ended before"),
        (gzip.compress(CONTENT[:-1]), r"file\.gz', unpacked, must have 25 bytes, found 24"),
        (gzip.compress(CONTENT[:-1] + b"?"), r"file\.gz', unpacked, must have the sha256 checksum"),
    ],
    ids=["none", "cut", "short", "altered"],  # an archive holds the time it was made
)
def test_a_damaged_archive_is_refused(tmp_path, raw, archive, message):
    (raw / "file.gz").write_bytes(archive)
    with pytest.raises(ValueError, match=message):
        read_verified(tmp_path, FILE)


def test_a_wrong_header_is_refused_where_no_checksum_is_known(tmp_path, raw):
    unknown = DataFile(FILE.path, FILE.size, header=FILE.header)
    (raw / "file").write_bytes(CONTENT[:-1] + b"?")
    assert len(read_verified(tmp_path, unknown)) == FILE.size
    (raw / "file").write_bytes(b"HEADER" + CONTENT[6:])
    with pytest.raises(ValueError, match="must begin with the bytes 6865 61646572, found 4845"):
        read_verified(tmp_path, unknown)
