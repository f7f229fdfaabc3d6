"""Train a model: the loop over an epoch, and the run around it."""

from __future__ import annotations

import itertools
import math
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TypedDict

import torch
from torch import nn
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LRScheduler

from ae_course.evaluation.loss import (
    Batches,
    LossFunction,
    Pairs,
    check_first_loss,
    evaluate,
)
from ae_course.training.arguments import (
    batch_norm_explained,
    check_arguments,
    check_batch_norm,
    check_callables,
    check_optimizer,
    checked_rate,
)
from ae_course.training.checkpoint import Checkpoint
from ae_course.training.distributed import (
    average,
    from_first,
    parallel,
    same_buffers,
    shard,
    world,
)
from ae_course.training.schedule import Schedule, rates_kept, rates_of
from ae_course.training.tensorboard import TensorBoardLog
from ae_course.utils.devices import device_of, resolve_device
from ae_course.utils.validation import check_modules


class Epoch(TypedDict):
    """One row of a training history."""

    epoch: int  # from 1
    train_loss: float  # mean over the epoch's items, in training mode
    val_loss: float | None  # the same over the validation items, in evaluation mode
    seconds: float


def train_epoch(
    model: nn.Module,
    loss_fn: LossFunction,
    batches: Batches,
    optimizer: Optimizer,
    *,
    scheduler: LRScheduler | None = None,
    clip_norm: float | None = None,
    autocast: Callable[[], AbstractContextManager[Any]] = nullcontext,
    on_loss: Callable[[float], None] | None = None,
) -> float:
    """Train for one pass over the data: the loop that :func:`train` repeats.

    Parameters
    ----------
    model : nn.Module
        It is left in training mode, on the device where it is.
    loss_fn : callable
        ``loss_fn(model(x), target)`` gives the mean loss over the batch, a tensor of shape ().
    batches : iterable of (x, target) pairs
    optimizer : torch.optim.Optimizer
    scheduler : LRScheduler, optional
        Stepped after every batch.
    clip_norm : float, optional
        The largest norm of the gradient over all parameters together.
    autocast : callable, optional
        Makes the context in which model and loss are computed, to choose their precision.
    on_loss : callable, optional
        Called with the loss of each batch, before the step that it leads to.

    Returns
    -------
    float
        The mean loss over all items, each measured before the step on its batch.
    """
    device = device_of(model)
    model.train()
    total, count = 0.0, 0
    for x, target in batches:
        x, target = x.to(device), target.to(device)
        optimizer.zero_grad()
        with autocast():
            loss = loss_fn(model(x), target)
        value = loss.item()
        if on_loss is not None:
            on_loss(value)
        loss.backward()
        if clip_norm is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        total, count = total + value * len(x), count + len(x)
    return total / count


def train(
    model: nn.Module,
    loss_fn: LossFunction,
    train_batches: Batches,
    *,
    epochs: int,
    lr: float | None = None,
    schedule: Schedule | None = None,
    optimizer: Optimizer | None = None,
    val_batches: Batches | None = None,
    clip_norm: float | None = None,
    device: torch.device | str | None = None,
    mixed_precision: bool = False,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    log_dir: str | os.PathLike[str] | None = None,
    on_epoch: Callable[[Epoch], object] | None = None,
) -> list[Epoch]:
    """Train `model` in place, show a progress bar, and return one row an epoch.

    The model is moved to the device and left there, in evaluation mode. Interrupting
    (Ctrl-C, or *Interrupt the kernel*) ends the training and returns the finished epochs.
    The loop itself is :func:`train_epoch`. Inside of :func:`distributed` it runs in all processes,
    each on its share of every batch.

    Parameters
    ----------
    model : nn.Module
    loss_fn : callable
        ``loss_fn(model(x), target)`` gives the mean loss over the batch, a tensor of shape ().
    train_batches : sized iterable of (x, target) pairs
        For instance from :func:`~ae_course.batches`.
    epochs : int
        How many passes over `train_batches`, those of a resumed checkpoint included.
    lr : float, default=1e-3
        The learning rate of Adam (AdamW without weight decay).
    schedule : callable, optional
        ``schedule(optimizer, steps)`` gives a learning-rate scheduler that is stepped after
        every batch, for instance :func:`one_cycle`.
    optimizer : torch.optim.Optimizer, optional
        Another than Adam, over parameters of `model`. It brings its own learning rate, and gets
        it back in the end, whatever a schedule made of it.
    val_batches : sized iterable of (x, target) pairs, optional
        Measured after each epoch.
    clip_norm : float, optional
        The largest norm of the gradient over all parameters together.
    device : torch.device or str, optional
        By default the best of this machine: see :func:`resolve_device`.
    mixed_precision : bool, default=False
        Compute matrix products in bfloat16, everything delicate in float32. It pays for wide
        layers and large batches where :func:`~ae_course.fast_bfloat16` says so; narrow models gain
        nothing.
    checkpoint : path, optional
        A JSON file, written after each epoch beside a safetensors file with the tensors. An
        earlier checkpoint there is replaced.
    resume : bool, default=False
        Go on from `checkpoint` if it exists. The weights become those of a run that never
        stopped, given the same arguments.
    log_dir : path, optional
        A folder for TensorBoard: after each epoch the losses and the learning rate, and, where
        `val_batches` holds images, what the model makes of the first eight. Give each run a folder
        of its own below a common one, and look at that with ``tensorboard --logdir``.
    on_epoch : callable, optional
        ``on_epoch(row)`` is called after each epoch with its row of the history, once the log and
        the checkpoint are written. Several processes all call it, with the same losses, so that
        what it changes, or stops, it does in all of them.

    Returns
    -------
    list of dict
        Rows with ``epoch``, ``train_loss``, ``val_loss``, ``seconds``; ``pandas.DataFrame``
        takes it as it is.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind above, or the loss compares an output and a target of
        different shapes, or a batch of one item meets BatchNorm.
    FloatingPointError
        If the loss becomes NaN or infinite; no step is taken from that loss.
    ImportError
        If `log_dir` is given and the package ``tensorboard`` is not there.
    """
    check_modules(model=model)
    check_arguments(train_batches, val_batches, epochs, clip_norm, checkpoint, resume)
    check_callables(loss_fn=loss_fn, schedule=schedule, on_epoch=on_epoch)
    rate = checked_rate(lr, optimizer)
    device = resolve_device(device)
    share = shard(train_batches)  # all of it, unless other processes take part
    check_batch_norm(model, share)
    model.to(device)
    if optimizer is None:
        optimizer = _adam(model, rate, device)
    check_optimizer(optimizer, model)
    first = world().rank == 0  # of several processes it alone writes
    with rates_kept(optimizer):
        scheduler = None if schedule is None else schedule(optimizer, epochs * len(share))
        history: list[Epoch] = []
        hooks: list[Callable[[Epoch], object]] = []  # called after each epoch, in this order
        if checkpoint is not None:
            generator = getattr(train_batches, "generator", None)
            saved = Checkpoint(Path(checkpoint), model, optimizer, scheduler, generator)
            history = _history(saved, resume)
            hooks.append(lambda _: saved.save(history))
        log = None
        if log_dir is not None and first:
            log = TensorBoardLog(log_dir, model, optimizer, val_batches)
            hooks.insert(0, log.write)
        if on_epoch is not None:
            hooks.append(on_epoch)
        run_epoch = partial(
            train_epoch,
            parallel(model),
            check_first_loss(loss_fn),
            Pairs("train_batches", share, model),
            optimizer,
            scheduler=scheduler,
            clip_norm=clip_norm,
            autocast=_precision(device, mixed_precision),
        )

        def measured(epoch: int, update: Callable[[], object]) -> Epoch:
            started = time.perf_counter()
            with batch_norm_explained():
                loss = average(run_epoch(on_loss=_watch(epoch, update, optimizer)))
            same_buffers(model)
            val_loss = None
            if val_batches is not None:
                val_loss = from_first(evaluate(model, loss_fn, val_batches))
            seconds = time.perf_counter() - started
            return Epoch(epoch=epoch, train_loss=loss, val_loss=val_loss, seconds=seconds)

        try:
            with log or nullcontext():
                _repeat(measured, history, epochs, len(share), hooks)
        finally:
            model.eval()
    return history


def _repeat(
    measured: Callable[[int, Callable[[], object]], Epoch],
    history: list[Epoch],
    epochs: int,
    steps: int,
    hooks: list[Callable[[Epoch], object]],
) -> None:
    """Add the rows that `history` lacks, under a progress bar, until done or interrupted."""
    from tqdm.auto import tqdm  # here, since it loads ipywidgets: import ae_course stays light

    # tqdm's own switch, which its notebook bar ignores
    silent = os.environ.get("TQDM_DISABLE") == "1" or world().rank > 0
    done = len(history) * steps
    with tqdm(total=epochs * steps, initial=done, leave=False, disable=silent) as bar:
        try:
            for epoch in range(len(history) + 1, epochs + 1):
                history.append(measured(epoch, bar.update))
                bar.set_postfix(history[-1])
                for hook in hooks:
                    hook(history[-1])
        except KeyboardInterrupt:
            bar.write(f"Stopped by hand after {len(history)} of {epochs} epochs.")


def _watch(
    epoch: int, update: Callable[[], object], optimizer: Optimizer
) -> Callable[[float], None]:
    """Make a watcher of an epoch's losses: it moves the bar, or raises where one is not finite."""
    steps = itertools.count(1)

    def on_loss(loss: float) -> None:
        step = next(steps)
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"the loss became {loss} at epoch {epoch}, step {step}, at a learning rate of "
                f"{rates_of(optimizer)[0]:.2g}. Try a smaller learning rate or clip_norm=1.0, and "
                "look for NaN or infinity in the data"
            )
        update()

    return on_loss


def _history(saved: Checkpoint, resume: bool) -> list[Epoch]:
    """Give the rows of the run to go on with; refuse before any work what lies in the way."""
    saved.tensor_file()
    history: list[Any] = saved.load() if resume and saved.path.exists() else []
    if average(len(history)) != len(history):
        raise ValueError(
            f"'{saved.path}' must be the same file for every process, got {len(history)} epochs "
            "here and another number elsewhere"
        )
    return history


def _precision(device: torch.device, mixed: bool) -> Callable[[], AbstractContextManager[Any]]:
    # made only when wanted: older versions know no autocast for every device
    return partial(torch.autocast, device.type, torch.bfloat16) if mixed else nullcontext


def _adam(model: nn.Module, rate: float, device: torch.device) -> Optimizer:
    # fused: one pass over the memory where PyTorch has it
    fused = device.type in ("cpu", "cuda")
    return AdamW(model.parameters(), lr=rate, weight_decay=0.0, fused=fused)
