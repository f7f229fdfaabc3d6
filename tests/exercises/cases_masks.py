"""Exercise 11, attention with masks: its right answers and its common wrong ones."""

import math

import torch
from torch.nn.functional import multi_head_attention_forward


def attend(q, k, v, visible, root=None, hide=-1e9, axis=-1, after=True):
    scores = q @ k.mT / (root or q.shape[-1] ** 0.5)
    weights = scores.masked_fill(~visible, hide).softmax(dim=axis)
    return (weights * visible if after else weights) @ v


def with_infinity(q, k, v, visible):
    return attend(q, k, v, visible, hide=-math.inf, after=False)


def cleaned_weights(q, k, v, visible):
    scores = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~visible, -math.inf)
    return scores.softmax(dim=-1).nan_to_num() @ v


def where_blind(q, k, v, visible):
    blind = ~visible.any(dim=-1, keepdim=True)
    scores = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~visible & ~blind, -math.inf)
    return (scores.softmax(dim=-1) @ v).masked_fill(blind, 0)


def by_exponentials(q, k, v, visible):
    weights = torch.exp(q @ k.mT / q.shape[-1] ** 0.5) * visible
    return weights @ v / weights.sum(dim=-1, keepdim=True).clamp(min=1e-12)


def added_infinity(q, k, v, visible):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    scores = scores + torch.zeros_like(scores).masked_fill(~visible, -math.inf)
    return scores.log_softmax(dim=-1).exp().nan_to_num() @ v


def masked_late(q, k, v, visible):
    return ((q @ k.mT / q.shape[-1] ** 0.5).softmax(dim=-1) * visible) @ v


def zeroed(q, k, v, visible):
    return (q @ k.mT / q.shape[-1] ** 0.5 * visible).softmax(dim=-1) @ v


def everywhere(visible):
    return torch.ones_like(visible)


def visible(lengths, time, diagonal=0):
    place = torch.arange(time)
    causal = place[:, None] >= place + diagonal
    return causal & (place >= time - lengths[:, None])[:, None]


def visible_by_loops(lengths, time):
    mask = torch.zeros(len(lengths), time, time, dtype=torch.bool)
    for row, length in enumerate(lengths):
        for i in range(time):
            mask[row, i, time - length : i + 1] = True
    return mask


def causal(lengths, time):
    return torch.ones(len(lengths), time, time, dtype=torch.bool).tril()


def real(lengths, time, left=True):
    place = torch.arange(time)
    kept = place >= time - lengths[:, None] if left else place < lengths[:, None]
    return kept[:, None].expand(-1, time, -1)


def cut(x, heads):
    return x.unflatten(2, (heads, -1)).transpose(1, 2)


def multi_head(x, weights, heads, visible, root=None, axis=True, last=True):
    q, k, v = (cut(x @ weight, heads) for weight in weights[:3])
    found = attend(q, k, v, visible[:, None] if axis else visible, root=root)
    found = found.transpose(1, 2).flatten(2)
    return found @ weights[3] if last else found


def one_by_one(x, weights, heads, visible):
    parts = [(x @ weight).chunk(heads, dim=2) for weight in weights[:3]]
    return torch.cat([attend(*part, visible) for part in zip(*parts, strict=True)], 2) @ weights[3]


def pytorch_s(x, weights, heads, visible):
    """PyTorch's own function: the length comes first, its matrices are transposed."""
    width, x = x.shape[2], x.transpose(0, 1)
    inner = torch.cat([weight.mT for weight in weights[:3]])
    hidden = ~visible.repeat_interleave(heads, dim=0)
    bias = None, None, None, False, 0.0
    found, _ = multi_head_attention_forward(
        x, x, x, width, heads, inner, *bias, weights[3].mT, None, attn_mask=hidden
    )
    return found.transpose(0, 1)


def scrambled(x, weights, heads, visible, back=False):
    B, T, _ = x.shape
    q, k, v = ((x @ weight).reshape(B, heads, T, -1) for weight in weights[:3])
    found = attend(q, k, v, visible[:, None])
    found = found.transpose(1, 2).flatten(2) if back else found.reshape(B, T, -1)
    return found @ weights[3]


def not_turned_back(x, weights, heads, visible):
    q, k, v = (cut(x @ weight, heads) for weight in weights[:3])
    return attend(q, k, v, visible[:, None]).reshape(x.shape) @ weights[3]


def averaged(x, weights, heads, visible):
    q, k, v = (cut(x @ weight, heads) for weight in weights[:3])
    return attend(q, k, v, visible[:, None]).mean(dim=1)


def frozen(x, weights, heads, visible):
    return multi_head(x, [weight.detach() for weight in weights], heads, visible)


RIGHT = {"11a": attend, "11b": visible, "11c": multi_head}

# the same answers as others would write them
RIGHT_TOO = [
    ("11a", where_blind),
    ("11a", by_exponentials),
    ("11a", cleaned_weights),
    ("11b", visible_by_loops),
    ("11c", one_by_one),
    ("11c", pytorch_s),
]

# task, wrong answer, what it is told
WRONG = [
    ("11a", with_infinity, "gives NaN"),
    ("11a", lambda *asked: attend(*asked, after=False), "looks everywhere"),
    ("11a", lambda *asked: with_infinity(*asked).nan_to_num(), "the gradient of the values is NaN"),
    ("11a", added_infinity, "is NaN, because of the row"),
    ("11a", lambda *asked: attend(*asked).detach(), "no gradient"),
    ("11a", lambda q, k, v, mask: with_infinity(q, k, v, mask).nan_to_num(1), "should give zeros"),
    ("11a", lambda q, k, v, mask: attend(q, k, v, everywhere(mask)), "no notice of the mask"),
    (
        "11a",
        lambda q, k, v, mask: attend(q, k, v, everywhere(mask), root=1),
        "no notice of the mask, and",
    ),
    ("11a", lambda *asked: attend(*asked, root=1), "not divided by √d"),
    ("11a", lambda *asked: attend(*asked, root=4), "divided by d, and not by its root"),
    ("11a", lambda *asked: attend(*asked, root=5**0.5), "it takes √T"),
    ("11a", lambda *asked: attend(*asked, root=3**0.5), "the length of a value"),
    ("11a", lambda *asked: attend(*asked, root=0.5), "multiplied by √d"),
    ("11a", lambda q, k, v, mask: attend(q, k, v, ~mask), "True means *may look*"),
    ("11a", lambda q, k, v, mask: attend(q, k, v, mask.mT), "rows and columns"),
    ("11a", masked_late, "no longer add up to 1"),
    ("11a", zeroed, "set to 0"),
    ("11a", lambda *asked: attend(*asked, axis=-2, hide=-math.inf), "over the queries"),
    ("11a", lambda q, k, v, mask: attend(k, q, v, mask), "queries and keys are exchanged"),
    ("11a", lambda *asked: attend(*asked) + 0.1, "by up to 0.1"),
    ("11a", lambda *asked: attend(*asked, hide=-10), "far below all of them"),
    ("11a", lambda q, k, v, mask: attend(q, k, k, mask), "(2, 5, 3), not"),
    ("11b", lambda lengths, time: ~visible(lengths, time), "has True where one must not"),
    ("11b", causal, "the causal mask alone"),
    ("11b", real, "the future is visible"),
    ("11b", lambda *asked: causal(*asked) & real(*asked, left=False), "It is on the left"),
    ("11b", lambda *asked: visible(*asked).mT, "rows and columns"),
    ("11b", lambda *asked: causal(*asked).mT & real(*asked), "what comes later"),
    ("11b", lambda *asked: visible(*asked, diagonal=1), "look at itself"),
    ("11b", lambda *asked: causal(*asked) & real(*asked).mT, "It is the *column*"),
    ("11b", lambda *asked: causal(*asked) | real(*asked), "early *and* no padding"),
    ("11b", lambda *asked: visible(*asked).float(), "True and False"),
    ("11b", lambda *asked: visible(*asked)[0], "one table for all rows"),
    ("11b", lambda *asked: visible(*asked)[:, None], "of shape (4, 5, 5), not"),
    ("11b", lambda *asked: visible(*asked, diagonal=2), "place 3 may look at place 3, and by"),
    ("11b", lambda *asked: visible(*asked, diagonal=-1), "and by the mask it may"),
    ("11c", lambda *asked: multi_head(*asked, last=False), "that of the output, is missing"),
    ("11c", lambda x, weights, heads, mask: multi_head(x, weights, 1, mask), "it is one head"),
    ("11c", lambda *asked: multi_head(*asked, root=6**0.5), "the width of one head"),
    ("11c", lambda *asked: multi_head(*asked, root=1), "not divided by √d"),
    ("11c", lambda *asked: multi_head(*asked, axis=False), "an axis for the heads"),
    (
        "11c",
        lambda x, weights, heads, mask: multi_head(x, weights, heads, everywhere(mask)),
        "no notice of the mask",
    ),
    ("11c", scrambled, "mixes places and numbers"),
    ("11c", lambda *asked: scrambled(*asked, back=True), "mixes places and numbers"),
    ("11c", not_turned_back, "in the wrong order"),
    (
        "11c",
        lambda x, weights, heads, mask: multi_head(x, [w.mT for w in weights], heads, mask),
        "are transposed",
    ),
    ("11c", averaged, "(2, 5, 6), not"),
    ("11c", lambda *asked: multi_head(*asked) + 0.5, "by up to 0.5"),
    ("11a", lambda q, k, v, m: attend(q, k.detach(), v, m), "gradient of the keys"),
    ("11a", lambda q, k, v, m: attend(q, k, v, m).view(2, 5, -1), "of shape"),
    ("11b", lambda lengths, time: visible(lengths, int(lengths.max())), "(4, 7, 7)"),
    ("11c", lambda x, w, heads, m: multi_head(x, w, 2, m), "Use `heads`"),
    ("11c", frozen, "gradient for `weights[0]`"),
]
