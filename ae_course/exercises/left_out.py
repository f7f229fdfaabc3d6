"""Exercise 1: train without two digits, and see whether they stand out."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.utils.data import Dataset, TensorDataset

from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import NotYet, array, call, close, number


class _ByBrightness(nn.Module):
    """Redraws bright images worse than dark ones, and in training mode badly."""

    def forward(self, x: Tensor) -> Tensor:
        return x * (0.5 if self.training else 0.9)


def _digits(labels: list[int]) -> TensorDataset:
    y = torch.tensor(labels)
    images = torch.rand(len(y), 1, 28, 28) * (0.2 + 0.05 * (3 * y.view(-1, 1, 1, 1) % 10))
    return TensorDataset(images, y)


def _labels(kept: Any) -> list[int]:
    if not isinstance(kept, Dataset) and not hasattr(kept, "__getitem__"):
        raise NotYet(f"it should return a dataset, not a {type(kept).__name__}.")
    try:
        return [int(label) for _, label in (kept[i] for i in range(len(kept)))]
    except (TypeError, ValueError, IndexError, KeyError):
        raise NotYet(
            "an item of the dataset should be a pair of an image and its label, as before. "
            "torch.utils.data.Subset keeps the pairs as they are."
        ) from None


def check_without(without: Any) -> None:
    """Check task 1a: a dataset without some digits."""
    data = _digits([9, 5, 3, 0, 9, 1, 5, 5, 2, 7])
    labels = _labels(call(without, data, (9, 5)))
    wanted = [3, 0, 1, 2, 7]
    if sorted(labels) == [5, 5, 5, 9, 9]:
        raise NotYet("it keeps exactly the digits that should go. Turn the condition round.")
    if 9 not in labels and 5 in labels:
        raise NotYet("the first of the digits is gone, the second is still there.")
    if 5 not in labels and 9 in labels:
        raise NotYet("the last of the digits is gone, the first is still there.")
    if sorted(labels) != sorted(wanted):
        raise NotYet(
            f"of the labels {data.tensors[1].tolist()}, without 9 and 5, it keeps {labels}."
        )
    if labels != wanted:
        raise NotYet("the right digits are left, but in another order. Leave the order as it was.")
    other = _labels(call(without, data, (3,)))
    if other != [9, 5, 0, 9, 1, 5, 5, 2, 7]:
        raise NotYet("it works for 9 and 5 only. Use the argument `digits`.")


def check_error_by_class(error_by_class: Any) -> None:
    """Check task 1b: the mean error of each class."""
    model, data = _ByBrightness(), _digits([(7 * i + 3) % 10 for i in range(337)])
    images, labels = data.tensors

    def errors() -> NDArray[Any]:
        found: NDArray[Any] = (model(images) - images).square().mean(dim=(1, 2, 3)).numpy()
        return found

    loud = errors()
    model.eval()
    each = errors()
    found = array(call(error_by_class, model.train(), data), (10,), "the result")
    y, digits = labels.numpy(), range(10)
    wanted = np.array([each[y == digit].mean() for digit in digits])
    if close(found, wanted):
        return
    if close(found, [each[y == digit].sum() for digit in digits]):
        raise NotYet("it adds the errors of a class up. Classes differ in size: take the mean.")
    if close(found, np.full(10, each.mean())):
        raise NotYet(
            "it gives the mean over all images ten times. Choose the images of each class."
        )
    if close(found, np.sqrt(wanted)):
        raise NotYet("it gives the root of the mean squared error. The book's unit has no root.")
    if close(found, 784 * wanted):
        raise NotYet("it adds up the 784 pixels. The book's unit is the mean over pixels.")
    if close(found, [loud[y == digit].mean() for digit in digits]):
        raise NotYet("the model was in training mode when you measured. Call model.eval() first.")
    raise NotYet(
        "the numbers are not the mean squared errors of the classes 0 to 9, in this order. "
        "Look at one class by hand."
    )


def check_auroc(auroc: Any) -> None:
    """Check task 1c: the AUROC of the errors as an alarm."""
    labels = torch.randint(10, (400,))
    errors = torch.rand(400) + 0.3 * (labels == 5) + 0.6 * (labels == 9)
    foreign = (labels == 9) | (labels == 5)
    found = number(call(auroc, errors.numpy(), labels.numpy(), (9, 5)))
    wanted = roc_auc_score(foreign, errors)
    if abs(found - wanted) < 1e-6:
        others = np.isin(labels, (0, 5, 7))
        again = number(call(auroc, -errors.numpy(), labels.numpy(), (0, 5, 7)))
        if abs(again - roc_auc_score(others, -errors)) > 1e-6:
            raise NotYet(
                "it is right for 9 and 5, and not for 0, 5 and 7, where the alarm is worse than a "
                "coin. Use `foreign`, and leave an area below a half as it is."
            )
        return
    if abs(found - (1 - wanted)) < 1e-6:
        raise NotYet("it is one minus the AUROC: a *larger* error should mean *more* foreign.")
    for digit in (9, 5):
        if abs(found - roc_auc_score(labels == digit, errors)) < 1e-6:
            raise NotYet(f"only {digit} counts as foreign. Both digits that were left out should.")
    hard = [roc_auc_score(foreign, errors > cut) for cut in (errors.mean(), errors.median())]
    if min(abs(found - value) for value in hard) < 0.02:
        raise NotYet("it ranks alarms, yes or no. The AUROC ranks the errors themselves.")
    raise NotYet(
        "that is not the AUROC of the errors, with the images of `foreign` as the positive class. "
        "sklearn.metrics.roc_auc_score takes the truth first and the score second."
    )


CHECKS = {
    "1a": check_without,
    "1b": check_error_by_class,
    "1c": check_auroc,
    "1d": check_comparison,
}
