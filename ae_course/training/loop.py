"""Train a model: one function, and a schedule for its learning rate."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TypedDict

import torch
from torch import nn
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from ae_course.evaluation.loss import Batches, LossFunction, check_batches, evaluate
from ae_course.training.checkpoint import Checkpoint
from ae_course.training.tensorboard import TensorBoardLog
from ae_course.utils.devices import resolve_device
from ae_course.utils.validation import check_positive_integers

Schedule = Callable[[Optimizer, int], LRScheduler]


class Epoch(TypedDict):
    """One row of a training history."""

    epoch: int  # from 1
    train_loss: float  # mean over the epoch's items, in training mode
    val_loss: float | None  # the same over the validation items, in evaluation mode
    seconds: float


def one_cycle(max_lr: float) -> Schedule:
    """A schedule for :func:`train`: up to `max_lr` in the first 30 % of the steps, then to zero.

    It sets the learning rate alone; the one that the optimizer was made with plays no part.

    Raises
    ------
    ValueError
        If `max_lr` is not positive.

    References
    ----------
    Smith and Topin (2019), Super-convergence, arXiv:1708.07120.
    """
    if not max_lr > 0:
        raise ValueError(f"`max_lr` must be positive, got {max_lr}")
    return lambda optimizer, steps: OneCycleLR(
        optimizer, max_lr, total_steps=steps, cycle_momentum=False
    )


def train(
    model: nn.Module,
    loss_fn: LossFunction,
    train_batches: Batches,
    *,
    epochs: int,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
    val_batches: Batches | None = None,
    clip_norm: float | None = None,
    device: torch.device | str | None = None,
    mixed_precision: bool = False,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    log_dir: str | os.PathLike[str] | None = None,
) -> list[Epoch]:
    """Train `model` in place, show a progress bar, and return one row an epoch.

    The model is moved to the device and left there, in evaluation mode. Interrupting
    (Ctrl-C, or *Interrupt the kernel*) ends the training and returns the finished epochs.

    Parameters
    ----------
    model : nn.Module
    loss_fn : callable
        ``loss_fn(model(x), target)`` gives the mean loss over the batch, a tensor of shape ().
    train_batches : sized iterable of (x, target) pairs
        For instance from :func:`ae_course.batches`.
    epochs : int
        How many passes over `train_batches`, those of a resumed checkpoint included.
    optimizer : torch.optim.Optimizer, optional
        Over parameters of `model`; by default AdamW with a learning rate of 1e-3.
    schedule : callable, optional
        ``schedule(optimizer, steps)`` gives a learning-rate scheduler that is stepped after
        every batch, for instance :func:`one_cycle`.
    val_batches : sized iterable of (x, target) pairs, optional
        Measured after each epoch.
    clip_norm : float, optional
        The largest norm of the gradient over all parameters together.
    device : torch.device or str, optional
        By default the best of this machine: see :func:`resolve_device`.
    mixed_precision : bool, default=False
        Compute matrix products in bfloat16, everything delicate in float32. It pays for wide
        layers and large batches where :func:`ae_course.fast_bfloat16` says so; narrow models gain
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

    Returns
    -------
    list of dict
        Rows with ``epoch``, ``train_loss``, ``val_loss``, ``seconds``; ``pandas.DataFrame``
        takes it as it is.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind above.
    FloatingPointError
        If the loss becomes NaN or infinite; no step is taken from that loss.
    ImportError
        If `log_dir` is given and the package ``tensorboard`` is not there.
    """
    check_batches("train_batches", train_batches)
    if val_batches is not None:
        check_batches("val_batches", val_batches)
    check_positive_integers(epochs=epochs)
    if clip_norm is not None and not clip_norm > 0:
        raise ValueError(f"`clip_norm` must be positive, got {clip_norm}")
    if resume and checkpoint is None:
        raise ValueError("`resume=True` needs the path of a `checkpoint`, got None")
    device = resolve_device(device)
    model.to(device)
    if optimizer is None:  # fused: one pass over the memory where PyTorch has it
        optimizer = AdamW(model.parameters(), lr=1e-3, fused=device.type in ("cpu", "cuda"))
    _check_optimizer(optimizer, model)
    steps = epochs * len(train_batches)
    scheduler = None if schedule is None else schedule(optimizer, steps)
    # entered only when wanted: older versions know no autocast for every device
    precision = (
        partial(torch.autocast, device.type, torch.bfloat16) if mixed_precision else nullcontext
    )
    history: list[Epoch] = []
    saved = None
    if checkpoint is not None:
        generator = getattr(train_batches, "generator", None)
        saved = Checkpoint(Path(checkpoint), model, optimizer, scheduler, generator)
        saved.tensor_file()  # refuses a file that is no checkpoint, before any work
        if resume and saved.path.exists():
            history.extend(saved.load())  # type: ignore[arg-type]  # rows that train wrote

    log = nullcontext() if log_dir is None else TensorBoardLog(log_dir, model, val_batches)
    from tqdm.auto import tqdm  # here, since it loads ipywidgets: import ae_course stays light

    done = len(history) * len(train_batches)
    silent = os.environ.get("TQDM_DISABLE") == "1"  # tqdm's switch, which its notebook bar ignores
    with log as written, tqdm(total=steps, initial=done, leave=False, disable=silent) as bar:
        try:
            for epoch in range(len(history) + 1, epochs + 1):
                started = time.perf_counter()
                model.train()
                total, count = 0.0, 0
                for step, (x, target) in enumerate(train_batches, start=1):
                    x, target = x.to(device), target.to(device)
                    with precision():
                        loss = loss_fn(model(x), target)
                    value = loss.item()
                    if not math.isfinite(value):
                        raise FloatingPointError(_diverged(value, epoch, step, optimizer))
                    optimizer.zero_grad()
                    loss.backward()  # type: ignore[no-untyped-call]
                    if clip_norm is not None:
                        nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
                    optimizer.step()
                    if scheduler is not None:
                        scheduler.step()
                    total, count = total + value * len(x), count + len(x)
                    bar.update()
                val_loss = None if val_batches is None else evaluate(model, loss_fn, val_batches)
                seconds = time.perf_counter() - started
                history.append(
                    Epoch(epoch=epoch, train_loss=total / count, val_loss=val_loss, seconds=seconds)
                )
                bar.set_postfix(history[-1])
                if written is not None:
                    rate = optimizer.param_groups[0]["lr"]
                    written.write(epoch, total / count, val_loss, rate)
                if saved is not None:
                    saved.save(history)
        except KeyboardInterrupt:
            bar.write(f"Stopped by hand after {len(history)} of {epochs} epochs.")
        finally:
            model.eval()
    return history


def _diverged(value: float, epoch: int, step: int, optimizer: Optimizer) -> str:
    rate = optimizer.param_groups[0]["lr"]
    return (
        f"the loss became {value} at epoch {epoch}, step {step}, at a learning rate of {rate:.2g}. "
        "Try a smaller learning rate or clip_norm=1.0, and look for NaN or infinity in the data"
    )


def _check_optimizer(optimizer: Optimizer, model: nn.Module) -> None:
    own = {id(parameter) for parameter in model.parameters()}
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if id(parameter) not in own:
                raise ValueError(
                    "`optimizer` must hold parameters of `model` only, got one of shape "
                    f"{tuple(parameter.shape)} that belongs to another model"
                )
