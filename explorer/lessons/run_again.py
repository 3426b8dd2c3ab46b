"""A run of a comparison, trained once more to be watched: the same plan, seed and rate give the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from explorer.errors import UserError
from explorer.initialisation import library
from explorer.initialisation.collected import Collected, collect
from explorer.initialisation.experiment import prepare
from explorer.initialisation.plan import Job, Plan
from explorer.initialisation.results import Result
from explorer.initialisation.tasks import origin
from explorer.initialisation.texts_at_hand import check_texts
from explorer.initialisation.words import size
from explorer.lessons.trainer import Trainer
from explorer.texts import _
from explorer.transformer.translator import Translator

_MOMENTS = 40  # that are kept at most: each holds all weights


@dataclass(frozen=True)
class Run:
    """A finished run: the `job` of a plan, and its `result`."""

    plan: Plan
    job: Job
    result: Result

    @classmethod
    def find(cls, comparison: str, arm: str, share: float, seed: int) -> Self:
        """Raises UserError for a comparison that is not there, or whose texts are not, and as `of`."""
        plan = library.plan(comparison)
        check_texts(plan)
        return cls.of(collect(plan, library.folder(comparison)), arm, share, seed)

    @classmethod
    def of(cls, results: Collected, arm: str, share: float, seed: int) -> Self:
        """Raises UserError where the comparison has no such run, or not yet."""
        for job, result in results.compared.items():
            if (job.arm, job.share, job.seed) == (arm, share, seed):
                return cls(results.plan, job, result)
        raise UserError(
            _(
                "“{name}” has no finished run of “{arm}” with {share:.3%} of the pairs and seed {seed}. "
                "Choose a point of its chart.",
                name=results.plan.name,
                arm=arm,
                share=share,
                seed=seed,
            )
        )

    @property
    def in_words(self) -> str:
        """Which one it is."""
        return _(
            "The run “{arm}” of “{name}” with {size} and seed {seed}",
            arm=self.job.arm,
            name=self.plan.name,
            size=size(self.job.share, self.plan),
            seed=self.job.seed,
        )

    def again(self) -> Trainer:
        """The same training, not begun yet; its moments are those that the run was measured at, or every nth of many.

        Raises UserError for a run of what is no translator."""
        plan, prepared = self.plan, prepare(self.plan, self.job)
        if not isinstance(prepared.translator, Translator):
            raise UserError(_("Only translations can be watched, and “{name}” tells labels apart.", name=plan.name))
        measured = range(0, plan.updates, plan.measured_every)
        kept = measured[:: -(-len(measured) // _MOMENTS)]
        sentence = _("{run}, trained once more. {origin}", run=self.in_words, origin=origin(plan.task)).rstrip()
        expected = dict(zip(self.result.steps, self.result.validation_losses, strict=True))
        return Trainer(
            prepared.translator,
            prepared.train,
            prepared.held_out(),
            prepared.recipe,
            plan.updates,
            kept,
            sentence,
            expected,
        )
