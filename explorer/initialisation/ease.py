"""Tasks that are too easy to tell arms apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.initialisation.measures import Measure
from explorer.initialisation.words import size
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.initialisation.summary import Summary

EASY = 0.98  # a share that is right: arms that all reach it have hardly anything left to differ in


def too_easy(summary: Summary, measure: Measure, share: float) -> str:
    """That a size is too easy to tell its arms apart, in a sentence: nothing is shown of any, and each is nearly always
    right. Empty where it is not."""
    means = [row.values[measure.key].mean for row in summary.arms(share) if row.values]
    is_easy = bool(means) and measure.percent and not measure.lower_is_better and min(means) >= EASY
    if not is_easy or any(each.is_significant for each in summary.comparisons(measure.key, share)):
        return ""
    return _(
        "At {at}, this task is too easy to tell the arms apart: {every}.",
        at=size(share, summary.plan),
        every=nothing_to_gain(measure, min(means)),
    )


def nothing_to_gain(measure: Measure, least: float) -> str:
    """A clause: every arm has at least this."""
    number = measure.number(least)
    if number == measure.number(1.0):
        return _("every arm has {number}, which leaves nothing to gain", number=number)
    return _("every arm has {least} or more, which leaves nothing to gain", least=number)
