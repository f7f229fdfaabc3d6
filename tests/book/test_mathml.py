"""Mathematics as MathML, set as TeX sets it."""

from xml.etree import ElementTree

import pytest
from mathml import mathml


def spaced(tex):
    """The formula's letters, with an underscore where a space was put."""
    formula = ElementTree.fromstring(mathml(tex, block=False))
    tags = [(element.tag.split("}")[1], element.text or "") for element in formula.iter()]
    return "".join("_" if tag == "mspace" else text for tag, text in tags)


@pytest.mark.parametrize(
    ("tex", "set_as"),
    [
        (r"\log p", "log_p"),
        (r"\log p(x)", "log_p(x)"),
        (r"\log(p)", "log(p)"),
        (r"p \ln p", "p_ln_p"),
        (r"= -\ln p", "=\u2212ln_p"),
        (r"p_i \log_2 p_i", "pi_log2_pi"),
        (r"\max(0, x)", "max(0,x)"),
        (r"\frac{\log x}{y}", "log_xy"),
    ],
)
def test_functions_stand_apart_as_in_tex(tex, set_as):
    assert spaced(tex) == set_as


def test_accents_are_small_and_names_are_no_operators():
    formula = mathml(r"\hat{x} = \max(0, x)", block=False)
    assert formula.startswith('<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline">')
    assert '<mo stretchy="false">\u02c6</mo>' in formula
    assert "<mi>max</mi>" in formula
    assert "\u02c6" not in mathml(r"\widehat{xy}", block=False)
    assert 'display="block"' in mathml("x", block=True)


@pytest.mark.parametrize(
    "tex", [r"\nonsense{x}", r"\begin{aligned} a &= b \\\\ c &= d \end{aligned}"]
)
def test_mathematics_that_cannot_be_set_is_an_error(tex):
    with pytest.raises(ValueError, match="no MathML"):
        mathml(tex, block=True)
