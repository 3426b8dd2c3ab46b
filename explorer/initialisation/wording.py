"""The sentences about a comparison: what the numbers of a summary show, what they do not, and what weakens them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from explorer.initialisation.measures import Measure
from explorer.initialisation.statistics import FEWEST_SEEDS, Comparison

if TYPE_CHECKING:
    from explorer.initialisation.summary import Summary

_Side = tuple[str, list[Comparison]]  # "lower" or "higher", and the significant differences to that side


def size(share: float) -> str:
    """A share of the training pairs in words, "5% of the pairs"."""
    return f"{100 * share:g}% of the pairs"


def answer(summary: Summary, measure: Measure) -> str:
    """What one measure shows at each size."""
    return _so_far(summary, " ".join(_answer(summary, measure, share) for share in summary.shares))


def _answer(summary: Summary, measure: Measure, share: float) -> str:
    plan, compared, at = summary.plan, summary.comparisons(measure.key, share), size(share)
    baseline, noun = f"“{plan.baseline}”", measure.noun
    if not compared:
        return f"At {at}, nothing can be compared yet."
    (way, better), (other_way, worse) = _sides(measure, compared)
    if len(plan.arms) == 2:
        (only,) = compared
        if not only.is_significant:
            return f"At {at}, there is no significant difference in {noun} between “{only.arm}” and {baseline}."
        way = way if better else other_way
        return f"At {at}, “{only.arm}” reaches a {way} {noun} than {baseline}, by {measure.amount(only)}."
    others = len(plan.arms) - 1
    arms = f"{others} arms" if len(compared) == others else f"the {len(compared)} arms that can be compared yet"
    if not (better or worse):
        return f"At {at}, there is no significant difference in {noun} between {baseline} and any of {arms}."
    count = f"{len(better) or 'none'} of {arms} {'reaches' if len(better) < 2 else 'reach'}"
    rest = f", and {len(worse)} {'reaches' if len(worse) == 1 else 'reach'} a {other_way} one" if worse else ""
    sentence = f"At {at}, {count} a {way} {noun} than {baseline}{rest}."
    if better:
        best = max(better, key=lambda comparison: abs(comparison.difference))
        sentence += f" “{best.arm}” has the largest difference: it is {way} by {measure.amount(best)}."
    return sentence


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
        "the same vectors given to other words",
        "what they know of the words helps",
        "what they know of the words harms",
    )


def scale(summary: Summary, measure: Measure) -> str:
    """Whether vectors lose for being too wide: pre-trained arms as they are, or at length 1, against the same rescaled
    to Xavier's spread. Empty where nothing of it can be compared."""
    return _against(
        summary,
        measure,
        {share: summary.rescaled(measure.key, share) for share in summary.shares},
        "the same vectors rescaled to Xavier’s spread",
        "rescaling harms",
        "rescaling helps",
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
        for (way, differences), moral in zip(_sides(measure, compared), (helps, harms), strict=True):
            if differences:
                who = f"{len(differences)} of {len(compared)} pre-trained arms reach"
                who = f"“{differences[0].arm}” reaches" if len(differences) == 1 else who
                by = measure.amount(differences[0]) if len(differences) == 1 else measure.amounts(differences)
                parts.append(f"{who} a {way} {measure.noun} than {what}, by {by}: {moral}")
        if parts and (rest := sum(not comparison.is_significant for comparison in compared)):
            parts.append(f"for the other {rest}, there is no significant difference")
        if compared and not parts:
            who = f"“{compared[0].arm}”" if len(compared) == 1 else f"any of {len(compared)} pre-trained arms"
            parts = [f"there is no significant difference in {measure.noun} between {who} and {what}"]
        if parts:
            sentences.append(f"At {size(share)}, {'; '.join(parts)}.")
    return _so_far(summary, " ".join(sentences))


def chance(summary: Summary) -> str:
    """Of a classification, how often guessing is right; else empty."""
    task = summary.task
    if not task.labels:
        return ""
    return (
        f"A model that always gives the most frequent of the {len(task.labels)} answers in training, "
        f"“{' '.join(task.commonest)}”, has an exact match of {task.chance:.1%} on the test part."
    )


def each_arm(summary: Summary, measure: Measure) -> Iterator[str]:
    """What may be said of each arm by one measure, size after size: against the baseline, pre-trained arms against
    their controls, and against themselves rescaled."""
    for share in summary.shares:
        for family in (summary.comparisons, summary.controls, summary.rescaled):
            for comparison in family(measure.key, share):
                yield measure.sentence(comparison, size(share))
        if measure.key == "steps":
            yield from _never_reached(summary, share)


def _never_reached(summary: Summary, share: float) -> Iterator[str]:
    plan, never = summary.plan, {}
    for arm in plan.arms:
        runs = summary.finished(arm, share)
        if count := sum(min(run.validation_losses) > plan.threshold for run in runs):
            never[arm] = f"“{arm}” ({count} of {len(runs)})"
    if never:
        yield (
            f"At {size(share)}, some runs never reached a validation loss of {plan.threshold:g}: "
            f"{_and(list(never.values()))}. They count as the last update, {plan.updates:,}, but need more."
        )


def cautions(summary: Summary) -> Iterator[str]:
    """What weakens the conclusions."""
    plan, collected = summary.plan, summary.collected
    if plan.too_few_seeds:
        yield plan.too_few_seeds
    if collected.missing:
        yield (
            f"{collected.missing:,} of {plan.jobs:,} runs are missing, so every statement is provisional. "
            "Do not stop the runs because the result looks good: that favours chance."
        )
    for share in summary.shares:
        yield from _left_out(summary, share)
    if failed := sum(bool(result.error) for result in collected.searched.values()):
        yield (
            f"{failed:,} of {len(collected.searched):,} runs that searched for a learning rate failed: "
            "their rates were not chosen."
        )
    yield from _rates(summary)
    yield from _unfinished(summary)


def _left_out(summary: Summary, share: float) -> Iterator[str]:
    at, baseline = size(share), summary.plan.baseline
    for row in summary.arms(share):
        if row.failed:
            yield (
                f"At {at}, {row.failed} of {row.failed + row.finished} runs of “{row.arm}” failed and are left out. "
                "This flatters the arm: the runs that remain are those that went well."
            )
    seeds = {arm: numbers.keys() for arm, numbers in summary.points(summary.primary.key, share).items()}
    if len(seeds.get(baseline, ())) < FEWEST_SEEDS:
        yield f"At {at}, the baseline “{baseline}” has fewer than two finished runs: nothing is compared."
        return
    few = [arm for arm in summary.plan.arms if len(seeds.get(arm, {}.keys()) & seeds[baseline]) < FEWEST_SEEDS]
    if few:
        yield f"At {at}, fewer than two finished seeds are common to “{baseline}” and {_arms(few)}: not compared yet."


def _rates(summary: Summary) -> Iterator[str]:
    """Where the best learning rate may lie outside the searched ones."""
    plan, rates = summary.plan, sorted(summary.plan.rates)
    if len(rates) == 1:
        yield (
            f"All arms use the learning rate {rates[0]:g}; no search was made. "
            "Arms that need another rate are at a disadvantage."
        )
        return
    for share in summary.shares:
        for edge, extreme, beyond in ((rates[0], "lowest", "lower"), (rates[-1], "highest", "higher")):
            if arms := [row.arm for row in summary.arms(share) if row.rate == edge]:
                whose = "every arm" if len(arms) == len(plan.arms) else _arms(arms)
                yield (
                    f"At {size(share)}, the learning rate of {whose} is the {extreme} that was searched, "
                    f"{edge:g}: a {beyond} rate might be better."
                )


def _unfinished(summary: Summary) -> Iterator[str]:
    """Where half of the runs or more are best at their last update."""
    for share in summary.shares:
        runs = [run for arm in summary.plan.arms for run in summary.finished(arm, share)]
        if runs and 2 * (count := sum(run.best_step == summary.plan.updates for run in runs)) >= len(runs):
            yield (
                f"At {size(share)}, {count} of {len(runs)} runs are best at their last update: they had not converged. "
                "Longer training may change or remove the differences."
            )


def _so_far(summary: Summary, sentences: str) -> str:
    return f"So far, with {summary.so_far}: {sentences}" if sentences and summary.so_far else sentences


def _sides(measure: Measure, compared: Iterable[Comparison]) -> tuple[_Side, _Side]:
    """Those that are significantly better, and those that are worse, each with the word for it."""
    significant = [comparison for comparison in compared if comparison.is_significant]
    lower = "lower", [comparison for comparison in significant if comparison.difference < 0]
    higher = "higher", [comparison for comparison in significant if comparison.difference > 0]
    return (lower, higher) if measure.lower_is_better else (higher, lower)


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _arms(names: Sequence[str]) -> str:
    return _and([f"“{name}”" for name in names])
