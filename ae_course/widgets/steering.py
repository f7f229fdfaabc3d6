"""A writer that can be steered: a direction is added to its state at every step."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ae_course.data.vocabulary import Vocabulary
from ae_course.models.recurrent import AutoRegressive
from ae_course.plotting.text import plot_text
from ae_course.utils.devices import evaluating
from ae_course.utils.validation import check_finite, check_tensors
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.packing import Pack
from ae_course.widgets.writing import check_logits, check_reader, check_text, packed_network

MOST = 12  # directions: each is a button
SHOWN = 200  # characters of the still picture


def steer_the_writer(
    model: AutoRegressive,
    vocab: Vocabulary,
    pushes: Mapping[str, Tensor],
    follows: Mapping[str, str],
    *,
    prompt: str,
) -> InteractiveFigure:
    """Write with a direction added to the state after each character, and without it.

    The last layer's state h becomes ``(h + strength * push).clamp(-1, 1)``, before the next
    character is predicted from it and before the network goes on from it. Beside the directions
    that are given stands a random one, of the length of the direction chosen last.

    Parameters
    ----------
    model : AutoRegressive
        With ``cell="gru"``, H units.
    vocab : Vocabulary
        The one that the model was trained with.
    pushes : mapping from str to Tensor of shape (H,)
        One to twelve directions at the strength 1, each by its label: a string that a text may
        end in.
    follows : mapping from str to str
        For each label the character that is expected after it, and that is counted.
    prompt : str
        What stands there at first: at least one character.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError, ValueError
        If `model` is no :class:`~ae_course.AutoRegressive` of GRUs, there are not 1 to 12 pushes of
        shape (H,) with finite numbers and a character of the vocabulary that follows, `prompt` is
        empty or has a character that is not in `vocab`, the two do not fit, the model predicts NaN,
        or the weights exceed 600,000 bytes.
    """
    check_reader(model, AutoRegressive, vocab)
    if model.cell != "gru":
        raise ValueError(f'`model` must have cell="gru", got cell="{model.cell}"')
    check_text(prompt=prompt)
    _check_pushes(pushes, follows, vocab, model.hidden_dim)
    pack = Pack()
    config = {
        "characters": vocab.characters,
        "prompt": prompt,
        "names": list(pushes),
        "follows": [follows[name] for name in pushes],
        "pushes": [pack.array(push.detach().cpu()) for push in pushes.values()],
        **packed_network(model, pack),
    }
    name, push = next(iter(pushes.items()))
    text = _likeliest(model, vocab, prompt, push.detach().cpu())
    marks = [character == follows[name] for character in text]
    ax = plot_text(text, torch.tensor(marks).float(), label="what follows", limits=(0, 1))
    alt = (
        f"A text that the network writes with the direction of {name!r} in its state. What follows "
        f"it most often, {follows[name]!r}, is marked: {sum(marks)} of {len(text)} characters."
    )
    scripts = ["recurrent.js", "choosing.js", "play.js", "steer_the_writer.js"]
    still = ax.figure
    return InteractiveFigure(scripts, config, bytes(pack), still=still, alt=alt)  # type: ignore[arg-type]


def _check_pushes(
    pushes: Mapping[str, Tensor], follows: Mapping[str, str], vocab: Vocabulary, hidden: int
) -> None:
    if not isinstance(pushes, Mapping):
        raise TypeError(f"`pushes` must be a mapping, got {type(pushes).__name__}")
    if not 1 <= len(pushes) <= MOST:
        raise ValueError(f"`pushes` must have 1 to {MOST} directions, got {len(pushes)}")
    for name, push in pushes.items():
        check_tensors(push=push)
        if not isinstance(name, str) or not name:
            raise ValueError(f"`pushes` must be named by what the text ends in, got {name!r}")
        if len(follows.get(name, "")) != 1:
            raise ValueError(f"`follows` must have a character for {name!r}, got {follows}")
        vocab.encode(name + follows[name])
        if push.shape != (hidden,):
            raise ValueError(f"`pushes` must have shape ({hidden},), got {tuple(push.shape)}")
        check_finite(push=push)


@torch.no_grad()
def _likeliest(model: AutoRegressive, vocab: Vocabulary, prompt: str, push: Tensor) -> str:
    """Write with the push, always the likeliest character."""
    tokens, state = vocab.encode(prompt).tolist(), None
    device = model.embedding.weight.device
    push = push.to(device)
    with evaluating(model):
        for place in range(SHOWN - 1):
            _, state = model.step(torch.tensor([tokens[place]], device=device), state)
            state = (*state[:-1], (state[-1] + push).clamp(-1, 1))
            if place + 1 < len(tokens):
                continue
            logits = model.head(model.norms[-1](state[-1]))[0]
            check_logits(logits)
            tokens.append(int(logits.argmax()))
    return vocab.decode(torch.tensor(tokens))
