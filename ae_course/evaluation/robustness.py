"""How a reconstruction holds up when the input is corrupted, and which inputs are outliers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypedDict

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from ae_course.evaluation.inputs import check_finite, labelled_batches
from ae_course.nn.corruptions import Corruption
from ae_course.utils.devices import device_of, evaluating
from ae_course.utils.validation import check_modules


class Level(TypedDict):
    """One row of a robustness curve."""

    level: float
    error: float  # mean squared error per value, to the clean image
    accuracy: float | None  # of the classifier on the reconstructions


def robustness_curve(
    model: Callable[[Tensor], Tensor],
    dataset: Dataset[Any],
    corrupt: Corruption,
    levels: Sequence[float],
    *,
    classifier: nn.Module | None = None,
    generator: torch.Generator | None = None,
    batch_size: int = 1000,
) -> list[Level]:
    """Reconstruct corrupted images and compare with the clean ones, level by level.

    Every model meets the same noise at the same level and batch size, whatever ran before: each
    level begins from the state that the generator has at the call, and the generator is left in
    it. Modules are measured in evaluation mode, keep their device and get their training mode
    back.

    Parameters
    ----------
    model : nn.Module or function
        An autoencoder, asked by ``model.reconstruct``, or else what maps images (B, C, h, w) to
        images of the same shape. A function gets them on the CPU, and must itself see to the mode
        and the device of any network that it calls.
    dataset : map-style dataset of (image, label) pairs, or of images alone
        The clean images.
    corrupt : callable
        ``corrupt(x, level, generator=…)`` gives the corrupted images, of the same shape, as those
        of ``CORRUPTIONS``.
    levels : sequence of float
    classifier : nn.Module, optional
        Maps images to class scores (B, K), to be asked about the reconstructions.
    generator : torch.Generator, optional
        What the noise is drawn from; by default a new one with the seed 0, the same for all models.
    batch_size : int, default=1000

    Returns
    -------
    list of dict
        Rows with ``level``, ``error``, ``accuracy``; ``pandas.DataFrame`` takes it as it is.

    Raises
    ------
    TypeError, ValueError
        If the model or `corrupt` cannot be called, the classifier is no module, `levels` is empty,
        the dataset is empty, has values that are not finite, or, for a classifier, labels that are
        not one an image, or the model or `corrupt` changes the shape of its input or gives values
        that are not finite.
    """
    for name, value in (("model", model), ("corrupt", corrupt)):
        if not callable(value):
            raise TypeError(f"`{name}` must be callable, got {type(value).__name__}")
    if classifier is not None:
        check_modules(classifier=classifier)
    levels = list(levels)
    if not levels:
        raise ValueError("`levels` must hold at least one level, got none")
    start = torch.Generator().manual_seed(0) if generator is None else generator
    rows: list[Level] = []
    for level in levels:
        error, right, count = 0.0, 0, 0
        at_level = _at_level(corrupt, level, start)
        for x, x_hat, y in _reconstructed(model, dataset, at_level, batch_size):
            error += (x_hat - x).square().mean(dtype=torch.float64).item() * len(x)
            right += 0 if classifier is None else _hits(classifier, x_hat, y)
            count += len(x)
        accuracy = None if classifier is None else right / count
        rows.append(Level(level=level, error=error / count, accuracy=accuracy))
    return rows


def reconstruction_errors(
    model: Callable[[Tensor], Tensor], dataset: Dataset[Any], *, batch_size: int = 1000
) -> NDArray[np.float64]:
    """Compute the mean squared error per value of every image of a dataset, in its order.

    Parameters
    ----------
    model, dataset, batch_size
        As in :func:`robustness_curve`.

    Returns
    -------
    ndarray of shape (N,)

    Raises
    ------
    TypeError, ValueError
        As in :func:`robustness_curve`.
    """
    if not callable(model):
        raise TypeError(f"`model` must be callable, got {type(model).__name__}")
    errors = [
        (x_hat - x).square().flatten(1).mean(dim=1, dtype=torch.float64)  # (B,)
        for x, x_hat, _ in _reconstructed(model, dataset, lambda x: x, batch_size)
    ]
    return torch.cat(errors).numpy()


def outlier_threshold(errors: ArrayLike, share: float = 0.001) -> float:
    """Find a threshold with a given false positive rate: a quantile of the errors of good images.

    It is the smallest of the errors that at most the share `share` of them exceeds.

    Parameters
    ----------
    errors : array of shape (N,)
        Of images that are known to be good.
    share : float, default=0.001
        The false positive rate: how many alarms among such images are acceptable; above 0 and
        below 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `share` is not above 0 and below 1, or `errors` is empty or not finite.

    Examples
    --------
    >>> outlier_threshold([0.1, 0.2, 0.3, 0.4, 0.5], share=0.25)
    0.4
    """
    values = np.asarray(errors, dtype=float)
    wrong = (~np.isfinite(values)).sum()
    if not 0 < share < 1:
        raise ValueError(f"`share` must be above 0 and below 1, got {share}")
    if values.ndim != 1 or values.size == 0 or wrong:
        raise ValueError(
            f"`errors` must be one row of finite errors, got shape {values.shape} with "
            f"{wrong} values that are not"
        )
    return float(np.quantile(values, 1 - share, method="inverted_cdf"))


def _at_level(
    corrupt: Corruption, level: float, start: torch.Generator
) -> Callable[[Tensor], Tensor]:
    """`corrupt` at one level, drawing from a generator of its own in the state of `start`."""
    generator = torch.Generator(start.device)
    generator.set_state(start.get_state())
    return lambda x: corrupt(x, level, generator=generator)


def _reconstructed(
    model: Callable[[Tensor], Tensor],
    dataset: Dataset[Any],
    corrupt: Callable[[Tensor], Tensor],
    batch_size: int,
) -> Iterator[tuple[Tensor, Tensor, Any]]:
    """Yield clean images, reconstructions of corrupted ones and labels, in batches on the CPU."""
    module = model if isinstance(model, nn.Module) else None
    reconstruct = getattr(model, "reconstruct", model)
    for x, y in labelled_batches(dataset, batch_size):
        corrupted = corrupt(x)
        _check_kept("corrupt", corrupted, x)
        # entered for each batch: a generator that is not read to its end would leave it open
        with evaluating(module) if module is not None else torch.no_grad():
            x_hat = reconstruct(corrupted if module is None else corrupted.to(device_of(module)))
        _check_kept("model", x_hat, x)
        yield x, x_hat.cpu(), y


def _check_kept(name: str, after: Any, before: Tensor) -> None:
    """Refuse what is not a tensor of the shape it was made from, or not finite."""
    if not isinstance(after, Tensor):
        raise TypeError(f"`{name}` must give a tensor of images, got {type(after).__name__}")
    if after.shape != before.shape:
        raise ValueError(
            f"`{name}` must keep the shape {tuple(before.shape)} of its input, "
            f"got {tuple(after.shape)}"
        )
    check_finite(after, f"`{name}` must give finite values")


def _hits(classifier: nn.Module, images: Tensor, labels: Any) -> int:
    """Count the images that the classifier puts into their class."""
    if not isinstance(labels, Tensor) or labels.shape != (len(images),):
        shape = tuple(labels.shape) if isinstance(labels, Tensor) else labels
        raise ValueError(f"labels must have shape ({len(images)},), got {shape}")
    with evaluating(classifier):
        scores = classifier(images.to(device_of(classifier)))  # (B, K)
    return int((scores.argmax(dim=1).cpu() == labels.cpu()).sum())
