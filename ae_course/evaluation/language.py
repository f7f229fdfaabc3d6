"""How well a model predicts text: bits per character."""

from __future__ import annotations

import math
from typing import Any

from torch import nn

from ae_course.data.chunks import AutoRegressiveDataset
from ae_course.data.datasets import batches
from ae_course.data.vocabulary import Vocabulary
from ae_course.evaluation.loss import evaluate
from ae_course.models.recurrent import sequence_loss


def bits_per_character(
    model: nn.Module, vocab: Vocabulary, text: str, *, chunk: int = 250, batch_size: int = 64
) -> float:
    """Measure the mean surprisal of a text under `model`, in bits per character: less is better.

    This is the cross-entropy over the characters after the first, with logarithms to base 2. Two
    to this power is the perplexity. The text is read in chunks that follow each other, each from a
    fresh start; a rest of at most a chunk is left out.

    Parameters
    ----------
    model : nn.Module
        Maps tokens (B, T) to logits (B, T, V), such as :class:`AutoRegressive` or :class:`NGram`.
        It stays on its device and gets its training mode back.
    vocab : Vocabulary
        The one that the model was trained with.
    text : str
    chunk : int, default=250
    batch_size : int, default=64

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If `text` is no string longer than a chunk, or has a character that is not in `vocab`.
    """
    chunks: Any = batches(AutoRegressiveDataset(text, vocab, chunk=chunk), batch_size)
    return evaluate(model, sequence_loss, chunks) / math.log(2)
