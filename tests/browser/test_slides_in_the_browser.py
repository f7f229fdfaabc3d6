"""A deck is turned with the keys, a figure in it answers, and nothing runs over a slide's edge."""

import pytest
import slides

DECK = "22-denoising"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("slides")
    slides.main(made)
    return made


def test_a_deck(folder, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.goto((folder / f"{DECK}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 1

    place = page.evaluate(
        """() => Reveal.getSlides().findIndex(s => s.querySelector("[data-ae-figure]"))"""
    )
    page.evaluate("place => Reveal.slide(place)", place)
    figure = page.locator("section.present [data-ae-figure][data-live]").first
    figure.wait_for()
    figure.locator("input, button, [tabindex='0']").first.focus()
    page.keyboard.press("ArrowRight")  # the figure's key now
    assert page.evaluate("Reveal.getIndices().h") == place

    over = []
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate("number => Reveal.slide(number)", number)
        height, width = page.evaluate(
            """() => { const slide = Reveal.getCurrentSlide(), s = slide.getBoundingClientRect();
            const inside = [...slide.children].filter(x => x.tagName !== "ASIDE")
              .map(x => x.getBoundingClientRect());
            return [Math.max(...inside.map(x => x.bottom)), Math.max(...inside.map(x => x.right))];
            }"""
        )
        if height > 720 or width > 1280:
            over.append((number, height, width))
    assert not over
    assert not wrong
    page.close()
