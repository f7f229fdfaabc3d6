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
from ae_course.data.files import data_folder

DEEP = [784, 392, 261, 196, 2]
# name: how to build it, whether the package trains it in mixed precision, and the ratio to reach
CASES = {
    "PCA, 784-2": (lambda: ae.pca_autoencoder(784, 2), False, 10.0),
    "deep, float32": (lambda: ae.dense_autoencoder(DEEP), False, 2.0),
    "deep, mixed precision": (lambda: ae.dense_autoencoder(DEEP), True, 2.0),
}
MEMORY_TARGET = 1.5  # GB
ROUNDS = 3


def train_as_textbooks_do(
    model: nn.Module,
    loader: DataLoader,
    epochs: int = 1,
    *,
    loss_fn: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = mse_loss,
) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model.train()
    for _ in range(epochs):
        running = 0.0
        for x, _label in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(x), x)
            loss.backward()
            optimizer.step()
            running += loss.item()


def textbook_batches() -> DataLoader:
    return DataLoader(MNIST(data_folder()[0], transform=ToTensor()), batch_size=128, shuffle=True)


def package_epoch(model: nn.Module, loader: DataLoader, mixed: bool) -> None:
    ae.train(model, mse_loss, loader, epochs=1, device="cpu", mixed_precision=mixed)


def seconds(train: Callable[..., object], *arguments, **options) -> float:
    started = time.perf_counter()
    train(*arguments, **options)
    return time.perf_counter() - started


def peak_memory() -> float:
    """The largest resident size of this process so far, in GB."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6)


def main() -> int:
    train_set = ae.load_mnist()
    ours = ae.batches(ae.AutoEncodeDataset(train_set), 128, shuffle=True)
    textbook = textbook_batches()
    test = ae.batches(ae.AutoEncodeDataset(ae.load_mnist(train=False)), 1000)
    times = {name: {"package": [], "textbook": []} for name in CASES}
    errors = {}
    for _ in range(ROUNDS):  # alternate, so that a slow minute of the machine meets both
        for name, (build, mixed, _) in CASES.items():
            models = {"package": build(), "textbook": build()}
            times[name]["package"].append(seconds(package_epoch, models["package"], ours, mixed))
            times[name]["textbook"].append(
                seconds(train_as_textbooks_do, models["textbook"], textbook)
            )
            errors[name] = {way: ae.evaluate(m, mse_loss, test) for way, m in models.items()}
    missed = False
    threads = torch.get_num_threads()
    print(f"{len(train_set):,} images, batch 128, {threads} threads, median of {ROUNDS} rounds")
    for name, (_, _, target) in CASES.items():
        package, old = (median(times[name][way]) for way in ("package", "textbook"))
        missed |= old / package < target
        print(
            f"{name:22} package {package:5.2f} s (error {errors[name]['package']:.4f})   "
            f"textbook {old:5.2f} s (error {errors[name]['textbook']:.4f})   "
            f"ratio {old / package:4.1f}, target {target}"
        )
    memory = peak_memory()
    print(f"peak memory {memory:.2f} GB, target {MEMORY_TARGET}")
    return int(missed or memory > MEMORY_TARGET)


if __name__ == "__main__":
    sys.exit(main())
