"""The *Build* exercises of part 1: turned pictures, components, circles, bits, neighbours."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ae_course.exercises.feedback import (
    NotYet,
    agree,
    array,
    call,
    pair_of,
    refuse_mistakes,
    tensor,
)

Array = NDArray[Any]


def check_turn(turn: Any) -> None:
    """Check the Build of 1.1: each picture by a number of quarter turns of its own."""
    x = torch.rand(200, 1, 28, 28)
    generator = torch.Generator().manual_seed(0)
    turned, answer = pair_of(call(turn, x, generator, copies=False), "the pictures and the turns")
    tensor(turned, (200, 1, 28, 28), "the turned pictures")
    tensor(answer, (200,), "the turns")
    if answer.is_floating_point() or answer.dtype == torch.bool:
        raise NotYet("the turns should be whole numbers, which `cross_entropy` takes as classes.")
    kinds = set(answer.tolist())
    if kinds - {0, 1, 2, 3}:
        raise NotYet(f"the turns should be 0, 1, 2 or 3 quarters, and there is {max(kinds)}.")
    if len(kinds) == 1:
        raise NotYet("all pictures have the same turn. Draw one for each.")
    if len(kinds) < 4:
        raise NotYet(f"of the four turns it draws {len(kinds)}.")
    quarters = torch.stack([torch.rot90(x, k, (2, 3)) for k in range(4)])  # (4, 200, 1, 28, 28)
    done = (quarters - turned).abs().amax(dim=(2, 3, 4))  # (4, 200)
    if done.amin(dim=0).max() > 1e-5:
        flips = torch.stack([x.mT, x.flip(2), x.flip(3), x.flip(2).mT.flip(2)])
        if (flips - turned).abs().amax(dim=(2, 3, 4)).amin(dim=0).min() < 1e-5:
            raise NotYet("some pictures are mirrored, not turned.")
        raise NotYet("some pictures are none of the four turns of what they were.")
    truth = done.argmin(dim=0)
    if (answer == -truth % 4).sum() > (answer == truth).sum():
        truth = -truth % 4  # the other way round: that is a code as well
    if not torch.equal(answer, truth):
        i = int((answer != truth).nonzero()[0])
        raise NotYet(
            f"picture {i} is turned by {truth[i]} quarters, and its answer is {answer[i]}."
        )
    if torch.bincount(answer, minlength=4).min() < 25:  # of 200; 50 ± 6 by chance
        raise NotYet("the four turns should be equally likely.")
    again, other = (
        call(turn, x, torch.Generator().manual_seed(seed), copies=False)[0] for seed in (0, 1)
    )
    if not torch.equal(again, turned):
        raise NotYet("it draws without the generator, so that another run gives other turns.")
    if torch.equal(other, turned):
        raise NotYet("it draws without the generator: another one gives the same turns.")


def _axes() -> tuple[Tensor, Tensor]:
    """Give pictures, (4096, 1, 28, 28), and the three components that stand out, (3, 784)."""
    axes = torch.linalg.qr(torch.randn(784, 3)).Q.T
    strength = torch.randn(4096, 3) * torch.tensor([6.0, 4.0, 2.0])
    x = 0.3 + strength @ axes + 0.02 * torch.randn(4096, 784)
    return x.view(-1, 1, 28, 28), torch.linalg.svd(x - x.mean(dim=0), full_matrices=False).Vh[:3]


def check_components(components: Any) -> None:
    """Check the Build of 1.2: components from linear autoencoders, one after the other."""
    images, axes = _axes()
    found = array(call(components, images, 2), (2, 784), "the components")
    rows = torch.tensor(found, dtype=torch.float32)
    if (rows.norm(dim=1) == 0).any():
        raise NotYet("a row is all zeros. It should be a direction.")
    rows = rows / rows.norm(dim=1, keepdim=True)
    cosines = (rows @ axes.T).abs()  # (2, 3)
    angles = torch.rad2deg(cosines.clamp(max=1).acos())
    if max(angles[0, 0], angles[1, 1]) < 8:
        return
    if max(angles[0, 1], angles[1, 0]) < 8:
        raise NotYet("both components are there, and the second comes first.")
    if angles[:, 0].max() < 8:
        raise NotYet("both rows are the first component. What has it left to draw?")
    if angles[0, 0] < 8 and angles[1, 2] < 8:
        raise NotYet("the second row is the third component: too much was taken away.")
    if cosines[:, :2].square().sum(dim=1).min() > 0.98:
        raise NotYet(
            "the rows lie in the plane of both components, and turned in it, "
            f"by {angles[:, :2].amin(dim=1).max():.0f} degrees. Train with one number at a time."
        )
    mean = images.mean(dim=0).flatten()
    if (rows[0] @ mean).abs() > 0.9 * mean.norm():
        raise NotYet("the first row is the mean picture. Subtract the mean, or give biases.")
    if cosines.square().sum(dim=1).max() < 0.1:
        raise NotYet("the rows have nothing of these pictures. Does it train on `images`?")
    if cosines[:, 0].min() > 0.4:
        raise NotYet("both rows have much of the first component. Train with one number at a time.")
    raise NotYet(
        f"the rows are {angles[0, 0]:.0f} and {angles[1, 1]:.0f} degrees from the components. "
        "Are the networks trained?"
    )


def check_two_circles(code: Any) -> None:
    """Check the Build of 1.3: a code of one number for two circles, and the way back."""
    encode, decode = pair_of(code, "two functions, the code and the way back")
    radius = torch.tensor([1.0, 0.4]).repeat_interleave(500)
    turn = 2 * math.pi * torch.rand(1000)
    circles = radius[:, None] * torch.stack([turn.cos(), turn.sin()], dim=1)
    points = circles + 0.03 * torch.randn(1000, 2)
    z = call(encode, points)
    if not isinstance(z, Tensor) or z.numel() != 1000 or len(z) != 1000:
        tensor(z, (1000,), "the code of 1,000 points")
    if z.is_complex():
        raise NotYet("a complex number is two numbers. The code has one.")
    order = torch.randperm(1000)
    x_hat = tensor(call(decode, z), (1000, 2), "what comes back")
    call(encode, points.flip(0))  # a way back that has kept the points has now kept others
    if not agree(call(decode, z[order]), x_hat[order]):
        raise NotYet("what comes back does not depend on the code alone.")
    error = (x_hat - points).square().mean().item()
    if error < 0.0007:  # the noise along a radius is 0.00045
        return
    lengths = x_hat.norm(dim=1)
    if (lengths - lengths.mean()).abs().max() < 0.05:
        raise NotYet("all points come back on one circle. How does the code say on which?")
    table = [
        (points.flip(1), "x and y are exchanged: is it `atan2(y, x)`?"),
        (points * torch.tensor([1, -1]), "the points come back upside down."),
        (-points, "each point comes back on the other side of its circle."),
    ]
    refuse_mistakes(x_hat, lambda a, b: (a - b).square().mean() < 0.0007, table)
    opposite = ((x_hat + points).norm(dim=1) < 0.2).float().mean()
    if opposite > 0.2:
        raise NotYet(
            f"{opposite:.0%} of the points come back on the other side. `atan` of a quotient does "
            "not know which side it was; `atan2` does."
        )
    wrong = ((lengths - radius).abs() > 0.2).float().mean()
    if wrong > 0.05:
        raise NotYet(f"{wrong:.0%} of the points come back on the wrong circle.")
    raise NotYet(f"the error is {error:.5f}, and {0.03**2 / 2:.5f} is the noise.")


def _bits_apart(known: Array, asked: Array) -> Array:
    apart: Array = (asked[:, None] != known).sum(axis=2)
    return apart


def check_nearest_bits(nearest: Any) -> None:
    """Check the Build of 1.4: the ten codes that differ in the fewest bits."""
    middle = np.random.default_rng(0).normal(size=32)
    draw = np.random.default_rng(1)
    codes, asked = (draw.gamma(1, size=(n, 32)) + middle for n in (400, 30))
    found = array(call(nearest, codes, asked), (30, 10), "the places")
    places = found.astype(int)
    if (places != found).any() or places.min() < 0 or places.max() >= 400:
        raise NotYet("the places should be whole numbers from 0 to one less than there are codes.")
    if any(len(set(row)) < 10 for row in places.tolist()):
        raise NotYet("some row names a place twice.")

    def chosen(apart: Array) -> bool:  # whether these are the ten smallest, whatever the ties
        mine = np.sort(np.take_along_axis(apart, places, axis=1), axis=1)
        return bool(np.allclose(mine, np.sort(apart, axis=1)[:, :10]))

    median = np.median(codes, axis=0)
    apart = _bits_apart(codes > median, asked > median)
    if chosen(apart):
        return
    own = np.median(codes, axis=1, keepdims=True), np.median(asked, axis=1, keepdims=True)
    mean = codes.mean(axis=0)
    table = [
        (-apart, "these differ in the most bits."),
        (_bits_apart(codes > 0, asked > 0), "it asks whether a number is above 0, not its median."),
        (_bits_apart(codes > mean, asked > mean), "it cuts at the mean. Take the median."),
        (
            _bits_apart(codes > np.median(codes), asked > np.median(codes)),
            "there is one median for all numbers. Each number of the code has its own.",
        ),
        (
            _bits_apart(codes > own[0], asked > own[1]),
            "it cuts each image at the median of its own code. Take the median over the images.",
        ),
        (
            _bits_apart(codes > median, asked > np.median(asked, axis=0)),
            "what is asked for is cut at medians of its own. Both need the same threshold.",
        ),
        (((asked[:, None] - codes) ** 2).sum(axis=2), "these are the nearest by all numbers."),
    ]
    refuse_mistakes(None, lambda _, other: chosen(other), table)
    best = np.sort(apart, axis=1)[:, :10].mean()
    mine = np.take_along_axis(apart, places, axis=1).mean()
    raise NotYet(f"they differ in {mine:.2f} bits on average, and the ten nearest in {best:.2f}.")


def check_nearest_distance(nearest: Any) -> None:
    """Check the Build of 1.5: how far the nearest known image is."""
    images, memory = torch.rand(1203, 784), torch.rand(700, 784)
    found = torch.tensor(array(call(nearest, images, memory), (1203,), "the distances")).float()
    apart = torch.cdist(images, memory)
    right = apart.amin(dim=1)
    if agree(found, right):
        return
    table = [
        (right.square(), "it is the squared distance. Take its root."),
        (right.square() / 784, "it is the squared error per pixel. Take the distance."),
        (right / 28, "it is the root of the squared error per pixel. Take the distance."),
        (apart.mean(dim=1), "it is the mean distance to all known images. Take the nearest."),
        (apart.amax(dim=1), "it is the distance to the farthest."),
        (apart.argmin(dim=1).float(), "it is the place of the nearest image, not its distance."),
        (torch.cdist(images, memory, p=1).amin(dim=1), "it is the sum of absolute differences."),
    ]
    refuse_mistakes(found, agree, table)
    i = int((found - right).abs().argmax())
    raise NotYet(
        f"image {i} has the distance {right[i]:.4f} to the nearest, and it gives {found[i]:.4f}."
    )


CHECKS = {
    "1.1": check_turn,
    "1.2": check_components,
    "1.3": check_two_circles,
    "1.4": check_nearest_bits,
    "1.5": check_nearest_distance,
}
