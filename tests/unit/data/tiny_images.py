"""Tiny image sets in the real format, and what serves them as if from the network."""

import gzip
import io
import zipfile

import numpy as np

from ae_course.data.image_sets import IMAGE_SETS

COUNT = 60  # images of each file
RANDOM = np.random.default_rng(0)
PIXELS = RANDOM.integers(0, 256, (COUNT, 28, 28), dtype=np.uint8)


def idx(array: np.ndarray) -> bytes:
    """An array of bytes in the IDX format: a magic number, the sizes, the values."""
    header = (8 * 256 + array.ndim, *array.shape)
    return b"".join(number.to_bytes(4, "big") for number in header) + array.tobytes()


def contents(name: str) -> tuple[bytes, bytes]:
    """The files of images and labels as a publisher has them."""
    image_set = IMAGE_SETS[name]
    labels = np.arange(COUNT, dtype=np.uint8) % len(image_set.classes) + image_set.first_label
    pixels = PIXELS.transpose(0, 2, 1) if name == "emnist-letters" else PIXELS
    return idx(pixels), idx(labels)


def write(folder, name="mnist", *, zipped=False):
    """A folder in torchvision's layout with both splits, as files or as archives."""
    for split in (IMAGE_SETS[name].train, IMAGE_SETS[name].test):
        for file, content in zip(split, contents(name), strict=True):
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            if zipped:
                path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content))
            else:
                path.write_bytes(content)
    return folder


def all_files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


class Response(io.BytesIO):
    """What urlopen gives, as far as torchvision looks."""

    def __init__(self, url, content):
        super().__init__(content)
        self.url, self.length = url, len(content)


def emnist_archive():
    stream = io.BytesIO()
    files = (*IMAGE_SETS["emnist-letters"].train, *IMAGE_SETS["emnist-letters"].test)
    with zipfile.ZipFile(stream, "w") as archive:
        for file, content in zip(files, contents("emnist-letters") * 2, strict=True):
            name = file.path.removeprefix("EMNIST/raw/")
            archive.writestr(f"gzip/{name}.gz", gzip.compress(content, mtime=0))
    return stream.getvalue()
