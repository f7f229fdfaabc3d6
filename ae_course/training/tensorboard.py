"""What TensorBoard shows of a training: the losses, the learning rate, and some images."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any

import torch
from torch import Tensor, nn

from ae_course.evaluation.loss import Batches
from ae_course.models.variational import VAEOutput
from ae_course.utils.devices import device_of, evaluating

SHOWN = 8  # images of a row


class TensorBoardLog:
    """Writes one point an epoch, and with images also what the model makes of the first ones.

    Parameters
    ----------
    log_dir : path
        A folder for this run; TensorBoard compares the runs below the folder that it is given.
    model : nn.Module
    batches : sized iterable of (x, target) pairs, optional
        Where the images come from: the first items of its first batch.

    Raises
    ------
    ImportError
        If the package ``tensorboard`` is not there.
    """

    def __init__(
        self, log_dir: str | os.PathLike[str], model: nn.Module, batches: Batches | None = None
    ) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise ImportError(
                "`log_dir` needs the package tensorboard: pip install tensorboard"
            ) from error
        self.model = model
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

    def write(self, epoch: int, train_loss: float, val_loss: float | None, rate: float) -> None:
        """The end of an epoch."""
        self.writer.add_scalar("loss/train", train_loss, epoch)
        if val_loss is not None:
            self.writer.add_scalar("loss/validation", val_loss, epoch)
        self.writer.add_scalar("learning rate", rate, epoch)
        if self.pairs is not None:
            x, target = (items[:SHOWN] for items in self.pairs)
            device = device_of(self.model)
            on_gpu = [device] if device.type == "cuda" else []
            with evaluating(self.model), torch.random.fork_rng(devices=on_gpu):
                output = self.model(x.to(device))
            if isinstance(output, VAEOutput):
                output = torch.sigmoid(output.logits)
            if _are_images(x) and _are_images(output):
                rows = [x, output.cpu()]  # one below the other
                if _are_images(target) and not torch.equal(x, target):
                    rows.append(target)
                grid = torch.cat([torch.cat(list(images), dim=2) for images in rows], dim=1)
                self.writer.add_image("input, output, target", grid.clamp(0, 1), epoch)
        self.writer.flush()  # so that a run can be watched


def _are_images(items: Any) -> bool:
    """Whether it is a tensor of shape (B, 1, h, w) or (B, 3, h, w)."""
    return isinstance(items, Tensor) and items.dim() == 4 and items.shape[1] in (1, 3)
