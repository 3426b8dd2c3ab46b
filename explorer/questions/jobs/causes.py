"""The jobs that look for the why of a comparison: what its tables are like, and whether scale explains it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from explorer.errors import UserError
from explorer.questions import parameter
from explorer.questions.jobs.job import Announce, Cancelled, Job, never, unheard
from explorer.questions.parameter import REQUIRED
from explorer.questions.question import Progress, silent
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.initialisation import causes, rescaling
    from explorer.initialisation.plan import Plan

_LONGEST_NAME = 60
_MOST_UPDATES = 5_000


class TrainsALittle(Job):
    """A job that trains the arms of a comparison anew, a little, from one seed."""

    room = _("Comparing")
    kind, called = "Explanation", _("Explanation")
    comparison: str = parameter.text(
        REQUIRED,
        _("the name of a comparison at hand, or of a plan that came along; `comparisons` lists the former"),
        longest=_LONGEST_NAME,
        positional=True,
        label=_("Comparison"),
        example="phrase-book",
    )
    updates: int = parameter.whole(
        100, 1, _MOST_UPDATES, _("how long each is trained, from one seed"), unit=_("updates"), example=50
    )
    size: float | None = parameter.number(
        None,
        0,
        1,
        _("how much of the training pairs, one of the comparison's sizes; the smallest where left open"),
        above=True,
        unit=_("share of the pairs"),
    )

    @property
    def plan(self) -> Plan:
        """Raises UserError for a comparison that is not there, or whose texts are not."""
        from explorer.initialisation import library
        from explorer.initialisation import plan as plans
        from explorer.initialisation.texts_at_hand import check_texts

        if self.comparison not in library.names() and self.comparison in plans.NAMES:
            return plans.shipped(self.comparison)
        plan = library.plan(self.comparison)
        check_texts(plan)
        return plan

    @property
    def shipped_answer(self) -> Any:
        """The answer as JSON that came along with the comparison, None where none did."""
        from explorer.initialisation import library
        from explorer.initialisation.causes import size_of

        try:
            path = library.explanation_file(self.comparison, self.name, size_of(self.plan, self.size))
        except UserError:  # which is said where the job begins
            return None
        content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
        return content if content and content["updates"] == self.updates else None


class Causes(TrainsALittle):
    """Why arms differ: each arm's table before and after a small training.

    Its spectrum (effective rank, isotropy), its length beside that of the positions, signal and noise of the gradients
    of frequent and rare words, and what a linear probe reads from it: part of speech, frequency. Beside these, how
    sharp the loss is at the start, and what each sublayer adds.
    """

    def answer(
        self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard
    ) -> causes.Causes:
        from explorer.initialisation import causes

        return causes.causes(self.plan, self.updates, self.size, progress, cancelled)


class Rescaling(TrainsALittle):
    """Whether scale alone explains it: each kind of vectors, rescaled from a tenth of the positions' length to ten
    times of it, and trained a little."""

    def answer(
        self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard
    ) -> rescaling.Rescaling:
        from explorer.initialisation import rescaling

        return rescaling.rescaling(self.plan, self.updates, self.size, tell=progress, cancelled=cancelled)
