"""What TensorBoard shows of a training: the losses, the learning rate, and some images."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ae_course.evaluation.loss import Batches
from ae_course.utils.devices import device_of, evaluating

SHOWN = 8  # images of a row


class TensorBoardLog:
    """Write one point an epoch, and with images also what the model makes of the first ones.

    What it makes of images x is ``model.reconstruct(x)`` where the model has this method, else
    ``model(x)``.

    Parameters
    ----------
    log_dir : path
        A folder for this run; TensorBoard compares the runs below the folder that it is given.
    model : nn.Module
    optimizer : torch.optim.Optimizer
        Its first learning rate is written.
    batches : sized iterable of (x, target) pairs, optional
        Where the images come from: the first items of its first batch.

    Raises
    ------
    ImportError
        If the package ``tensorboard`` is not there.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        model: nn.Module,
        optimizer: Optimizer,
        batches: Batches | None = None,
    ) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise ImportError(
                "`log_dir` needs the package tensorboard: pip install tensorboard"
            ) from error
        self.model = model
        self.optimizer = optimizer
        with torch.random.fork_rng(devices=[]):  # a training draws the same with and without a log
            self.pairs = None if batches is None else next(iter(batches))
        self.writer: Any = SummaryWriter(os.fspath(log_dir))

    def __enter__(self) -> TensorBoardLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.writer.close()

    def write(self, row: Mapping[str, Any]) -> None:
        """Write a row of the history, at the end of the epoch that :func:`train` has measured."""
        epoch = row["epoch"]
        self.writer.add_scalar("loss/train", row["train_loss"], epoch)
        if row["val_loss"] is not None:
            self.writer.add_scalar("loss/validation", row["val_loss"], epoch)
        self.writer.add_scalar("learning rate", self.optimizer.param_groups[0]["lr"], epoch)
        if self.pairs is not None:
            self._write_images(epoch, *(items[:SHOWN] for items in self.pairs))
        self.writer.flush()  # so that a run can be watched

    def _write_images(self, epoch: int, x: Tensor, target: Tensor) -> None:
        if not _are_images(x):
            return
        device = device_of(self.model)
        on_gpu = [device] if device.type == "cuda" else []
        with evaluating(self.model), torch.random.fork_rng(devices=on_gpu):
            output = getattr(self.model, "reconstruct", self.model)(x.to(device))
        if _are_images(output):
            rows = [x, output.cpu()]  # one below the other
            if _are_images(target) and not torch.equal(x, target):
                rows.append(target)
            grid = torch.cat([torch.cat(list(images), dim=2) for images in rows], dim=1)
            self.writer.add_image("input, output, target", grid.clamp(0, 1), epoch)


def _are_images(items: Any) -> bool:
    """Whether it is a tensor of shape (B, 1, h, w) or (B, 3, h, w)."""
    return isinstance(items, Tensor) and items.dim() == 4 and items.shape[1] in (1, 3)
