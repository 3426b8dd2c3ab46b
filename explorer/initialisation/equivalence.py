"""Which arms are no more than a margin apart from the baseline: that no difference is shown does not say so."""

from __future__ import annotations

from dataclasses import asdict, astuple, dataclass, fields, replace
from functools import cached_property
from typing import Any

from explorer.answers import Answer, Table
from explorer.initialisation.cautions import limits
from explorer.initialisation.ease import too_easy
from explorer.initialisation.levels import CONFIDENCE
from explorer.initialisation.statistics import beyond_p, equivalence_p, holm, weighted
from explorer.initialisation.summary import Summary
from explorer.initialisation.words import arms_named, size
from explorer.texts import _, _n

EQUIVALENT, APART, OPEN = "equivalent", "apart", "open"
"""What is shown of an arm: the difference is within the margin, beyond it, or neither."""


@dataclass(frozen=True)
class Row:
    """An arm beside the baseline at one size; differences and the margin as `statistics.Comparison` has them, and in a
    table in the unit that the margin is given in."""

    size: float
    arm: str
    baseline: str
    seeds: int
    difference: float
    low: float
    high: float
    margin: float
    p: float
    adjusted_p: float
    verdict: str


class Equivalences(Answer):
    """Every arm against the baseline by one measure, at all chosen sizes of a summary."""

    def __init__(self, summary: Summary, margin: float) -> None:
        """`margin` is in the unit that the measure is read in."""
        self._summary, self._measure, self._asked = summary, summary.measure, margin
        self._margin = margin / (100 if summary.measure.percent else 1)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for share in self._summary.shares for row in self._at(share))

    def _at(self, share: float) -> list[Row]:
        summary, key = self._summary, self._measure.key
        compared, margin = summary.comparisons(key, share), self._margin
        pairs = [summary.paired(key, share, each.arm) for each in compared]
        confidence = summary.look.confidence
        ps = [weighted(equivalence_p(*paired, margin), confidence) for paired in pairs]
        beyond = holm([weighted(beyond_p(*paired, margin), confidence) for paired in pairs])
        rows = []
        for each, p, adjusted, adjusted_beyond in zip(compared, ps, holm(ps), beyond, strict=True):
            verdict = OPEN
            if adjusted < 1 - CONFIDENCE and -margin < each.low and each.high < margin:
                verdict = EQUIVALENT
            elif adjusted_beyond < 1 - CONFIDENCE and (each.low > margin or each.high < -margin):
                verdict = APART
            ends = (each.difference, each.low, each.high)
            rows.append(Row(share, each.arm, each.baseline, each.seeds, *ends, margin, p, adjusted, verdict))
        return rows

    @property
    def headline(self) -> str:
        """How many arms are within the margin, and which."""
        return " ".join((*map(self._sentence, self._summary.shares), *limits(self._summary)))

    def _sentence(self, share: float) -> str:
        rows = [row for row in self.rows if row.size == share]
        at, measure = size(share, self._summary.plan), self._measure
        if not rows:
            return _("At {at}, nothing can be compared yet.", at=at)
        named = {verdict: [row.arm for row in rows if row.verdict == verdict] for verdict in (EQUIVALENT, APART, OPEN)}
        values = {"at": at, "margin": self.margin, "baseline": rows[0].baseline, "noun": measure.noun}
        sentence = (
            _n(
                "At {at}, {arms} is shown to be within {margin} of “{baseline}” in {noun}.",
                "At {at}, {arms} are shown to be within {margin} of “{baseline}” in {noun}.",
                len(named[EQUIVALENT]),
                arms=arms_named(named[EQUIVALENT]),
                **values,
            )
            if named[EQUIVALENT]
            else _("At {at}, no arm is shown to be within {margin} of “{baseline}” in {noun}.", **values)
        )
        if named[APART]:
            sentence += " " + _("Farther apart: {arms}.", arms=arms_named(named[APART]))
        if named[OPEN]:
            sentence += " " + _("Undecided: {arms}; more seeds may tell.", arms=arms_named(named[OPEN]))
        return " ".join(filter(None, (too_easy(self._summary, measure, share), sentence)))

    @property
    def margin(self) -> str:
        """The margin with its unit."""
        return f"{self._asked:g} {self._measure.points}"

    @property
    def sentences(self) -> tuple[str, ...]:
        return (
            _(
                "An arm is within the margin if both one-sided tests (Schuirmann 1987) have p below "
                "5% after Holm’s correction for the arms of one size, and the 95% interval lies within the margin. "
                "An arm is farther apart if the interval lies beyond the margin, and p of a difference within it "
                "is below 5% after the same correction. That no difference is significant does not show that there is "
                "none."
            ),
            *self._summary.cautions,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self._summary.plan.name,
            "measure": self._measure.key,
            "margin": self._asked,
            "unit": self._measure.points,
            "answer": self.headline,
            "rows": [asdict(self._read(row)) for row in self.rows],
        }

    def table(self) -> Table:
        return Table(tuple(each.name for each in fields(Row)), tuple(astuple(self._read(row)) for row in self.rows))

    def _read(self, row: Row) -> Row:
        """A row in the unit that the measure is read in."""
        difference, low, high, margin = map(self._measure.scaled, (row.difference, row.low, row.high, row.margin))
        return replace(row, difference=difference, low=low, high=high, margin=margin)
