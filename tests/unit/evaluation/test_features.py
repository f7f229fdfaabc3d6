"""Labels of units: the right one is found, and luck on the first half does not count."""

import numpy as np
import pytest
import torch

import ae_course as ae


def made(count=400):
    chance = torch.Generator().manual_seed(0)
    marks = (torch.rand(count, 5, generator=chance) < 0.2).float()
    noise = torch.rand(count, 3, generator=chance)
    return marks, torch.stack([marks[:, 3], 2 - marks[:, 1]], dim=1), noise


def test_a_unit_that_is_a_label_gets_it_and_the_score_one():
    marks, units, _ = made()
    score, label = ae.label_units(units, marks)
    assert label.tolist() == [3, 1]
    torch.testing.assert_close(score, torch.ones(2))  # low where its label holds: turned


def test_the_score_is_numpy_s_correlation_on_the_second_half():
    marks, units, noise = made()
    score, label = ae.label_units(units + noise[:, :2], marks)
    for i in range(2):
        pair = (units + noise[:, :2])[200:, i].numpy(), marks[200:, label[i]].numpy()
        assert abs(score[i]) == pytest.approx(abs(np.corrcoef(*pair)[0, 1]), abs=1e-4)


def test_what_goes_with_a_label_by_luck_scores_nothing():
    chance = torch.Generator().manual_seed(0)
    marks = (torch.rand(200, 500, generator=chance) < 0.5).float()
    units = torch.rand(200, 50, generator=chance)
    half = torch.corrcoef(torch.cat([units, marks], dim=1)[:100].T)[:50, 50:].abs().amax(dim=1)
    score, _ = ae.label_units(units, marks)
    assert half.mean() > 0.25
    assert score.mean().abs() < 0.05


def test_a_unit_that_is_active_too_rarely_has_no_score():
    marks, units, _ = made()
    units = torch.cat([units, torch.zeros(400, 1)], dim=1)
    units[0, 2] = 1  # one place in two hundred of the first half
    assert ae.label_units(units, marks, rarest=0.01)[0].isnan().tolist() == [False, False, True]
    assert not ae.label_units(units, marks)[0].isnan().any()


@pytest.mark.parametrize(("a", "b"), [((8,), (8, 2)), ((8, 2), (7, 2)), ((3, 1), (3, 1))])
def test_what_does_not_belong_together_is_refused(a, b):
    with pytest.raises(ValueError, match="must have shapes"):
        ae.label_units(torch.zeros(a), torch.zeros(b))
