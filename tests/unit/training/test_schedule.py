"""The learning rate: said once, and what a schedule makes of it."""

from functools import partial

import pytest
import torch
from lines import DATA, fit, line, shuffled
from torch.nn.functional import mse_loss
from torch.optim import SGD, Adam, AdamW
from torch.optim.lr_scheduler import OneCycleLR

from ae_course import batches, one_cycle


def test_one_cycle_rises_then_falls_to_nearly_zero():
    model = line()
    rates = []
    optimizer = SGD(model.parameters(), lr=0.1)

    def record(output, target):
        rates.append(optimizer.param_groups[0]["lr"])
        return mse_loss(output, target)

    fit(model, record, shuffled(), epochs=10, optimizer=optimizer, schedule=one_cycle)
    assert max(rates) == pytest.approx(0.1, rel=0.01)
    assert 15 <= rates.index(max(rates)) <= 25  # of 70 steps
    assert rates[-1] < 1e-3 < rates[0] < 0.01


def textbook(rate, steps, make):
    """The weights after a training written out: the peak given to PyTorch's schedule by hand."""
    model = line()
    optimizer = make(model.parameters(), lr=rate)
    scheduler = OneCycleLR(optimizer, rate, total_steps=steps, cycle_momentum=False)
    for _ in range(steps // 7):
        for x, target in batches(DATA, 8):
            optimizer.zero_grad()
            mse_loss(model(x), target).backward()
            optimizer.step()
            scheduler.step()
    return model


def test_the_rate_said_once_gives_the_weights_of_the_rate_said_twice():
    model = line()
    fit(model, mse_loss, batches(DATA, 8), epochs=3, lr=0.03, schedule=one_cycle)
    expected = textbook(0.03, 21, partial(AdamW, weight_decay=0.0, fused=True))
    assert torch.equal(model.weight, expected.weight)
    assert torch.equal(model.bias, expected.bias)


def test_without_a_rate_it_is_the_default_of_adam_and_nothing_decays():
    model, other = line(), line()
    fit(model, mse_loss, batches(DATA, 8), epochs=2)
    fit(other, mse_loss, batches(DATA, 8), epochs=2, optimizer=Adam(other.parameters(), fused=True))
    torch.testing.assert_close(model.state_dict(), other.state_dict())


def test_a_rate_may_be_a_tensor():
    model, other = line(), line()
    fit(model, mse_loss, batches(DATA, 8), epochs=3, lr=torch.tensor(0.5), schedule=one_cycle)
    fit(other, mse_loss, batches(DATA, 8), epochs=3, lr=0.5, schedule=one_cycle)
    assert torch.equal(model.weight, other.weight)


@pytest.mark.parametrize("as_tensor", [False, True])
def test_each_group_has_a_peak_of_its_own_and_an_optimizer_gets_its_rates_back(as_tensor, tmp_path):
    model, seen = line(), []
    rates = [torch.tensor(0.2) if as_tensor else 0.2, 0.05]
    groups = [{"params": [model.weight], "lr": rates[0]}, {"params": [model.bias], "lr": rates[1]}]
    optimizer = SGD(groups)

    def record(output, target):
        seen.append([float(group["lr"]) for group in optimizer.param_groups])
        return mse_loss(output, target)

    for run in range(2):  # the second has the same peaks
        seen.clear()
        path = tmp_path / f"{run}.json"  # which holds the rates, whatever they are
        options = {"optimizer": optimizer, "schedule": one_cycle, "checkpoint": path}
        fit(model, record, batches(DATA, 8), epochs=10, **options)
        assert [max(rate) for rate in zip(*seen, strict=True)] == pytest.approx([0.2, 0.05])
        assert seen[-1] == pytest.approx([0, 0], abs=1e-3)
        assert [float(group["lr"]) for group in optimizer.param_groups] == pytest.approx(
            [0.2, 0.05]
        )


@pytest.mark.parametrize(
    ("rate", "steps", "message"),
    [
        (0.0, 10, "learning rate of `optimizer` must be positive to be a peak, got 0.0"),
        (0.1, 0, "`steps` must be a positive integer, got 0"),
    ],
)
def test_a_cycle_without_a_peak_or_without_steps_is_refused(rate, steps, message):
    with pytest.raises(ValueError, match=message):
        one_cycle(SGD(line().parameters(), lr=rate), steps)
