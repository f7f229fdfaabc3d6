"""Let torchvision download an image set: in silence, verified, and all or nothing."""

from __future__ import annotations

import io
import os
import re
import socket
from contextlib import redirect_stderr, redirect_stdout
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory

from torch import Tensor

from ae_course.data.image_sets import ImageSet, read_split

TIMEOUT = 30.0  # seconds without a byte before a download counts as failed
MNIST_MIRRORS = [  # torchvision's second one has gone
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
]


class DownloadError(OSError):
    """No address gave the files; the message names each with its reason."""


def download_split(
    image_set: ImageSet, cache: Path, *, train: bool
) -> tuple[Tensor, Tensor, OSError | None]:
    """Download an image set, read it, and keep its files in `cache` if that can be written.

    Returns
    -------
    pixels : Tensor of shape (N, 28, 28)
    labels : Tensor of shape (N,)
    not_kept : OSError or None
        Why the files could not be kept; nothing half-written stays behind.

    Raises
    ------
    DownloadError
        If no address gave the right files.
    """
    with _scratch_folder(cache) as name:
        scratch = Path(name)
        try:
            _download(image_set, scratch)
            pixels, labels = read_split(image_set, scratch, train=train)
        except (OSError, RuntimeError, ValueError, HTTPException) as error:
            reason = " ".join(str(error).split())  # torchvision's has several lines
            raise DownloadError(f"{image_set.title} could not be downloaded: {reason}") from error
        try:
            for file in (*image_set.train, *image_set.test):
                (cache / file.path).parent.mkdir(parents=True, exist_ok=True)
                (scratch / file.path).replace(cache / file.path)  # no reader ever sees half a file
        except OSError as error:
            return pixels, labels, error
    return pixels, labels, None


def _scratch_folder(cache: Path) -> TemporaryDirectory[str]:
    """Make a folder on the disk of the cache, so that files can be moved; else anywhere."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        return TemporaryDirectory(dir=cache, prefix="download-")
    except OSError:
        return TemporaryDirectory(prefix="download-")


def _download(image_set: ImageSet, folder: Path) -> None:
    from torchvision import datasets  # type: ignore[import-untyped]  # takes a second

    class MNIST(datasets.MNIST):  # type: ignore[misc]  # torchvision calls the folder like the class
        mirrors = MNIST_MIRRORS

    dataset = MNIST if image_set.folder == "MNIST" else getattr(datasets, image_set.folder)
    split = {"split": "letters"} if image_set.folder == "EMNIST" else {}
    timeout = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)  # torchvision sets none: a silent network would hang for ever
    printed = io.StringIO()
    try:  # its progress bar would stay in a notebook as an error output
        with redirect_stdout(printed), redirect_stderr(io.StringIO()):
            dataset(os.fspath(folder), download=True, **split)
    except RuntimeError as error:  # torchvision before 0.21 prints the reasons
        reasons = re.findall(r"Failed to download .*\n(.*)", printed.getvalue())
        raise RuntimeError(" ".join([str(error), *reasons])) from error
    finally:
        socket.setdefaulttimeout(timeout)
