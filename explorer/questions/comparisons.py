"""Questions about comparisons of initialisations: which there are, what one shows, every run of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.initialisation.measures import AGAINST, MEASURES
from explorer.questions import parameter
from explorer.questions.parameter import REQUIRED
from explorer.questions.question import Progress, Question, silent
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.initialisation import equal_updates, equivalence, library, runs, strategies, summary, together
    from explorer.initialisation.power import Powers
    from explorer.initialisation.published import BesidePublished

_ROOM = _("Initialisation")
_LONGEST_NAME = 60
_MOST_TOGETHER = 50


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


def _measure() -> Any:
    return parameter.choice(
        None, tuple(MEASURES), _("what the arms are compared by; the measure that decides the task where left open")
    )


def _size() -> Any:
    return parameter.number(
        None,
        0,
        1,
        _("one size only, as a share of the training pairs; all sizes where left open"),
        above=True,
        unit=_("share of the pairs"),
        example=1.0,
    )


class Comparison(_AskedOfComparison):
    """What a comparison shows: the arms by a measure, with intervals, differences, p values and cautions."""

    measure: str | None = _measure()
    against: str = parameter.choice(
        "baseline",
        tuple(AGAINST),
        _(
            "what the arms are compared with: the baseline, their controls (the same vectors for other words, matched "
            "noise), or the same vectors rescaled"
        ),
        label=_("Compared with"),
    )
    size: float | None = _size()

    def answer(self, progress: Progress = silent) -> summary.Summary:
        from explorer.initialisation import library

        return library.summary(self.comparison).by(self.measure, self.against, self.size)


class Equivalence(_AskedOfComparison):
    """Which arms are shown to be no more than a margin apart from the baseline, by two one-sided tests."""

    margin: float = parameter.number(
        REQUIRED,
        0,
        1000,
        _("how far apart still counts as the same, in the unit of the measure: nats, percentage points"),
        above=True,
        label=_("No farther apart than"),
        example=2.0,
    )
    measure: str | None = _measure()
    size: float | None = _size()

    def answer(self, progress: Progress = silent) -> equivalence.Equivalences:
        from explorer.initialisation import library
        from explorer.initialisation.equivalence import Equivalences

        return Equivalences(library.summary(self.comparison).by(self.measure, size=self.size), self.margin)


class EqualUpdates(_AskedOfComparison):
    """Which arms learn faster and which are better in the end: validation losses at equal numbers of updates."""

    size: float | None = _size()

    def answer(self, progress: Progress = silent) -> equal_updates.EqualUpdates:
        from explorer.initialisation import equal_updates, library

        return equal_updates.EqualUpdates(library.summary(self.comparison).by(size=self.size))


class Power(_AskedOfComparison):
    """How many seeds a comparison needs to show a difference, from the spread of the runs that it has."""

    effect: float | None = parameter.number(
        None,
        0,
        1000,
        _("the difference to be shown, in the unit of the measure; where left open, what some numbers of seeds show"),
        above=True,
        label=_("Difference to be shown"),
        example=2.0,
    )
    power: float = parameter.number(
        0.8, 0.5, 0.99, _("how often such a difference is to be shown"), unit=_("share of the comparisons")
    )
    measure: str | None = _measure()
    size: float | None = _size()

    def answer(self, progress: Progress = silent) -> Powers:
        from explorer.initialisation import library, power

        return power.Powers(library.summary(self.comparison).by(self.measure, size=self.size), self.effect, self.power)


class Together(Question):
    """What an arm gains over the baseline in several comparisons together, by a random-effects meta-analysis."""

    room = _ROOM
    comparisons: tuple[str, ...] = parameter.texts(
        REQUIRED,
        _MOST_TOGETHER,
        _("the names of comparisons that have the arm, each at its largest size"),
        fewest=2,
        label=_("Comparisons"),
        positional=True,
        example=["kim-trec", "kim-cr"],
    )
    arm: str = parameter.text(
        REQUIRED, _("the arm that is compared with the baseline of each"), longest=_LONGEST_NAME, example="non-static"
    )
    measure: str | None = _measure()

    def answer(self, progress: Progress = silent) -> together.Together:
        from explorer.initialisation import library, together

        return together.Together([library.summary(name) for name in self.comparisons], self.arm, self.measure)


class Published(Question):
    """The table of sentence classification of Kim 2014, beside the same data sets in the runs that came along."""

    room = _ROOM

    def answer(self, progress: Progress = silent) -> BesidePublished:
        from explorer.initialisation.published import BesidePublished

        return BesidePublished()


class ComparisonRuns(_AskedOfComparison):
    """Every run of a comparison: a row with its arm, size, seed, learning rate and numbers."""

    name = "comparison-rows"

    def answer(self, progress: Progress = silent) -> runs.Runs:
        from explorer.initialisation import library
        from explorer.initialisation.runs import Runs

        return Runs(library.summary(self.comparison).collected)
