"""An epoch through the package against the textbook way, in one run.

    python tests/benchmarks/bench_training.py

The textbook way is a `DataLoader` over `torchvision.datasets.MNIST` with `ToTensor`, which decodes
and collates image by image, and a plain loop. Model, batch size and optimiser are the same. Prints
one ratio a model and the peak memory; exits with 1 if one misses its target. Give it a quiet
machine and the full MNIST files (AE_COURSE_DATA).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import nn
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

import ae_course as ae
from ae_course.lookup import data_folder

TARGETS = {"PCA, 784-2": 10.0, "deep, 784-392-261-196-2": 2.0}
MEMORY_TARGET = 1.5  # GB
ROUNDS = 3


def textbook_epoch(model: nn.Module, loader: DataLoader) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model.train()
    running = 0.0
    for x, _ in loader:
        optimizer.zero_grad()
        loss = mse_loss(model(x), x)
        loss.backward()
        optimizer.step()
        running += loss.item()


def package_epoch(model: nn.Module, loader: DataLoader) -> None:
    ae.train(model, mse_loss, loader, epochs=1, device="cpu")


def seconds(epoch: Callable[[nn.Module, DataLoader], None], *arguments) -> float:
    started = time.perf_counter()
    epoch(*arguments)
    return time.perf_counter() - started


def peak_memory() -> float:
    """The largest resident size of this process so far, in GB."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6)


def main() -> int:
    builders = {
        "PCA, 784-2": lambda: ae.pca_autoencoder(784, 2),
        "deep, 784-392-261-196-2": lambda: ae.dense_autoencoder([784, 392, 261, 196, 2]),
    }
    train_set = ae.load_mnist()
    ours = ae.batches(ae.AutoEncodeDataset(train_set), 128, shuffle=True)
    root = data_folder()[0]
    textbook = DataLoader(MNIST(root, transform=ToTensor()), batch_size=128, shuffle=True)
    times = {name: {"package": [], "textbook": []} for name in builders}
    for _ in range(ROUNDS):  # alternate, so that a slow minute of the machine meets both
        for name, build in builders.items():
            times[name]["package"].append(seconds(package_epoch, build(), ours))
            times[name]["textbook"].append(seconds(textbook_epoch, build(), textbook))
    missed = False
    threads = torch.get_num_threads()
    print(f"{len(train_set):,} images, batch 128, {threads} threads, median of {ROUNDS} rounds")
    for name, both in times.items():
        package, old = median(both["package"]), median(both["textbook"])
        missed |= old / package < TARGETS[name]
        print(
            f"{name:26} package {package:6.2f} s   textbook {old:6.2f} s   "
            f"ratio {old / package:5.1f}   target {TARGETS[name]:.0f}"
        )
    memory = peak_memory()
    print(f"peak memory {memory:.2f} GB, target {MEMORY_TARGET}")
    return int(missed or memory > MEMORY_TARGET)


if __name__ == "__main__":
    sys.exit(main())
