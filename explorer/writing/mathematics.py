"""LaTeX as MathML, which browsers draw by themselves, and as plain text, for terminals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

_PRIMES = ("′", "″")
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
    for element in root.iter("msup"):
        if element[1].text in _PRIMES:  # which stand high by themselves
            element.tag = "mrow"
            element[1].set("mathvariant", "normal")
    return tostring(root, encoding="unicode")


_ACCENTS = {"―": "\u0304", "¯": "\u0304", "^": "\u0302", "~": "\u0303", "˜": "\u0303", "ˆ": "\u0302"}
_RAISED = str.maketrans("0123456789()+−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁺⁻")
_LETTERS = {"mi", "mover", "msub", "msup", "msubsup", "munder", "mrow"}
_SPACED = frozenset("=+−⊙⊘·×→∈/<>≤≥≈")


_ONE = re.compile(
    r"√\([^()]*\)|\w+\^\((?:[^()]|\([^()]*\))*\)|√?(?:[^\W_]|\.)*[\u0300-\u036f]?[^\W_]*([_^]\w+|[⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ′])*"
)


@cache
def plain(formula: str) -> str:
    """A formula as a terminal shows it, without LaTeX: “S_h = Q_h K_hᵀ”, each row of an aligned one on its own line."""
    known = formula.replace("{aligned}", "{align*}")
    root = convert_to_element(known)
    for element in root.iter():
        element.text = element.text and unescape(element.text)
    return "\n".join(re.sub("[ \N{NO-BREAK SPACE}]+", " ", line).strip() for line in _plain(root).split("\n"))


def _plain(element: Element) -> str:
    parts = list(element)
    match element.tag:
        case "mspace":
            return " "
        case "mi" | "mn" | "mo" | "mtext":
            return element.text or ""
        case "mfrac":
            return " / ".join(_grouped(_plain(each).strip()) for each in parts)
        case "msqrt":
            return f"√{_grouped(_row(parts))}"
        case "mover":
            over = _ACCENTS.get(_plain(parts[1]))
            base = _plain(parts[0])
            return f"{base[:1]}{over}{base[1:]}" if over else f"{base}^{_plain(parts[1])}"
        case "munder":
            return f"{_plain(parts[0])}_{_grouped(_plain(parts[1]))}"
        case "munderover" | "msubsup":
            return f"{_plain(parts[0])}{_above(parts[2])}_{_grouped(_plain(parts[1]))}"
        case "msub":
            return f"{_plain(parts[0])}_{_grouped(_plain(parts[1]))}"
        case "msup":
            return f"{_plain(parts[0])}{_above(parts[1])}"
        case "mtable":
            return "\n".join(map(_plain, parts))
    return _row(parts)


def _row(parts: Sequence[Element]) -> str:
    """Parts beside each other: operators between two of them have spaces, a sign before one has none."""
    text = ""
    for place, part in enumerate(parts):
        own = _plain(part)
        if part.tag == "mo" and own in _SPACED:
            is_sign = own == "−" and (not text.strip() or text.rstrip()[-1] in "=+−⊙·×→/(,")
            own = own if is_sign else f" {own} "
        elif part.tag == "mo" and own in {",", ";"}:
            own += " "
        elif part.tag == "mi" and len(own) > 1 and own.isalpha():  # a function, such as log
            own = f"{own} " if place + 1 < len(parts) and parts[place + 1].text != "(" else own
            own = f" {own}" if text and (text[-1].isalnum() or text[-1] in ")]") else own
        elif part.tag == "mfrac" and place and parts[place - 1].tag == "mi" and len(parts[place - 1].text or "") > 1:
            text, own = text.rstrip(), f"({own})"
        elif part.tag == "mfrac" and _is_factor(parts[place + 1 :]):
            own = f" ({own}) "
        elif place and part.tag in {*_LETTERS, "mfrac"} and parts[place - 1].tag in _LETTERS - {"mi"}:
            own = f" {own}"
        text += own
    return text


def _is_factor(rest: Sequence[Element]) -> bool:
    """Whether what stands behind a fraction multiplies it."""
    following = next((part for part in rest if part.tag != "mspace"), None)
    return following is not None and (following.tag != "mo" or following.text == "(")


def _above(part: Element) -> str:
    text = _plain(part).strip()
    if text in {"′", "″", "*", "∗"} or set(text) == {"′"}:
        return text.replace("∗", "*")
    if text == "⊤":
        return "ᵀ"
    raised = text.translate(_RAISED)
    return raised if not set(raised) & set(text) else f"^{_grouped(text)}"


def _grouped(text: str) -> str:
    """In brackets, where it is more than one thing."""
    return text if _ONE.fullmatch(text) else f"({text})"
