"""Several comparisons together: what an arm gains over its baseline on the whole, by a random-effects meta-analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
from scipy.special import stdtr, stdtrit

from explorer.answers import Answer, Table
from explorer.errors import NotThere, UserError
from explorer.initialisation.levels import CONFIDENCE
from explorer.initialisation.measures import agreeing
from explorer.initialisation.summary import Summary
from explorer.initialisation.words import listed, p_value
from explorer.texts import _, _n
from explorer.transformer.tape import Array

FEWEST = 2  # comparisons

_Numbers = TypeVar("_Numbers", "Row", "MeanEffect")
_SCALED = ("difference", "mean", "low", "high", "spread", "next_low", "next_high")  # differences, in the measure's unit


@dataclass(frozen=True)
class MeanEffect:
    """A mean effect over studies whose true effects differ by `spread` (τ, a standard deviation), with its 95% interval
    and p; `next_low` and `next_high` hold what one more study would find, None of two studies; `heterogeneity` (I²) is
    the share of the effects' variance that is no chance."""

    mean: float
    low: float
    high: float
    p: float
    spread: float
    heterogeneity: float
    next_low: float | None
    next_high: float | None
    weights: tuple[float, ...]  # of the studies, 1 together


def pool(effects: Array, errors: Array) -> MeanEffect:
    """Effects (k,) with their standard errors (k,), pooled: the variance between studies by DerSimonian & Laird (1986),
    the interval by Hartung & Knapp (2001), which holds for few studies, never narrower than without their correction
    (Jackson et al. 2017); what one more study would find by Higgins et al. (2009)."""
    count, fixed = len(effects), 1 / errors**2
    q = float(fixed @ (effects - np.average(effects, weights=fixed)) ** 2)
    between = max(0.0, (q - (count - 1)) / float(fixed.sum() - (fixed**2).sum() / fixed.sum()))
    weights = 1 / (errors**2 + between)
    mean = float(np.average(effects, weights=weights))
    scale = max(1.0, float(weights @ (effects - mean) ** 2) / (count - 1))
    error = float(np.sqrt(scale / weights.sum()))
    reach = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2)) * error
    further = None
    if count > FEWEST:
        further = float(stdtrit(count - 2, (1 + CONFIDENCE) / 2) * np.sqrt(between + 1 / weights.sum()))
    return MeanEffect(
        mean,
        mean - reach,
        mean + reach,
        2 * float(stdtr(count - 1, -abs(mean) / error)),
        float(np.sqrt(between)),
        max(0.0, 1 - (count - 1) / q) if q else 0.0,
        None if further is None else mean - further,
        None if further is None else mean + further,
        tuple((weights / weights.sum()).tolist()),
    )


@dataclass(frozen=True)
class Row:
    """A comparison, or all of them `together`: the difference of the arm to the baseline with its 95% interval."""

    comparison: str
    baseline: str
    seeds: int | None
    difference: float
    low: float
    high: float
    weight: float


def _measure(summaries: Sequence[Summary], asked: str | None) -> str:
    """The measure that is asked for, or the first that all have. Raises UserError where one lacks it, or all do."""
    known = [set(summary.task.measures) for summary in summaries]
    common = [key for key in summaries[0].task.measures if all(key in each for each in known)]
    if not common:
        names = listed([f"“{summary.plan.name}”" for summary in summaries])
        raise UserError(
            _("{names} have no measure in common, so they cannot be pooled. Take comparisons of one kind.", names=names)
        )
    if asked is None:
        return common[0]
    for summary in summaries:
        if asked not in summary.task.measures:
            raise UserError(
                _(
                    "“{name}” does not measure {asked}. All of these comparisons measure {common}: take one of them.",
                    name=summary.plan.name,
                    asked=asked,
                    common=listed(common),
                )
            )
    return asked


class Together(Answer):
    """An arm in several comparisons, each at its largest size, by a measure that all of them have."""

    def __init__(self, summaries: Sequence[Summary], arm: str, measure: str | None) -> None:
        """Raises NotThere where a comparison lacks the arm, UserError where one cannot be compared yet, or lacks the
        measure."""
        if len({summary.plan.name for summary in summaries}) < len(summaries):
            raise UserError(_("One of the comparisons is named twice: name each once."))
        key = _measure(summaries, measure)
        self.arm, rows = arm, []
        self._early = [f"“{summary.plan.name}”" for summary in summaries if summary.ended_early]
        effects, errors = [], []
        for summary in summaries:
            view = summary.by(key)
            name, share, self.measure = view.plan.name, max(view.plan.sizes), view.measure
            if arm not in view.plan.arms or arm == view.plan.baseline:
                others = ", ".join(each for each in view.plan.arms if each != view.plan.baseline)
                raise NotThere(
                    _(
                        "“{name}” has no arm “{arm}” besides its baseline. There are: {others}.",
                        name=name,
                        arm=arm,
                        others=others,
                    )
                )
            comparison = next((each for each in view.comparisons(self.measure.key, share) if each.arm == arm), None)
            if comparison is None:
                raise UserError(_("“{arm}” cannot be compared in “{name}” yet.", arm=arm, name=name))
            differences, shifts = view.paired(self.measure.key, share, arm)
            search = float(np.std(shifts.numbers)) if shifts else 0.0
            error = float(np.hypot(differences.std(ddof=1) / np.sqrt(len(differences)), search))
            if not error:
                raise UserError(_("The seeds of “{name}” do not differ, so it has no weight beside others.", name=name))
            effects.append(comparison.difference)
            errors.append(error)
            rows.append(
                (name, comparison.baseline, comparison.seeds, comparison.difference, comparison.low, comparison.high)
            )
        self.mean_effect = pool(np.array(effects), np.array(errors))
        self.rows = tuple(Row(*row, weight) for row, weight in zip(rows, self.mean_effect.weights, strict=True))

    @property
    def is_significant(self) -> bool:
        return self.mean_effect.p < 1 - CONFIDENCE

    @property
    def headline(self) -> str:
        """What the arm gains on the whole."""
        measure, effect = self.measure, self.mean_effect
        numbers = [measure.scaled(number) for number in (effect.mean, effect.low, effect.high)]
        mean, low, high = agreeing(numbers, signed=True)
        values = {"count": len(self.rows), "arm": self.arm, "noun": measure.noun, "unit": measure.points}
        values |= {"mean": mean, "low": low, "high": high, "p": p_value(effect.p)}
        if not self.is_significant:
            return _(
                "Over {count} comparisons, there is no significant difference in {noun} between “{arm}” and the "
                "baseline: {mean} {unit} on average (95% interval {low} to {high}; {p}).",
                **values,
            )
        way = _("lower") if effect.mean < 0 else _("higher")
        return _(
            "Over {count} comparisons, “{arm}” reaches a {way} {noun} than the baseline: {mean} {unit} on average "
            "(95% interval {low} to {high}; {p}).",
            way=way,
            **values,
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        effect, measure = self.mean_effect, self.measure
        (spread,) = agreeing([measure.scaled(effect.spread)])
        sentences = [
            _(
                "{share:.0%} of the differences’ variance is not chance (I²); the true differences spread by {spread} "
                "{unit} between comparisons (τ).",
                share=effect.heterogeneity,
                spread=spread,
                unit=measure.points,
            )
        ]
        if effect.next_low is not None and effect.next_high is not None:
            low, high = agreeing([measure.scaled(end) for end in (effect.next_low, effect.next_high)], signed=True)
            sentences.append(
                _(
                    "One more comparison would find {low} to {high} {unit} (95% prediction interval).",
                    low=low,
                    high=high,
                    unit=measure.points,
                )
            )
        if self._early:
            sentences.append(
                _n(
                    "{names} stopped early, where its differences looked large: its part in the mean is somewhat "
                    "overstated (Pocock & Hughes 1989).",
                    "{names} stopped early, where their differences looked large: their part in the mean is somewhat "
                    "overstated (Pocock & Hughes 1989).",
                    len(self._early),
                    names=listed(self._early),
                )
            )
        sentences.append(
            _(
                "A random-effects meta-analysis: each comparison is weighted by what its seeds and its search leave "
                "open (DerSimonian & Laird 1986), and the interval is that of Hartung & Knapp (2001). It is one test: "
                "nothing is corrected for other arms or measures that were looked at."
            )
        )
        return tuple(sentences)

    def as_json(self) -> dict[str, Any]:
        return {
            "arm": self.arm,
            "measure": self.measure.key,
            "unit": self.measure.points,
            "answer": self.headline,
            "together": asdict(self._read(self.mean_effect)),
            "rows": [asdict(self._read(row)) for row in self.rows],
        }

    def table(self) -> Table:
        """The comparisons, and all together in the last row."""
        rows, effect = [astuple(self._read(row)) for row in self.rows], self._read(self.mean_effect)
        whole = ("together", None, None, effect.mean, effect.low, effect.high, 1.0)
        return Table(tuple(each.name for each in fields(Row)), (*rows, whole))

    def _read(self, numbers: _Numbers) -> _Numbers:
        """A row, or the mean effect, in the unit that the measure is read in."""
        own = {name: value for name, value in vars(numbers).items() if name in _SCALED and value is not None}
        scaled: dict[str, Any] = {name: self.measure.scaled(value) for name, value in own.items()}
        return replace(numbers, **scaled)
