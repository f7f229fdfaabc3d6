"""One palette for site, figures, diagrams and what can be played with; all of it legible."""

import json
import re
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from ae_course import plot_codes
from ae_course.plotting import svg as canvas

ROOT = Path(__file__).parents[2]
WIDGETS = ROOT / "ae_course" / "widgets" / "static"
CYCLE = mpl.rc_params_from_file(ROOT / "ae_course" / "course.mplstyle", use_default_template=False)[
    "axes.prop_cycle"
].by_key()["color"]
DARK_PAGE = "#121212"  # the theme's


def channels(colour):
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    return np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)])


def contrast(one, other):
    """As the Web Content Accessibility Guidelines 2 define it."""

    def luminance(colour):
        rgb = channels(colour) if isinstance(colour, str) else colour
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def turned_over(colour):
    """What the site's dark mode makes of a figure's colour: invert(0.927) hue-rotate(180deg)."""
    rgb = channels(colour) if isinstance(colour, str) else colour
    inverted = 0.927 + rgb * (1 - 2 * 0.927)
    grey = np.array([[0.213, 0.715, 0.072]] * 3)
    return np.clip((2 * grey - np.eye(3)) @ inverted, 0, 1)  # cos 180° = -1, sin 180° = 0


def variables(path, selector):
    """The colours that a rule of a style sheet names: variable -> colour."""
    text = path.read_text(encoding="utf-8")
    (rule,) = re.findall(rf"{re.escape(selector)}\s*\{{([^}}]*)\}}", text)[:1]
    return dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-fA-F]+)", rule))


def test_the_contrast_is_that_of_the_guidelines():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert turned_over("#ffffff") == pytest.approx(0.073, abs=1e-6)
    assert turned_over("#000000") == pytest.approx(0.927, abs=1e-6)


def test_site_figures_and_diagrams_share_their_colours():
    for theme, selector in (("light", ".ae-figure"), ("dark", ".ae-figure.ae-dark")):
        site = variables(ROOT / "book/_static/course.css", f'html[data-theme="{theme}"]')
        figure = variables(WIDGETS / "figure.css", selector)
        assert site["--pst-color-primary"] == figure["--ae-accent"]
        assert site["--pst-color-link"] == figure["--ae-accent"]
    assert variables(WIDGETS / "figure.css", ".ae-figure")["--ae-accent"] == canvas.BLUE


@pytest.mark.parametrize("colour", [*CYCLE, *canvas.TINTS])
def test_lines_and_their_labels_stand_out_by_day_and_by_night(colour):
    assert contrast(colour, "#ffffff") >= 4.5
    assert contrast(turned_over(colour), turned_over("#ffffff")) >= 4.5


def test_the_colours_of_ten_classes_stand_out_by_day_and_by_night():
    ax = plot_codes(np.arange(20).reshape(10, 2), np.arange(10))
    for points in ax.collections:
        colour = points.get_facecolor()[0, :3]
        assert contrast(colour, "#ffffff") >= 2.99
        assert contrast(turned_over(colour), turned_over("#ffffff")) >= 3
    plt.close(ax.figure)


def test_words_in_diagrams_can_be_read():
    for colour, tint in canvas.TINTS.items():
        assert contrast(colour, tint) >= 4.5
        assert contrast(canvas.INK, tint) >= 4.5


@pytest.mark.parametrize(("theme", "paper"), [("light", "#ffffff"), ("dark", "#1a1a1a")])
def test_the_ten_classes_of_the_plane_can_be_read(theme, paper):
    script = (WIDGETS / "latent_explorer.js").read_text(encoding="utf-8")
    colours = json.loads(re.search(rf"{theme}: (\[.*?\])", script)[1])
    assert len(set(colours)) == 10
    assert all(contrast(colour, paper) >= 4.5 for colour in colours)


@pytest.mark.parametrize("selector", [".ae-figure", ".ae-figure.ae-dark"])
def test_words_in_interactive_figures_can_be_read(selector):
    colours = variables(WIDGETS / "figure.css", selector)
    for name in ("--ae-text", "--ae-soft", "--ae-accent"):
        assert contrast(colours[name], colours["--ae-paper"]) >= 4.5
    assert contrast(colours["--ae-on"], colours["--ae-accent"]) >= 4.5
    assert contrast(colours["--ae-line"], colours["--ae-paper"]) >= 3  # an edge, not a letter


@pytest.mark.parametrize(("theme", "page"), [("light", "#ffffff"), ("dark", DARK_PAGE)])
def test_links_and_callouts_can_be_read(theme, page):
    colours = variables(ROOT / "book/_static/course.css", f'html[data-theme="{theme}"]')
    for name in ("--pst-color-link", "--pst-color-link-hover"):
        assert contrast(colours[name], page) >= 4.5
        assert contrast(colours[name], colours["--course-callout"]) >= 4.5
