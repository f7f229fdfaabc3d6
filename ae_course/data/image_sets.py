"""MNIST and its relatives: their classes, and their files in torchvision's folder layout."""

from __future__ import annotations

import string
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from torch import Tensor

from ae_course.data.files import DataFile, locate, read_verified

SIDE = 28  # pixels
Split = tuple[DataFile, DataFile]  # images, labels


@dataclass(frozen=True)
class ImageSet:
    """What has to be known of a data set to find, check and read it."""

    title: str  # as it stands in a sentence
    folder: str  # below the data folder, called like the class in torchvision.datasets
    classes: tuple[str, ...]
    train: Split
    test: Split
    first_label: int = 0  # the number of the first class in the file
    transposed: bool = False  # whether the file has columns where rows should be


def idx_files(
    prefix: str, count: int, *, sha256: tuple[str, str] | tuple[None, None] = (None, None)
) -> Split:
    """Files of `count` images and labels in the IDX format: a header, then unsigned bytes."""
    images_header = struct.pack(">4i", 2051, count, SIDE, SIDE)  # 2051: unsigned bytes, 3 axes
    labels_header = struct.pack(">2i", 2049, count)  # 2049: unsigned bytes, 1 axis
    return (
        DataFile(f"{prefix}-images-idx3-ubyte", 16 + count * SIDE * SIDE, sha256[0], images_header),
        DataFile(f"{prefix}-labels-idx1-ubyte", 8 + count, sha256[1], labels_header),
    )


IMAGE_SETS = {
    "mnist": ImageSet(
        "MNIST",
        "MNIST",
        tuple(string.digits),
        idx_files(
            "MNIST/raw/train",
            60_000,
            sha256=(
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
        ),
        idx_files(
            "MNIST/raw/t10k",
            10_000,
            sha256=(
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ),
    ),
    "fashion": ImageSet(
        "Fashion-MNIST",
        "FashionMNIST",
        (
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        idx_files("FashionMNIST/raw/train", 60_000),
        idx_files("FashionMNIST/raw/t10k", 10_000),
    ),
    "kmnist": ImageSet(
        "KMNIST",
        "KMNIST",
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        idx_files("KMNIST/raw/train", 60_000),
        idx_files("KMNIST/raw/t10k", 10_000),
    ),
    "emnist-letters": ImageSet(
        "EMNIST letters",
        "EMNIST",
        tuple(string.ascii_lowercase),
        idx_files("EMNIST/raw/emnist-letters-train", 124_800),
        idx_files("EMNIST/raw/emnist-letters-test", 20_800),
        first_label=1,
        transposed=True,
    ),
}


def read_split(image_set: ImageSet, folder: Path, *, train: bool) -> tuple[Tensor, Tensor]:
    """Read the verified images and labels of a folder, images upright and classes from 0.

    Returns
    -------
    pixels : Tensor of shape (N, 28, 28)
        uint8.
    labels : Tensor of shape (N,)
        int64.

    Raises
    ------
    FileNotFoundError, PermissionError
        If a file is missing, or cannot be read.
    ValueError
        If a file is truncated or altered, or holds a label that is none of the classes.
    """
    from torchvision.datasets import mnist  # type: ignore[import-untyped]  # takes a second

    image_file, label_file = image_set.train if train else image_set.test
    pixels = _read(folder, image_file, mnist.read_image_file)
    labels = _read(folder, label_file, mnist.read_label_file)
    first, last = image_set.first_label, image_set.first_label + len(image_set.classes) - 1
    least, most = int(labels.min()), int(labels.max())
    if least < first or most > last:
        raise ValueError(
            f"'{locate(folder, label_file)}' must hold labels from {first} to {last}, "
            f"found {least} to {most}"
        )
    return pixels.mT if image_set.transposed else pixels, labels - first


def _read(folder: Path, file: DataFile, reader: Callable[[Path], Tensor]) -> Tensor:
    """Give what torchvision's `reader` finds in a file that has been verified."""
    content = read_verified(folder, file)
    path = locate(folder, file)
    if path.suffix != ".gz":
        return reader(path)
    with TemporaryDirectory() as scratch:  # the reader takes a path, and the folder stays as it is
        unpacked = Path(scratch) / path.stem
        unpacked.write_bytes(content)
        return reader(unpacked)
