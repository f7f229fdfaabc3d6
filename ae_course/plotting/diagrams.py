"""Drawings of architectures, as SVG: the same in the book, in Colab and in JupyterLab.

Ink on white, like every figure of the course; the book's dark mode turns them over. Each drawing is
480 units wide or less, so that its words can be read on a phone.

Examples
--------
>>> drawing = dense([784, 2, 784])
>>> drawing.svg[:4]
'<svg'
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from ae_course.plotting.svg import BLUE, GREY, INK, ORANGE, WIDTH, Diagram

__all__ = [  # noqa: RUF022  in the order of the chapters that show them
    "dense",
    "variational",
    "unrolled",
    "cell_and_sequence",
    "sampling_loop",
]


def dense(sizes: Sequence[int]) -> Diagram:
    """Draw an autoencoder of dense layers, each layer a bar whose height is the log of its size.

    Parameters
    ----------
    sizes : sequence of int
        How many numbers there are, from the input over the code in the middle to the
        reconstruction: 3, 5, 7, 9 or 11 sizes.

    Returns
    -------
    Diagram

    Raises
    ------
    ValueError
        If none is in the middle, there are more than can be drawn, or one is below 1.
    """
    if len(sizes) not in (3, 5, 7, 9, 11) or min(sizes) < 1:
        raise ValueError(f"`sizes` must be 3, 5, 7, 9 or 11 positive sizes, got {list(sizes)}")
    middle = len(sizes) // 2
    code = sizes[middle]
    kind = "bottleneck" if code < sizes[0] else "wide code"
    drawing = Diagram(
        266,
        f"An autoencoder with a {kind}: {', '.join(map(str, sizes))} numbers one after the other, "
        "drawn as bars, with an arrow for each layer; the encoder leads to the code in the middle, "
        "the decoder from there to the reconstruction.",
    )
    centre, step = 120, (WIDTH - 80) / (len(sizes) - 1)
    highest = math.log(max(sizes) + 1)
    edges = []
    for number, size in enumerate(sizes):
        x, high = 40 + number * step, 20 + 140 * math.log(size + 1) / highest
        colour = INK if number == middle else BLUE if number < middle else ORANGE
        drawing.box(x, centre, 24, high, colour)
        drawing.text(x, centre + high / 2 + 14, str(size), GREY, 15)
        edges.append(x)
    for left, right in pairwise(edges):
        drawing.arrow((left + 14, centre), (right - 14, centre), GREY)
    base = centre + 128
    for x, name, colour in (
        (40, "x", BLUE),
        (40 + middle * step, "code z", INK),
        (WIDTH - 40, "x\u0302", ORANGE),
    ):
        drawing.text(x, base - 10, name, colour, 17)
    drawing.text(40 + middle * step / 2, base - 10, "encoder", BLUE)
    drawing.text(WIDTH - 40 - middle * step / 2, base - 10, "decoder", ORANGE)
    return drawing


def variational() -> Diagram:
    """Draw a variational autoencoder: the code is sampled, and code and picture both cost.

    Returns
    -------
    Diagram
    """
    drawing = Diagram(
        250,
        "A variational autoencoder: from x the encoder finds a mean mu and a width sigma; noise "
        "epsilon, times sigma, is added to mu, and the decoder draws x hat from the sum. The code "
        "is charged for how far it is from the prior, the picture for its surprise.",
    )
    y = 120
    boxes = [
        (26, "x", 40, BLUE),
        (118, "encoder", 92, BLUE),
        (244, "\u03bc + \u03c3 \u03b5", 90, INK),
        (364, "decoder", 92, ORANGE),
        (454, "x\u0302", 40, ORANGE),
    ]
    drawing.chain(y, boxes)
    drawing.box(244, 34, 200, 40, GREY, "noise \u03b5 from N(0, 1)")
    drawing.arrow((244, 56), (244, 93), GREY)
    drawing.box(126, 214, 220, 40, INK, "the code's cost: KL")
    drawing.box(366, 214, 212, 40, INK, "the picture's cost")
    drawing.arrow((236, 147), (190, 192), INK)
    drawing.arrow((450, 147), (420, 192), ORANGE)
    return drawing


def unrolled(text: str = "to be") -> Diagram:
    """Draw a recurrent network, a column a character: what it reads, its state, what to guess.

    Parameters
    ----------
    text : str, default="to be"
        Three to six characters; each is read to guess the one after it.

    Returns
    -------
    Diagram

    Raises
    ------
    ValueError
        If the text is longer or shorter.
    """
    if not 3 <= len(text) <= 6:
        raise ValueError(f"`text` must have 3 to 6 characters, got {len(text)}: '{text}'")
    drawing = Diagram(
        270,
        f"A recurrent network unrolled over the text '{text}': at each step it reads a character, "
        "renews its state from the state before, and has to guess the next one; all steps use "
        "the same weights.",
    )
    shown = [letter.replace(" ", "\u2423") for letter in text]
    steps = len(text) - 1
    width = (WIDTH - 80) / steps
    for number in range(steps):
        x = 105 + number * width
        drawing.text(x, 245, shown[number], BLUE, 18)
        drawing.arrow((x, 228), (x, 164))
        drawing.box(x, 138, 58, 48, INK)
        drawing.text(x, 136, "h", INK, 17, index=str(number + 1))
        drawing.arrow((x, 112), (x, 52))
        drawing.text(x, 30, shown[number + 1], ORANGE, 18)
        drawing.arrow((x - width + 31 if number else 42, 138), (x - 31, 138), GREY)
    drawing.text(20, 136, "h", GREY, 17, index="0")
    drawing.text(26, 245, "reads", GREY, 15)
    drawing.text(38, 30, "to guess", GREY, 15)
    return drawing


def cell_and_sequence() -> Diagram:
    """Draw one step beside one call for the whole sequence: the same numbers, for two uses.

    Returns
    -------
    Diagram
    """
    drawing = Diagram(
        270,
        "Left, one step: the state before and one character make the next state and the scores of "
        "the next character, once for each character, as in writing. Right, a sequence: all "
        "characters go in at once, and scores for every place come out, as in training.",
    )
    drawing.text(110, 18, "step: one character", INK)
    drawing.box(110, 130, 90, 60, BLUE, "one step")
    drawing.arrow((110, 208), (110, 164))
    drawing.arrow((110, 97), (110, 62))
    drawing.arrow((36, 130), (62, 130), GREY)
    drawing.arrow((158, 130), (184, 130), GREY)
    drawing.text(110, 224, "x", BLUE, 17, index="t")
    drawing.text(110, 46, "scores", ORANGE)
    drawing.text(19, 130, "h", GREY, 16, index="t−1")
    drawing.text(200, 130, "h", GREY, 16, index="t")
    drawing.text(110, 256, "for writing", GREY, 15)
    drawing.parts.append(f'<path d="M232 30V240" stroke="{GREY}" stroke-dasharray="3 4"/>')
    drawing.text(360, 18, "forward: the sequence", INK)
    drawing.box(360, 130, 200, 60, BLUE, "T steps in one call")
    for x, index in ((285, "1"), (335, "2"), (385, ""), (435, "T")):
        drawing.arrow((x, 208), (x, 164))
        drawing.arrow((x, 97), (x, 62))
        drawing.text(x, 224, "x" if index else "…", BLUE, 17, index=index)
    drawing.text(360, 46, "scores for every place", ORANGE)
    drawing.text(360, 256, "for training", GREY, 15)
    return drawing


def sampling_loop() -> Diagram:
    """Draw how a network writes: what it samples is what it reads next.

    Returns
    -------
    Diagram
    """
    drawing = Diagram(
        200,
        "The loop of writing: a character and the state go into the network, which gives scores; "
        "divided by the temperature and put through a softmax they are probabilities; one "
        "character is drawn from them, written down, and read next.",
    )
    y = 70
    boxes = [
        (60, "network", 96, BLUE),
        (202, "softmax(s / T)", 132, INK),
        (336, "draw", 70, ORANGE),
        (440, "write", 60, INK),
    ]
    drawing.chain(y, boxes)
    drawing.text(122, y - 16, "s", INK, 16)
    drawing.text(284.5, y - 16, "p", INK, 16)
    drawing.arrow((336, 98), (84, 98), ORANGE, bend=52)
    drawing.text(210, 172, "the drawn character is read next", ORANGE)
    drawing.arrow((36, 44), (78, 44), GREY, bend=26)
    drawing.text(152, 20, "its state goes on", GREY, 15)
    return drawing
