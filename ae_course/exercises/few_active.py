"""Exercise 13: a code of which k units are active, silent units, and their revival."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import (
    NotYet,
    agree,
    array,
    call,
    described,
    furthest_off,
    number,
    refuse_mistakes,
    tensor,
)


def _kept(z: Tensor, places: Tensor) -> Tensor:
    return torch.zeros_like(z).scatter(1, places, z.gather(1, places))


def check_keep(keep: Any) -> None:
    """Check task 13a: the k largest of each row, and the gradient through them alone."""
    z = torch.tensor([[3.0, -9, 1, 2, -4, 0.5], [0.1, 0.2, -1, 0.3, -3, -2], [7, 8, 9, 6, -8, -7]])
    places = z.topk(2, dim=1).indices
    right = _kept(z, places)
    result = call(keep, z, 2)
    if isinstance(result, Tensor) and result.shape == (3, 2):
        raise NotYet(
            "these are the k values, or their places. Put the values back where they were."
        )
    found = tensor(result, (3, 6), "the result")
    if not agree(found, right):
        by_size = _kept(z, z.abs().topk(2, dim=1).indices)
        by_column = torch.zeros_like(z).scatter(0, z.topk(2, dim=0).indices, 1.0) * z
        of_all = torch.where(z >= z.flatten().topk(2).values[-1], z, 0)
        six = torch.where(z >= z.flatten().topk(6).values[-1], z, 0)
        first = _kept(z, torch.tensor([[0, 1]] * 3))
        table = [
            ((right != 0).float(), "it says which units are kept. Give their values."),
            (by_size, "it keeps the largest by size. −9 is a small number."),
            (
                _kept(z, (-z).topk(2, dim=1).indices),
                "it keeps the smallest. The largest are asked.",
            ),
            (z - right, "it keeps what should go, and drops what should stay."),
            (by_column, "it takes the largest of each unit. Take those of each row, `dim=1`."),
            (of_all, "it keeps k in the whole batch. Each row keeps its own k."),
            (six, "it keeps the largest of the whole batch. Each row keeps its own k."),
            (first, "it keeps the first k units, for all rows the same."),
            (_kept(z, z.topk(1, dim=1).indices), "it keeps one too few."),
            (_kept(z, z.topk(3, dim=1).indices), "it keeps one too many."),
            (
                right / right.norm(dim=1, keepdim=True),
                "the values are scaled. Leave them as they are.",
            ),
            (z, "it keeps everything."),
        ]
        refuse_mistakes(found, agree, table)
        place, is_, should_be = furthest_off(found, right)
        raise NotYet(f"row {place}, counted from 0, should be {should_be}, and is {is_}.")
    more = tensor(call(keep, z, 4), tuple(z.shape), "the result")
    if not agree(more, _kept(z, z.topk(4, dim=1).indices)):
        raise NotYet(
            "with k = 2 it is right, and with k = 4 it is not, where a value below 0 may be among "
            "the largest."
        )
    _refuse_ties(keep)
    _check_gradient(keep, z, (right != 0).float())


def _refuse_ties(keep: Any) -> None:
    found = tensor(call(keep, torch.ones(4, 6), 2), (4, 6), "the result")
    if not torch.equal((found != 0).sum(dim=1), torch.full((4,), 2)):
        raise NotYet(
            "where values are equal, more or fewer than k are kept. A threshold cannot choose "
            "among equals; the places of `topk` can."
        )


def _check_gradient(keep: Any, z: Tensor, kept: Tensor) -> None:
    leaf = z.clone().requires_grad_()
    result = call(keep, leaf, 2, copies=False)
    if not isinstance(result, Tensor) or not result.requires_grad:
        raise NotYet("no gradient comes through. Compute the result from `z`, without `detach`.")
    (gradient,) = torch.autograd.grad(result.sum(), leaf, allow_unused=True)
    if gradient is None:
        raise NotYet("no gradient reaches `z`.")
    if agree(gradient, torch.ones_like(gradient)):
        raise NotYet("the gradient reaches units that were not kept. (Task 13d asks for that.)")
    if not agree(gradient, kept):
        raise NotYet("the gradient of a kept unit should be 1, and that of each other one 0.")


def check_silent(silent: Any) -> None:
    """Check task 13b: the units that are active on no image."""
    codes = torch.zeros(4, 6)
    codes[0, 1], codes[:, 2], codes[:2, 3] = 0.001, 5.0, torch.tensor([-2.0, 2.0])
    codes[2, 4] = -1.0
    right = torch.tensor([True, False, False, False, False, True])
    result = call(silent, codes)
    if isinstance(result, Tensor) and result.shape == (4,):
        raise NotYet("it says something of each image. Each unit is asked, (Z,).")
    if isinstance(result, Tensor) and result.shape == (2,):
        raise NotYet("these are the numbers of the silent units. One True or False for each unit.")
    if _count(result) == 2:
        raise NotYet("it counts the silent units. One True or False for each unit is asked.")
    found = tensor(result, (6,), "the result")
    if found.dtype != torch.bool:
        kind = str(found.dtype).removeprefix("torch.")
        raise NotYet(f"the result should be True or False for each unit, not {kind}.")
    table = [
        (~right, "it is turned round: True should mean *silent*."),
        ((codes == 0).any(dim=0), "a unit is silent if it is zero on *all* images, not on one."),
        ((codes != 0).all(dim=0), "these are the units that are active on all images."),
        (codes.sum(dim=0) == 0, "2 and −2 add up to zero, and that unit is active on two images."),
        ((codes > 0).sum(dim=0) == 0, "a negative value is not zero: such a unit is active."),
        (codes.sum(dim=0) <= 0, "a negative value is not zero: such a unit is active."),
        (
            codes.abs().mean(dim=0) < 0.01,
            "a small value is not zero: the unit is active, on one image.",
        ),
    ]
    if not torch.equal(found, right):
        refuse_mistakes(found, torch.equal, table)
        raise NotYet(f"it should be {right.tolist()} for the check's codes, not {found.tolist()}.")
    tiny = torch.zeros(4, 2)
    tiny[3, 1] = 1e-30
    if call(silent, tiny).tolist() != [True, False]:
        raise NotYet("a unit that is 1e-30 on the last image alone is not silent.")


def _count(value: Any) -> int | None:
    """Give a count as a whole number, if it is one."""
    if isinstance(value, Tensor) and value.ndim == 0 and value.device.type == "cpu":
        value = value.item()
    return int(value) if isinstance(value, int | float) and value in range(100) else None


def check_revive(revive: Any) -> None:
    """Check task 13c: new weights for silent units, in place, and the others as they were."""
    encoder, decoder = nn.Linear(4, 6), nn.Linear(6, 4)
    missed = torch.randn(5, 4)
    dead = torch.tensor([False, True, False, True, True, False])
    call(revive, encoder, decoder, dead, missed)  # on copies: what stops it is told here
    _check_revived(revive, encoder, decoder, dead, missed)
    nobody = torch.zeros(6, dtype=torch.bool)
    if number(call(revive, encoder, decoder, nobody, missed)) != 0:
        raise NotYet("if no unit is silent, none is revived, and it should return 0.")


def _check_revived(
    revive: Any, encoder: nn.Linear, decoder: nn.Linear, dead: Tensor, missed: Tensor
) -> None:
    parts = {"encoder": encoder.weight, "bias": encoder.bias, "decoder": decoder.weight}
    own = decoder.bias.detach().clone()
    before = {name: part.detach().clone() for name, part in parts.items()}
    result = call(revive, encoder, decoder, dead, missed.clone(), copies=False)
    count = _count(result)
    if count is None:
        raise NotYet(f"it should return how many units were revived, not {described(result)}.")
    now = {"encoder": encoder.weight, "bias": encoder.bias, "decoder": decoder.weight}
    for name, part in now.items():
        if part is not parts[name] or not part.requires_grad or not part.is_leaf:
            raise NotYet(
                "a weight was replaced by a new one, which the optimizer does not know. Write into "
                "it, inside torch.no_grad(): `encoder.weight[dead] = …`."
            )
        array(part, tuple(before[name].shape), f"the weights of the {name}")
    after = {name: part.detach() for name, part in now.items()}
    if all(torch.equal(after[name], before[name]) for name in after):
        raise NotYet("nothing has changed. Write into the weights of the layers that it is given.")
    if not torch.equal(decoder.bias, own):
        raise NotYet("the decoder's bias has changed. It belongs to all units.")
    _refuse_changes_of_others(before, after, dead)
    _refuse_wrong_words(before, after, dead, missed)
    if count != 3:
        raise NotYet(f"three units were silent, and it says that {count} were revived.")


def _refuse_changes_of_others(
    before: dict[str, Tensor], after: dict[str, Tensor], dead: Tensor
) -> None:
    alive = ~dead
    same = [
        torch.equal(after["encoder"][alive], before["encoder"][alive]),
        torch.equal(after["bias"][alive], before["bias"][alive]),
        torch.equal(after["decoder"][:, alive], before["decoder"][:, alive]),
    ]
    if not all(same):
        raise NotYet("a unit that was not silent has changed. Only those of `dead` should.")


def _refuse_wrong_words(
    before: dict[str, Tensor], after: dict[str, Tensor], dead: Tensor, missed: Tensor
) -> None:
    pictures = missed[:3]
    lengths = pictures.norm(dim=1, keepdim=True)
    right = pictures / lengths / 2
    table = [
        (pictures, "it is the picture as it is. Its length should be one half."),
        (pictures / lengths, "the picture has the length one. One half is asked."),
        (pictures / 2, "it is half of the picture. Its *length* should be one half."),
        (pictures / lengths.square() / 2, "it is divided by the square of the length."),
        (pictures / pictures.norm(dim=0) / 2, "it divides by the length of each pixel's column."),
        (
            pictures / pictures.norm() / 2,
            "all pictures together have the length one half. Each should.",
        ),
        (
            pictures / missed.norm() / 2,
            "all pictures together have the length one half. Each should.",
        ),
        (right[:1].repeat(3, 1), "all revived units have the same picture. Give each another."),
        (
            missed[dead.nonzero()[:, 0].clamp(max=4)],
            "it takes other pictures than the first three.",
        ),
        (before["encoder"][dead], "it has not changed."),
        (before["decoder"].T[dead], "it has not changed."),
        (0 * right, "it is zero."),
    ]
    for name, found in (("encoder", after["encoder"][dead]), ("decoder", after["decoder"].T[dead])):
        if not agree(found, right):
            refuse_mistakes(
                found, agree, [(v, f"the weights of the {name}: {t}") for v, t in table]
            )
            raise NotYet(
                f"the weights of the {name} are not the first pictures of `missed`, in "
                "their order, with the length one half."
            )
    if after["bias"][dead].any():
        raise NotYet("the encoder's bias of a revived unit should be 0.")


def check_through(through: Any) -> None:
    """Check task 13d: the same values, and a gradient that reaches every unit."""
    leaf = torch.randn(3, 6).requires_grad_()
    right = _kept(leaf.detach(), leaf.detach().topk(2, dim=1).indices)
    result = call(through, leaf, 2)
    found = tensor(result, (3, 6), "the result")
    if agree(found, leaf):
        raise NotYet("every value passes. The values should be those of task 13a.")
    if not agree(found, right):
        raise NotYet("the values should be those of task 13a. Only the gradient is another.")
    more = tensor(call(through, leaf, 4), (3, 6), "the result")
    if not agree(more, _kept(leaf.detach(), leaf.detach().topk(4, dim=1).indices)):
        raise NotYet("with k = 2 its values are right, and with k = 4 they are not. Use `k`.")
    result = call(through, leaf, 2, copies=False)
    if not isinstance(result, Tensor) or not result.requires_grad:
        raise NotYet("no gradient comes through.")
    weights = torch.arange(1.0, 19).view(3, 6)
    (gradient,) = torch.autograd.grad((weights * result).sum(), leaf, allow_unused=True)
    if gradient is None:
        raise NotYet("no gradient reaches `z`.")
    kept = (right != 0).float()
    table = [
        (weights * kept, "the gradient reaches the kept units alone, as in task 13a."),
        (weights * (1 - kept), "the gradient reaches only the units that were not kept."),
        (weights * (1 + kept), "the kept units get their gradient twice. `detach` the difference."),
        (-weights, "the gradient is turned round."),
    ]
    if not agree(gradient, weights):
        refuse_mistakes(gradient, agree, table)
        raise NotYet("the gradient should reach every unit as it comes.")


CHECKS = {
    "13a": check_keep,
    "13b": check_silent,
    "13c": check_revive,
    "13d": check_through,
    "13e": check_comparison,
}
