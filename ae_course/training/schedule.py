"""How the learning rate goes over a training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from ae_course.utils.validation import check_positive_integers

Schedule = Callable[[Optimizer, int], LRScheduler]


def one_cycle(optimizer: Optimizer, steps: int) -> OneCycleLR:
    """Schedule :func:`train`: up to the learning rate in 30 % of the steps, then down to zero.

    The peak is the rate that the optimizer was made with, in each of its groups its own. Momentum
    stays as it is.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
    steps : int
        How many steps the cycle takes: epochs times batches.

    Returns
    -------
    torch.optim.lr_scheduler.OneCycleLR

    Raises
    ------
    ValueError
        If a rate of the optimizer is not positive, or `steps` is not a positive integer.

    References
    ----------
    Smith and Topin (2019), Super-convergence, arXiv:1708.07120.

    Examples
    --------
    >>> from torch import nn, optim
    >>> optimizer = optim.SGD(nn.Linear(1, 1).parameters(), lr=0.5)
    >>> scheduler = one_cycle(optimizer, steps=10)
    >>> round(optimizer.param_groups[0]["lr"], 3)  # it begins with a 25th of the peak
    0.02
    """
    check_positive_integers(steps=steps)
    peaks = rates_of(optimizer)
    for peak in peaks:
        if not 0 < peak < math.inf:
            raise ValueError(
                f"the learning rate of `optimizer` must be positive to be a peak, got {peak}"
            )
    return OneCycleLR(optimizer, peaks, total_steps=int(steps), cycle_momentum=False)


def rates_of(optimizer: Optimizer) -> list[float]:
    """Give the learning rate of each group of parameters."""
    return [float(group["lr"]) for group in optimizer.param_groups]


@contextmanager
def rates_kept(optimizer: Optimizer) -> Iterator[None]:
    """Give the optimizer back, at the end, the learning rates that it came with."""
    rates = rates_of(optimizer)
    try:
        yield
    finally:
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
