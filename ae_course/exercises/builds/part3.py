"""The *Build* exercises of part 3: code words, a proofreader, a loss, attention that remembers."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, logsigmoid, scaled_dot_product_attention

from ae_course.exercises.feedback import (
    NotYet,
    agree,
    array,
    call,
    close,
    number,
    pair_of,
    refuse_mistakes,
    tensor,
)
from ae_course.exercises.networks import build_model, refuse_gradient


def _fewest_bits(p: list[float]) -> float:
    """Give the mean length of Huffman's code: each joining costs what is joined."""
    heap, bits = sorted(p), 0.0
    while len(heap) > 1:
        joined = heapq.heappop(heap) + heapq.heappop(heap)
        bits += joined
        heapq.heappush(heap, joined)
    return bits


def check_code_lengths(code_lengths: Any) -> None:
    """Check the Build of 3.1: how many bits Huffman's algorithm gives each character."""
    cases = [
        [0.05, 0.1, 0.5, 0.15, 0.2],
        [0.4, 0.35, 0.2, 0.05],
        [0.125] * 8,
        torch.randn(39).mul(3).softmax(dim=0).tolist(),
    ]
    for p in cases:
        found = array(call(code_lengths, p), (len(p),), "the lengths")
        exact = -np.log2(p)
        table = [
            (exact, "these are the bits of the cross-entropy. A code word has whole bits."),
            (np.ceil(exact), "these are rounded up from −log₂ p. Huffman's are never longer."),
            (np.full(len(p), math.ceil(math.log2(len(p)))), "all code words have the same length."),
        ]
        mean, best = float(np.dot(p, found)), _fewest_bits(p)
        room = float(np.exp2(-found).sum())  # Kraft's inequality
        whole = bool((found == np.round(found)).all())
        if whole and close(mean, best) and close(room, 1):
            continue
        refuse_mistakes(found, close, table)
        rising = np.sort(found)
        if any(np.array_equal(found, sorted_) for sorted_ in (rising, rising[::-1])) and close(
            np.dot(np.sort(p)[::-1], rising), best
        ):
            raise NotYet(
                "the lengths are right, and belong to other probabilities. Keep the order of `p`."
            )
        if not whole or found.min() < 1:
            raise NotYet("a code word should have one bit, or two, or more: a whole number.")
        if room > 1 + 1e-9:
            raise NotYet(
                "no code has words so short: the sum of 2 to the power of minus the length is "
                f"{room:.3g}, and may be 1 at most. Does every member of a group get longer?"
            )
        if room < 1 - 1e-9:
            raise NotYet(
                f"the sum of 2 to the power of minus the length is {room:.3g}, and could be 1: "
                "bits are wasted. Is there a joining too many?"
            )
        raise NotYet(
            f"for the probabilities {', '.join(f'{value:.3g}' for value in p[:5])} … the mean is "
            f"{mean:.3f} bits, and Huffman's is {best:.3f}. Are the two least likely joined?"
        )


def check_misprint(misprint: Any) -> None:
    """Check the Build of 3.2: the place of a passage that surprises most, among the last sixty."""
    passage = "".join(chr(97 + i * i % 26) for i in range(160))
    for place in (130, 100, 159):
        bits = torch.rand(160) * 3 + 1
        bits[[60, 99]], bits[place] = torch.tensor([20.0, 21.0]), 9.0
        asked: list[tuple[str, str]] = []

        def surprise(context: str, written: str, bits: Tensor = bits, asked: Any = asked) -> Tensor:
            asked.append((context, written))
            return bits[len(context) : len(context) + len(written)].clone()

        found = number(call(misprint, surprise, passage, copies=False), "the place")
        if asked and "".join(asked[-1]) != passage:
            raise NotYet(
                "context and written characters are not the passage, one part after the other: "
                f"they have {len(asked[-1][0])} and {len(asked[-1][1])} characters."
            )
        if asked and len(asked[-1][1]) < 60:
            raise NotYet(f"it looks at {len(asked[-1][1])} characters, and sixty are asked.")
        if found == place:
            continue
        table = [
            (place - 100, "it counts from the last sixty on. Count from the passage's beginning."),
            (99, "it looks at more than the last sixty characters."),
            (60, "it looks at more than the last sixty characters."),
            (place + 1, "it is the place behind the one that surprises most. Count from 0."),
            (place - 1, "it is the place before the one that surprises most. Count from 0."),
            (100 + int(bits[100:].argmin()), "it is the place that surprises *least*."),
        ]
        refuse_mistakes(found, lambda a, b: a == b, table)
        raise NotYet(f"it gives place {found:g}, where {place} surprises most.")


def check_info_nce(loss: Any) -> None:
    """Check the Build of 3.3: one softmax over the real neighbour and the false ones."""
    u, real, drawn = (torch.randn(size, requires_grad=True) for size in ((6, 8), (6, 8), (6, 5, 8)))
    found = tensor(call(loss, u, real, drawn, copies=False), (), "the loss")
    yes, no = (u * real).sum(dim=1), (u[:, None] * drawn).sum(dim=2)  # (B,) and (B, 5)
    scores, first = torch.cat([yes[:, None], no], dim=1), torch.zeros(6, dtype=torch.long)
    right = cross_entropy(scores, first)
    if not agree(found, right):
        table = [
            (-right, "its sign is wrong: a better model should cost less."),
            (right / math.log(2), "it is in bits. PyTorch's cross-entropy is in nats."),
            (6 * right, "it is the sum over the batch. `pair_loss` gives the mean."),
            (right / 6, "it is the mean over all six scores. Only that of the real one counts."),
            (
                -(logsigmoid(yes) + logsigmoid(-no).sum(dim=1)).mean(),
                "these are the six sigmoids of `pair_loss`. Take one softmax over six scores.",
            ),
            (
                (no.logsumexp(dim=1) - yes).mean(),
                "the real neighbour is missing below the line: the softmax is over all six.",
            ),
            (-scores.softmax(dim=1)[:, 0].mean(), "the logarithm is missing."),
            (
                cross_entropy(scores, first + 5),
                "its target is a false neighbour, the last one. Where does the real one stand?",
            ),
            (
                cross_entropy(u @ real.mT, torch.arange(6)),
                "its rivals are the neighbours of the other words. Take the five drawn ones.",
            ),
        ]
        refuse_mistakes(found, agree, table)
        raise NotYet(f"it gives {found.item():.4f} where the cross-entropy is {right.item():.4f}.")
    refuse_gradient(found, right, {"u": u, "real": real, "drawn": drawn})


def _step_by_step(layer: Any, x: Tensor) -> Tensor:
    """Give the places of x, (B, T, width), one after another to the layer's `step`."""
    past, answers = None, []
    for place in x.unbind(dim=1):
        pair = call(layer.step, place, past, copies=False)  # a past may have a gradient
        found, past = pair_of(pair, "the answer of `step` and the new past")
        answers.append(tensor(found, (3, 16), "the answer of `step` for (3, 32)"))
    return torch.stack(answers, dim=1)


@contextmanager
def _read(layer: nn.Module) -> Iterator[list[int]]:
    """List how many vectors each call of a `Linear` reads."""
    seen: list[int] = []

    def count(part: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        seen.append(inputs[0].numel() // inputs[0].shape[-1])

    parts = [part for part in layer.modules() if isinstance(part, nn.Linear)]
    hooks = [part.register_forward_hook(count) for part in parts]
    yield seen
    for hook in hooks:
        hook.remove()


def check_remembering(kind: Any) -> None:
    """Check the Build of 3.4: attention one place at a time, with the keys and values kept."""
    layer = build_model(kind, 32, 16)
    if not callable(getattr(layer, "step", None)):
        raise NotYet("it has no method `step`.")
    x = torch.randn(3, 7, 32)
    whole = tensor(call(layer, x), (3, 7, 16), "the answer of `forward` for (3, 7, 32)")
    with _read(layer) as seen:
        found = _step_by_step(layer, x)
    if agree(found, whole):
        if max(seen, default=0) > len(x):
            raise NotYet("a step reads again what came before. Keep its keys and values.")
        other = torch.randn(3, 40, 32)
        if not agree(_step_by_step(layer, other), call(layer, other)):
            raise NotYet(
                "a second and longer text goes wrong. Does all of the past come in as `past`?"
            )
        return
    parts = [getattr(layer, name, None) for name in ("query", "key", "value")]
    if all(isinstance(part, nn.Module) for part in parts):
        q, k, v = (call(part, x).detach() for part in parts)
        earlier = torch.ones(7, 7, dtype=torch.bool).tril()
        table = [
            (v, "each step sees itself alone: are the new key and value joined to the past?"),
            (_lookup(4 * q, k, v, earlier), "the scores of a step are not divided by √d."),
            (_lookup(q / 4, k, v, earlier), "the scores of a step are divided by d, not by √d."),
            (
                _lookup(q, k, v, earlier.triu(-1)),
                "a step sees itself and one place before: is the whole past handed on?",
            ),
            (_lookup(q, q, v, earlier), "it keeps queries in the place of keys."),
            (_lookup(q, k, k, earlier), "it keeps keys in the place of values."),
        ]
        refuse_mistakes(found, agree, table)
    first = int((found - whole).abs().amax(dim=(0, 2)).gt(1e-4).nonzero()[0])
    raise NotYet(f"from place {first} on, counted from 0, `step` differs from `forward`.")


def _lookup(q: Tensor, k: Tensor, v: Tensor, visible: Tensor) -> Tensor:
    return scaled_dot_product_attention(q, k, v, attn_mask=visible)


CHECKS = {
    "3.1": check_code_lengths,
    "3.2": check_misprint,
    "3.3": check_info_nce,
    "3.4": check_remembering,
}
