"""A stronger test of samples: whether they can be read, how varied they are, what they cover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import torch
from torch import Tensor, nn

from ae_course.evaluation.neighbours import in_balls, neighbour_radii
from ae_course.utils.devices import device_of, evaluating
from ae_course.utils.validation import (
    check_finite,
    check_integer_up_to,
    check_positive_integers,
)

SURE = 0.9  # a sample counts as read if some class has more than this probability


class SampleQuality(TypedDict):
    """What judges say about samples."""

    fidelity: float  # the share of samples that the judges read with a probability above 0.9
    variety: float  # how many classes these are spread over: 1 to K, and 0 if there are none
    coverage: float  # the share of real images that have a sample among their near ones


def sample_quality(
    judges: Sequence[nn.Sequential],
    samples: Tensor,
    real: Tensor,
    *,
    k: int = 5,
    batch_size: int = 1000,
) -> SampleQuality:
    """Measure samples by three numbers, since each of them alone can be flattered.

    Ten perfect templates, repeated, have full fidelity and full variety, and cover nearly nothing.
    Blurred or noisy images may cover something, and few of them can be read.

    - *Fidelity*: the judges' class probabilities are averaged, so a sample must convince most of
      them; it counts if the likeliest class then has more than 0.9. Several judges, because each
      alone is sure of some noise.
    - *Variety*: the exponential of the entropy of the classes of those samples: K if all classes
      are equally frequent, 1 if there is one class, and 0.0 if no sample counts. Samples that
      nobody can read add nothing to it.
    - *Coverage*: around each real image lies a ball that reaches its `k`-th nearest neighbour among
      the other real images. Coverage is the share of balls with a sample in them. Distances are
      Euclidean, between the activations before a judge's last layer; the mean over the judges.

    `samples` and `real` must be equally many, because coverage grows with the number of samples and
    falls with the number of real images. At equal numbers, other real images in the place of the
    samples get about ``1 - 2**-k`` (Naeem et al., lemma 2), which is 0.97 for k = 5. Copies of
    real images can get more, so a higher coverage is no sign of better pictures. Take `real`
    images that neither the model nor the judges were trained on, and the same ones for all
    models: the coverage of a model that falls short does depend on their number.

    On 2,000 test digits of MNIST, with three judges and k = 5: 2,000 other test digits get fidelity
    0.96, variety 9.98 and coverage 0.97; training digits 0.96, 9.97 and 0.93 (the judges have
    learned them, so they lie a little differently); ten digits, each repeated 200 times, 1, 10 and
    0.03. That takes a second; the time grows with the square of the number.

    Parameters
    ----------
    judges : sequence of nn.Sequential
        Classifiers from images to scores (B, K) that end in an ``nn.Linear``, for example three
        `digit_classifier()` trained from different seeds. They keep their device and mode.
    samples, real : Tensor of shape (N, C, h, w)
    k : int, default=5
        At most N - 1.
    batch_size : int, default=1000
        Of images, and of the rows of distances that are held at a time.

    Returns
    -------
    dict
        With ``fidelity``, ``variety`` and ``coverage``.

    Raises
    ------
    TypeError, ValueError
        If `judges` is no sequence of such classifiers with the same K, the images are not two
        tensors (N, C, h, w) of one shape with finite values, `k` is not an integer from 1 to
        N - 1, or a judge does not give finite scores.

    See Also
    --------
    precision_and_recall : the literature's usual pair of numbers, from features.

    References
    ----------
    Naeem et al. (2020), Reliable Fidelity and Diversity Metrics for Generative Models, ICML:
    coverage (equation 8), and what it is for equal distributions (lemma 2).
    """
    check_judges(judges)
    check_images(samples=samples, real=real)
    if samples.shape != real.shape:
        raise ValueError(
            "`samples` and `real` must be equally many images of the same shape, "
            f"got {tuple(samples.shape)} and {tuple(real.shape)}"
        )
    if len(real) < 2:
        raise ValueError("`samples` and `real` must be at least two images each, got one")
    check_integer_up_to(len(real) - 1, k=k)
    check_positive_integers(batch_size=batch_size)
    probabilities, covered = [], []
    for judge in judges:
        features, scores = features_and_scores(judge, samples, batch_size)
        probabilities.append(scores.double().softmax(dim=1))  # (N, K)
        others, _ = features_and_scores(judge, real, batch_size)
        radii = neighbour_radii(others, k, batch_size)
        balls, _ = in_balls(others, radii, features, batch_size)
        covered.append(balls.double().mean().item())
    likeliest, classes = torch.stack(probabilities).mean(dim=0).max(dim=1)
    sure = likeliest > SURE
    counts = classes[sure].bincount().double()
    entropy = torch.special.entr(counts / counts.sum()).sum()
    return SampleQuality(
        fidelity=sure.double().mean().item(),
        variety=entropy.exp().item() if sure.any() else 0.0,
        coverage=sum(covered) / len(covered),
    )


def features_and_scores(
    judge: nn.Sequential, images: Tensor, batch_size: int
) -> tuple[Tensor, Tensor]:
    """Give the activations before the last layer (N, H) and the scores (N, K) on the CPU."""
    device, features, scores = device_of(judge), [], []
    with evaluating(judge):
        for part in images.split(batch_size):
            hidden = judge[:-1](part.to(device))  # (B, H)
            features.append(hidden.cpu())
            scores.append(judge[-1](hidden).cpu())
    for part in (*features, *scores):
        if not torch.isfinite(part).all():
            raise ValueError("`judges` must give finite scores, got NaN or infinity")
    return torch.cat(features), torch.cat(scores)


def check_judges(judges: Any) -> None:
    """Refuse what is not a sequence of classifiers that end in a linear layer, with one K."""
    if isinstance(judges, nn.Module) or not isinstance(judges, Sequence) or len(judges) == 0:
        raise TypeError(
            "`judges` must be a list of nn.Sequential with at least one, "
            f"got {type(judges).__name__}{' without any' if judges in ([], ()) else ''}"
        )
    for judge in judges:
        if not isinstance(judge, nn.Sequential) or len(judge) < 2:
            raise TypeError(
                "`judges` must each be an nn.Sequential of two layers or more, "
                f"got {type(judge).__name__}"
            )
        if not isinstance(judge[-1], nn.Linear):
            raise TypeError(
                f"`judges` must each end in an nn.Linear, got {type(judge[-1]).__name__}"
            )
    classes = [judge[-1].out_features for judge in judges]
    if len(set(classes)) > 1:
        raise ValueError(f"`judges` must all have the same number of classes, got {classes}")


def check_images(**values: Any) -> None:
    """Refuse what is not a tensor (N, C, h, w) with N > 0 and finite values, by its name."""
    for name, images in values.items():
        if not isinstance(images, Tensor) or images.ndim != 4 or len(images) == 0:
            got = tuple(images.shape) if isinstance(images, Tensor) else type(images).__name__
            raise ValueError(
                f"`{name}` must be a tensor of shape (N, C, h, w) with N > 0, got {got}"
            )
        check_finite(**{name: images})
