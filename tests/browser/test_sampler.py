"""The sampler: network, steps and pictures are torch's, and its controls do what they say."""

import pytest
import torch
from gestures import PHONE, ink, milliseconds, numbers, slow_phone
from playwright.sync_api import expect
from torch import nn
from trained import diffusion, example

import ae_course as ae
from ae_course.widgets.packing import SMALL, rounded
from ae_course.widgets.sampler import STAYS

MODEL = "const model = samplerOf(config, buffer)"
WALK = f"""(() => {{ {MODEL}; const levels = levelsOf(model, given.calls);
  return given.starts.map((start) => {{
    let x = Float32Array.from(start);
    levels.forEach((now, i) => {{
      const found = guided(model, x, now, given.label, given.weight);
      x = stepped(x, found, now, i + 1 < levels.length ? levels[i + 1] : 1, null).next;
    }});
    return Array.from(x); }}); }})()"""


def coarse():
    """The denoiser with the weights that the page gets: whole numbers of 8 bits times a scale."""
    network, *_ = diffusion()
    copy = ae.CodeDenoiser(6, width=64, blocks=2)
    copy.load_state_dict(network.state_dict())
    for layer in copy.modules():
        if isinstance(layer, nn.Linear) and layer.weight.numel() >= SMALL:
            values, scales = rounded(layer.weight.detach().numpy(), 8)
            layer.weight.data = torch.from_numpy(values * scales).float()
    return copy.eval()


def starts(count=5):
    return torch.randn(count, 6, generator=torch.Generator().manual_seed(3))


@torch.no_grad()
@pytest.mark.parametrize("label", [0, 7, 10])
def test_the_network_is_torch_s(compute, label):
    level = torch.tensor([3.0, 0.5, -1, -2, -4])  # ln σ
    kept = 1 / (1 + (2 * level).exp())
    x, told = starts(), torch.full((5,), label)
    found = compute(
        "sampler",
        f"(() => {{ {MODEL}; return given.map(([x, a]) => "
        f"Array.from(predicted(model, Float32Array.from(x), a, {label}))); }})()",
        [[one, a] for one, a in zip(x.tolist(), kept.tolist(), strict=True)],
    )
    torch.testing.assert_close(torch.tensor(found), coarse()(x, level, told), atol=1e-3, rtol=1e-3)


@torch.no_grad()
@pytest.mark.parametrize(("label", "weight"), [(10, 0), (4, 0), (4, 3)])
def test_the_way_down_without_noise_is_the_package_s(compute, label, weight):
    network, x = coarse(), starts()
    times = torch.linspace(999, 0, 12).round().long()
    found = compute(
        "sampler", WALK, {"starts": x.tolist(), "calls": 12, "label": label, "weight": weight}
    )
    told = torch.full((5,), label)
    ends = ae.ddim(lambda x, s: network.guided(x, s, told, weight), x, ae.alpha_bars()[times])
    torch.testing.assert_close(torch.tensor(found), ends, atol=0.02, rtol=0.02)


def test_a_step_with_noise_is_the_package_s(compute):
    now, then = ae.alpha_bars()[[600, 500]].tolist()
    x, found = starts(2)
    noise = torch.randn(6)
    given = {"x": x.tolist(), "found": found.tolist(), "noise": noise.tolist()}
    got = compute("sampler", f"stepped(given.x, given.found, {now}, {then}, given.noise)", given)
    clean = (x - (1 - now) ** 0.5 * found) / now**0.5
    fresh = (1 - then) / (1 - now) * (1 - now / then)
    after = then**0.5 * clean + (1 - then - fresh) ** 0.5 * found + fresh**0.5 * noise
    torch.testing.assert_close(torch.tensor(got["guess"]), clean)
    torch.testing.assert_close(torch.tensor(got["next"]), after)


def test_where_the_level_stays_the_guess_is_taken_for_a_noisy_code(compute):
    now = ae.alpha_bars()[STAYS].item()
    x, found = starts(2)
    given = {"x": x.tolist(), "found": found.tolist()}
    got = compute("sampler", f"stepped(given.x, given.found, {now}, {now}, null)", given)
    clean = (x - (1 - now) ** 0.5 * found) / now**0.5
    torch.testing.assert_close(torch.tensor(got["next"]), now**0.5 * clean)


@torch.no_grad()
def test_the_decoder_is_torch_s(compute):
    _, decoder, center, scale = diffusion()
    z = starts()
    found = compute(
        "sampler",
        f"(() => {{ {MODEL}; return given.map((z) => Array.from(drawn(model, z))); }})()",
        z,
    )
    expected = decoder(z * scale + center).flatten(1)
    torch.testing.assert_close(torch.tensor(found), expected, atol=0.03, rtol=0)


def words(page):
    return page.locator(".ae-say").inner_text()


def apart(page):
    return numbers(words(page))[-1]


def finish(page):
    page.get_by_role("button", name="All steps").click()
    expect(page.get_by_role("button", name="One step")).to_be_disabled()


def test_without_noise_the_same_starts_give_the_same_codes(show):
    page = show("sampler")
    assert words(page).startswith("20 steps to go.")
    finish(page)
    first = ink(page.locator(".ae-picture canvas").first)
    assert words(page).startswith("Step 20 of 20, σ was 0.01")
    page.get_by_role("button", name="Other noise").click()
    finish(page)
    assert torch.equal(ink(page.locator(".ae-picture canvas").first), first)
    page.get_by_role("button", name="Other starts").click()
    finish(page)
    assert not torch.equal(ink(page.locator(".ae-picture canvas").first), first)


def test_from_one_start_noise_alone_makes_the_codes_differ(show):
    page = show("sampler")
    page.get_by_role("radio", name="all the same").check()
    finish(page)
    assert apart(page) == 0
    page.get_by_role("group", name="Noise").get_by_role("radio", name="on").check()
    finish(page)
    first, far = ink(page.locator(".ae-picture canvas").first), apart(page)
    assert far > 0.5
    page.get_by_role("button", name="Same starts again").click()
    finish(page)
    assert apart(page) == far  # the same noise, too
    assert torch.equal(ink(page.locator(".ae-picture canvas").first), first)


def test_where_the_level_stays_the_guesses_come_together(show):
    page = show("sampler")
    finish(page)
    far = apart(page)
    page.get_by_role("radio", name="stays").check()
    page.get_by_label("Steps, typed").fill("150")
    finish(page)
    assert apart(page) < far
    page.get_by_text("The steps as a table").click()
    rows = page.locator("tbody tr").all_inner_texts()
    assert len(rows) == 150
    assert numbers(rows[-1])[2] == apart(page)


def test_a_digit_and_its_guidance_change_the_codes(show):
    page, seen = show("sampler"), []
    for act in (
        lambda: None,
        lambda: page.get_by_role("radio", name="3", exact=True).check(),
        lambda: page.get_by_label("Guidance w, typed").fill("4"),
    ):
        act()
        finish(page)
        seen.append(apart(page))
    assert len(set(seen)) == 3
    page.get_by_label("Guidance w, typed").fill("51")
    expect(page.get_by_text("Guidance w: a number from 0 to 50, please.")).to_be_visible()


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_it_plays_and_stops(show, motion):
    page = show("sampler", reduced_motion=motion, **PHONE)
    page.get_by_role("button", name="Play").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ae-say")).to_contain_text("Step")
    page.get_by_role("button", name="Pause").click()
    stopped = words(page)
    page.wait_for_timeout(250)
    assert words(page) == stopped
    expect(page.get_by_role("button", name="Play")).to_be_visible()


@pytest.mark.timing
def test_it_answers_at_once_on_a_slow_phone(show):
    page = show("sampler", **PHONE)
    slow_phone(page)
    page.get_by_role("radio", name="3", exact=True).check()
    page.get_by_label("Guidance w, typed").fill("2")
    step = page.get_by_role("button", name="One step")
    assert milliseconds(step, "(one) => one.click()") < 100


def test_the_lesson_s_sizes_fit(compute):
    assert len(example("sampler").data) < 600_000
