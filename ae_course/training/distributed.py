"""Train in several processes at once: PyTorch's DistributedDataParallel, started by torchrun."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import BatchSampler, DataLoader, DistributedSampler, Sampler

from ae_course.utils.devices import device_of, resolve_device

VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK")  # what torchrun tells each process


class World(NamedTuple):
    """The processes that train together, and which of them this one is."""

    rank: int  # from 0; the process of rank 0 alone shows the bar, logs and writes checkpoints
    size: int


@contextmanager
def distributed(*, timeout: float = 300.0) -> Iterator[World]:
    """Join the processes that ``torchrun`` has started, so that :func:`train` trains in all.

    Started by plain ``python``, a script is a world of one process, and nothing changes. On GPUs
    each process takes one of its own. The processes talk by NCCL about what lies on GPUs, and by
    gloo about the rest.

    Parameters
    ----------
    timeout : float, default=300
        Seconds after which a process that waits for another ends with an error. One that has died
        is noticed at once.

    Yields
    ------
    World
        A tuple ``(rank, size)``.

    Raises
    ------
    ValueError
        If the variables that ``torchrun`` sets do not fit together, or this machine has fewer GPUs
        than processes, or computes on an mps device.
    """
    if not any(name in os.environ for name in VARIABLES[:2]):
        yield World(rank=0, size=1)
        return
    rank, size, local_rank = _read_variables()
    device = resolve_device()
    if device.index is not None and size > 1:
        raise ValueError(
            f"AE_COURSE_DEVICE must be 'cuda' or 'cpu' for {size} processes, since each takes a "
            f"GPU of its own, got '{device}'"
        )
    if device.type == "mps":
        raise ValueError("several processes need cpu or cuda: set AE_COURSE_DEVICE=cpu, got mps")
    if device.type == "cuda":
        if local_rank >= torch.cuda.device_count():
            raise ValueError(
                f"each process needs a GPU of its own, got process {local_rank + 1} on a machine "
                f"with {torch.cuda.device_count()}: start fewer, or set AE_COURSE_DEVICE=cpu"
            )
        torch.cuda.set_device(local_rank)  # "cuda" now means this one
    backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
    dist.init_process_group(backend, rank=rank, world_size=size, timeout=timedelta(seconds=timeout))
    try:
        yield World(rank, size)
    finally:
        dist.destroy_process_group()


def _read_variables() -> tuple[int, int, int]:
    values = []
    for name in VARIABLES:
        text = os.environ.get(name, "")
        if not text.isdecimal():
            raise ValueError(
                f"the variable {name} must be a number, as torchrun sets it, got {text!r}"
            )
        values.append(int(text))
    rank, size, local_rank = values
    if rank >= size:
        raise ValueError(
            f"the variable RANK must be below WORLD_SIZE, got rank {rank} of {size} processes"
        )
    return rank, size, local_rank


def world() -> World:
    """Tell how many processes train together at the moment: one, outside of :func:`distributed`."""
    if dist.is_available() and dist.is_initialized():
        return World(dist.get_rank(), dist.get_world_size())
    return World(rank=0, size=1)


def shard(loader: Any) -> Any:
    """Make the loader of this process's share: of n processes, every n-th item of the common order.

    The order is drawn by the first process and told to the others, so it is the one that a single
    process would see, and a batch of all processes together is a batch of n times the size. Where
    the items do not divide by n, the first of the order are taken once more.

    Parameters
    ----------
    loader : DataLoader
        As from :func:`~ae_course.batches`; in a world of one process it is returned as it is.

    Raises
    ------
    TypeError
        If it is not a DataLoader that reads a map-style dataset in batches.
    ValueError
        If it has fewer items than there are processes.
    """
    if world().size == 1:
        return loader
    sampler = batch_sampler(loader)
    if sampler is None:
        raise TypeError(
            "`train_batches` of several processes must be a DataLoader in batches, as from "
            f"ae_course.batches(...), got {type(loader).__name__}"
        )
    order = _Share(sampler.sampler)
    share = BatchSampler(order, sampler.batch_size, sampler.drop_last)
    items, processes = len(order.order), world().size
    if items < processes:
        raise ValueError(
            f"`train_batches` must have an item for each of {processes} processes, got {items}"
        )
    if len(share) == 0:
        raise ValueError(
            f"`train_batches` must have a batch of {share.batch_size} for each of {processes} "
            f"processes, got {items} items"
        )
    whole = loader.batch_sampler is None  # each batch is fetched by one indexing call
    return DataLoader(
        loader.dataset,
        batch_size=None if whole else 1,
        sampler=share if whole else None,
        batch_sampler=None if whole else share,
        collate_fn=loader.collate_fn,
        num_workers=loader.num_workers,
        pin_memory=loader.pin_memory,
        worker_init_fn=loader.worker_init_fn,
        generator=loader.generator,
    )


def batch_sampler(loader: Any) -> BatchSampler | None:
    """Find what cuts a DataLoader's order into batches, if that is torch's own BatchSampler."""
    if not isinstance(loader, DataLoader):
        return None
    sampler = loader.sampler if loader.batch_sampler is None else loader.batch_sampler
    if type(sampler) is BatchSampler and isinstance(sampler.sampler, Sized):
        return sampler
    return None


class _Share(Sampler[int]):
    """The part of the first process's order that belongs to this process."""

    def __init__(self, order: Any) -> None:
        self.order = order
        rank, size = world()
        # it splits places and not items, so the drawing stays with the loader's own sampler
        self.places: DistributedSampler[Any] = DistributedSampler(order, size, rank, shuffle=False)

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[int]:
        order = torch.tensor(list(self.order))  # (N,)
        _broadcast(order)
        return iter(order[list(self.places)].tolist())


def parallel(model: nn.Module) -> nn.Module:
    """Wrap a model to average its gradients over all processes, from the first's weights on.

    Raises
    ------
    ValueError
        If the model is on a device that cannot be shared.
    """
    if world().size == 1 or isinstance(model, DistributedDataParallel):
        return model
    device = device_of(model)
    if device.type not in ("cpu", "cuda"):
        raise ValueError(f"`device` of several processes must be cpu or cuda, got {device}")
    return DistributedDataParallel(model)


def average(value: float) -> float:
    """Average a number over all processes."""
    if world().size == 1:
        return value
    total = torch.tensor(value, dtype=torch.float64)
    dist.all_reduce(total)
    return total.item() / world().size


def from_first(value: float) -> float:
    """Give all processes the number of the first."""
    number = torch.tensor(value, dtype=torch.float64)
    _broadcast(number)
    return number.item()


def same_buffers(model: nn.Module) -> None:
    """Give all processes the buffers of the first, such as the running means of BatchNorm."""
    for buffer in model.buffers():
        _broadcast(buffer)


def gather(tensor: Tensor) -> list[Tensor]:
    """Collect the tensors of all processes, which are of one shape, in order."""
    if world().size == 1:
        return [tensor]
    everybody = [torch.empty_like(tensor) for _ in range(world().size)]
    dist.all_gather(everybody, tensor)
    return everybody


def _broadcast(tensor: Tensor) -> None:
    """Write the first process's tensor over those of the others."""
    if world().size > 1:
        dist.broadcast(tensor, src=0)
