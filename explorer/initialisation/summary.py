"""What the results of a plan say: the answer in words, its table, its JSON."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import asdict
from typing import Any, Self

import numpy as np

from explorer.answers import Answer, Table
from explorer.errors import NotThere, UserError
from explorer.initialisation import coverage, wording
from explorer.initialisation.cautions import cautions, limits, stop
from explorer.initialisation.collected import Collected
from explorer.initialisation.decision import decision
from explorer.initialisation.measures import AGAINST
from explorer.initialisation.numbers import Numbers
from explorer.initialisation.statistics import Comparison
from explorer.initialisation.terms import Term, terms
from explorer.texts import _

_HEADER = (
    "size", "arm", "learning_rate", "runs", "still_improving", "mean", "low", "high", "baseline", "difference",
    "difference_low", "difference_high", "p", "adjusted_p", "effect", "significant",
)  # fmt: skip
"""The columns of a summary's table: means and differences with their 95% intervals."""


class Summary(Numbers, Answer):
    """What may be said of a plan's results, finished or not. The same results give the same numbers, in whatever order
    they came. Runs that failed are left out of every number, and `cautions` says so.

    As an answer it has the arms by one measure, the deciding one, at all sizes; `by` gives it with another choice.
    """

    def __init__(self, collected: Collected) -> None:
        super().__init__(collected)
        self.measure, self.against, self.shares = self.primary, "baseline", self.plan.sizes

    def by(self, measure: str | None = None, against: str = "baseline", size: float | None = None) -> Self:
        """The same summary with the arms by a measure (the deciding one where None), compared with what AGAINST names,
        at one size or all. Raises UserError for what the comparison does not have."""
        if against not in AGAINST:
            raise UserError(
                _(
                    "Nothing is compared with “{against}”. Take one of {known}.",
                    against=against,
                    known=", ".join(AGAINST),
                )
            )
        if size is not None and size not in self.plan.sizes:
            raise NotThere(
                _(
                    "The comparison “{name}” has no size {size:g}. Take one of {sizes}.",
                    name=self.plan.name,
                    size=size,
                    sizes=", ".join(f"{share:g}" for share in self.plan.sizes),
                )
            )
        view = copy(self)
        view.measure = self.measure_of(measure) if measure else self.primary
        view.against, view.shares = against, self.plan.sizes if size is None else (size,)
        return view

    @property
    def headline(self) -> str:
        """What the chosen measure shows at the chosen sizes, and no more: in plain words against a random baseline."""
        if self.against == "baseline" and (plainly := self.decision(self.measure.key)):
            return " ".join((*plainly, *self.limits))
        return wording.answer(self, self.measure)

    @property
    def outcome(self) -> str:
        name, jobs, failed = self.plan.name, self.collected.jobs, len(self.collected.failures)
        ended = (
            _("“{name}” has ended: {jobs:,} runs, {failed:,} failed.", name=name, jobs=jobs, failed=failed)
            if failed
            else _("“{name}” has ended: {jobs:,} runs.", name=name, jobs=jobs)
        )
        return " ".join(filter(None, (ended, stop(self))))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a reader should know beside the headline and the table."""
        return tuple(filter(None, (*self.shown, self.chance, *self.coverage, *self.cautions)))

    @property
    def shown(self) -> tuple[str, ...]:
        """What the chosen measure shows in numbers: which arms differ, by how much, and by which of their properties.
        Without what the headline has said."""
        key = self.measure.key
        if self.against == "baseline" and self.decision(key):
            return (self.verdict(key), *self.details(key))
        return tuple(filter(None, (self.meaning_by(key), self.scale_by(key))))

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms that occur in what is said here, explained, by `terms.terms`."""
        return terms(self)

    @property
    def reading(self) -> str:
        """The terms, a line each."""
        return "\n".join(map(str, self.terms))

    def decision(self, measure: str) -> tuple[str, ...]:
        """What one measure says to a person who decides, the answer first, by `decision.decision`; empty where it says
        nothing of pre-trained vectors against random ones."""
        return decision(self, self.measure_of(measure))

    def answer(self, measure: str) -> str:
        """What one measure shows at each size, and what keeps it from being the last word."""
        return wording.answer(self, self.measure_of(measure))

    def verdict(self, measure: str) -> str:
        """What one measure shows at each size, and no more."""
        return wording.verdict(self, self.measure_of(measure))

    def details(self, measure: str) -> tuple[str, ...]:
        """What there is to say of one measure besides its verdict."""
        return wording.details(self, self.measure_of(measure))

    @property
    def limits(self) -> tuple[str, ...]:
        """What keeps an answer from being the last word."""
        return tuple(limits(self))

    @property
    def so_far(self) -> str:
        """How many of the runs there are while some are missing, such as "5 of 12 runs"; empty when all have ended."""
        missing, jobs = self.collected.missing, self.collected.jobs
        return _("{ended:,} of {jobs:,} runs", ended=jobs - missing, jobs=jobs) if missing else ""

    @property
    def chance(self) -> str:
        """Of a classification, how often guessing is right, in a sentence; else empty."""
        return wording.chance(self)

    @property
    def coverage(self) -> tuple[str, ...]:
        """How many words of the task have a vector, in a sentence for each model that an arm starts from."""
        return coverage.sentences(self.task.coverage)

    @property
    def meaning(self) -> str:
        """`meaning_by` the deciding measure."""
        return self.meaning_by(self.primary.key)

    @property
    def scale(self) -> str:
        """`scale_by` the deciding measure."""
        return self.scale_by(self.primary.key)

    def meaning_by(self, measure: str) -> str:
        """Whether what the vectors know of words helps, by `wording.meaning`."""
        return wording.meaning(self, self.measure_of(measure))

    def scale_by(self, measure: str) -> str:
        """Whether vectors lose for being too wide, by `wording.scale`."""
        return wording.scale(self, self.measure_of(measure))

    def sentences_by(self, measure: str) -> tuple[str, ...]:
        """What may be said of each arm by one measure, by `wording.each_arm`."""
        return tuple(wording.each_arm(self, self.measure_of(measure)))

    @property
    def cautions(self) -> tuple[str, ...]:
        """What weakens the conclusions, a sentence each."""
        return tuple(cautions(self))

    def table(self) -> Table:
        """The arms by the chosen measure, best first at each size, with their differences to what they are compared
        with; None where nothing is. Shares are from 0 to 1."""
        return Table(_HEADER, tuple(row for share in self.shares for row in self._table_rows(share)))

    def _table_rows(self, share: float) -> Iterator[tuple[Any, ...]]:
        key = self.measure.key
        compared: dict[str, list[Comparison]] = {}
        for comparison in self._family(self.against)(key, share):
            compared.setdefault(comparison.arm, []).append(comparison)
        rows = [row for row in self.arms(share) if row.arm in compared or self.against == "baseline"]
        sign = 1 if self.measure.lower_is_better else -1
        rows.sort(key=lambda row: sign * row.values[key].mean if row.values else np.inf)
        for row in rows:
            spread = row.values[key] if row.values else None
            mean = (spread.mean, spread.low, spread.high) if spread else (None, None, None)
            for each in compared.get(row.arm, ()):
                yield (
                    share, row.arm, row.rate, row.finished, row.improving, *mean, each.baseline, each.difference,
                    each.low, each.high, each.p, each.adjusted_p, each.effect, each.is_significant,
                )  # fmt: skip
            if row.arm not in compared:
                yield share, row.arm, row.rate, row.finished, row.improving, *mean, *[None] * 8

    def _family(self, against: str) -> Callable[[str, float], tuple[Comparison, ...]]:
        return {"baseline": self.comparisons, "controls": self.controls, "rescaled": self.rescaled}[against]

    def as_json(self) -> dict[str, Any]:
        """All that repeats: everything but seconds, to the last digit. `rows` has the table."""
        table, whole = self.table(), self.by()
        return {
            "name": self.plan.name,
            "measure": self.measure.key,
            "against": self.against,
            "answer": self.headline,
            "rows": [dict(zip(table.header, row, strict=True)) for row in table.rows],
            "plan": tomllib.loads(self.plan.public.as_toml()),
            "origin": self.task.description,
            "deciding": self.primary.key,
            "headline": whole.headline,
            "meaning": whole.meaning,
            "scale": whole.scale,
            "cautions": list(whole.cautions),
            "missing": self.collected.missing,
            "look": asdict(self.look),
            "coverage": [asdict(each) for each in self.task.coverage],
            "terms": {term.name: term.meaning for term in self.terms},
            "failures": list(self.collected.failures),
            "problems": list(self.collected.problems),
            "sentences": {each.key: list(whole.sentences_by(each.key)) for each in self.measures},
            "sizes": [self._as_json(share) for share in self.plan.sizes],
        }

    def _as_json(self, share: float) -> dict[str, Any]:
        arms = [asdict(row) for row in self.arms(share)]
        for row in arms:
            del row["seconds"]
        families = {"comparisons": self.comparisons, "controls": self.controls, "rescaled": self.rescaled}
        return (
            {"share": share, "arms": arms}
            | {
                name: {key: [comparison.as_json() for comparison in family(key, share)] for key in self.task.measures}
                for name, family in families.items()
            }
            | ({"labels": self._labels_as_json(share)} if self.task.classes else {})
            | {"points": {key: _text_keys(self.points(key, share)) for key in self.task.measures}}
        )

    def _labels_as_json(self, share: float) -> dict[str, Any]:
        """Of each arm with a finished run the confusion matrix, a row for each true label, and its labels."""
        answer = {}
        for arm in filter(lambda arm: self.finished(arm, share), self.plan.arms):
            table, counts = self.labels(arm, share), self.confusion(arm, share).counts
            by_label = [dict(zip(table.header, row, strict=True)) for row in table.rows]
            answer[arm] = {"confusion": counts.tolist(), "by_label": by_label}
        return answer


def _text_keys(points: dict[str, dict[int, float]]) -> dict[str, dict[str, float]]:
    return {arm: {str(seed): number for seed, number in numbers.items()} for arm, numbers in points.items()}
