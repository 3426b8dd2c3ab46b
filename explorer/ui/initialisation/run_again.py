"""A run of a comparison, trained once more to be watched: the same plan, seed and rate give the same numbers."""

from __future__ import annotations

from explorer.errors import UserError
from explorer.initialisation.collected import Collected
from explorer.initialisation.experiment import prepare
from explorer.initialisation.plan import Job, Plan
from explorer.initialisation.results import Result
from explorer.lessons.learning import Learning
from explorer.texts import _
from explorer.transformer.translator import Translator

_MOMENTS = 40  # that are kept at most: each holds all weights


def run_of(results: Collected, arm: str, share: float, seed: int) -> tuple[Job, Result]:
    """Raises UserError where the comparison has no such run, or not yet."""
    for job, result in results.compared.items():
        if (job.arm, job.share, job.seed) == (arm, share, seed):
            return job, result
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


def again(plan: Plan, job: Job) -> Learning:
    """The same training, not begun yet; its moments are those that the run was measured at, or every nth of many."""
    prepared = prepare(plan, job)
    if not isinstance(prepared.translator, Translator):
        raise UserError(_("Only translations can be watched, and “{name}” tells labels apart.", name=plan.name))
    measured = range(0, plan.updates, plan.measured_every)
    moments = measured[:: -(-len(measured) // _MOMENTS)]
    held_out = prepared.held_out()
    return Learning(prepared.translator, prepared.train, held_out, prepared.recipe, plan.updates, moments)


def agreement(learning: Learning, result: Result) -> str:
    """Whether the validation losses of a training are those of the run, in a sentence."""
    expected = dict(zip(result.steps, result.validation_losses, strict=True))
    pairs = [(m.measure.loss, expected[m.step]) for m in learning.moments if m.step in expected]
    if all(loss == other for loss, other in pairs):
        return _("All {pairs} validation losses are those of the comparison, to the last digit.", pairs=len(pairs))
    furthest = max(abs(loss - other) for loss, other in pairs)
    return _(
        "The validation losses differ from those of the comparison by up to {furthest:.2g}: it was computed by "
        "another processor or another library, which rounds otherwise.",
        furthest=furthest,
    )
