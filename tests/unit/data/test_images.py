"""Image sets from a folder: what is read, in which order places are asked, what is refused."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from tiny_images import COUNT, PIXELS, all_files, contents, write

from ae_course import load_images, load_mnist
from ae_course.data.image_sets import IMAGE_SETS

NAMES = ["mnist", "fashion", "kmnist", "emnist-letters"]


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("train", [False, True])
def test_images_and_labels_are_those_of_the_file(tiny, name, train, zipped):
    found = load_images(name, write(tiny / "given", name, zipped=zipped), train=train)
    classes = len(IMAGE_SETS[name].classes)
    assert found.images.dtype == torch.float32
    assert found.labels.dtype == torch.int64
    assert found.images.is_contiguous()
    np.testing.assert_allclose(found.images[:, 0].numpy(), PIXELS / np.float32(255), rtol=1e-6)
    assert found.labels.tolist() == [number % classes for number in range(COUNT)]
    image, label = found[7]
    assert image.shape == (1, 28, 28)
    assert label.item() == 7
    assert found[[1, 5]][0].shape == (2, 1, 28, 28)


@pytest.mark.parametrize("zipped", [False, True])
def test_reading_writes_nothing(tiny, zipped):
    folder = write(tiny / "given", zipped=zipped)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*.*")}
    listed = all_files(tiny)
    load_mnist(folder)
    after = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*.*")}
    assert after == before
    assert all_files(tiny) == listed  # no cache either


def test_one_split_alone_can_be_read(tiny):
    folder = write(tiny / "given")
    for file in IMAGE_SETS["mnist"].test:
        (folder / file.path).unlink()
    assert len(load_mnist(folder)) == COUNT
    with pytest.raises(FileNotFoundError, match="t10k-images-idx3-ubyte' must exist"):
        load_mnist(folder, train=False)


def test_classes_have_the_names_that_torchvision_gives():
    from torchvision import datasets

    assert IMAGE_SETS["fashion"].classes == tuple(datasets.FashionMNIST.classes)
    assert IMAGE_SETS["kmnist"].classes == tuple(datasets.KMNIST.classes)
    assert IMAGE_SETS["emnist-letters"].classes == tuple("abcdefghijklmnopqrstuvwxyz")
    assert IMAGE_SETS["mnist"].classes == tuple("0123456789")


def test_files_have_the_sizes_that_their_headers_say():
    sizes = {
        name: [file.size for file in (*image_set.train, *image_set.test)]
        for name, image_set in IMAGE_SETS.items()
    }
    assert sizes["mnist"] == [47_040_016, 60_008, 7_840_016, 10_008]
    assert sizes["fashion"] == sizes["kmnist"] == sizes["mnist"]
    assert sizes["emnist-letters"] == [97_843_216, 124_808, 16_307_216, 20_808]


def test_the_named_folders_come_before_the_cache(tiny, monkeypatch, capsys):
    write(tiny / "cache")
    assert load_mnist().source.startswith("the cache folder")
    monkeypatch.setenv("AE_COURSE_DATA", str(write(tiny / "environment")))
    assert "AE_COURSE_DATA names" in load_mnist().source
    assert load_mnist(write(tiny / "given")).source.startswith("the folder given")
    load_mnist(tiny / "given")
    said = capsys.readouterr().out
    assert said.count("the folder given") == 1  # each source is named once
    assert "MNIST: 60 training images from the folder given." in said


@pytest.mark.parametrize(
    ("name", "title"), [("fashion", "Fashion-MNIST"), ("emnist-letters", "EMNIST letters")]
)
def test_each_set_is_announced_by_its_name(tiny, capsys, name, title):
    load_images(name, write(tiny / "given", name), train=False)
    assert capsys.readouterr().out == f"{title}: 60 test images from the folder given.\n"


def test_load_mnist_is_short_for_load_images(tiny):
    folder = write(tiny / "given")
    short, long = load_mnist(folder, limit=20), load_images("mnist", folder, limit=20)
    assert torch.equal(short.images, long.images)
    assert torch.equal(short.labels, long.labels)
    assert (short.source, short.classes) == (long.source, long.classes)


IMAGES = "train-images-idx3-ubyte"
LABELS = "train-labels-idx1-ubyte"


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        (
            lambda raw: (raw / IMAGES).unlink(),
            FileNotFoundError,
            r"images-idx3-ubyte' must exist \(47,056 b",
        ),
        (
            lambda raw: (raw / LABELS).write_bytes(contents("mnist")[1][:30]),
            ValueError,
            r"labels-idx1-ubyte' must have 68 bytes, found 30: it is truncated",
        ),
        (
            lambda raw: (raw / IMAGES).write_bytes(contents("mnist")[0][:-1] + b"?"),
            ValueError,
            r"images-idx3-ubyte' must have the sha256 checksum \w{64}, found \w{64}",
        ),
    ],
)
def test_a_damaged_file_is_refused(tiny, damage, error, message):
    folder = write(tiny / "given")
    damage(folder / "MNIST" / "raw")
    with pytest.raises(error, match=message):
        load_mnist(folder)


def test_a_damaged_relative_is_refused(tiny):
    folder = write(tiny / "given", "emnist-letters")
    images, labels = (folder / file.path for file in IMAGE_SETS["emnist-letters"].train)
    good = images.read_bytes()
    images.write_bytes(good[:-1])
    with pytest.raises(ValueError, match="must have 47,056 bytes, found 47,055"):
        load_images("emnist-letters", folder)
    images.write_bytes(good[:4] + (30).to_bytes(4, "big") + good[8:])
    with pytest.raises(ValueError, match=r"must begin with .* 0000003c .*, found .* 0000001e"):
        load_images("emnist-letters", folder)
    images.write_bytes(good)
    labels.write_bytes(labels.read_bytes()[:-1] + b"\0")
    with pytest.raises(ValueError, match="-ubyte' must hold labels from 1 to 26, found 0 to 26"):
        load_images("emnist-letters", folder)


def test_limit_takes_equal_shares_and_always_the_same(tiny):
    folder = write(tiny / "given")
    few = load_mnist(folder, limit=25)
    assert torch.bincount(few.labels).tolist() == [3] * 5 + [2] * 5
    assert torch.equal(few.images, load_mnist(folder, limit=25).images)
    assert torch.equal(few.images, load_mnist(folder).images[:25])  # here the first of the file
    assert len(load_mnist(folder, limit=60)) == 60


def test_limit_shares_among_all_the_classes_there_are(tiny):
    folder = write(tiny / "given", "emnist-letters")
    few = load_images("emnist-letters", folder, limit=30)
    assert torch.bincount(few.labels).tolist() == [2] * 4 + [1] * 22
    with pytest.raises(ValueError, match="at most 52 for equal shares of 26 classes, or 60 for"):
        load_images("emnist-letters", folder, limit=53)


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        (0, "positive integer or None, got 0"),
        (-3, "positive integer or None, got -3"),
        (2.5, "positive integer or None, got 2.5"),
        (61, "at most 60 for equal shares of ten classes, or 60 for all, got 61"),
    ],
)
def test_a_bad_limit_is_refused(tiny, limit, message):
    with pytest.raises(ValueError, match=message):
        load_mnist(write(tiny / "given"), limit=limit)


def test_an_unknown_name_is_refused_and_the_known_ones_are_listed():
    for name in ("MNIST", "cifar", None):
        with pytest.raises(ValueError, match=rf"must be one of \('mnist', .*, got {name!r}"):
            load_images(name)


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_a_missing_folder_is_refused(monkeypatch, tmp_path, how):
    missing = str(tmp_path / "nowhere")
    monkeypatch.setenv("AE_COURSE_DATA", missing if how == "environment" else "")
    with pytest.raises(FileNotFoundError, match=r"must exist, got .*nowhere"):
        load_mnist(missing if how == "argument" else None)


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_a_folder_in_one_that_is_closed_to_this_user_is_refused(monkeypatch, tmp_path, how):
    def closed(path):  # a superuser could look into any folder
        raise PermissionError(13, "Permission denied", str(path))

    folder = str(tmp_path)
    monkeypatch.setenv("AE_COURSE_DATA", folder if how == "environment" else "")
    monkeypatch.setattr("pathlib.Path.is_dir", closed)
    name = {"argument": "given", "environment": "that AE_COURSE_DATA names"}[how]
    with pytest.raises(PermissionError, match=f"^the folder {name} must be readable.*: '{folder}'"):
        load_mnist(folder if how == "argument" else None)


def test_importing_the_package_does_not_import_torchvision():
    code = "import ae_course, sys; sys.exit('torchvision' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif("AE_COURSE_DATA" not in os.environ, reason="needs the full MNIST files")
def test_the_published_files_pass():
    digits = load_mnist(train=False)
    assert len(digits) == 10_000
    assert torch.bincount(digits.labels).tolist()[:3] == [980, 1135, 1032]
