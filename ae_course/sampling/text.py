"""Write text with a model that predicts the next character."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ae_course.data.vocabulary import Vocabulary
from ae_course.models.recurrent import AutoRegressive
from ae_course.sampling.numpy_step import single_step
from ae_course.utils.devices import device_of, evaluating
from ae_course.utils.validation import check_positive_integers

Step = Callable[[Tensor, Any], tuple[Tensor, Any]]


def generate(
    model: nn.Module,
    vocab: Vocabulary,
    prompt: str,
    n_chars: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> str:
    """Continue a prompt by `n_chars` characters, drawn one after the other.

    Each character is drawn from the model's distribution, changed by :func:`filter_logits`. The
    state is carried along, so the time grows in proportion to `n_chars`. The model stays on its
    device and gets its training mode back. An :class:`AutoRegressive` on the CPU takes its steps
    in NumPy, which for one character at a time is faster.

    Parameters
    ----------
    model : nn.Module
        With ``step(token, state) -> (logits, state)``, such as :class:`AutoRegressive`,
        :class:`CausalTransformer` and :class:`NGram`.
    vocab : Vocabulary
        The one that the model was trained with.
    prompt : str
        At least one character.
    n_chars : int
    temperature : float, default=1.0
        0 takes the likeliest character, always.
    top_k : int, optional
        Draw among the k likeliest.
    top_p : float, optional
        Draw among the likeliest that together reach this probability.
    generator : torch.Generator, optional
        What draws; by default PyTorch's global generator.

    Returns
    -------
    str
        ``len(prompt) + n_chars`` characters.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind above, `prompt` has a character that is not in `vocab`,
        `model` and `vocab` do not fit, or `model` predicts what is not finite.

    References
    ----------
    Holtzman et al. (2020), arXiv:1904.09751, for `top_p`. Gumbel (1954) for drawing by a maximum.
    """
    _check_task(model, vocab, prompt, n_chars)
    _check_choice(temperature, top_k, top_p)
    device = device_of(model)
    with evaluating(model), torch.inference_mode():
        step = _fastest_step(model, device)
        logits, state = _read(step, vocab, prompt, device)
        # the largest of logit + Gumbel noise is a draw from the softmax
        noise = None if temperature == 0 else _gumbel((n_chars, len(vocab)), generator).to(device)
        plain = (temperature, top_k, top_p) == (1.0, None, None)
        written, highest = [], []
        for place in range(n_chars):
            if noise is not None:
                chosen = logits if plain else filter_logits(logits, temperature, top_k, top_p)
                logits = chosen + noise[place]
            token = logits.argmax(1)  # (1,)
            written.append(token)
            highest.append(logits.amax(1))  # NaN if any logit is
            if place + 1 < n_chars:
                logits, state = step(token, state)
        _check_finite(torch.cat(highest))
        return prompt + vocab.decode(torch.cat(written))


def beam_search(
    model: nn.Module, vocab: Vocabulary, prompt: str, n_chars: int, *, beams: int = 5
) -> str:
    """Continue a prompt by the likeliest `n_chars` characters that a search finds.

    Nothing is drawn. Of all continuations of the beginnings kept so far, by one character, the
    `beams` likeliest are kept. One beam is the greedy choice, ``generate(…, temperature=0)``. The
    model stays on its device and gets its training mode back.

    Parameters
    ----------
    model, vocab, prompt, n_chars
        As in :func:`generate`.
    beams : int, default=5
        How many beginnings are kept.

    Returns
    -------
    str
        ``len(prompt) + n_chars`` characters.

    Raises
    ------
    TypeError, ValueError
        As :func:`generate`, and if `beams` is not a positive integer.

    References
    ----------
    Graves (2012), Sequence Transduction with Recurrent Neural Networks, arXiv:1211.3711.
    """
    _check_task(model, vocab, prompt, n_chars)
    check_positive_integers(beams=beams)
    with evaluating(model), torch.inference_mode():
        step: Step = model.step  # type: ignore[assignment]
        logits, state = _read(step, vocab, prompt, device_of(model))
        score = logits.new_zeros(1)  # log-probability of each beginning
        written = torch.empty(1, 0, dtype=torch.int64, device=logits.device)
        for place in range(n_chars):
            total = score[:, None] + logits.log_softmax(1)  # (beams, V)
            score, best = total.flatten().topk(min(beams, total.numel()))  # NaN counts as highest
            parent, token = best // total.shape[1], best % total.shape[1]
            written = torch.cat([written[parent], token[:, None]], dim=1)
            if place + 1 < n_chars:
                logits, state = step(token, _rows(state, parent))
        _check_finite(score[:1])
        return prompt + vocab.decode(written[0])  # topk sorts


def filter_logits(
    logits: Tensor,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Tensor:
    """Divide logits by the temperature, and put -inf for characters that are not to be drawn.

    Parameters
    ----------
    logits : Tensor of shape (B, V)
    temperature : float, default=1.0
        Above 0. Below 1 the likely becomes likelier, above 1 all become more alike.
    top_k : int, optional
        Keep the k likeliest.
    top_p : float, optional
        Keep the fewest that together reach this probability, after `temperature` and `top_k`.

    Returns
    -------
    Tensor of shape (B, V)

    Raises
    ------
    ValueError
        If `temperature` is not above 0, `top_k` is below 1, or `top_p` is not in (0, 1].
    """
    _check_choice(temperature, top_k, top_p)
    if temperature == 0:
        raise ValueError("`temperature` must be above 0 to divide by it, got 0")
    logits = logits / max(temperature, 1e-30)  # below, float32 would make several of them infinite
    if top_k is not None and top_k < logits.shape[-1]:
        kept = logits.topk(top_k).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None and top_p < 1:
        ordered, order = logits.sort(descending=True)
        share = ordered.softmax(-1)
        reached = share.cumsum(-1) - share >= top_p  # by those before it: it is not needed
        logits = logits.masked_fill(reached.gather(-1, order.argsort(-1)), -math.inf)
    return logits


def _check_task(model: Any, vocab: Vocabulary, prompt: Any, n_chars: Any) -> None:
    if not callable(getattr(model, "step", None)):
        raise TypeError(f"`model` must have step(token, state), got {type(model).__name__}")
    if not isinstance(vocab, Vocabulary):
        raise TypeError(f"`vocab` must be a Vocabulary, got {type(vocab).__name__}")
    check_positive_integers(n_chars=n_chars)
    if not isinstance(prompt, str) or not prompt:
        raise ValueError(f"`prompt` must be a string of at least one character, got {prompt!r}")
    if getattr(model, "vocab_size", len(vocab)) != len(vocab):
        raise ValueError(
            f"`vocab` must be the one that the model was trained with, of {model.vocab_size} "
            f"characters, got one of {len(vocab)}"
        )


def _check_choice(temperature: float, top_k: int | None, top_p: float | None) -> None:
    if not 0 <= temperature < math.inf:
        raise ValueError(f"`temperature` must be a finite number of at least 0, got {temperature}")
    if top_k is not None:
        check_positive_integers(top_k=top_k)
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"`top_p` must be above 0 and at most 1, got {top_p}")


def _check_finite(highest: Tensor) -> None:
    """Refuse a highest logit that is not finite; nothing is drawn from NaN."""
    wrong = highest[~highest.isfinite()]
    if len(wrong):
        raise ValueError(
            f"`model` must predict finite logits, got {wrong[0].item()}: look at its weights"
        )


def _fastest_step(model: nn.Module, device: torch.device) -> Step:
    own = type(model) is AutoRegressive  # a subclass may have another step
    if own and device.type == "cpu" and model.embedding.weight.dtype == torch.float32:  # type: ignore[union-attr]
        return single_step(model)  # type: ignore[arg-type]
    return model.step  # type: ignore[return-value]


def _read(step: Step, vocab: Vocabulary, prompt: str, device: torch.device) -> tuple[Tensor, Any]:
    """Give logits (1, V) of the character after the prompt, and the state there."""
    state = None
    for token in vocab.encode(prompt).to(device):
        logits, state = step(token[None], state)
    if logits.shape[-1] != len(vocab):
        raise ValueError(
            f"`model` predicts {logits.shape[-1]} characters, `vocab` has {len(vocab)}"
        )
    return logits, state


def _gumbel(shape: tuple[int, ...], generator: torch.Generator | None) -> Tensor:
    device = "cpu" if generator is None else generator.device
    return -torch.empty(shape, device=device).exponential_(generator=generator).log()


def _rows(state: Any, index: Tensor) -> Any:
    """Take rows of every tensor in a state: each has the batch as its first dimension."""
    if isinstance(state, tuple):
        return tuple(_rows(part, index) for part in state)
    return state[index]
