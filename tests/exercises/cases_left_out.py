"""Exercise 1, two digits left out: its right answers and its common wrong ones."""

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch.utils.data import Subset

import ae_course as ae


def places(dataset, digits):
    return torch.where(~torch.isin(dataset.tensors[1], torch.tensor(digits)))[0].tolist()


def without(dataset, digits):
    return Subset(dataset, places(dataset, digits))


def error_by_class(model, dataset, each=lambda errors: errors.mean(), evaluate=True, sums=False):
    images, labels = dataset.tensors
    model.train(not evaluate)
    with torch.no_grad():
        errors = (model(images) - images).square().flatten(1)
    errors = (errors.sum(1) if sums else errors.mean(1)).numpy()
    return np.array([each(errors[labels.numpy() == digit]) for digit in range(10)])


def auroc(errors, labels, foreign):
    return roc_auc_score(np.isin(labels, foreign), errors)


RIGHT = {
    "1a": without,
    "1b": error_by_class,
    "1c": auroc,
}

# the same answers as others would write them
RIGHT_TOO = [
    ("1b", lambda m, d: torch.from_numpy(error_by_class(m, d)).tolist()),
]

# task, wrong answer, what it is told
WRONG = [
    (
        "1a",
        lambda d, digits: Subset(d, sorted(set(range(len(d))) - set(places(d, digits)))),
        "Turn",
    ),
    ("1a", lambda d, digits: without(d, digits[:1]), "the second is still there"),
    ("1a", lambda d, digits: without(d, digits[1:]), "the first is still there"),
    ("1a", lambda d, digits: d.tensors[0][places(d, digits)], "a pair of an image and its label"),
    ("1a", lambda d, digits: Subset(d, places(d, digits)[::-1]), "in another order"),
    ("1a", lambda d, digits: without(d, (9, 5)), "Use the argument `digits`"),
    ("1a", lambda d, digits: d, "it keeps"),
    ("1a", lambda d, digits: 3, "should return a dataset, not a int"),
    ("1b", lambda m, d: error_by_class(m, d, np.sum), "take the mean"),
    ("1b", lambda m, d: np.full(10, ae.reconstruction_errors(m, d).mean()), "ten times"),
    ("1b", lambda m, d: np.sqrt(error_by_class(m, d)), "has no root"),
    ("1b", lambda m, d: error_by_class(m, d, sums=True), "mean over pixels"),
    ("1b", lambda m, d: error_by_class(m, d, evaluate=False), "model.eval()"),
    (
        "1b",
        lambda m, d: ae.reconstruction_errors(m, d),
        r"shape (10,), not an array of shape (337,)",
    ),
    ("1b", lambda m, d: error_by_class(m, d)[::-1].copy(), "by hand"),
    ("1b", lambda m, d: ["a"] * 10, "should be numbers, not a list"),
    ("1b", lambda m, d: [float("nan")] * 10, "a NaN"),
    ("1c", lambda e, y, f: auroc(-e, y, f), "*larger* error"),
    ("1c", lambda e, y, f: auroc(e, y, f[:1]), "only 9 counts"),
    ("1c", lambda e, y, f: auroc(e, y, f[1:]), "only 5 counts"),
    ("1c", lambda e, y, f: auroc(e > e.mean(), y, f), "ranks alarms"),
    ("1c", lambda e, y, f: np.mean(e > e.mean()), "truth first"),
    ("1b", lambda model, data: sorted(error_by_class(model, data)), "in this order"),
    ("1c", lambda e, y, foreign: auroc(e, y, (9, 5)), "not for 0, 5 and 7"),
    ("1c", lambda e, y, f: max(auroc(e, y, f), 1 - auroc(e, y, f)), "not for 0, 5 and 7"),
]
