"""Sizes, names of arms and p values as sentences have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.initialisation.levels import LEVEL
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.initialisation.plan import Plan


def size(share: float, plan: Plan) -> str:
    """A share of a plan's training pairs in words, "5% of the pairs"."""
    return sizes([share], plan)


def sizes(shares: Sequence[float], plan: Plan) -> str:
    """Several of them, "5% and 20% of the pairs"."""
    percentages = listed([f"{100 * share:g}%" for share in shares])
    if plan.text:
        return _("{percentages} of the texts", percentages=percentages)
    if plan.language:
        return _("{percentages} of the lines", percentages=percentages)
    return _("{percentages} of the pairs", percentages=percentages)


def listed(words: Sequence[str]) -> str:
    """Words with commas, the last with “and”."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def arms_named(names: Sequence[str]) -> str:
    return listed([f"“{name}”" for name in names])


def p_value(p: float) -> str:
    """ "p = 0.016": with more digits where three do not say on which side of 5% it is, and "p < 0.001" below that."""
    if p < 0.0005:
        return "p < 0.001"
    digits = 3
    while (p < LEVEL) != (float(f"{p:.{digits}f}") < LEVEL):
        digits += 1
    return f"p = {p:.{digits}f}"
