"""The sentences about a comparison: what the numbers of a summary show, what they do not, and what weakens them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from explorer.initialisation.cautions import limits
from explorer.initialisation.measures import Measure
from explorer.initialisation.statistics import Comparison
from explorer.initialisation.words import arms_named, listed, p_value, size, sizes
from explorer.texts import _, _n

if TYPE_CHECKING:
    from explorer.initialisation.summary import Summary

_NAMED = 3  # arms besides the baseline that are named in an answer; more are counted
_Side = tuple[str, list[Comparison]]  # "lower" or "higher", and the significant differences to that side


def answer(summary: Summary, measure: Measure) -> str:
    """What one measure shows at each size, and what keeps it from being the last word."""
    return so_far(summary, " ".join((*_verdict(summary, measure), *_largest(summary, measure), *limits(summary))))


def verdict(summary: Summary, measure: Measure) -> str:
    """What one measure shows, sizes that show the same together, and no more."""
    return so_far(summary, " ".join(_verdict(summary, measure)))


def details(summary: Summary, measure: Measure) -> tuple[str, ...]:
    """What an answer says besides its verdict, and what the same vectors given to other words and rescaled show."""
    return tuple(filter(None, (*_largest(summary, measure), meaning(summary, measure), scale(summary, measure))))


def _verdict(summary: Summary, measure: Measure) -> Iterator[str]:
    alike: dict[str, list[float]] = {}
    for share in summary.shares:
        alike.setdefault(_reached(summary, measure, share), []).append(share)
    for reached, shares in alike.items():
        yield _("At {size}, {parts}.", size=sizes(shares, summary.plan), parts=reached)


def _largest(summary: Summary, measure: Measure) -> Iterator[str]:
    """Which arm is best at each size, where there is more than one to choose from."""
    if len(summary.plan.arms) == 2:
        return
    for share in summary.shares:
        (way, better), _other = sides(measure, summary.comparisons(measure.key, share))
        if better:
            best = max(better, key=lambda comparison: abs(comparison.difference))
            yield _(
                "At {size}, “{arm}” has the largest difference: it is {way} by {amount}.",
                size=size(share, summary.plan),
                arm=best.arm,
                way=way,
                amount=measure.amount(best),
            )


def _reached(summary: Summary, measure: Measure, share: float) -> str:
    """What the arms reach at a size."""
    plan, compared = summary.plan, summary.comparisons(measure.key, share)
    baseline, noun = f"“{plan.baseline}”", measure.noun
    if not compared:
        return _("nothing can be compared yet")
    (way, better), (other_way, worse) = sides(measure, compared)
    if len(plan.arms) == 2:
        (only,) = compared
        if not only.is_significant:
            mean, low, high = measure.difference(only)
            return _(
                "there is no significant difference in {noun} between “{arm}” and {baseline} ({mean}, 95% interval "
                "{low} to {high}; {p})",
                noun=noun,
                arm=only.arm,
                baseline=baseline,
                mean=mean,
                low=low,
                high=high,
                p=p_value(only.adjusted_p),
            )
        return _(
            "“{arm}” reaches a {way} {noun} than {baseline}, by {amount}",
            arm=only.arm,
            way=way if better else other_way,
            noun=noun,
            baseline=baseline,
            amount=measure.amount(only),
        )
    others = len(plan.arms) - 1
    arms = (
        _("{others} arms", others=others)
        if len(compared) == others
        else _("the {compared} arms that can be compared yet", compared=len(compared))
    )
    if not (better or worse):
        return _(
            "there is no significant difference in {noun} between {baseline} and any of {arms}",
            noun=noun,
            baseline=baseline,
            arms=arms,
        )
    if others <= _NAMED:
        both = [(way, better), (other_way, worse)]
        return "; ".join(_named(side, to, noun, baseline) for to, side in both if side)
    values = {"arms": arms, "way": way, "noun": noun, "baseline": baseline}
    if better:
        reached = _n(
            "{count} of {arms} reaches a {way} {noun} than {baseline}",
            "{count} of {arms} reach a {way} {noun} than {baseline}",
            len(better),
            **values,
        )
    else:
        reached = _("none of {arms} reaches a {way} {noun} than {baseline}", **values)
    if worse:
        reached = _n(
            "{others}, and {count} reaches a {way} one",
            "{others}, and {count} reach a {way} one",
            len(worse),
            others=reached,
            way=other_way,
        )
    return reached


def _named(side: Sequence[Comparison], way: str, noun: str, baseline: str) -> str:
    return _n(
        "{arms} reaches a {way} {noun} than {baseline}",
        "{arms} reach a {way} {noun} than {baseline}",
        len(side),
        arms=arms_named([each.arm for each in side]),
        way=way,
        noun=noun,
        baseline=baseline,
    )


def meaning(summary: Summary, measure: Measure) -> str:
    """Whether what the vectors know of words helps, or their mere distribution: pre-trained arms against the same
    vectors given to other words. Empty where nothing of it can be compared."""
    shuffled = {arm for arm, strategy in summary.plan.arms.items() if strategy.start == "shuffled"}
    return _against(
        summary,
        measure,
        {
            share: [each for each in summary.controls(measure.key, share) if each.baseline in shuffled]
            for share in summary.shares
        },
        _("the same vectors given to other words"),
        _("what they know of the words helps"),
        _("what they know of the words harms"),
    )


def scale(summary: Summary, measure: Measure) -> str:
    """Whether vectors lose for being too wide: pre-trained arms as they are, or at length 1, against the same rescaled
    to Xavier's spread. Empty where nothing of it can be compared."""
    return _against(
        summary,
        measure,
        {share: summary.rescaled(measure.key, share) for share in summary.shares},
        _("the same vectors rescaled to Xavier’s spread"),
        _("rescaling harms"),
        _("rescaling helps"),
    )


def _against(
    summary: Summary,
    measure: Measure,
    families: Mapping[float, Sequence[Comparison]],
    what: str,
    helps: str,
    harms: str,
) -> str:
    sentences = []
    for share, compared in families.items():
        parts = []
        for (way, differences), moral in zip(sides(measure, compared), (helps, harms), strict=True):
            if differences:
                parts.append(
                    _n(
                        "“{arm}” reaches a {way} {noun} than {what}, by {amount}: {moral}",
                        "{count} of {compared} pre-trained arms reach a {way} {noun} than {what}, by {amounts}: "
                        "{moral}",
                        len(differences),
                        arm=differences[0].arm,
                        compared=len(compared),
                        way=way,
                        noun=measure.noun,
                        what=what,
                        amount=measure.amount(differences[0]),
                        amounts=measure.amounts(differences),
                        moral=moral,
                    )
                )
        if parts and (rest := sum(not comparison.is_significant for comparison in compared)):
            parts.append(_("for the other {rest}, there is no significant difference", rest=rest))
        if compared and not parts:
            who = (
                f"“{compared[0].arm}”"
                if len(compared) == 1
                else _("any of {compared} pre-trained arms", compared=len(compared))
            )
            parts = [
                _(
                    "there is no significant difference in {noun} between {who} and {what}",
                    noun=measure.noun,
                    who=who,
                    what=what,
                )
            ]
        if parts:
            sentences.append(_("At {size}, {parts}.", size=size(share, summary.plan), parts="; ".join(parts)))
    return so_far(summary, " ".join(sentences))


def chance(summary: Summary) -> str:
    """Of a classification, how often guessing is right; else empty."""
    task = summary.task
    if not task.answers:
        return ""
    if task.folds:
        return _(
            "Always guessing the most frequent label in training is right for {chance:.1%} of the test texts, as the "
            "mean over the folds.",
            chance=task.chance,
        )
    if task.classes:
        return _(
            "Always guessing the most frequent label in training, “{commonest}”, is right for {chance:.1%} of the "
            "test texts.",
            commonest=task.commonest,
            chance=task.chance,
        )
    return _(
        "A model that always gives the most frequent of the {labels} answers in training, "
        "“{commonest}”, has an exact match of {chance:.1%} on the test part.",
        labels=task.answers,
        commonest=task.commonest,
        chance=task.chance,
    )


def each_arm(summary: Summary, measure: Measure) -> Iterator[str]:
    """What may be said of each arm by one measure, size after size: against the baseline, pre-trained arms against
    their controls, and against themselves rescaled."""
    for share in summary.shares:
        for family in (summary.comparisons, summary.controls, summary.rescaled):
            for comparison in family(measure.key, share):
                yield measure.sentence(comparison, size(share, summary.plan))
        if measure.key == "steps":
            yield from _never_reached(summary, share)


def _never_reached(summary: Summary, share: float) -> Iterator[str]:
    plan, never = summary.plan, {}
    for row in summary.arms(share):
        if row.unreached:
            never[row.arm] = f"“{row.arm}” ({row.unreached} of {row.finished})"
    if never:
        yield _(
            "At {size}, some runs never reached a validation loss of {threshold:g}: "
            "{never}. They count as the last update, {updates:,}, but need more.",
            size=size(share, summary.plan),
            threshold=plan.threshold,
            never=listed(list(never.values())),
            updates=plan.updates,
        )


def so_far(summary: Summary, sentences: str) -> str:
    return (
        _("So far, with {so_far}: {sentences}", so_far=summary.so_far, sentences=sentences)
        if sentences and summary.so_far
        else sentences
    )


def sides(measure: Measure, compared: Iterable[Comparison]) -> tuple[_Side, _Side]:
    """Those that are significantly better, and those that are worse, each with the word for it."""
    significant = [comparison for comparison in compared if comparison.is_significant]
    lower = _("lower"), [comparison for comparison in significant if comparison.difference < 0]
    higher = _("higher"), [comparison for comparison in significant if comparison.difference > 0]
    return (lower, higher) if measure.lower_is_better else (higher, lower)
