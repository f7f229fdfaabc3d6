"""What a trained model does, measured without changing it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from ae_course.autoregressive import sequence_loss
from ae_course.checks import check_modules
from ae_course.data import batches
from ae_course.text import AutoRegressiveDataset, Vocabulary

LossFunction = Callable[[Tensor, Tensor], Tensor]
Batches = Collection[tuple[Tensor, Tensor]]


def evaluate(model: nn.Module, loss_fn: LossFunction, batches: Batches) -> float:
    """The mean loss over all items, in evaluation mode and without gradients.

    Each batch counts by its size, so the last, smaller one does not weigh too much. The model
    stays on its device and gets its training mode back.

    Parameters
    ----------
    model : nn.Module
    loss_fn : callable
        As in :func:`train`: the mean over a batch.
    batches : sized iterable of (x, target) pairs

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If `batches` has no ``len``, or holds nothing.
    """
    check_batches("batches", batches)
    device = device_of(model)
    total, count = 0.0, 0
    with evaluating(model):
        for x, target in batches:
            loss = loss_fn(model(x.to(device)), target.to(device))
            total, count = total + loss.item() * len(x), count + len(x)
    return total / count


def bits_per_character(
    model: nn.Module, text: str, vocab: Vocabulary, *, chunk: int = 250, batch_size: int = 64
) -> float:
    """How many bits a text costs, a character, if `model` predicts it: less is better.

    This is the mean cross-entropy over the characters after the first, with logarithms to base 2.
    Two to this power is the perplexity. The text is read in chunks that follow each other, each
    from a fresh start; a rest of at most a chunk is left out.

    Parameters
    ----------
    model : nn.Module
        Maps tokens (B, T) to logits (B, T, V), such as :class:`AutoRegressive` or :class:`NGram`.
        It stays on its device and gets its training mode back.
    text : str
    vocab : Vocabulary
    chunk : int, default=250
    batch_size : int, default=64

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If `text` is not longer than a chunk, or has a character that is not in `vocab`.
    """
    chunks: Any = batches(AutoRegressiveDataset(text, vocab, chunk=chunk), batch_size)
    return evaluate(model, sequence_loss, chunks) / math.log(2)


def encode_dataset(
    encoder: nn.Module, dataset: Dataset[Any], *, batch_size: int = 1024
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """The code and the label of every item, as arrays.

    Parameters
    ----------
    encoder : nn.Module
        Maps (B, ...) to codes (B, Z), for instance ``model.encoder``. It stays on its device and
        gets its training mode back.
    dataset : map-style dataset of (x, y) pairs
    batch_size : int, default=1024

    Returns
    -------
    codes : ndarray of shape (N, Z)
    labels : ndarray of shape (N,)

    Raises
    ------
    TypeError, ValueError
        If `encoder` is not a module, or `dataset` is not map-style or empty.
    """
    check_modules(encoder=encoder)
    device = device_of(encoder)
    codes, labels = [], []
    with evaluating(encoder):
        for x, y in batches(dataset, batch_size):
            codes.append(encoder(x.to(device)).cpu())  # (B, Z)
            labels.append(y.cpu())
    return torch.cat(codes).numpy(), torch.cat(labels).numpy()


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; afterwards every part has the mode it had."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


def device_of(model: nn.Module) -> torch.device:
    """Where the model computes."""
    for tensor in (*model.parameters(), *model.buffers()):
        return tensor.device
    return torch.device("cpu")  # nothing to compute with: any device serves


def check_batches(name: str, batches: Any) -> None:
    if not (hasattr(batches, "__len__") and hasattr(batches, "__iter__")):
        raise TypeError(
            f"`{name}` must be iterable again and again, with a length, as from "
            f"ae_course.batches(...), got {type(batches).__name__}"
        )
    if len(batches) == 0:
        raise ValueError(f"`{name}` must hold at least one batch, got none")
