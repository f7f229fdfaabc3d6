"""What each character of a text looks back at, in a small Transformer."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from ae_course.data.vocabulary import Vocabulary
from ae_course.models.transformer import ROTARY_BASE, CausalTransformer
from ae_course.sampling.numpy_step import after_norm
from ae_course.utils.devices import device_of, evaluating
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.packing import Pack
from ae_course.widgets.writing import SHOWN, check_logits, check_reader, readable

LONGEST = 80  # characters: the whole text is read again when its beginning changes


def attention_map(model: CausalTransformer, vocab: Vocabulary, *, text: str) -> InteractiveFigure:
    """Type a text, choose a character, and see what each head of a Transformer looks back at.

    The weights of all layers and heads, and the probabilities of the next character, are computed
    in the page.

    Parameters
    ----------
    model : CausalTransformer
    vocab : Vocabulary
        The one that the model was trained with.
    text : str
        What stands there at first: 2 to 80 characters.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError, ValueError
        If `model` is no :class:`~ae_course.CausalTransformer`, `text` is too short or too long or
        has a character that is not in `vocab`, the two do not fit, the model predicts NaN, or the
        weights exceed 600,000 bytes.
    """
    check_reader(model, CausalTransformer, vocab)
    if not 2 <= len(text) <= LONGEST:
        raise ValueError(f"`text` must have 2 to {LONGEST} characters, got {len(text)}")
    tokens = vocab.encode(text)[None].to(device_of(model))
    with evaluating(model):
        weights, logits = model.attention_weights(tokens).cpu(), model(tokens)
    check_logits(logits)
    pack = Pack()
    config = {"text": text, "longest": LONGEST, **_packed(model, vocab, pack)}
    layers, _, heads, *_ = weights.shape
    alt = (
        f"What each character of {text!r} looks back at, in {layers} layers of {heads} heads: a "
        "table of weights for the first head of the last layer."
    )
    still = _table(weights[-1, 0, 0], text)
    scripts = ["choosing.js", "attention.js", "attention_map.js"]
    return InteractiveFigure(scripts, config, bytes(pack), still=still, alt=alt)


def _packed(model: CausalTransformer, vocab: Vocabulary, pack: Pack) -> dict[str, Any]:
    """Store the weights; scales and shifts of layer norms move into the matrices that follow."""
    blocks: list[Any] = list(model.blocks)
    narrow, activation, norm, output = list[Any](model.head)

    def affine(layer: Any, before: Any = None) -> dict[str, Any]:
        if before is not None:
            return pack.affine(*after_norm(before, layer.weight, layer.bias))
        return pack.affine(*(part.detach().cpu().numpy() for part in (layer.weight, layer.bias)))

    return {
        "characters": vocab.characters,
        "heads": blocks[0].heads,
        "context": blocks[0].context,
        "base": ROTARY_BASE,
        "slope": activation.negative_slope,
        "epsilon": norm.eps,
        "embedding": pack.matrix(model.embedding.weight.detach().cpu().numpy()),
        "blocks": [
            {
                "projected": affine(block.query_key_value, block.norms[0]),
                "out": affine(block.out),
                "inner": affine(block.hidden[0], block.norms[1]),
                "outer": affine(block.hidden[2]),
            }
            for block in blocks
        ],
        "narrow": affine(narrow, model.norm),
        "scores": affine(output, norm),
    }


def _table(weights: Tensor, text: str):  # type: ignore[no-untyped-def]
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6, 5.5), layout="constrained")
    ax.imshow(weights.numpy(), cmap="Greys", vmin=0, vmax=1)
    names = [readable(SHOWN.get(character, character)) for character in text]
    ax.set_xticks(range(len(text)), names, fontsize=7)
    ax.set_yticks(range(len(text)), names, fontsize=7)
    ax.set(xlabel="looks back at", ylabel="character")
    return figure
