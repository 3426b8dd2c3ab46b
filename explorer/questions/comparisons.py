"""Questions about comparisons of initialisations: which there are, what one shows, every run of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.initialisation.measures import AGAINST, MEASURES
from explorer.questions import parameter
from explorer.questions.parameter import REQUIRED
from explorer.questions.question import Progress, Question, silent
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.initialisation import library, runs, strategies, summary

_ROOM = _("Initialisation")
_LONGEST_NAME = 60


class Comparisons(Question):
    """The comparisons of initialisations at hand, shipped ones and your own, and how far each is."""

    room = _ROOM

    def answer(self, progress: Progress = silent) -> library.Comparisons:
        from explorer.initialisation import library

        return library.comparisons()


class Strategies(Question):
    """The ways to start an embedding table: what each option of a plan's arm may say, what that is, and its source."""

    room = _ROOM

    def answer(self, progress: Progress = silent) -> strategies.Options:
        from explorer.initialisation import strategies

        return strategies.options()


class _AskedOfComparison(Question):
    """A question about one comparison."""

    room = _ROOM
    # `run` is its name in the addresses of the page
    comparison: str = parameter.text(
        REQUIRED,
        _("the name of a comparison; `comparisons` lists them"),
        longest=_LONGEST_NAME,
        positional=True,
        label=_("Comparison"),
        aliases=["run"],
        example="parts-of-speech",
    )


class Comparison(_AskedOfComparison):
    """What a comparison shows: the arms by a measure, with intervals, differences, p values and cautions."""

    measure: str | None = parameter.choice(
        None, tuple(MEASURES), _("what the arms are compared by; the measure that decides the task where left open")
    )
    against: str = parameter.choice(
        "baseline",
        tuple(AGAINST),
        _(
            "what the arms are compared with: the baseline, their controls (the same vectors for other words, matched "
            "noise), or the same vectors rescaled"
        ),
        label=_("Compared with"),
    )
    size: float | None = parameter.number(
        None,
        0,
        1,
        _("one size only, as a share of the training pairs; all sizes where left open"),
        above=True,
        unit=_("share of the pairs"),
        example=1.0,
    )

    def answer(self, progress: Progress = silent) -> summary.Summary:
        from explorer.initialisation import library

        return library.summary(self.comparison).by(self.measure, self.against, self.size)


class ComparisonRuns(_AskedOfComparison):
    """Every run of a comparison: a row with its arm, size, seed, learning rate and numbers."""

    name = "comparison-rows"

    def answer(self, progress: Progress = silent) -> runs.Runs:
        from explorer.initialisation import library
        from explorer.initialisation.runs import Runs

        return Runs(library.summary(self.comparison).collected)
