"""What a comparison says to a person who decides whether to start from pre-trained vectors: in plain words, no more
than the tests of each size allow, with what it holds for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.initialisation.ease import EASY, nothing_to_gain
from explorer.initialisation.measures import Measure
from explorer.initialisation.strategies import RANDOM
from explorer.initialisation.wording import sides, so_far
from explorer.initialisation.words import arms_named, listed
from explorer.texts import _, _n

if TYPE_CHECKING:
    from explorer.initialisation.summary import Summary

_NAMED = 3  # arms to a side; more are counted


@dataclass(frozen=True)
class _Finding:
    """At one size, the pre-trained arms that are shown to be better and worse than the baseline, of `compared`; the
    `others` that are better without pre-trained vectors; `easy` where nothing is shown and every arm is nearly always
    right."""

    share: float
    better: tuple[str, ...]
    worse: tuple[str, ...]
    compared: int
    others: tuple[str, ...]
    easy: bool

    @property
    def outcome(self) -> tuple[object, ...]:
        return self.better, self.worse, self.compared, self.others, self.easy


def decision(summary: Summary, measure: Measure) -> tuple[str, ...]:
    """Whether pre-trained vectors help, in one sentence; then what each size shows, and what it holds for. Empty where
    the baseline is no random table, or no pre-trained arm can be compared with it yet."""
    plan = summary.plan
    if plan.arms[plan.baseline].start not in RANDOM:
        return ()
    findings = [finding for share in sorted(summary.shares) if (finding := _finding(summary, measure, share)).compared]
    if not findings:
        return ()
    return so_far(summary, _first(summary, measure, findings)), *_each(summary, measure, findings), _holds(summary)


def _finding(summary: Summary, measure: Measure, share: float) -> _Finding:
    arms = summary.plan.arms
    every = summary.comparisons(measure.key, share)
    compared = [each for each in every if arms[each.arm].start == "pretrained"]
    (_way, better), (_other_way, worse) = sides(measure, compared)
    (_way, others), _worse = sides(measure, [each for each in every if each not in compared])
    means = [row.values[measure.key].mean for row in summary.arms(share) if row.values]
    alike = bool(means) and measure.percent and not measure.lower_is_better and not (better or worse)
    return _Finding(
        share,
        tuple(each.arm for each in better),
        tuple(each.arm for each in worse),
        len(compared),
        tuple(each.arm for each in others),
        alike and min(means) >= EASY,
    )


def _first(summary: Summary, measure: Measure, findings: Sequence[_Finding]) -> str:
    """The answer in one sentence, which is careful where the intervals do not cover the search for learning rates.
    Findings are in the order of their sizes."""
    helping, harming = [bool(each.better) for each in findings], any(each.worse for each in findings)
    by = {"noun": measure.noun}
    if all(each.easy for each in findings):
        return _("This task is too easy to tell the starts apart.")
    if not any(helping):
        if all(len(each.worse) == each.compared for each in findings):
            return _("Judged by {noun}, pre-trained vectors do not help here: they harm.", **by)
        if harming:
            return _(
                "Judged by {noun}, pre-trained vectors are not shown to help here, and some ways to use them harm.",
                **by,
            )
        return _(
            "No difference in {noun} between pre-trained and random vectors could be shown, which does not show that "
            "there is none.",
            **by,
        )
    plan = summary.plan
    by |= {
        "help": _("seem to help") if plan.search_seeds == 1 and len(plan.rates) > 1 else _("help"),
        "right": _(", if they are used in the right way") if harming else "",
    }
    if all(helping):
        return _("Judged by {noun}, pre-trained vectors {help}{right}.", **by)
    return _(
        "Judged by {noun}, pre-trained vectors {help} with {amount}{right}. With {rest}, no gain could be shown, which "
        "does not show that there is none.",
        amount=_amount(summary, [each for each in findings if each.better]),
        rest=_amount(summary, [each for each in findings if not each.better]),
        **by,
    )


def _each(summary: Summary, measure: Measure, findings: Sequence[_Finding]) -> Iterator[str]:
    """A sentence for the sizes that show the same."""
    alike: dict[tuple[object, ...], list[_Finding]] = {}
    for finding in findings:
        alike.setdefault(finding.outcome, []).append(finding)
    for same in alike.values():
        yield _("With {amount}, {parts}.", amount=_amount(summary, same), parts=_parts(summary, measure, same[0]))


def _parts(summary: Summary, measure: Measure, finding: _Finding) -> str:
    baseline = f"“{summary.plan.baseline}”"
    if finding.easy:
        least = min(row.values[measure.key].mean for row in summary.arms(finding.share) if row.values)
        return nothing_to_gain(measure, least)
    if not (finding.better or finding.worse):
        return _("no difference could be shown")
    parts = []
    if finding.better:
        parts.append(
            _n(
                "{who} does better than {baseline}",
                "{who} do better than {baseline}",
                len(finding.better),
                who=_who(finding.better, finding.compared),
                baseline=baseline,
            )
        )
    if finding.better and finding.others:
        parts.append(
            _n(
                "so does {others}, without pre-trained vectors",
                "so do {others}, without pre-trained vectors",
                len(finding.others),
                others=arms_named(finding.others),
            )
        )
    if finding.worse:
        parts.append(
            _n(
                "{who} does worse than {baseline}",
                "{who} do worse than {baseline}",
                len(finding.worse),
                who=_who(finding.worse, finding.compared),
                baseline=_("it") if finding.better and not finding.others else baseline,
            )
        )
    if rest := finding.compared - len(finding.better) - len(finding.worse):
        parts.append(
            _n(
                "for {rest} other way to use them, no difference could be shown",
                "for {rest} other ways to use them, no difference could be shown",
                rest,
                rest=rest,
            )
        )
    return "; ".join(parts)


def _who(arms: Sequence[str], compared: int) -> str:
    if len(arms) <= _NAMED:
        return arms_named(arms)
    if len(arms) == compared:
        return _("all {count} ways to use them", count=compared)
    return _("{count} of {compared} ways to use them", count=len(arms), compared=compared)


def _amount(summary: Summary, findings: Sequence[_Finding]) -> str:
    """Such as "5% and 20% of the pairs (412 and 1,647)" or "all 8,234 pairs"."""
    counts = [_pairs(summary, finding.share) for finding in findings]
    noun = _noun(summary)
    if [finding.share for finding in findings] == [1.0]:
        return _("all {count} {noun}", count=counts[0], noun=noun)
    percentages = listed([f"{100 * finding.share:g}%" for finding in findings])
    return _("{percentages} of the {noun} ({counts})", percentages=percentages, noun=noun, counts=listed(counts))


def _pairs(summary: Summary, share: float) -> str:
    runs = summary.finished(summary.plan.baseline, share)
    return f"{runs[0].pairs:,}"


def _noun(summary: Summary) -> str:
    plan = summary.plan
    return _("training texts") if plan.text else _("training lines") if plan.language else _("training pairs")


def _holds(summary: Summary) -> str:
    """What nobody should take it for."""
    model = summary.plan.model
    if summary.plan.is_convolutional:
        return _("This holds for these data and this small convolutional network; for others it may not.")
    return _(
        "This holds for these data and this small model (d_model {d_model}, layers {layers}); for others it may not.",
        d_model=model.d_model,
        layers=model.layers,
    )
