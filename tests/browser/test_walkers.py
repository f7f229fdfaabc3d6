"""Points that walk over hills: each step is torch's, and the numbers are those of the points."""

import pytest
import torch
from gestures import PHONE, milliseconds, numbers, pixels, slow_phone
from playwright.sync_api import expect
from trained import hills

import ae_course as ae

START = "scattered(config.count, config.levels[1], 1)"


def score(x, sigma):
    """Differentiate the logarithm of the blurred density: another way than the figure's."""
    centers, shares, width = hills()
    x = x.detach().requires_grad_()
    with torch.enable_grad():
        logs = shares.log() - torch.cdist(x, centers).square() / (2 * (width**2 + sigma**2))
        return torch.autograd.grad(logs.logsumexp(dim=1).sum(), x)[0]


def census(points):
    centers, _, _ = hills()
    distances = torch.cdist(points, centers)
    shares = distances.argmin(dim=1).bincount(minlength=3) / len(points)
    spread = (distances.min(dim=1).values.square().mean() / 2).sqrt()
    return [*shares.tolist(), spread.item()]


def words(page):
    return page.locator(".ae-say").inner_text()


def said(page):
    """The three shares and the spread."""
    found = numbers(words(page))
    return [*found[2:5], found[8]]


@pytest.mark.parametrize("sigma", [0.05, 0.5, 5])
def test_the_score_is_the_gradient_of_the_log_density(compute, sigma):
    points = torch.randn(50, 2, dtype=torch.float64)
    given = {"points": points.tolist(), "sigma": sigma}
    found = compute(
        "walkers",
        "given.points.map((point) => blurred(config.hills, given.sigma, point).score)",
        given,
    )
    torch.testing.assert_close(torch.tensor(found, dtype=torch.float64), score(points, sigma))


@pytest.mark.parametrize("noisy", [False, True])
def test_a_step_is_torch_s(compute, noisy):
    points, noise = torch.randn(2, 40, 2, dtype=torch.float64)
    given = {"points": points.tolist(), "noise": noise.tolist() if noisy else None}
    found = compute("walkers", "walked(config.hills, given.points, given.noise, 0.5, 0.025)", given)
    moved = points + 0.025 * score(points, 0.5) + noisy * (2 * 0.025) ** 0.5 * noise
    torch.testing.assert_close(torch.tensor(found, dtype=torch.float64), moved)


def test_a_step_with_noise_is_the_package_s(compute):
    start = torch.randn(30, 2, dtype=torch.float64)
    seed = torch.Generator().manual_seed(3)
    moved = ae.langevin(lambda x: score(x, 0.3), start, step=0.02, steps=1, generator=seed)
    noise = torch.randn(30, 2, dtype=torch.float64, generator=seed.manual_seed(3))
    given = {"points": start.tolist(), "noise": noise.tolist()}
    found = compute("walkers", "walked(config.hills, given.points, given.noise, 0.3, 0.02)", given)
    torch.testing.assert_close(torch.tensor(found, dtype=torch.float64), moved)


def test_without_noise_the_numbers_are_those_of_torch(show, compute):
    start = torch.tensor(compute("walkers", START), dtype=torch.float64)
    page = show("walkers")
    assert said(page) == pytest.approx(census(start), abs=0.006)
    page.get_by_role("radio", name="off").check()
    page.get_by_role("slider", name="Step, in σ²", exact=True).fill("0.5")
    for _ in range(3):
        page.get_by_role("button", name="Ten steps").click()
    for _ in range(30):
        start = start + 0.5 * 0.5**2 * score(start, 0.5)
    assert said(page) == pytest.approx(census(start), abs=0.006)  # two decimals
    assert numbers(words(page))[:2] == [30, 0.5]


def test_down_without_noise_the_numbers_are_those_of_torch(show, compute):
    x = torch.tensor(compute("walkers", "scattered(config.count, config.levels[1], 2)"))
    x = x.double()  # the seed of the second start
    page = show("walkers")
    page.get_by_role("radio", name="off").check()
    page.get_by_role("radio", name="falls").check()
    ten = page.get_by_role("button", name="Ten steps")
    for _ in range(12):
        if ten.is_enabled():
            ten.click()
    level = 5.0
    while level > 0.05:
        lower = max(0.05, round(0.96 * level, 4))
        denoised = x + level**2 * score(x, level)
        x = x + (level - lower) / level * (denoised - x)
        level = lower
    expect(ten).to_be_disabled()
    assert said(page) == pytest.approx(census(x), abs=0.011)
    page.get_by_role("button", name="Start again").click()
    expect(ten).to_be_enabled()
    assert numbers(words(page))[:2] == [0, 5]


def test_with_noise_it_goes_on_at_the_lowest_level(show):
    page = show("walkers")
    page.get_by_role("radio", name="falls").check()
    for _ in range(13):
        page.get_by_role("button", name="Ten steps").click()
    assert numbers(words(page))[:2] == [130, 0.05]
    assert said(page)[3] == pytest.approx(0.26, abs=0.08)
    before = pixels(page.locator(".ae-plane"))
    page.get_by_role("button", name="One step").click()
    assert pixels(page.locator(".ae-plane")) != before


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_it_plays_and_stops(show, motion):
    page = show("walkers", reduced_motion=motion, **PHONE)
    page.get_by_role("button", name="Play").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ae-say")).not_to_contain_text("0 steps,")
    page.get_by_role("button", name="Pause").click()
    stopped = words(page)
    page.wait_for_timeout(150)
    assert words(page) == stopped
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_table_has_the_shares(show):
    page = show("walkers")
    page.get_by_text("The hills, as a table").click()
    shown = [numbers(row)[2] for row in page.locator("tbody tr").all_inner_texts()]
    assert shown == said(page)[:3]


@pytest.mark.timing
def test_it_answers_at_once_on_a_slow_phone(show):
    page = show("walkers", **PHONE)
    slow_phone(page)
    step = page.get_by_role("button", name="One step")
    assert milliseconds(step, "(one) => one.click()") < 100
