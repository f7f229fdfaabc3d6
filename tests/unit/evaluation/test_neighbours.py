"""Precision and recall by nearest neighbours: against their definition, and at known values."""

import pytest
import torch

from ae_course import precision_and_recall
from ae_course.evaluation.neighbours import in_balls, neighbour_radii


def by_definition(real, samples, k):
    """Kynkäänniemi et al. (2019), equations 1 and 2, a pair of points at a time."""

    def radius(points, i):
        others = [(points[i] - points[j]).norm() for j in range(len(points)) if j != i]
        return sorted(others)[k - 1]

    def share(points, centers):
        reach = [radius(centers, i) for i in range(len(centers))]
        inside = [
            any((x - center).norm() <= r for center, r in zip(centers, reach, strict=True))
            for x in points
        ]
        return sum(inside) / len(inside)

    return {"precision": share(samples, real), "recall": share(real, samples)}


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize(("shift", "spread"), [(0, 1), (0, 0.4), (1.5, 1), (40, 1)])
def test_it_is_the_definition(k, shift, spread):
    generator = torch.Generator().manual_seed(k)
    real = torch.randn(40, 5, generator=generator)
    samples = spread * torch.randn(31, 5, generator=generator) + shift
    assert precision_and_recall(real, samples, k=k) == pytest.approx(
        by_definition(real, samples, k)
    )


def test_a_narrow_model_is_precise_and_a_wide_one_has_recall():
    generator = torch.Generator().manual_seed(0)
    real = torch.randn(500, 4, generator=generator)
    narrow = precision_and_recall(real, 0.3 * torch.randn(500, 4, generator=generator))
    wide = precision_and_recall(real, 3 * torch.randn(500, 4, generator=generator))
    assert narrow["precision"] > 0.95 > 0.5 > narrow["recall"]
    assert wide["recall"] > 0.95 > 0.5 > wide["precision"]
    far = precision_and_recall(real, real + 100)
    assert far == {"precision": 0, "recall": 0}


def test_the_two_sets_change_places():
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(60, 3, generator=generator), torch.randn(50, 3, generator=generator) + 1
    one, other = precision_and_recall(a, b), precision_and_recall(b, a)
    assert one["precision"] == other["recall"]
    assert one["recall"] == other["precision"]


def test_parts_do_not_matter():
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(60, 3, generator=generator), torch.randn(50, 3, generator=generator)
    torch.testing.assert_close(neighbour_radii(a, 3, rows=7), neighbour_radii(a, 3))
    radii = neighbour_radii(a, 3)
    for parts, whole in zip(in_balls(a, radii, b, rows=7), in_balls(a, radii, b), strict=True):
        assert torch.equal(parts, whole)


@pytest.mark.parametrize(
    ("real", "samples", "k", "message"),
    [
        (torch.rand(4), torch.rand(4, 2), 1, r"`real_features` must be .* \(N, H\) .* \(4,\)"),
        (torch.rand(4, 2), [1], 1, "`sample_features` must be a tensor .* got list"),
        (torch.rand(4, 2), torch.rand(1, 2), 1, "N > 1, got"),
        (torch.ones(4, 2).long(), torch.rand(4, 2), 1, "floating point numbers, got torch.int64"),
        (torch.rand(4, 2), torch.full((3, 2), torch.inf), 1, "finite, got 6 values"),
        (torch.rand(4, 2), torch.rand(4, 3), 1, "the same size H, got 2 and 3"),
        (torch.rand(4, 2), torch.rand(3, 2), 3, "`k` must be an integer from 1 to 2, got 3"),
    ],
)
def test_bad_input_is_refused(real, samples, k, message):
    with pytest.raises(ValueError, match=message):
        precision_and_recall(real, samples, k=k)
