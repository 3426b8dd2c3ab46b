"""Words as LaTeX."""

from __future__ import annotations

import re

PREAMBLE = r"""\documentclass[a4paper]{article}
\usepackage[T1]{fontenc}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage[margin=2.2cm]{geometry}
\setlength{\emergencystretch}{3em}
"""
"""What every document begins with, before the packages of its own."""

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": "'{}",  # two of them would become a closing quote
    "`": r"\textasciigrave{}",
    "-": "{-}",  # two of them would become a dash
    "[": "{[}",  # at the start of a row, an option
    "*": "{*}",
    "√": r"$\surd$",
    "‖": r"$\|$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "≤": r"$\le$",
    "≈": r"$\approx$",
    "−": r"$-$",
    "→": r"$\to$",
    "·": r"$\cdot$",
    "γ": r"$\gamma$",
    "β": r"$\beta$",
    "μ": r"$\mu$",
    "σ": r"$\sigma$",
    "×": r"$\times$",
    "…": r"\dots{}",
    "⊙": r"$\odot$",
    "Σ": r"$\Sigma$",
    "η": r"$\eta$",
    "ε": r"$\varepsilon$",
} | {character: f"\\{character}" for character in "&%$#_{}"}
_ACCENTS = {"\u0302": "\\hat", "\u0303": "\\tilde", "\u0304": "\\bar"}
_LETTERS = {"ℒ": "\\mathcal L", "ℓ": "\\ell"} | {
    digit: f"{{}}_{{{number}}}" for number, digit in enumerate("₀₁₂₃₄₅₆₇₈₉")
}
# What pdfTeX shows without further packages: Latin letters but for a few, and typographic punctuation.
_KNOWN = re.compile(r"[ -~\u00a0-\u017f‐‑–—‘’‚“”„†‡•…‰‹›€](?<![ĦħĸĿŀŉŦŧſ])")


def escaped(text: str) -> str:
    """Words as LaTeX that shows them as they are, on one line; a character that pdfTeX lacks by its number, U+1F642."""
    return "".join(map(_escaped, re.findall(r"[A-Za-zℒℓ][\u0302-\u0304]+|.", re.sub(r"\s", " ", text))))


def _escaped(character: str) -> str:
    if character in _SPECIAL or _KNOWN.fullmatch(character):
        return _SPECIAL.get(character, character)
    if len(character) > 1:
        letter = _LETTERS.get(character[0], character[0])
        for accent in reversed(character[1:]):
            letter = f"{_ACCENTS[accent]}{{{letter}}}"
        return f"${letter}$"
    if character in _LETTERS:
        return f"${_LETTERS[character]}$"
    return f"\\texttt{{U+{ord(character):04X}}}"
