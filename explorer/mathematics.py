"""LaTeX as MathML, which browsers draw by themselves."""

from __future__ import annotations

from functools import cache
from html import unescape
from xml.etree.ElementTree import tostring

from latex2mathml.converter import convert_to_element

_BAR = "\N{HORIZONTAL BAR}"


@cache
def mathematics(formula: str, display: str = "inline") -> str:
    """A formula as MathML; its `display` is "inline" or "block"."""
    known = formula.replace("{aligned}", "{align*}")  # the same to the eye, and the converter knows it
    root = convert_to_element(known, display=display)
    for element in root.iter("mover"):
        if unescape(element[1].text or "") == _BAR:  # which browsers do not draw out over long symbols
            element.tag = "mrow"
            element.set("class", "bar")
            element.remove(element[1])
    for element in root.iter():
        element.text = element.text and unescape(element.text)
    return tostring(root, encoding="unicode")
