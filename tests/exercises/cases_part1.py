"""The Build exercises of part 1: their right answers and their common wrong ones."""

import numpy as np
import torch
from torch.nn.functional import mse_loss

import ae_course as ae


def turn(x, generator, sign=1):
    answer = torch.randint(4, (len(x),), generator=generator)
    turned = x.clone()
    for quarters in (1, 2, 3):
        chosen = answer == quarters
        turned[chosen] = torch.rot90(x[chosen], sign * quarters, (2, 3))
    return turned, answer


def in_place(x, generator):
    turned, answer = turn(x, generator)
    x.copy_(turned)
    return x, answer


def one_turn(x, generator):
    answer = int(torch.randint(1, 4, (1,), generator=generator))
    return torch.rot90(x, answer, (2, 3)), torch.full((len(x),), answer)


def two_turns(x, generator):
    answer = torch.randint(2, (len(x),), generator=generator)
    return torch.where(answer[:, None, None, None] > 0, x.flip(2).flip(3), x), 2 * answer


def mirrored(x, generator):
    turned, answer = turn(x, generator)
    turned[answer == 2] = x[answer == 2].flip(3)
    return turned, answer


def shifted(x, generator):
    turned, answer = turn(x, generator)
    return turned.roll(1, dims=3), answer


def shuffled(x, generator):
    turned, answer = turn(x, generator)
    return turned, answer.roll(1)


def without_generator(x, generator):
    return turn(x, None)


def often_none(x, generator):
    answer = (3.2 * torch.rand(len(x), generator=generator) ** 3).long()
    turned = [torch.rot90(one, int(k), (1, 2)) for one, k in zip(x, answer, strict=True)]
    return torch.stack(turned), answer


def half_clockwise(x, generator):
    turned, answer = turn(x, generator, sign=-1)
    answer[-1] += 2 * (answer[-1] < 2) - 1
    return turned, answer


def two_at_once(images, count, epochs=6):
    torch.manual_seed(0)
    model = ae.pca_autoencoder(784, count)
    loader = ae.batches(ae.AutoEncodeDataset(images), 128, shuffle=True)
    ae.train(model, mse_loss, loader, epochs=epochs, lr=0.01, schedule=ae.one_cycle)
    return model.encoder[1].weight.detach().cpu()


def components(images, count, deflate=1.0, order=1):
    rest, rows = images, []
    for k in range(count):
        torch.manual_seed(k)
        model = ae.pca_autoencoder(784, 1)
        loader = ae.batches(ae.AutoEncodeDataset(rest), 128, shuffle=True)
        ae.train(model, mse_loss, loader, epochs=6, lr=0.01, schedule=ae.one_cycle)
        with torch.no_grad():
            rest = rest - deflate * model.cpu()(rest)
        rows.append(model.encoder[1].weight[0].detach().cpu().numpy())
    return np.stack(rows)[::order]


def exact(images, count, picked=(0, 1), turned=0.0):
    x = images.flatten(1) - images.mean(dim=0).flatten()
    rows = torch.linalg.svd(x, full_matrices=False).Vh[list(picked)]
    c, s = np.cos(turned), np.sin(turned)
    return torch.tensor([[c, -s], [s, c]], dtype=torch.float32) @ rows


def encode(points):
    angle = torch.atan2(points[:, 1], points[:, 0])
    return angle + 2 * torch.pi * (points.norm(dim=1) < 0.7)


def decode(z):
    radius = torch.where(z > torch.pi, 0.4, 1.0)
    return radius[:, None] * torch.stack([z.cos(), z.sin()], dim=1)


def decode_column(z):
    return decode(z[:, 0])


def one_circle(z):
    return torch.stack([z.cos(), z.sin()], dim=1)


def by_atan(points):
    angle = torch.atan(points[:, 1] / points[:, 0])
    return angle + 2 * torch.pi * (points.norm(dim=1) < 0.7)


def outside_in(z):
    return torch.where(z > torch.pi, 1.0, 0.4)[:, None] * one_circle(z)


KEPT = []


def keep(points):  # a number for each point, its place in a list
    KEPT[:] = [points]
    return torch.arange(len(points))


def forgetful(z):
    return decode(z.sort().values)


def nearest_bits(codes, asked, middle=None, asked_middle=None, sign=1):
    middle = np.median(codes, axis=0) if middle is None else middle
    bits, asked = codes > middle, asked > (middle if asked_middle is None else asked_middle)
    return [
        np.argsort(sign * (bits != one).sum(axis=1), kind="stable")[:10].tolist() for one in asked
    ]


def nearest_numbers(codes, asked):
    return torch.cdist(torch.tensor(asked), torch.tensor(codes)).argsort(dim=1)[:, :10]


def own_medians(codes, asked):
    return nearest_bits(
        codes,
        asked,
        np.median(codes, axis=1, keepdims=True),
        np.median(asked, axis=1, keepdims=True),
    )


def nearest_distance(images, memory):
    return torch.cat([torch.cdist(part, memory).amin(1) for part in images.split(500)])


RIGHT = {
    "1.1": turn,
    "1.2": components,
    "1.3": (encode, decode),
    "1.4": nearest_bits,
    "1.5": nearest_distance,
}
RIGHT_TOO = [
    ("1.1", lambda x, generator: turn(x, generator, sign=-1)),
    ("1.3", (lambda points: encode(points)[:, None], decode_column)),
    ("1.5", lambda *asked: nearest_distance(*asked).numpy()),
    ("1.4", lambda codes, asked: np.array(nearest_bits(codes, asked))),
]

# task, wrong answer, what it is told
WRONG = [
    ("1.1", lambda x, generator: turn(x, generator)[0], "two things"),
    ("1.1", in_place, "changes what it is given"),
    ("1.1", lambda *asked: (turn(*asked)[0], turn(*asked)[1].float()), "whole numbers"),
    ("1.1", lambda *asked: (turn(*asked)[0], 90 * turn(*asked)[1]), "0, 1, 2 or 3 quarters"),
    ("1.1", one_turn, "the same turn"),
    ("1.1", two_turns, "of the four turns it draws 2"),
    ("1.1", mirrored, "mirrored"),
    ("1.1", shifted, "none of the four turns"),
    ("1.1", shuffled, "and its answer is"),
    ("1.1", half_clockwise, "picture 199 is turned"),
    ("1.1", often_none, "equally likely"),
    ("1.1", without_generator, "without the generator, so that"),
    ("1.1", lambda x, generator: turn(x, generator.manual_seed(0)), "gives the same turns"),
    ("1.2", lambda *asked: components(*asked, order=-1), "the second comes first"),
    ("1.2", lambda *asked: components(*asked, deflate=0), "What has it left"),
    ("1.2", lambda *asked: exact(*asked, picked=(0, 2)), "too much was taken away"),
    ("1.2", lambda *asked: exact(*asked, turned=0.6), "Train with one number at a time"),
    ("1.2", two_at_once, "both rows have much of the first"),
    ("1.2", lambda *asked: 1 + 9 * exact(*asked), "the mean picture"),
    ("1.2", lambda images, count: torch.eye(784)[:count], "Does it train on `images`"),
    ("1.2", lambda *asked: exact(*asked) + 0.02 * torch.randn(2, 784), "Are the networks trained"),
    ("1.2", lambda images, count: torch.zeros(count, 784), "all zeros"),
    ("1.3", encode, "two functions"),
    ("1.3", (lambda points: points, lambda z: z), "the code of 1,000 points"),
    ("1.3", (lambda points: torch.view_as_complex(points), torch.view_as_real), "two numbers"),
    ("1.3", (encode, forgetful), "on the code alone"),
    ("1.3", (keep, lambda z: KEPT[0][z]), "on the code alone"),
    ("1.3", (encode, one_circle), "all points come back on one circle"),
    ("1.3", (lambda points: encode(points.flip(1)), decode), "x and y are exchanged"),
    ("1.3", (lambda points: encode(points), lambda z: decode(z) * -1), "other side of its"),
    (
        "1.3",
        (encode, lambda z: decode(z) * torch.tensor([1.0, -1.0])),
        "upside down",
    ),
    ("1.3", (by_atan, decode), "`atan2` does"),
    ("1.3", (encode, outside_in), "on the wrong circle"),
    ("1.3", (encode, lambda z: 1.1 * decode(z)), "is the noise"),
    ("1.4", lambda *asked: nearest_bits(*asked)[0], "an array of shape (30, 10)"),
    ("1.4", lambda codes, asked: codes[: len(asked), :10] + 0.5, "whole numbers from 0"),
    ("1.4", lambda codes, asked: np.zeros((len(asked), 10)), "names a place twice"),
    ("1.4", lambda *asked: nearest_bits(*asked, sign=-1), "in the most bits"),
    ("1.4", lambda *asked: nearest_bits(*asked, middle=0), "not its median"),
    (
        "1.4",
        lambda codes, asked: nearest_bits(codes, asked, codes.mean(axis=0)),
        "cuts at the mean",
    ),
    ("1.4", lambda codes, asked: nearest_bits(codes, asked, np.median(codes)), "one median for"),
    ("1.4", own_medians, "median of its own code"),
    (
        "1.4",
        lambda codes, asked: nearest_bits(codes, asked, None, np.median(asked, axis=0)),
        "medians of its own",
    ),
    ("1.4", nearest_numbers, "the nearest by all numbers"),
    ("1.4", lambda codes, asked: [list(range(10))] * len(asked), "bits on average"),
    ("1.5", lambda *asked: nearest_distance(*asked)[:1000], "not an array of shape (1000,)"),
    ("1.5", lambda *asked: nearest_distance(*asked).square(), "the squared distance"),
    ("1.5", lambda *asked: nearest_distance(*asked).square() / 784, "squared error per pixel"),
    ("1.5", lambda *asked: nearest_distance(*asked) / 28, "root of the squared error"),
    ("1.5", lambda x, memory: torch.cdist(x, memory).mean(1), "the mean distance"),
    ("1.5", lambda x, memory: torch.cdist(x, memory).amax(1), "to the farthest"),
    ("1.5", lambda x, memory: torch.cdist(x, memory).argmin(1), "it is the place"),
    ("1.5", lambda x, memory: torch.cdist(x, memory, p=1).amin(1), "absolute differences"),
    ("1.5", lambda x, memory: torch.cdist(x, memory[:500]).amin(1), "to the nearest, and it gives"),
]
