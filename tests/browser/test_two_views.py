"""Two views: drawn as torch draws them, and the neighbours are the network's."""

import re

import pytest
import torch
from gestures import PHONE, ink, pixels
from playwright.sync_api import expect
from torch.nn.functional import affine_grid, grid_sample, normalize
from trained import VIEWS, digits, seen_twice

import ae_course as ae
from ae_course.widgets.views import NOTHING


def neighbours(name, which, count=8):
    """The classes of the digits nearest to one of the first 120."""
    images, labels = (part[:120] for part in digits())
    with torch.no_grad():
        codes = normalize(seen_twice()[name](images), dim=1)
    cosines = codes @ codes[which]
    cosines[which] = -2
    return labels[cosines.topk(count).indices].tolist()


def seen(page):
    captions = page.locator(".ae-pictures").last.locator("figcaption").all_inner_texts()
    return [int(re.search(r"\d+", caption)[0]) for caption in captions]


def first(kind):
    return digits()[1][:120].tolist().index(kind)


def test_a_window_is_torch_s(compute):
    image = digits()[0][3:4]
    thetas = [[1, 0, 0, 0, 1, 0], [0.9, -0.4, 0.3, 0.4, 0.9, -0.2], [-1.2, 0, 0.1, 0.3, -1.1, 0.5]]
    given = {"image": image.flatten().tolist(), "windows": thetas}
    drawn = "given.windows.map((one) => [...throughWindow(Float32Array.from(given.image), one)])"
    found = torch.tensor(compute("two_views", drawn, given))
    theta = torch.tensor(thetas).view(-1, 2, 3)
    size = [3, 1, 28, 28]
    grid = affine_grid(theta, size, align_corners=False)
    wanted = grid_sample(image.expand(size), grid, align_corners=False).flatten(1)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=0)


def test_a_view_is_the_package_s_for_the_same_numbers(compute):
    images = digits()[0][:5]
    amounts = {"rotation": 120, "shift": 4, "scale": 1.5, "crop": 0.4}
    wanted = ae.random_affine(images, **amounts, generator=torch.Generator().manual_seed(2))
    u = 2 * torch.rand(6, 5, generator=torch.Generator().manual_seed(2)) - 1
    given = {"images": images.flatten(1).tolist(), "u": u.T.tolist(), "amounts": amounts}
    window = "windowFor(given.u[i], given.amounts, 28)"
    drawn = f"given.images.map((one, i) => [...throughWindow(Float32Array.from(one), {window})])"
    found = torch.tensor(compute("two_views", drawn, given))
    torch.testing.assert_close(found, wanted.flatten(1), atol=1e-5, rtol=0)


def test_a_square_is_erased_and_noise_is_added(compute):
    white = "new Float32Array(784).fill(1)"
    for change, gone, spread in (({"erase": 7}, 49, 0), ({"noise": 0.5}, 0, 0.5)):
        code = f"[...viewOf({white}, given, generator(3))]"
        view = torch.tensor(compute("two_views", code, NOTHING | change), dtype=torch.float)
        assert (view == 0).sum() == gone
        assert (view[view != 0] - 1).std().item() == pytest.approx(spread, abs=0.05)


def test_a_half_turn_is_a_picture_on_its_head_or_not(compute):
    image = digits()[0][0].flatten()
    view = "viewOf(Float32Array.from(given.x), given, generator(seed))"
    code = f"given.seeds.map((seed) => [...{view}])"
    given = NOTHING | {"half_turn": 1, "x": image.tolist(), "seeds": list(range(20))}
    views = torch.tensor(compute("two_views", code, given))
    upright = (views - image).abs().amax(dim=1) < 1e-5
    turned = (views - image.flip(0)).abs().amax(dim=1) < 1e-5
    assert (upright | turned).all()
    assert upright.any()
    assert turned.any()


def test_the_neighbours_are_those_of_the_network(show):
    page = show("two_views")
    for name in VIEWS:
        page.get_by_role("group", name="Trained with").get_by_label(name, exact=True).check()
        for kind in (6, 9, 0):
            page.get_by_role("group", name="Show a").get_by_label(str(kind), exact=True).check()
            assert seen(page) == neighbours(name, first(kind))
            same = seen(page).count(kind)
            verb = "is" if same == 1 else "are"
            said = f"Of the 8 nearest to this {kind}, {same} {verb} a {kind}"
            expect(page.locator(".ae-say")).to_contain_text(said)


def test_views_that_change_nothing_are_the_digit_and_others_are_drawn_anew(show):
    page = show("two_views")
    digit, one, two = page.locator(".ae-pictures").first.locator("canvas").all()
    assert (ink(one) - ink(digit)).abs().max() < 0.01
    page.get_by_label("all", exact=True).check()
    expect(page.get_by_text("turned by up to 20°, moved by up to 3 pixels")).to_be_visible()
    before = pixels(one)
    assert pixels(two) != before
    page.get_by_role("button", name="Two new views").click()
    assert pixels(one) != before
    assert (ink(digit) - digits()[0][first(6)].flatten()).abs().max() < 0.01


def test_buttons_go_through_the_digits_of_a_class_and_back(show):
    page = show("two_views", **PHONE)
    digit = page.locator(".ae-pictures").first.locator("canvas").first
    before = pixels(digit)
    page.get_by_role("button", name="Next digit").tap()
    assert pixels(digit) != before
    assert digit.get_attribute("aria-label") == "a 6"
    page.get_by_role("button", name="Previous digit").tap()
    assert pixels(digit) == before


def test_arrow_keys_choose_the_views(show):
    page = show("two_views")
    page.get_by_label("as it is", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("all", exact=True)).to_be_checked()
    assert seen(page) == neighbours("all", first(6))


def test_without_augmentations_there_are_a_digit_and_its_neighbours_alone(open_page):
    models = {"all": seen_twice()["all"], "pixels": torch.nn.Flatten()}
    images, labels = (part[:120] for part in digits())
    page = open_page(content=ae.widgets.two_views(models, images, labels).html)
    expect(page.locator(".ae-figure")).to_be_visible()
    expect(page.get_by_role("button", name="Two new views")).to_have_count(0)
    expect(page.get_by_text("view", exact=False)).to_have_count(0)
    assert seen(page) == neighbours("all", first(6))
    before = page.locator(".ae-say").inner_text()
    page.get_by_role("group", name="Code").get_by_label("pixels", exact=True).check()
    expect(page.locator(".ae-say")).not_to_have_text(before)
    page.get_by_role("button", name="Next digit").click()
