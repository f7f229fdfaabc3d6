"""The Build exercises of part 2: their right answers and their common wrong ones."""

import torch


def through(model):
    return model.decoder[0].weight @ model.encoder[1].weight


def squares(model):
    return through(model).square().sum(dim=0)


def with_biases(model):
    return model(torch.eye(784)).flatten(1).square().sum(dim=1)


def levels(draw):
    return lambda x, most: any_level(x, most, most * draw(len(x)).view(-1, 1, 1, 1))


def repeated(x, most):
    torch.manual_seed(3)
    return any_level(x, most)


def one_pattern(x, most):
    return x + most * torch.rand(len(x), 1, 1, 1) * torch.randn_like(x[:1])


def faded(x, most):
    sigma = most * torch.rand(len(x), 1, 1, 1)
    return (1 - sigma) * x + sigma * torch.randn_like(x)


def heavy(x, most):
    noise = torch.distributions.Laplace(0, 0.5**0.5).sample(x.shape)
    return x + most * torch.rand(len(x), 1, 1, 1) * noise


def any_level(x, most, level=None, power=1.0):
    sigma = most * torch.rand(len(x), 1, 1, 1) ** power if level is None else level
    return x + sigma * torch.randn_like(x)


def in_place(x, most):
    return x.copy_(any_level(x, most))


def flat(x, most):  # noise that is uniform within a picture
    return x + most * torch.rand(len(x), 1, 1, 1) * (torch.rand_like(x) - 0.5) * 12**0.5


RIGHT = {"2.1": squares, "2.2": any_level}
RIGHT_TOO = [("2.1", lambda model: squares(model).detach().numpy())]

# task, wrong answer, what it is told
WRONG = [
    ("2.1", lambda model: through(model).square().sum(dim=1), "these are the rows"),
    ("2.1", lambda model: through(model).sum(dim=0), "Square them first"),
    ("2.1", lambda model: through(model).abs().sum(dim=0), "absolute values"),
    ("2.1", lambda model: squares(model).sqrt(), "Leave out the root"),
    ("2.1", lambda model: through(model).square().mean(dim=0), "means over 784"),
    ("2.1", lambda model: through(model).diagonal().square(), "on the diagonal alone"),
    ("2.1", lambda model: model.encoder[1].weight.square().sum(dim=0), "encoder's matrix alone"),
    (
        "2.1",
        lambda model: (model.encoder[1].weight.T @ model.decoder[0].weight.T).square().sum(dim=0),
        "these are the rows",
    ),
    (
        "2.1",
        lambda model: (model.encoder[1].weight @ model.decoder[0].weight).square().sum(dim=0),
        "not an array of shape (900,)",
    ),
    ("2.1", with_biases, "the biases are in it"),
    ("2.1", lambda model: squares(model) + 1, "and |A|² of this network"),
    ("2.2", in_place, "changes what it is given"),
    ("2.2", lambda x, most: x.clone(), "have no noise"),
    ("2.2", lambda x, most: any_level(x, most).clamp(0, 1), "cut off at 0 and 1"),
    (
        "2.2",
        lambda x, most: x + most * torch.rand(len(x), 1, 1, 1) * torch.rand_like(x),
        "brighter",
    ),
    ("2.2", lambda x, most: any_level(x, most, most * torch.rand_like(x)), "each pixel"),
    ("2.2", lambda x, most: any_level(x, most, most * torch.rand(1)), "all pictures have the same"),
    ("2.2", lambda x, most: any_level(x, 1), "go up to 1"),
    ("2.2", lambda x, most: any_level(x, most**2), "the square of `most`"),
    ("2.2", lambda x, most: any_level(x, 2 * most), "twice `most`"),
    ("2.2", lambda x, most: any_level(x, most, power=0.5), "*variance* is uniform"),
    ("2.2", lambda x, most: any_level(x, most, power=2), "square of a uniform number"),
    (
        "2.2",
        lambda x, most: any_level(x, most, 0.3 + 0.3 * torch.rand(len(x), 1, 1, 1)),
        "lie from",
    ),
    ("2.2", flat, "is not normal"),
    ("2.2", heavy, "is not normal"),
    ("2.2", repeated, "a second call"),
    ("2.2", one_pattern, "all pictures have the same noise"),
    ("2.2", faded, "are changed"),
    ("2.2", levels(lambda n: torch.randint(0, 2, (n,))), "not spread evenly"),
    ("2.2", levels(lambda n: torch.randint(0, 11, (n,)) / 10), "not spread evenly"),
    ("2.2", levels(lambda n: torch.distributions.Beta(2, 2).sample((n,))), "not spread evenly"),
    ("2.2", levels(lambda n: torch.linspace(0, 1, n)), "Draw them"),
    ("2.2", lambda x, most: any_level(x, most)[:, 0], "not a tensor of shape"),
]
