"""Marking: what to say about a number that a reader has computed for a blank of an exercise."""

from __future__ import annotations

import math
from dataclasses import dataclass

from explorer.errors import cut
from explorer.lessons.numbers import TIMES, read, rounded
from explorer.lessons.tasks import Blank
from explorer.texts import _

RIGHT, CLOSE, WRONG, UNREADABLE = "right", "close", "wrong", "unreadable"
# By how much an answer may differ that was computed from rounded numbers: units of the last decimal, or a share of it.
_UNITS, _TENTH, _SHARE = 5, 0.1, 0.005


@dataclass(frozen=True)
class Verdict:
    """What an answer is: RIGHT, CLOSE (right but for rounding), WRONG or UNREADABLE (no number); a `sentence` for who
    gave it; and of a wrong one the worked line without its result, `how`."""

    grade: str
    sentence: str
    how: str = ""

    @property
    def right(self) -> bool:
        return self.grade in (RIGHT, CLOSE)


def check(blank: Blank, text: str) -> Verdict:
    """What to say about an answer as a reader types it, with a point or a comma before its decimals.

    It is right where it has the printed digits, and nearly so where only the rounding of the printed numbers can have
    made the difference. Of a wrong one the rows and columns that it is computed from are the hint.
    """
    try:
        answer = read(text)
    except ValueError:
        answer = math.nan
    if not math.isfinite(answer):
        sentence = _("“{text}” is not a number. Type one such as 0.25 or −1.5.", text=cut(text.strip()))
        return Verdict(UNREADABLE, sentence)
    decimals, solution, size = blank.equation.result.decimals, blank.solution, abs(blank.value)
    unit = 10**-decimals
    if TIMES in solution:
        unit *= size if size > 1 else size * 10 ** (decimals - 1)
    if rounded(answer, decimals) == solution or abs(answer - blank.value) <= unit / 2:
        return Verdict(RIGHT, _("Right: {solution}.", solution=solution))
    allowance = max(unit, min(_UNITS * unit, _TENTH * size), _SHARE * size)  # of small numbers little may be rounding
    if TIMES not in solution and abs(answer - blank.value) <= allowance:
        return Verdict(
            CLOSE, _("Right, but rounded too early: rounded only at the end, it is {solution}.", solution=solution)
        )
    *before, last = blank.lines
    lines = "; ".join([*map(str, before), f"{last.text} = ?"])
    return Verdict(WRONG, _("Not yet. {hint}", hint=blank.hint).rstrip(), _("Compute {lines}", lines=lines))
