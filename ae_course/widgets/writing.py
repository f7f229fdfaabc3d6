"""Figures about the choice of the next character."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ae_course.data.vocabulary import Vocabulary
from ae_course.models.recurrent import AutoRegressive
from ae_course.sampling.numpy_step import step_weights
from ae_course.utils.devices import evaluating
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.packing import Pack

SHOWN = {" ": "␣", "\n": "¶"}


def text_writer(model: AutoRegressive, vocab: Vocabulary, *, prompt: str) -> InteractiveFigure:
    """Let a network write, and see its probability for each next character.

    Parameters
    ----------
    model : AutoRegressive
    vocab : Vocabulary
        The one that the model was trained with.
    prompt : str
        What stands there at first: at least one character.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError, ValueError
        If `model` is no :class:`~ae_course.AutoRegressive`, `prompt` is empty or has a character
        that is not in `vocab`, the two do not fit, the model predicts NaN, or weights and pictures
        exceed 600,000 bytes.
    """
    check_reader(model, AutoRegressive, vocab)
    check_text(prompt=prompt)
    tokens, pack = vocab.encode(prompt), Pack()
    config = {"characters": vocab.characters, "prompt": prompt, **packed_network(model, pack)}
    with evaluating(model), torch.no_grad():
        logits = model(tokens[None].to(model.embedding.weight.device))[0, -1].cpu()
    check_logits(logits)
    likeliest = logits.argsort(descending=True)[:12].tolist()
    characters = [vocab.characters[i] for i in likeliest]
    figure = _bars(characters, logits.softmax(0)[likeliest].tolist(), f"after {prompt!r}")
    alt = (
        f"The likeliest characters after {prompt!r}, as bars: first "
        f"{', '.join(repr(c) for c in characters[:3])}."
    )
    scripts = ["recurrent.js", "choosing.js", "play.js", "text_writer.js"]
    return InteractiveFigure(scripts, config, bytes(pack), still=figure, alt=alt)


def temperature_by_hand(characters: Sequence[str], scores: Sequence[float]) -> InteractiveFigure:
    """Drag scores, turn the temperature, and watch the softmax share out the probability.

    Parameters
    ----------
    characters : sequence of str
        Names of the choices, two to ten.
    scores : sequence of float
        Their scores (logits) at first. Their mean is subtracted, which changes no probability.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    ValueError
        If the two differ in length, there are not two to ten choices, or a score is not finite.
    """
    characters, scores = list(characters), [float(score) for score in scores]
    if not 2 <= len(characters) <= 10 or len(scores) != len(characters):
        raise ValueError(
            "`characters` and `scores` must have the same length, from 2 to 10, "
            f"got {len(characters)} and {len(scores)}"
        )
    if not all(math.isfinite(score) for score in scores):
        raise ValueError(f"`scores` must be finite, got {scores}")
    centred = [score - sum(scores) / len(scores) for score in scores]
    config = {"characters": characters, "scores": centred}
    shares = torch.tensor(scores).softmax(0).tolist()
    alt = f"Probabilities of {len(characters)} characters at temperature 1, as bars."
    scripts = ["choosing.js", "temperature_by_hand.js"]
    still = _bars(characters, shares, "temperature 1")
    return InteractiveFigure(scripts, config, b"", still=still, alt=alt)


def check_reader(model: Any, kind: type[Any], vocab: Vocabulary) -> None:
    """Refuse a model of another kind, or another model's vocabulary."""
    if not isinstance(model, kind):
        article = "an" if kind.__name__.startswith("A") else "a"
        raise TypeError(f"`model` must be {article} {kind.__name__}, got {type(model).__name__}")
    if model.vocab_size != len(vocab):
        raise ValueError(
            f"`vocab` must be the one that the model was trained with, of {model.vocab_size} "
            f"characters, got one of {len(vocab)}"
        )


def check_text(**texts: str) -> None:
    """Refuse a text without a character, by its name."""
    for name, text in texts.items():
        if not text:
            raise ValueError(f"`{name}` must have at least one character, got none")


def check_logits(logits: Tensor) -> None:
    """Refuse what a model predicts if it is not finite."""
    if not logits.isfinite().all():
        raise ValueError("`model` must predict finite logits: look for NaN in its weights")


def packed_network(model: AutoRegressive, pack: Pack) -> dict[str, Any]:
    """Store a network as ``recurrent.js`` unpacks it."""
    weights = step_weights(model)
    return {
        "cell": weights.cell,
        "slope": weights.slope,
        "epsilon": weights.epsilon,
        "inputGates": pack.matrix(weights.input_gates),
        "recurrent": [pack.affine(*affine) for affine in weights.recurrent],
        "inputWeights": [pack.affine(*affine) for affine in weights.input_weights],
        "scores": pack.affine(*weights.scores),
    }


def _bars(characters: list[str], shares: list[float], title: str):  # type: ignore[no-untyped-def]
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    ax.bar(range(len(shares)), shares)
    ax.set_xticks(range(len(shares)), [readable(SHOWN.get(c, c)) for c in characters])
    ax.set(title="".join(map(readable, title)), ylabel="probability")
    return figure


def readable(character: str) -> str:
    """Give a character as a picture can show it: its code point if the font has no glyph."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    glyphs = get_font(findfont(FontProperties())).get_charmap()
    return character if ord(character) in glyphs else f"U+{ord(character):04X}"
