"""How long it takes to train as well as the textbook way does in ten epochs, in one run.

    python tests/benchmarks/bench_quality.py [deep] [overcomplete]

The textbook way: a `DataLoader` over `torchvision.datasets.MNIST` with `ToTensor`, batches of 128,
AdamW at a constant rate of 1e-3, float32, PyTorch's own start, ten epochs; its test error is the
quality to reach. The package's way: batches from memory, a faint output layer, larger batches, one
cycle of the learning rate, mixed precision. Prints both times, their ratio, and the share of this
machine's matrix-product peak; exits with 1 if a ratio misses its target. The overcomplete model
takes a quarter of an hour. Give it a quiet machine and the full MNIST files (AE_COURSE_DATA).
"""

from __future__ import annotations

import sys
import time
from itertools import pairwise

import torch
from bench_training import textbook_batches, train_as_textbooks_do
from torch import nn
from torch.nn.functional import mse_loss

import ae_course as ae

TARGET = 4.0
# name: sizes, and the package's batch size, highest learning rate and epochs
CASES = {
    "deep": ([784, 392, 261, 196, 2], 512, 0.01, 6),
    "overcomplete": ([784, 1568, 1568, 1568, 1568], 256, 0.002, 4),
}
TEXTBOOK_EPOCHS = 10


def textbook_model(sizes: list[int]) -> nn.Module:
    def layers(sizes: list[int]) -> list[nn.Module]:
        hidden = [
            part
            for before, after in pairwise(sizes[:-1])
            for part in (nn.Linear(before, after), nn.BatchNorm1d(after), nn.ReLU())
        ]
        return [*hidden, nn.Linear(sizes[-2], sizes[-1])]

    return nn.Sequential(
        nn.Flatten(), *layers(sizes), *layers(sizes[::-1]), nn.Unflatten(1, (1, 28, 28))
    )


def train_there(sizes: list[int]) -> nn.Module:
    model = textbook_model(sizes)
    train_as_textbooks_do(model, textbook_batches(), TEXTBOOK_EPOCHS)
    return model


def train_as_here(sizes: list[int], batch_size: int, rate: float, epochs: int) -> nn.Module:
    model = ae.dense_autoencoder(sizes)
    loader = ae.batches(ae.AutoEncodeDataset(ae.load_mnist()), batch_size, shuffle=True)
    options = {"lr": rate, "schedule": ae.one_cycle, "device": "cpu"}
    mixed = ae.fast_bfloat16("cpu")
    ae.train(model, mse_loss, loader, epochs=epochs, **options, mixed_precision=mixed)
    return model


def peak(dtype: torch.dtype, side: int = 2048) -> float:
    """The best of ten square matrix products, in GFLOP/s."""
    a, b = torch.randn(side, side, dtype=dtype), torch.randn(side, side, dtype=dtype)
    times = []
    for _ in range(10):
        started = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - started)
    return 2e-9 * side**3 / min(times)


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(CASES))
    if unknown:
        sys.exit(f"cases are {', '.join(CASES)}, got {', '.join(unknown)}")
    test = ae.batches(ae.AutoEncodeDataset(ae.load_mnist(train=False)), 1000)
    dtype = torch.bfloat16 if ae.fast_bfloat16("cpu") else torch.float32
    best = peak(dtype)
    print(f"{torch.get_num_threads()} threads, {dtype} products peak at {best:.0f} GFLOP/s")
    missed = False
    for name in names or CASES:
        sizes, *way = CASES[name]
        results = {}
        for label, run in {
            "textbook": lambda sizes=sizes: train_there(sizes),
            "package": lambda sizes=sizes, way=way: train_as_here(sizes, *way),
        }.items():
            torch.manual_seed(0)
            started = time.perf_counter()
            model = run()
            seconds = time.perf_counter() - started
            results[label] = seconds, ae.evaluate(model, mse_loss, test)
            print(
                f"{name}, {label}: {seconds:.0f} s, test error {results[label][1]:.4f}", flush=True
            )
        (old, old_error), (new, new_error) = results["textbook"], results["package"]
        weights = 2 * sum(before * after for before, after in pairwise(sizes))
        # forward, and twice backward, each a multiplication and an addition a weight
        rate = 6e-9 * weights * 60_000 * way[2] / new
        missed |= new_error > old_error or old / new < TARGET
        print(
            f"{name}: ratio {old / new:.1f}, target {TARGET}; quality "
            f"{'reached' if new_error <= old_error else 'NOT REACHED'}; {rate:.0f} GFLOP/s, "
            f"{rate / best:.0%} of the peak"
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
