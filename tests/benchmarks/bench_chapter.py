"""All that the source chapter trains on images, against this course at equal quality, in one run.

    python tests/benchmarks/bench_chapter.py [linear] [tanh] [deep] [wide] [noise] [dropout]

The source: Raff, Inside Deep Learning, chapter 7, sections 7.1 to 7.4. Its recipe is ten epochs of
AdamW at 1e-3 in batches of 128, read item by item with `ToTensor`. Of it one epoch is timed, and
counts ten times. Its quality is the error on the clean test images after ten such epochs, which are
trained from batches in memory: the same steps, sooner. The course's way: larger batches, one cycle
of the learning rate, a faint output layer, mixed precision where it pays. It must reach that error.

Prints errors, times and the share of this machine's matrix-product peak; exits with 1 if an error
is missed or the sum of times is not small enough. Nine tenths of the time go to the three wide
models, which arithmetic binds on either side: the course needs 14 epochs for the source's 30, so
twice the speed, times what products of bfloat16 gain here. A processor gains 2 with AVX-512 and
more with AMX, where other work begins to count: hence the cap.

It takes half an hour to an hour, most of it for the textbook's quality of the wide models. Give it
a quiet machine and the full MNIST files (AE_COURSE_DATA).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import torch
from bench_quality import peak, textbook_model
from bench_training import seconds, textbook_batches, train_as_textbooks_do
from torch import nn
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader

import ae_course as ae

TARGET, CAP = 2.0, 3.0  # times what bfloat16 gains over float32 in a product, at most CAP
EPOCHS = 10
DEEP = [784, 392, 261, 196, 2]
WIDE = [784, 1568, 1568, 1568, 1568]


def with_noise() -> nn.Module:
    flatten, *layers = textbook_model(WIDE)
    return nn.Sequential(flatten, ae.AdditiveGaussNoise(0.5), *layers)


def with_dropout() -> nn.Module:
    """A fifth of the pixels, and half of each hidden layer."""
    layers: list[nn.Module] = []
    for layer in textbook_model(WIDE):
        layers.append(layer)
        if isinstance(layer, nn.Flatten):
            layers.append(nn.Dropout(0.2))
        if isinstance(layer, nn.ReLU):
            layers.append(nn.Dropout())
    return nn.Sequential(*layers)


@dataclass
class Case:
    """A model as the source builds it and as the course does, and how the course trains it."""

    textbook: Callable[[], nn.Module]
    package: Callable[[], nn.Module]
    batch_size: int
    rate: float
    epochs: int
    penalty: bool = False  # for weights that are not orthonormal, a tenth as heavy as the error


CASES = {
    "linear": Case(
        lambda: ae.pca_autoencoder(784, 2, centered=False),
        lambda: ae.pca_autoencoder(784, 2, centered=False),
        512, 0.02, 2, penalty=True,
    ),
    "tanh": Case(
        lambda: ae.nonlinear_pca(784, 2), lambda: ae.nonlinear_pca(784, 2), 128, 0.005, 10
    ),
    "deep": Case(
        lambda: textbook_model(DEEP), lambda: ae.dense_autoencoder(DEEP), 512, 0.01, 5
    ),
    "wide": Case(
        lambda: textbook_model(WIDE), lambda: ae.dense_autoencoder(WIDE), 256, 0.002, 3
    ),
    "noise": Case(
        with_noise,
        lambda: ae.dense_autoencoder(WIDE, noise=ae.AdditiveGaussNoise(0.5)),
        256, 0.002, 4,
    ),
    "dropout": Case(
        with_dropout,
        lambda: ae.dense_autoencoder(WIDE, noise=nn.Dropout(0.2), dropout=0.5),
        256, 0.002, 7,
    ),
}  # fmt: skip


def loss_for(case: Case, model: nn.Module) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    if not case.penalty:
        return mse_loss
    linear = next(layer for layer in model.modules() if isinstance(layer, nn.Linear))

    def loss(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return mse_loss(output, target) + 0.1 * ae.orthogonality_penalty(linear.weight)

    return loss


def try_case(case: Case, data: ae.AutoEncodeDataset, test: DataLoader) -> dict[str, float]:
    torch.manual_seed(0)
    model = case.textbook()
    item_by_item = seconds(
        train_as_textbooks_do, model, textbook_batches(), loss_fn=loss_for(case, model)
    )
    torch.manual_seed(0)
    model = case.textbook()
    loader = ae.batches(data, 128, shuffle=True)
    train_as_textbooks_do(model, loader, EPOCHS, loss_fn=loss_for(case, model))
    quality = ae.evaluate(model, mse_loss, test)

    torch.manual_seed(0)
    model = case.package()
    loader = ae.batches(data, case.batch_size, shuffle=True)
    options = {"epochs": case.epochs, "lr": case.rate, "schedule": ae.one_cycle, "device": "cpu"}
    mixed = ae.fast_bfloat16("cpu")
    spent = seconds(
        ae.train, model, loss_for(case, model), loader, **options, mixed_precision=mixed
    )
    weights = sum(layer.weight.numel() for layer in model.modules() if hasattr(layer, "weight"))
    return {
        "textbook": EPOCHS * item_by_item,
        "quality": quality,
        "package": spent,
        "error": ae.evaluate(model, mse_loss, test),
        # forward, and twice backward, each a multiplication and an addition a weight
        "rate": 6e-9 * weights * len(data) * case.epochs / spent,
    }


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(CASES))
    if unknown:
        sys.exit(f"cases are {', '.join(CASES)}, got {', '.join(unknown)}")
    data = ae.AutoEncodeDataset(ae.load_mnist())
    test = ae.batches(ae.AutoEncodeDataset(ae.load_mnist(train=False)), 1000)
    mixed, plain = ae.fast_bfloat16("cpu"), peak(torch.float32)
    best = peak(torch.bfloat16) if mixed else plain
    target = TARGET * min(best / plain, CAP)
    print(
        f"{torch.get_num_threads()} threads, mixed precision: {mixed}, peak {best:.0f} GFLOP/s, "
        f"float32 {plain:.0f}"
    )
    print(f"{'':8} textbook, ten epochs    here               ratio   of the peak")
    sums, missed = {"textbook": 0.0, "package": 0.0}, False
    for name in names or CASES:
        one = try_case(CASES[name], data, test)
        sums = {way: sums[way] + one[way] for way in sums}
        reached = one["error"] <= one["quality"]
        missed |= not reached
        print(
            f"{name:8} {one['textbook']:6.0f} s, error {one['quality']:.4f}"
            f"  {one['package']:6.1f} s, error {one['error']:.4f}"
            f"  {one['textbook'] / one['package']:5.1f}  {one['rate'] / best:6.0%}"
            + ("" if reached else "  error NOT REACHED"),
            flush=True,
        )
    ratio = sums["textbook"] / sums["package"]
    print(f"in sum {sums['textbook']:.0f} s against {sums['package']:.0f} s:", end=" ")
    print(f"{ratio:.1f} times, target {target:.1f}")
    return int(missed or ratio < target)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
