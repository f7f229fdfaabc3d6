"""Tiny image sets instead of the published ones, and a network that serves them."""

import dataclasses
import gzip
import hashlib
import urllib.error
import urllib.request

import pytest
from tiny_images import COUNT, Response, contents, emnist_archive

from ae_course.data import images
from ae_course.data.image_sets import IMAGE_SETS, idx_files


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """Sixty images in each file of each set; the cache is in the folder that this returns."""
    for name, image_set in list(IMAGE_SETS.items()):
        sha256 = (None, None)
        if name == "mnist":
            sha256 = tuple(hashlib.sha256(content).hexdigest() for content in contents(name))
        splits = {}
        for split in ("train", "test"):
            prefix = getattr(image_set, split)[0].path.removesuffix("-images-idx3-ubyte")
            splits[split] = idx_files(prefix, COUNT, sha256=sha256)
        monkeypatch.setitem(IMAGE_SETS, name, dataclasses.replace(image_set, **splits))
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *a, **k: str(tmp_path / "cache"))
    monkeypatch.delenv("AE_COURSE_DATA", raising=False)
    images._announce.cache_clear()
    return tmp_path


@pytest.fixture
def network(monkeypatch, tiny):
    """A dictionary of what the addresses end in and give; what is not in it is not found."""
    from torchvision import datasets

    served = {}
    for name, dataset in (
        ("mnist", datasets.MNIST),
        ("fashion", datasets.FashionMNIST),
        ("kmnist", datasets.KMNIST),
    ):
        resources = []
        for (filename, _), content in zip(dataset.resources, contents(name) * 2, strict=True):
            archive = gzip.compress(content, mtime=0)
            # of MNIST's two mirrors the first is down
            address = "cvdf-datasets/mnist/" if name == "mnist" else dataset.mirrors[0]
            served[address + filename] = archive
            resources.append((filename, hashlib.md5(archive).hexdigest()))
        monkeypatch.setattr(dataset, "resources", resources)
    served["gzip.zip"] = emnist_archive()
    monkeypatch.setattr(datasets.EMNIST, "md5", hashlib.md5(served["gzip.zip"]).hexdigest())

    def urlopen(request, *args, **kwargs):
        url = request.full_url
        for end, content in served.items():
            if url.endswith(end):
                return Response(url, content)
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    return served
