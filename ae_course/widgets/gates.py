"""The gates of an LSTM, over a text that the reader may change."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ae_course.data.vocabulary import Vocabulary
from ae_course.models.recurrent import AutoRegressive
from ae_course.plotting.text import plot_text
from ae_course.utils.devices import device_of, evaluating
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.packing import Pack
from ae_course.widgets.writing import check_reader, check_text, packed_network

LONGEST = 300  # characters, as in the script


def lstm_gates(model: AutoRegressive, vocab: Vocabulary, *, text: str) -> InteractiveFigure:
    """Step through a text, and see what the gates of each unit do with its memory.

    Parameters
    ----------
    model : AutoRegressive
        With ``cell="lstm"`` and one layer.
    vocab : Vocabulary
        The one that the model was trained with.
    text : str
        What is read at first: 1 to 300 characters.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError, ValueError
        If `model` is no :class:`~ae_course.AutoRegressive` with a single layer of an LSTM, `text`
        is empty, too long or has a character that is not in `vocab`, the two do not fit, the model
        holds NaN, or the weights exceed 600,000 bytes.
    """
    check_reader(model, AutoRegressive, vocab)
    if model.cell != "lstm" or len(model.recurrent) != 1:
        raise ValueError(
            f'`model` must have one layer and cell="lstm", got {len(model.recurrent)} '
            f'and cell="{model.cell}"'
        )
    check_text(text=text)
    if len(text) > LONGEST:
        raise ValueError(f"`text` must have at most {LONGEST} characters, got {len(text)}")
    memory = _memory(model, vocab.encode(text))
    if not memory.isfinite().all():
        raise ValueError("`model` must hold finite numbers: look for NaN in its weights")
    pack = Pack()
    config = {"characters": vocab.characters, "text": text, **packed_network(model, pack)}
    most = memory[:, 0].abs().max().clamp(min=1e-6).item()
    ax = plot_text(text, memory[:, 0], label="memory of unit 1", limits=(-most, most))
    still: Any = ax.figure
    alt = (
        f"A text of {len(text)} characters, each on a ground that shows what the first of "
        f"{model.hidden_dim} units holds in its memory after it."
    )
    scripts = ["recurrent.js", "choosing.js", "lstm_gates.js"]
    return InteractiveFigure(scripts, config, bytes(pack), still=still, alt=alt)


def _memory(model: AutoRegressive, tokens: Tensor) -> Tensor:
    """Give what the units hold in memory after each of the tokens (T,): (T, H)."""
    state, memories = None, []
    with evaluating(model), torch.no_grad():
        for token in tokens.to(device_of(model)):
            _, state = model.step(token[None], state)
            memories.append(state[0][1][0].cpu())
    return torch.stack(memories)
