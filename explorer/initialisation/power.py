"""How many seeds a comparison needs to show a difference, from the spread of the runs that it has: its pilot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import chdtri, nctdtr, stdtrit

from explorer.answers import Answer, Table
from explorer.initialisation.ease import too_easy
from explorer.initialisation.measures import agreeing
from explorer.initialisation.summary import Summary
from explorer.initialisation.words import size
from explorer.texts import _

SEEDS = (5, 10, 20, 50, 100)  # for which the smallest effect is told
MOST = 1000  # seeds that are tried
_CAREFUL = 0.8  # how surely the true spread is below the one that is planned with


def power_of(effect: float, spread: float, seeds: int, level: float, search: float = 0.0) -> float:
    """How often a paired t-test of so many seeds shows a difference of this size at this level, where differences of
    seeds spread by `spread` and another search moves their mean by `search` (standard deviations)."""
    error = float(np.hypot(spread / np.sqrt(seeds), search))
    if not error:
        return 1.0
    degrees = seeds - 1
    limit = stdtrit(degrees, 1 - level / 2)
    below, above = np.nan_to_num(nctdtr(degrees, abs(effect) / error, [limit, -limit]))  # NaN where there is hardly any
    return float(1 - below + above)


def fewest_seeds(effect: float, spread: float, level: float, power: float, search: float = 0.0) -> int | None:
    """The fewest seeds with that power, by bisection; None where MOST are too few. Below so many no paired permutation
    test can show anything at this level, however large the difference."""
    low, high = 2, MOST
    while 2 / 2**low >= level:
        low += 1
    if power_of(effect, spread, high, level, search) < power:
        return None
    while low < high:
        middle = (low + high) // 2
        if power_of(effect, spread, middle, level, search) >= power:
            high = middle
        else:
            low = middle + 1
    return high


def smallest_effect(spread: float, seeds: int, level: float, power: float, search: float = 0.0) -> float | None:
    """The smallest difference that so many seeds show with that power; None where they show nothing."""
    if 2 / 2**seeds >= level:
        return None
    low, high = 0.0, 1e3 * float(np.hypot(spread, search))
    for _step in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if power_of(middle, spread, seeds, level, search) >= power else (middle, high)
    return high


@dataclass(frozen=True)
class Row:
    """An arm beside the baseline at one size. `spread` is the standard deviation of the differences of its pilot's
    seeds, `spread_planned` its upper 80% limit, `search_spread` that of another search's mean."""

    size: float
    arm: str
    pilot_seeds: int
    spread: float
    spread_planned: float
    search_spread: float
    seeds_needed: int | None
    smallest_effects: tuple[float | None, ...]  # for SEEDS


class Powers(Answer):
    """What a comparison with more seeds would show, arm by arm, at all chosen sizes of a summary."""

    def __init__(self, summary: Summary, effect: float | None, power: float) -> None:
        """`effect` is in the unit that the measure is read in."""
        self._summary, self._measure, self._asked, self._power = summary, summary.measure, effect, power
        self._effect = None if effect is None else effect / (100 if summary.measure.percent else 1)
        self._spent = summary.plan.schedule[-1].level
        self._level = self._spent / (len(summary.plan.arms) - 1)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for share in self._summary.shares for row in self._at(share))

    def _at(self, share: float) -> list[Row]:
        summary, key, rows = self._summary, self._measure.key, []
        for each in summary.comparisons(key, share):
            differences, shifts = summary.paired(key, share, each.arm)
            pilot, spread = len(differences), float(differences.std(ddof=1))
            planned = spread * float(np.sqrt((pilot - 1) / chdtri(pilot - 1, _CAREFUL)))
            search = float(np.std(shifts.numbers)) if shifts else 0.0
            asked = (self._level, self._power, search)
            needed = None if self._effect is None else fewest_seeds(self._effect, planned, *asked)
            smallest = tuple(smallest_effect(planned, seeds, *asked) for seeds in SEEDS)
            rows.append(Row(share, each.arm, pilot, spread, planned, search, needed, smallest))
        return rows

    @property
    def headline(self) -> str:
        """How many seeds the effect needs, or what ten seeds show."""
        return " ".join(map(self._sentence, self._summary.shares))

    def _sentence(self, share: float) -> str:
        rows, measure = [row for row in self.rows if row.size == share], self._measure
        values: dict[str, Any] = {"at": size(share, self._summary.plan), "noun": measure.noun, "power": self._power}
        if easy := too_easy(self._summary, measure, share):
            return easy
        if not rows:
            return _("At {at}, there is no pilot yet: two finished seeds of two arms at least.", **values)
        values |= {"baseline": self._summary.plan.baseline, "unit": measure.points}
        if self._asked is not None:
            known = [row.seeds_needed for row in rows if row.seeds_needed]
            values |= {"effect": f"{self._asked:g}", "never": len(rows) - len(known), "arms": len(rows), "most": MOST}
            if not known:
                return _(
                    "At {at}, {most:,} seeds are too few to show a difference of {effect} {unit} in {noun} with a "
                    "power of {power:.0%}: search for learning rates on more seeds, or look for a larger difference.",
                    **values,
                )
            needed = f"{min(known):,}" if min(known) == max(known) else f"{min(known):,} to {max(known):,}"
            sentence = _(
                "At {at}, it takes {needed} seeds to show a difference from “{baseline}” of {effect} {unit} in {noun} "
                "(power {power:.0%}).",
                needed=needed,
                **values,
            )
            if len(known) > 1 and min(known) < max(known):
                sentence += " " + _("How many depends on the arm.")
            if values["never"]:
                sentence += " " + _(
                    "For {never} of {arms} arms, {most:,} seeds are too few, as the search for learning rates leaves "
                    "too much open: search on more seeds.",
                    **values,
                )
            return sentence
        smallest = [row.smallest_effects[1] for row in rows if row.smallest_effects[1] is not None]
        if not smallest:
            return _("At {at}, ten seeds are too few for so many arms, however large a difference is.", **values)
        least, greatest = agreeing([measure.scaled(number) for number in (min(smallest), max(smallest))])
        if least == greatest:
            return _(
                "At {at}, ten seeds are enough to show a difference from “{baseline}” of {least} {unit} in {noun} "
                "(power {power:.0%}).",
                least=least,
                **values,
            )
        return _(
            "At {at}, ten seeds are enough to show a difference from “{baseline}” of {least} to {greatest} {unit} in "
            "{noun}, depending on the arm (power {power:.0%}).",
            least=least,
            greatest=greatest,
            **values,
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        return (
            _(
                "Power is that of a paired t-test at {level:.3g}%, divided by the number of arms besides the baseline "
                "({others}), as Holm’s correction takes the smallest p. The differences of the pilot’s seeds are taken "
                "to spread by the upper 80% limit of their standard deviation, for few seeds often understate it "
                "(Browne 1995).",
                level=100 * self._spent,
                others=len(self._summary.plan.arms) - 1,
            ),
            *[_("That is what the last look of the plan may spend.")] * bool(self._summary.plan.early_end),
            _(
                "What another search for learning rates would move does not shrink with more compared seeds: more "
                "search seeds do that."
            ),
            *self._empty,
        )

    @property
    def _empty(self) -> tuple[str, ...]:
        """Why cells of the table are empty, where some are."""
        never = [
            seeds for place, seeds in enumerate(SEEDS) if any(row.smallest_effects[place] is None for row in self.rows)
        ]
        sentences = [
            _(
                "smallest_effect_{seeds} is empty: {seeds} seeds are too few for so many arms, however large a "
                "difference is.",
                seeds=seeds,
            )
            for seeds in never
        ]
        if self.rows and self._asked is None:
            sentences.append(_("seeds_needed is empty, for no effect was asked for."))
        return tuple(sentences)

    def as_json(self) -> dict[str, Any]:
        table = self.table()
        return {
            "name": self._summary.plan.name,
            "measure": self._measure.key,
            "effect": self._asked,
            "unit": self._measure.points,
            "power": self._power,
            "answer": self.headline,
            "rows": [dict(zip(table.header, row, strict=True)) for row in table.rows],
        }

    def table(self) -> Table:
        """Spreads and effects are in the unit that the measure is read in."""
        header = (
            "size", "arm", "pilot_seeds", "spread", "spread_planned", "search_spread", "seeds_needed",
            *(f"smallest_effect_{seeds}" for seeds in SEEDS),
        )  # fmt: skip
        scaled = self._measure.scaled
        rows = (
            (
                row.size, row.arm, row.pilot_seeds, *map(scaled, (row.spread, row.spread_planned, row.search_spread)),
                row.seeds_needed, *(None if effect is None else scaled(effect) for effect in row.smallest_effects),
            )
            for row in self.rows
        )  # fmt: skip
        return Table(header, tuple(rows))
