"""Formulas of words, such as `king - man + 0.5 * woman`: read by a grammar of their own, never evaluated.

    formula = [sign] term {sign term}        sign = "+" | "-"
    term    = [number "*"] word              number = digits, with a decimal point if need be

A word with spaces or signs in it stands in quotes: `"new york"`, `"c++"`; a quote inside them is doubled. A hyphen
between two letters belongs to its word, as in `take-off`; anywhere else it is the minus. The typographic −, –, × and
“…” do as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from explorer.embeddings.bounds import LONGEST_QUERY as LONGEST_FORMULA
from explorer.errors import UserError, cut
from explorer.texts import _

MOST_TERMS = 100
HEAVIEST = 100.0

_EXAMPLE = "king - man + woman"
_QUOTED = '"say ""hi"""'
_LETTERS = r'[^\s"“”+*×−–()-]+'
_BARE = rf"{_LETTERS}(?:-{_LETTERS})*"
_TERM = re.compile(
    rf"""
    \s*+ (?: (?P<sign> [-−–+] ) \s*+ )?
    (?: (?P<weight> [0-9]+ (?:\.[0-9]*)? | \.[0-9]+ ) \s*+ [*×] \s*+ )?
    (?: "(?P<quoted> (?: [^"] | "" )*+ )" | “(?P<curly> [^”]*+ )” | (?P<bare> {_BARE} ) )
    \s*+
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Term:
    """A word and its weight, negative for a word that is taken away."""

    weight: float
    word: str


@dataclass(frozen=True)
class Formula:
    """A weighted sum of words. `str` writes it so that `parse` reads the same formula."""

    terms: tuple[Term, ...]

    def __str__(self) -> str:
        first, *others = self.terms
        signed = (f" {'-' if term.weight < 0 else '+'} {_written(term)}" for term in others)
        return ("-" if first.weight < 0 else "") + _written(first) + "".join(signed)


def parse(text: str) -> Formula:
    """Read a formula. Raises UserError, a sentence that says where it stops making sense, for what is none."""
    if len(text) > LONGEST_FORMULA:
        raise UserError(
            _(
                "The formula has {text:,} characters, but {longest_formula:,} are the most: leave some words out.",
                text=len(text),
                longest_formula=LONGEST_FORMULA,
            )
        )
    if not text.strip():
        raise UserError(_("There is no formula: type one, such as {example}.", example=_EXAMPLE))
    terms: list[Term] = []
    at = 0
    while at < len(text):
        match = _TERM.match(text, at)
        if not match:
            raise _no_term(text[at:].strip())
        if terms and not match["sign"]:
            raise UserError(
                _(
                    "There is no + or - between “{word}” and “{text}”: "
                    "write a formula such as {example}, and a word of several parts in quotes. A quote within quotes "
                    "is doubled: {quoted}.",
                    word=cut(terms[-1].word.strip()),
                    text=cut(text[at:].strip()),
                    example=_EXAMPLE,
                    quoted=_QUOTED,
                )
            )
        terms.append(_term(match))
        at = match.end()
    if len(terms) > MOST_TERMS:
        raise UserError(
            _(
                "The formula has {terms:,} words, but {most_terms} are the most: leave some out.",
                terms=len(terms),
                most_terms=MOST_TERMS,
            )
        )
    return Formula(tuple(terms))


def _term(match: re.Match[str]) -> Term:
    quoted = match["quoted"]
    word = quoted.replace('""', '"') if quoted is not None else match["curly"] or match["bare"] or ""
    if not word:
        raise UserError(_("There is nothing between two quotes: put a word there."))
    weight = float(match["weight"] or 1)
    if not 0 < weight <= HEAVIEST:
        raise UserError(
            _(
                "The weight {weight} is not above 0 and at most {heaviest:.0f}.",
                weight=cut(match["weight"]),
                heaviest=HEAVIEST,
            )
        )
    return Term(-weight if match["sign"] not in (None, "+") else weight, word)


def _no_term(rest: str) -> UserError:
    """Why a formula cannot go on with this."""
    start = re.sub(r"^[-−–+]\s*", "", rest)[:1]
    if start in tuple('"“”'):
        return UserError(
            _(
                "The quotes in “{rest}” do not come in pairs: close each one that is open. A quote within quotes is "
                "doubled: {quoted}.",
                rest=cut(rest),
                quoted=_QUOTED,
            )
        )
    if start in tuple("()"):
        return UserError(_("A formula has no parentheses: write each word with its own + or -."))
    if start in tuple("*×"):
        return UserError(_("A number must stand before {start} and a word after it, as in 0.5 * queen.", start=start))
    return UserError(
        _(
            "There is no word after the {sign} in “{rest}”: write a formula such as {example}. "
            'Put a word in quotes if it contains signs, as "c++".',
            sign=rest[:1],
            rest=cut(rest),
            example=_EXAMPLE,
        )
    )


def _written(term: Term) -> str:
    """The term without its sign."""
    word = term.word if re.fullmatch(_BARE, term.word) else '"' + term.word.replace('"', '""') + '"'
    weight = abs(term.weight)
    return word if weight == 1 else f"{np.format_float_positional(weight, trim='-')} * {word}"
