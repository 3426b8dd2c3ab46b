"""What weakens what a comparison shows: runs that are missing or failed, rates at the end of a grid, trainings that
were not done, texts that are few."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from explorer.initialisation import coverage
from explorer.initialisation.ease import too_easy
from explorer.initialisation.statistics import FEWEST_SEEDS
from explorer.initialisation.words import arms_named, listed, size
from explorer.texts import _, _n

if TYPE_CHECKING:
    from explorer.initialisation.summary import Summary

_FEW = 1 / 20  # of the runs: more that were still improving at their end are said in the answer


def cautions(summary: Summary) -> Iterator[str]:
    """What weakens the conclusions."""
    plan, collected = summary.plan, summary.collected
    yield from filter(None, (plan.too_few_seeds, plan.idle_looks))
    if collected.missing:
        yield _(
            "{missing:,} of {jobs:,} runs are missing, so every statement is provisional. "
            "Do not stop the runs because the result looks good: that favours chance.",
            missing=collected.missing,
            jobs=collected.jobs,
        )
        if plan.early_end:
            yield plan.early_end
    elif summary.ended_early:
        yield _(
            "A comparison that stops early does so where its differences look large: they are somewhat overstated "
            "(Pocock & Hughes 1989). The intervals are wide enough to allow for it."
        )
    for share in summary.shares:
        yield from _left_out(summary, share)
    if failed := sum(bool(result.error) for result in collected.searched.values()):
        yield _(
            "{failed:,} of {searched:,} runs that searched for a learning rate failed: their rates were not chosen.",
            failed=failed,
            searched=len(collected.searched),
        )
    yield from _rates(summary)
    yield from _unfinished(summary)
    yield from summary.task.notes
    if summary.task.classes or summary.task.is_language:
        yield from _few_texts(summary)
    if plan.searched_on_tests:
        yield plan.searched_on_tests


def limits(summary: Summary) -> Iterator[str]:
    """The look that it stopped at; then a search of one seed, learning rates at the end of what was searched, and runs
    that had not done learning: in the answer itself, as each may turn it. `cautions` name the arms."""
    if sentence := stop(summary):
        yield sentence
    yield from coverage.warnings(summary.task.coverage)
    arms = len(summary.plan.arms)
    ends, improving = [], []
    for share in summary.shares:
        at = size(share, summary.plan)
        if edge := sum(summary.edge(arm, share) != "" for arm in summary.plan.arms):
            ends.append(_("{edge} of {arms} arms at {at}", edge=edge, arms=arms, at=at))
        runs = sum(len(summary.finished(arm, share)) for arm in summary.plan.arms)
        if too_easy(summary, summary.primary, share):
            continue  # the loss may still fall, but nothing can be gained by what decides
        if runs and (count := sum(row.improving for row in summary.arms(share))) > _FEW * runs:
            improving.append(_("{count} of {runs} at {at}", count=count, runs=runs, at=at))
    if summary.plan.search_seeds == 1 and len(summary.plan.rates) > 1:
        yield _of_one_search()
    if ends:
        yield _(
            "The best learning rate is the highest or the lowest that was tried for {ends}: another might be better.",
            ends=listed(ends),
        )
    if improving:
        yield _(
            "Of the runs, {improving} were still improving at their end: longer training may change the differences.",
            improving=listed(improving),
        )


def stop(summary: Summary) -> str:
    """At which look a comparison with looks has ended, and that its numbers allow for them; else empty."""
    plan, look = summary.plan, summary.look
    if not plan.early_end or summary.collected.missing:
        return ""
    values = {"number": look.number, "looks": len(plan.looks), "seeds": look.seeds, "planned": len(plan.seeds)}
    where = (
        _(
            "The comparison stopped at look {number} of {looks}, after {seeds} of {planned} seeds, as every difference "
            "to the baseline in {noun} was shown by then.",
            noun=summary.primary.noun,
            **values,
        )
        if summary.ended_early
        else _("The comparison went on to the last of {looks} looks, after all {planned} seeds.", **values)
    )
    return f"{where} " + _("Intervals and p values allow for the looks (alpha spending, Lan & DeMets 1983).")


def _of_one_search() -> str:
    return _(
        "The learning rates were chosen with one seed only. Another seed might choose others; the intervals do not "
        "cover this."
    )


def _few_texts(summary: Summary) -> Iterator[str]:
    """What the intervals of labelled texts, and of a language model, do not cover."""
    test = summary.task.tested
    if summary.task.folds:
        yield _(
            "Each seed tests another fold, so the intervals cover other texts as well as other seeds. The training "
            "parts of the folds overlap, which makes the intervals somewhat too narrow (Nadeau & Bengio 2003).",
        )
    elif summary.task.is_language:
        yield _(
            "All seeds are tested on the same {test:,} lines: the intervals are over seeds, and with another text the "
            "differences may be others.",
            test=test,
        )
    else:
        yield _(
            "All seeds are tested on the same {test:,} texts, of which one is {one:.2%}: the intervals are over seeds, "
            "and with other texts the differences may be others.",
            test=test,
            one=1 / test,
        )


def _left_out(summary: Summary, share: float) -> Iterator[str]:
    at, baseline = size(share, summary.plan), summary.plan.baseline
    for row in summary.arms(share):
        if row.failed:
            yield _(
                "At {at}, {failed} of {runs} runs of “{arm}” failed and are left out. "
                "This flatters the arm: the runs that remain are those that went well.",
                at=at,
                failed=row.failed,
                runs=row.failed + row.finished,
                arm=row.arm,
            )
    seeds = {arm: numbers.keys() for arm, numbers in summary.points(summary.primary.key, share).items()}
    if len(seeds.get(baseline, ())) < FEWEST_SEEDS:
        yield _(
            "At {at}, the baseline “{baseline}” has fewer than two finished runs: nothing is compared.",
            at=at,
            baseline=baseline,
        )
        return
    few = [arm for arm in summary.plan.arms if len(seeds.get(arm, {}.keys()) & seeds[baseline]) < FEWEST_SEEDS]
    if few:
        yield _(
            "At {at}, fewer than two finished seeds are common to “{baseline}” and {arms}: not compared yet.",
            at=at,
            baseline=baseline,
            arms=arms_named(few),
        )


def _rates(summary: Summary) -> Iterator[str]:
    """Where the best learning rate may lie outside the searched ones."""
    plan = summary.plan
    if len(plan.rates) == 1:
        yield _(
            "All arms use the learning rate {rates:g}; no search was made. "
            "Arms that need another rate are at a disadvantage.",
            rates=plan.rates[0],
        )
        return
    if plan.search_seeds == 1:
        yield _of_one_search()
    for share in summary.shares:
        grid = summary.collected.grids[share].rates
        for edge, rate, first in (("lowest", grid[0], min(plan.rates)), ("highest", grid[-1], max(plan.rates))):
            if arms := [arm for arm in plan.arms if summary.edge(arm, share) == edge]:
                whose = _("every arm") if len(arms) == len(plan.arms) else arms_named(arms)
                values = {"size": size(share, summary.plan), "whose": whose, "edge": rate}
                yield (
                    _(
                        "At {size}, the learning rate of {whose} is the lowest that was searched, {edge:g}: a lower "
                        "rate might be better.",
                        **values,
                    )
                    if edge == "lowest"
                    else _(
                        "At {size}, the learning rate of {whose} is the highest that was searched, {edge:g}: a higher "
                        "rate might be better.",
                        **values,
                    )
                ) + (" " + _("The grid was widened as far as the plan allows.")) * (rate != first)


def _unfinished(summary: Summary) -> Iterator[str]:
    """Where more than one run in twenty is best at its last update, or was ended by the ceiling of updates before its
    patience had ended."""
    plan = summary.plan
    for share in summary.shares:
        at, rows = size(share, plan), summary.arms(share)
        runs = sum(row.finished for row in rows)
        if runs and (count := sum(row.improving for row in rows)) > _FEW * runs:
            yield _(
                "At {size}, {count} of {runs} runs are best at their last update: they had not converged ({arms}). "
                "Longer training may change or remove the differences.",
                size=at,
                count=count,
                runs=runs,
                arms=", ".join(f"“{row.arm}” {row.improving}/{row.finished}" for row in rows if row.improving),
            )
        if runs and plan.patience and (met := sum(row.at_ceiling for row in rows)):
            yield _n(
                "At {size}, {count} of {runs} runs met the ceiling of {updates:,} updates before their patience had "
                "ended ({arms}).",
                "At {size}, {count} of {runs} runs met the ceiling of {updates:,} updates before their patience had "
                "ended ({arms}).",
                met,
                size=at,
                runs=runs,
                updates=plan.updates,
                arms=", ".join(f"“{row.arm}” {row.at_ceiling}/{row.finished}" for row in rows if row.at_ceiling),
            )
