"""Exercise 11: attention that looks where it may, one head and several."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import NotYet, agree, call, refuse_mistakes, tensor
from ae_course.exercises.networks import refuse_gradient


def _attention(q: Tensor, k: Tensor, v: Tensor, scale: float, visible: Tensor) -> Tensor:
    scores = (q @ k.mT / scale).masked_fill(~visible, -math.inf)
    mean: Tensor = scores.softmax(dim=-1).nan_to_num() @ v  # of nothing: zero
    return mean


def check_attend(attend: Any) -> None:
    """Check task 11a: attention with a mask, beside PyTorch's own, and a row that sees nothing."""
    q, k, v = torch.randn(2, 5, 4), torch.randn(2, 5, 4), torch.randn(2, 5, 3)
    visible = (torch.rand(2, 5, 5) < 0.6) | torch.eye(5, dtype=torch.bool)
    found = tensor(call(attend, q, k, v, visible), (2, 5, 3), "the result")
    right = scaled_dot_product_attention(q, k, v, attn_mask=visible)
    everywhere = torch.ones_like(visible)
    if not agree(found, right):
        scores = q @ k.mT / 2
        after = scores.softmax(dim=-1) * visible
        zeroed = (scores * visible).softmax(dim=-1)
        table = [
            (_attention(q, k, v, 2, everywhere), "it takes no notice of the mask."),
            (_attention(q, k, v, 1, everywhere), "no notice of the mask, and √d is missing."),
            (_attention(q, k, v, 1, visible), "the scores are not divided by √d."),
            (_attention(q, k, v, 4, visible), "the scores are divided by d, and not by its root."),
            (_attention(q, k, v, 5**0.5, visible), "it takes √T. d is the length of a query."),
            (_attention(q, k, v, 3**0.5, visible), "it takes the length of a value. d is a key's."),
            (_attention(q, k, v, 0.5, visible), "the scores are multiplied by √d. Divide."),
            (_attention(q, k, v, 2, ~visible), "it looks where it may not: True means *may look*."),
            (_attention(q, k, v, 2, visible.mT), "rows and columns of the mask are exchanged."),
            (after @ v, "the mask comes after the softmax: the weights no longer add up to 1."),
            (zeroed @ v, "hidden scores are set to 0, and e⁰ is 1. Set them to minus infinity."),
            (
                scores.masked_fill(~visible, -math.inf).softmax(dim=-2).nan_to_num() @ v,
                "the softmax is over the queries. Over the keys, each row adds up to 1.",
            ),
            (
                _attention(k, q, v, 2, visible),
                "queries and keys are exchanged: a row is a place that asks.",
            ),
        ]
        refuse_mistakes(found, agree, table)
        gap = (found - right).abs().max().item()
        raise NotYet(f"it differs from PyTorch's attention by up to {gap:.2g}.")
    four = tensor(
        call(attend, q[:, None], k[:, None], v[:, None], visible[:, None]),
        (2, 1, 5, 3),
        "for queries of shape (2, 1, 5, 4), the result",
    )
    if not agree(four[:, 0], right):
        raise NotYet("for queries of shape (2, 1, 5, 4), with an axis for heads, it is wrong.")
    low, above = torch.full_like(q, -4), k.abs() + 1  # all scores are about −14
    if not agree(
        call(attend, low, above, v, visible),
        scaled_dot_product_attention(low, above, v, attn_mask=visible),
    ):
        raise NotYet(
            "where all scores are about −14 it is wrong. Is what is hidden far below all of them?"
        )
    _check_blind(attend, q, k, v, visible)


def _check_blind(attend: Any, q: Tensor, k: Tensor, v: Tensor, visible: Tensor) -> None:
    """Ask for a row that may look nowhere: zeros, a gradient without NaN, the others unchanged."""
    visible = visible.clone()
    visible[0, 2] = False
    inputs = [part.clone().requires_grad_() for part in (q, k, v)]
    found = call(attend, *inputs, visible, copies=False)
    if isinstance(found, Tensor) and found.isnan().any():
        raise NotYet("a row that may look nowhere gives NaN: a softmax of minus infinities.")
    found = tensor(found, (2, 5, 3), "the result")
    blind = found[0, 2].detach()
    for mean in (v[0].mean(dim=0), v[0].sum(dim=0)):
        if agree(blind, mean):
            raise NotYet(
                "a row that may look nowhere looks everywhere: all its scores are equal, and so "
                "are its weights. It should give zeros."
            )
    if blind.abs().max() > 1e-6:
        raise NotYet("a row that may look nowhere should give zeros.")
    if not found.requires_grad:
        raise NotYet("no gradient comes through the result.")
    scores = (inputs[0] @ inputs[1].mT / 2).masked_fill(~visible, -1e9)
    right = (scores.softmax(dim=-1) * visible) @ inputs[2]
    wanted = torch.autograd.grad(right.square().sum(), inputs)
    found.square().sum().backward()
    for name, part, other in zip(("queries", "keys", "values"), inputs, wanted, strict=True):
        if part.grad is None or (part.grad.isfinite().all() and not agree(part.grad, other)):
            raise NotYet(f"its result is right, and the gradient of the {name} is not.")
        if part.grad.isnan().any():
            raise NotYet(
                f"its result is right, and the gradient of the {name} is NaN, because of the row "
                "that may look nowhere. Make its scores finite before the softmax."
            )


def check_visible(visible: Any) -> None:
    """Check task 11b: the mask of rows that are padded on the left."""
    lengths, time = torch.tensor([2, 4, 5, 0]), 5
    found = call(visible, lengths, time)
    if isinstance(found, Tensor) and found.shape == (5, 5):
        raise NotYet("it is one table for all rows. Their lengths differ: (B, T, T) is asked.")
    found = tensor(found, (4, 5, 5), "the mask")
    if found.dtype != torch.bool:
        raise NotYet(f"the mask should be of True and False, not of {found.dtype}.")
    place = torch.arange(time)
    earlier = (place[:, None] >= place).expand(4, -1, -1)
    real = (place >= time - lengths[:, None])[:, None].expand(-1, time, -1)
    left = (place < lengths[:, None])[:, None].expand(-1, time, -1)
    strict = (place[:, None] > place).expand(4, -1, -1)
    right = earlier & real
    table = [
        (~right, "True means *may look*, and it has True where one must not."),
        (earlier, "it is the causal mask alone. Who looks at padding?"),
        (real, "the future is visible."),
        (earlier & left, "it takes the padding to be on the right. It is on the left."),
        (right.mT, "rows and columns are exchanged: row i asks, and column j is asked."),
        (earlier.mT & real, "it looks at what comes later, and not at what came before."),
        (strict & real, "a place may look at itself, too."),
        (earlier & real.mT, "the padding is hidden by rows. It is the *column* that is looked at."),
        (earlier | real, "a place must be early *and* no padding. It takes one or the other."),
    ]
    if not torch.equal(found, right):
        refuse_mistakes(found, torch.equal, table)
        wrong = (found != right).nonzero()[0].tolist()
        raise NotYet(
            "in row {0} of length {3} place {1} {4} look at place {2}, and by the mask it "
            "{5}.".format(
                *wrong,
                lengths[wrong[0]].item(),
                *(("may", "may not") if right[tuple(wrong)] else ("may not", "may")),
            )
        )
    longer = tensor(call(visible, lengths, time + 2), (4, 7, 7), "for a time of 7 the mask")
    if not torch.equal(longer[:, 2:, 2:], right) or longer[:, :, :2].any():
        raise NotYet("where no row is as long as `time`, it is wrong. Use `time`.")


def _refuse_untrained_heads(
    multi_head: Any, x: Tensor, weights: list[Tensor], visible: Tensor
) -> None:
    """Ask for three heads, and for the gradient of x and of each matrix."""
    x.requires_grad_()
    for weight in weights:
        weight.requires_grad_()
    q, k, v = ((x @ weight).unflatten(2, (3, -1)).transpose(1, 2) for weight in weights[:3])
    looked = scaled_dot_product_attention(q, k, v, attn_mask=visible[:, None])
    right = looked.transpose(1, 2).flatten(2) @ weights[3]
    found = tensor(call(multi_head, x, weights, 3, visible, copies=False), (2, 5, 6), "the result")
    if not agree(found, right):
        raise NotYet("with two heads it is right, and with three it is not. Use `heads`.")
    leaves = {"x": x} | {f"weights[{i}]": weight for i, weight in enumerate(weights)}
    refuse_gradient(found.square().sum(), right.square().sum(), leaves)


def check_multi_head(multi_head: Any) -> None:
    """Check task 11c: several heads, beside PyTorch's own function."""
    heads, width = 2, 6
    x = torch.randn(2, 5, width)  # as many rows as heads: a wrong broadcast does not raise
    weights = [torch.randn(width, width) / 2 for _ in range(4)]
    visible = torch.ones(2, 5, 5, dtype=torch.bool).tril()
    visible[1, :, :2] = False
    visible[1, :2, 0] = True  # no row is blind here: task 11a has asked for that
    found = tensor(call(multi_head, x, weights, heads, visible), (2, 5, width), "the result")
    q, k, v = (x @ weight for weight in weights[:3])

    def cut(part: Tensor) -> Tensor:
        apart: Tensor = part.unflatten(2, (heads, -1))
        return apart.transpose(1, 2)

    def joined(part: Tensor) -> Tensor:
        return part.transpose(1, 2).flatten(2)

    def looked(scale: float, mask: Tensor) -> Tensor:
        return joined(_attention(cut(q), cut(k), cut(v), scale, mask))

    mask, root = visible[:, None], 3**0.5
    right = joined(scaled_dot_product_attention(cut(q), cut(k), cut(v), attn_mask=mask))
    q_turned, k_turned, v_turned = (cut(x @ weight.mT) for weight in weights[:3])
    q_mixed, k_mixed, v_mixed = (part.reshape(2, heads, 5, -1) for part in (q, k, v))
    mixed = _attention(q_mixed, k_mixed, v_mixed, root, mask)
    if agree(found, right @ weights[3]):
        _refuse_untrained_heads(multi_head, x, weights, visible)
        return
    one = _attention(q, k, v, width**0.5, visible)
    table = [
        (right, "the last of the four matrices, that of the output, is missing."),
        (one @ weights[3], "it is one head, over the whole width. Cut the width into heads."),
        (looked(width**0.5, mask) @ weights[3], "d is the width of one head, and not of all."),
        (looked(1, mask) @ weights[3], "the scores are not divided by √d."),
        (
            looked(root, visible) @ weights[3],
            "the first head has the mask of the first row, the second that of the second. Give "
            "the mask an axis for the heads: `visible[:, None]`.",
        ),
        (looked(root, torch.ones_like(mask)) @ weights[3], "it takes no notice of the mask."),
        (
            mixed.reshape(2, 5, -1) @ weights[3],
            "a `reshape` to (B, heads, T, d) mixes places and numbers. Cut the last axis first, "
            "then exchange axes.",
        ),
        (
            joined(mixed) @ weights[3],
            "a `reshape` to (B, heads, T, d) mixes places and numbers. Cut the last axis first, "
            "then exchange axes.",
        ),
        (
            _attention(cut(q), cut(k), cut(v), root, mask).reshape(2, 5, -1) @ weights[3],
            "the heads are put together in the wrong order. Exchange the axes back first.",
        ),
        (
            joined(_attention(q_turned, k_turned, v_turned, root, mask)) @ weights[3].mT,
            "the matrices are transposed. `x @ weight` is asked.",
        ),
    ]
    refuse_mistakes(found, agree, table)
    gap = (found - right @ weights[3]).abs().max().item()
    raise NotYet(f"it differs from PyTorch's attention with {heads} heads by up to {gap:.2g}.")


CHECKS = {
    "11a": check_attend,
    "11b": check_visible,
    "11c": check_multi_head,
    "11d": check_comparison,
}
