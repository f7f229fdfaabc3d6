"""Exercise 13, ten active units: its right answers and its common wrong ones."""

import torch
from torch import nn


def keep(z, k, score=lambda z: z, dim=1):
    places = score(z).topk(k, dim=dim).indices
    return torch.zeros_like(z).scatter(dim, places, z.gather(dim, places))


def by_mask(z, k):
    mask = torch.zeros_like(z)
    for row, places in zip(mask, z.topk(k, dim=1).indices, strict=True):
        row[places] = 1
    return z * mask


def by_threshold(z, k):
    return torch.where(z >= z.topk(k, dim=1).values[:, -1:], z, 0)


def of_the_batch(z, k):
    return torch.where(z >= z.flatten().topk(k).values[-1], z, 0)


def of_the_whole_batch(z, k):
    return torch.where(z >= z.flatten().topk(k * len(z)).values[-1], z, 0)


def scaled(z, k):
    return keep(z, k) / keep(z, k).norm(dim=1, keepdim=True)


def through(z, k):
    return z + (keep(z, k) - z).detach()


def through_rest(z, k):
    return keep(z, k).detach() + (z - keep(z, k)) - (z - keep(z, k)).detach()


def silent(codes):
    return (codes != 0).sum(dim=0) == 0


@torch.no_grad()
def revive(encoder, decoder, dead, missed, length=0.5, bias=0.0, where=None, word=None):
    count = int(dead.sum())
    pictures = missed[:count]
    words = word(pictures) if word else length * pictures / pictures.norm(dim=1, keepdim=True)
    dead = dead if where is None else where(dead)
    encoder.weight[dead] = words
    encoder.bias[dead] = bias
    decoder.weight[:, dead] = words.T
    return count


@torch.no_grad()
def one_by_one(encoder, decoder, dead, missed):
    for unit, picture in zip(dead.nonzero()[:, 0].tolist(), missed, strict=False):
        word = picture / picture.norm() / 2
        encoder.weight[unit], decoder.weight[:, unit] = word, word
        encoder.bias[unit] = 0
    return dead.sum()


def by_data(encoder, decoder, dead, missed):
    words = nn.functional.normalize(missed[: dead.sum()], dim=1) / 2
    encoder.weight.data[dead] = words
    encoder.bias.data[dead] = 0
    decoder.weight.data[:, dead] = words.T
    return len(words)


def recording(encoder, decoder, dead, missed):
    encoder.weight[dead] = missed[: dead.sum()]
    return 3


def replaced(encoder, decoder, dead, missed):
    count = one_by_one(encoder, decoder, dead, missed)
    encoder.weight = nn.Parameter(encoder.weight.detach().clone())
    return count


@torch.no_grad()
def all_units(encoder, decoder, dead, missed):
    count = revive(encoder, decoder, dead, missed)
    encoder.bias.zero_()
    return count


@torch.no_grad()
def encoder_only(encoder, decoder, dead, missed):
    kept = decoder.weight.clone()
    count = revive(encoder, decoder, dead, missed)
    decoder.weight.copy_(kept)
    return count


def last_ones(encoder, decoder, dead, missed):
    return revive(encoder, decoder, dead, missed.flip(0))


def on_copies(encoder, decoder, dead, missed):
    return int(dead.sum())


def with_bias(encoder, decoder, dead, missed):
    with torch.no_grad():
        decoder.bias.zero_()
    return revive(encoder, decoder, dead, missed)


RIGHT = {"13a": keep, "13b": silent, "13c": revive, "13d": through}

# the same answers as others would write them
RIGHT_TOO = [
    ("13a", by_mask),
    ("13b", lambda codes: ~codes.any(dim=0)),
    ("13b", lambda codes: codes.abs().max(dim=0).values == 0),
    ("13c", one_by_one),
    ("13c", by_data),
    ("13d", lambda z, k: keep(z, k).detach() + z - z.detach()),
]

# task, wrong answer, what it is told
WRONG = [
    ("13a", lambda z, k: z.topk(k, dim=1).values, "Put the values back"),
    ("13a", lambda z, k: z.topk(k, dim=1).indices, "Put the values back"),
    ("13a", lambda *asked: (keep(*asked) != 0).float(), "Give their values"),
    ("13a", lambda *asked: keep(*asked, score=torch.abs), "the largest by size"),
    ("13a", lambda *asked: keep(*asked, score=lambda z: -z), "it keeps the smallest"),
    ("13a", lambda z, k: z - keep(z, k), "drops what should stay"),
    ("13a", lambda *asked: keep(*asked, dim=0), "of each unit"),
    ("13a", of_the_batch, "k in the whole batch"),
    ("13a", of_the_whole_batch, "the largest of the whole batch"),
    ("13a", lambda z, k: z * (torch.arange(z.shape[1]) < k), "the first k units"),
    ("13a", lambda z, k: keep(z, k - 1), "one too few"),
    ("13a", lambda z, k: keep(z, k + 1), "one too many"),
    ("13a", scaled, "the values are scaled"),
    ("13a", lambda z, k: z.clone(), "keeps everything"),
    ("13a", lambda z, k: 2 * keep(z, k), "counted from 0, should be"),
    ("13a", by_threshold, "A threshold cannot choose"),
    ("13a", lambda *asked: keep(*asked).detach(), "without `detach`"),
    ("13a", through, "units that were not kept"),
    ("13a", lambda z, k: 2 * keep(z, k) - keep(z, k).detach(), "should be 1"),
    ("13b", lambda codes: ~silent(codes), "turned round"),
    ("13b", lambda codes: (codes == 0).any(dim=0), "*all* images"),
    ("13b", lambda codes: (codes != 0).all(dim=0), "active on all images"),
    ("13b", lambda codes: codes.sum(dim=0) == 0, "add up to zero"),
    ("13b", lambda codes: (codes > 0).sum(dim=0) == 0, "a negative value is not zero"),
    ("13b", lambda codes: codes.abs().mean(dim=0) < 0.01, "a small value is not zero"),
    ("13b", lambda codes: silent(codes).sum(), "it counts"),
    ("13b", lambda codes: silent(codes).sum().item(), "it counts"),
    ("13b", lambda codes: silent(codes).nonzero()[:, 0], "the numbers of the silent units"),
    ("13b", lambda codes: silent(codes).float(), "not float32"),
    ("13b", lambda codes: silent(codes.T), "something of each image"),
    ("13b", lambda codes: codes.mean(dim=0) > 9, "for the check's codes"),
    ("13c", on_copies, "nothing has changed"),
    ("13c", recording, "stopped in its line 2 with RuntimeError"),
    ("13c", replaced, "which the optimizer does not know"),
    ("13c", all_units, "not silent has changed"),
    ("13c", lambda *asked: revive(*asked, where=lambda dead: ~dead), "not silent has changed"),
    ("13c", lambda *asked: revive(*asked, word=lambda p: p), "encoder: it is the picture as it is"),
    ("13c", lambda *asked: revive(*asked, length=1), "encoder: the picture has the length one"),
    ("13c", lambda *asked: revive(*asked, word=lambda p: p / 2), "Its *length*"),
    (
        "13c",
        lambda *asked: revive(*asked, word=lambda p: p / p.norm() / 2),
        "all pictures together",
    ),
    ("13c", lambda *asked: revive(*asked, word=lambda p: p / p.norm(dim=0) / 2), "column"),
    ("13c", lambda *asked: revive(*asked, word=lambda p: p[:1].repeat(3, 1)), "in their order"),
    ("13c", lambda e, d, dead, m: revive(e, d, dead, m[:1].repeat(5, 1)), "the same picture"),
    ("13c", last_ones, "in their order"),
    ("13c", encoder_only, "decoder: it has not changed"),
    ("13c", lambda *asked: revive(*asked, bias=1.0), "bias of a revived unit"),
    ("13c", lambda *asked: (revive(*asked), True)[1], "it says that 1 were revived"),
    ("13c", lambda *asked: (revive(*asked), asked)[1], "how many units were revived"),
    ("13c", lambda *asked: (revive(*asked), 3)[1], "it should return 0"),
    ("13d", keep, "the kept units alone"),
    ("13d", through_rest, "only the units that were not kept"),
    ("13d", lambda z, k: keep(z, k) + z - z.detach(), "twice"),
    ("13d", lambda z, k: z.clone(), "every value passes"),
    ("13d", lambda z, k: 2 * through(z, k), "Only the gradient is another"),
    ("13d", lambda z, k: through(z, k).detach(), "no gradient comes through"),
    ("13d", lambda z, k: keep(z, k).detach() - z + z.detach(), "turned round"),
    ("13d", lambda z, k: keep(z, k).detach() + 2 * z - 2 * z.detach(), "as it comes"),
    ("13a", lambda z, k: keep(z, 2), "with k = 4"),
    ("13a", lambda z, k: keep(z, k).relu(), "with k = 4"),
    ("13c", with_bias, "decoder's bias"),
    ("13d", lambda z, k: through(z, 2), "Use `k`"),
    ("13b", lambda codes: (codes[:-1] == 0).all(dim=0), "on the last image"),
    ("13b", lambda codes: codes.square().sum(dim=0) == 0, "on the last image"),
]
