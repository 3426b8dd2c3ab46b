"""How a chapter is told: a plan of its steps, and the steps of it that a pass took."""

from __future__ import annotations

from dataclasses import replace

from explorer.lessons.sentences import sentences
from explorer.lessons.steps import Chapter, Shown, Step
from explorer.texts import _
from explorer.transformer.trace import Trace

# title, prose, names of the tensors that are derived, names of those shown (all of them where it is empty)
Plan = tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]

GAIN_AND_BIAS = _(
    "Last, it multiplies each column by a weight γ and adds a weight β. They start at 1 and 0, and training changes "
    "them."
)
"""What a layer norm does last, wherever one stands."""
DROPOUT = (
    _("Dropout"),
    _(
        "In training, [[dropout]] sets numbers to 0 at random, so that the model cannot rely on any single one: each "
        "with the probability r = {rate}. The others are divided by 1 − r, so that the mean stays the same."
    ),
    ("dropout",),
    (),
)


def steps(trace: Trace, scope: str, plan: Plan) -> tuple[Step, ...]:
    """The steps of a plan that this pass took; those of a norm first, of a post-norm model, are left out."""
    return tuple(
        Step(
            key=scope + derived[-1],
            title=title,
            prose=sentences(trace, trace[scope + derived[-1]].node, prose),
            formulas=tuple(trace[scope + name].formula for name in derived),
            shown=tuple(Shown(scope + name) for name in shown or derived),
        )
        for title, prose, derived, shown in plan
        if scope + derived[0] in trace
    )


def concluded(title: str, steps: tuple[Step, ...], summary: str) -> Chapter:
    """A chapter whose last step ends with what has been reached, where it has a step at all."""
    if not steps:
        return Chapter(title, steps)
    *before, last = steps
    return Chapter(title, (*before, replace(last, prose=f"{last.prose} {summary}")))
