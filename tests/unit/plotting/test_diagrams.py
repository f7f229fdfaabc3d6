"""Drawings: complete, inside their frame, legible, and the same every time."""

import re
from xml.etree import ElementTree

import pytest

from ae_course.plotting import diagrams
from ae_course.plotting import svg as canvas

SVG = "{http://www.w3.org/2000/svg}"
DRAWINGS = {
    "deep": diagrams.dense([784, 392, 261, 196, 2, 196, 261, 392, 784]),
    "wide": diagrams.dense([784, 1568, 784]),
    "variational": diagrams.variational(),
    "unrolled": diagrams.unrolled(),
    "cell": diagrams.cell_and_sequence(),
    "loop": diagrams.sampling_loop(),
}
each = pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS.keys())


def boxes(drawing):
    """Each piece of text as its left, right, top and bottom; letters are at most 0.65 em wide."""
    for text in ElementTree.fromstring(drawing.svg).iter(f"{SVG}text"):
        size = float(text.attrib["font-size"])
        half = 0.65 * size * len("".join(text.itertext())) / 2
        x, y = float(text.attrib["x"]), float(text.attrib["y"])
        yield x - half, x + half, y - size, y + size / 3


def named(drawing):
    """The boxes by the words inside them: words -> (left, right, top, bottom)."""
    root = ElementTree.fromstring(drawing.svg)
    found = {}
    for rect in root.findall(f"{SVG}rect")[1:]:
        x, y, wide, high = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
        for text in root.findall(f"{SVG}text"):
            there = (
                x < float(text.attrib["x"]) < x + wide and y < float(text.attrib["y"]) < y + high
            )
            if there:
                found["".join(text.itertext())] = (x, x + wide, y, y + high)
    return found


def arrows(drawing):
    """What each arrow connects: the words of the boxes that its ends are near, or None."""
    found = set()
    for path in ElementTree.fromstring(drawing.svg).findall(f"{SVG}path"):
        curve = re.fullmatch(r"M(\S+) (\S+)Q\S+ \S+ (\S+) (\S+)", path.attrib["d"])
        if curve:
            x0, y0, x1, y1 = map(float, curve.groups())
            ends = []
            for x, y in ((x0, y0), (x1, y1)):
                near = [
                    name
                    for name, (left, right, top, bottom) in named(drawing).items()
                    if left - 5 <= x <= right + 5 and top - 5 <= y <= bottom + 5
                ]
                ends.append(near[0] if near else None)
            found.add(tuple(ends))
    return found


def words(drawing):
    return ["".join(t.itertext()) for t in ElementTree.fromstring(drawing.svg).iter(f"{SVG}text")]


def test_noise_joins_the_code_between_encoder_and_decoder_and_both_are_charged():
    code, drawn = "\u03bc + \u03c3 \u03b5", "x\u0302"
    assert arrows(diagrams.variational()) == {
        ("x", "encoder"),
        ("encoder", code),
        ("noise \u03b5 from N(0, 1)", code),
        (code, "decoder"),
        ("decoder", drawn),
        (code, "the code's cost: KL"),
        (drawn, "the picture's cost"),
    }


def test_what_is_drawn_is_read_next():
    assert arrows(diagrams.sampling_loop()) == {
        ("network", "softmax(s / T)"),
        ("softmax(s / T)", "draw"),
        ("draw", "write"),
        ("draw", "network"),
        ("network", "network"),  # its state
    }


def test_each_state_comes_from_the_one_before_and_a_character():
    drawing = diagrams.unrolled("abcd")
    states = {("h1", "h2"), ("h2", "h3"), (None, "h1")}
    assert arrows(drawing) == states | {(None, f"h{i}") for i in (1, 2, 3)} | {
        (f"h{i}", None) for i in (1, 2, 3)
    }
    shown = words(drawing)
    assert [one for one in shown if one in "abcd"] == ["a", "b", "b", "c", "c", "d"]


def test_one_step_takes_a_state_and_a_call_takes_all_characters():
    drawing = diagrams.cell_and_sequence()
    assert (None, "one step") in arrows(drawing)
    assert ("one step", None) in arrows(drawing)
    assert {"ht\u22121", "ht", "xt", "x1", "x2", "xT"} <= set(words(drawing))
    for name, (left, right, _, _) in named(drawing).items():
        assert right - left > 0.6 * 16 * len(name)  # the words fit


@each
def test_a_drawing_says_what_it_shows(drawing):
    root = ElementTree.fromstring(drawing.svg)
    assert root.attrib["role"] == "img"
    assert len(root.attrib["aria-label"].split()) > 10
    assert repr(drawing) == f"Diagram: {root.attrib['aria-label']}"
    assert drawing._repr_svg_() == drawing.svg


@each
def test_a_drawing_stays_inside_its_frame_and_words_apart(drawing):
    placed = list(boxes(drawing))
    for left, right, top, bottom in placed:
        assert left >= -4
        assert right <= canvas.WIDTH + 4
        assert top >= 0
        assert bottom <= drawing.height
    for number, (left, right, top, bottom) in enumerate(placed):
        for other in placed[:number]:
            apart = left >= other[1] or right <= other[0] or top >= other[3] or bottom <= other[2]
            assert apart, (number, other)


@each
def test_words_can_be_read_on_a_phone(drawing):
    sizes = [float(size) for size in re.findall(r'<text[^>]*font-size="(\d+)"', drawing.svg)]
    assert min(sizes) * 358 / canvas.WIDTH >= 11  # pixels, on a screen of 390


def test_bars_grow_with_their_layers():
    drawing = diagrams.dense([100, 10, 1000, 10, 100])
    bars = ElementTree.fromstring(drawing.svg).findall(f"{SVG}rect")[1:]
    heights = [float(bar.attrib["height"]) for bar in bars]
    assert heights[1] < heights[0] < heights[2]
    assert heights == heights[::-1]
    assert "wide code" in drawing.description
    assert "bottleneck" in diagrams.dense([9, 3, 9]).description


def test_a_bent_arrow_passes_beside_the_middle_and_ends_at_its_end():
    drawing = canvas.Diagram(100, "an arrow")
    drawing.arrow((0, 50), (100, 50), bend=20)
    curve, head = (re.findall(r"-?[\d.]+", part.split('"')[1]) for part in drawing.parts)
    x0, y0, x, y, x1, y1 = map(float, curve)
    assert ((x0 + 2 * x + x1) / 4, (y0 + 2 * y + y1) / 4) == (
        50,
        30,
    )  # upwards, seen along the arrow
    assert [float(one) for one in head[:2]] == [100, 50]


@pytest.mark.parametrize("sizes", [[], [784], [784, 784], [784, 0, 784], [4, 2, 2, 4], [4] * 13])
def test_sizes_without_a_middle_are_refused(sizes):
    with pytest.raises(ValueError, match="3, 5, 7, 9 or 11 positive sizes"):
        diagrams.dense(sizes)


@pytest.mark.parametrize("text", ["", "to", "to be or"])
def test_a_text_too_long_to_draw_is_refused(text):
    with pytest.raises(ValueError, match="3 to 6 characters"):
        diagrams.unrolled(text)


def test_marks_in_a_text_are_letters_and_not_markup():
    drawing = diagrams.unrolled('<a&"')
    shown = "".join(ElementTree.fromstring(drawing.svg).itertext())
    assert "<" in shown
    assert "&" in shown
