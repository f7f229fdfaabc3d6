"""What the tests of training share: a line to be learnt, and models that learn it."""

from functools import partial

import torch
from torch import nn
from torch.utils.data import TensorDataset

from ae_course import batches, train

DATA = TensorDataset(
    torch.linspace(-1, 1, 50).reshape(50, 1), torch.linspace(1, 3, 50).reshape(50, 1)
)
fit = partial(train, device="cpu")


def line() -> nn.Linear:
    torch.manual_seed(3)
    return nn.Linear(1, 1)


def shuffled(seed: int = 0):
    return batches(DATA, 8, shuffle=True, generator=torch.Generator().manual_seed(seed))


def noisy_model() -> nn.Module:
    torch.manual_seed(5)
    return nn.Sequential(
        nn.Linear(1, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1)
    )
