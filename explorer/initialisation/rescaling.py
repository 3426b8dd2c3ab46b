"""Whether scale alone explains how well a start does: every kind of vectors of a plan, made so long that ‖√d·E‖ stands
to ‖PE‖ as each of some ratios says, and trained a little."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from threadpoolctl import threadpool_limits

from explorer.errors import UserError
from explorer.initialisation import experiment
from explorer.initialisation.causes import Tell, middle_rate, size_of, trained
from explorer.initialisation.explanation import Explanation
from explorer.initialisation.plan import Job, Plan
from explorer.initialisation.words import size
from explorer.texts import _
from explorer.transformer.training import measure

RATIOS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Row:
    """A kind of vectors at one ratio of ‖√d·E‖ to ‖PE‖ at the start: its validation loss after the training.
    `factor` is what its table was multiplied by; the plan's own table has `own_ratio`."""

    kind: str
    ratio: float
    loss: float
    factor: float
    own_ratio: float


class Rescaling(Explanation):
    """The curve of each kind of vectors over the ratios."""

    row = Row

    @property
    def kinds(self) -> dict[str, list[Row]]:
        """The rows of each kind, by rising ratio."""
        kinds: dict[str, list[Row]] = {}
        for row in sorted(self.rows, key=lambda row: row.ratio):
            kinds.setdefault(row.kind, []).append(row)
        return kinds

    @property
    def by_scale(self) -> float:
        """How far the loss moves with the ratio: from the best to the worst one, as the mean over the kinds."""
        return fmean(max(row.loss for row in rows) - min(row.loss for row in rows) for rows in self.kinds.values())

    @property
    def by_kind(self) -> float:
        """How far kinds are apart at one ratio, as the mean over the ratios."""
        at: dict[float, list[float]] = {}
        for row in self.rows:
            at.setdefault(row.ratio, []).append(row.loss)
        return fmean(max(losses) - min(losses) for losses in at.values())

    @property
    def headline(self) -> str:
        """How much is scale, and how much is what the vectors are."""
        return _(
            "After {updates:,} updates with {size} (one seed), the scale of a table moves the validation loss by "
            "{by_scale:.2f}, and which vectors it holds moves it by {by_kind:.2f} at the same scale.",
            updates=self.updates,
            size=size(self.share, self.plan),
            by_scale=self.by_scale,
            by_kind=self.by_kind,
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        for kind, rows in self.kinds.items():
            best = min(rows, key=lambda row: row.loss)
            yield _(
                "{kind}: the lowest loss, {loss:.3f}, is at a ratio of {ratio:g}; as the plan has it, it is {own:.2f}.",
                kind=kind,
                loss=best.loss,
                ratio=best.ratio,
                own=best.own_ratio,
            )
        yield _(
            "The ratio is ‖√d·E‖ to ‖PE‖ at the start. All curves have one learning rate, {rate:g}, and one seed: the "
            "best rate may differ from scale to scale, and differences as small as those of two seeds say nothing.",
            rate=middle_rate(self.plan),
        )

    @property
    def measures(self) -> dict[str, Any]:
        return {"by_scale": self.by_scale, "by_kind": self.by_kind}


def rescaling(
    plan: Plan,
    updates: int,
    share: float | None = None,
    ratios: Sequence[float] = RATIOS,
    tell: Tell = lambda stage, done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Rescaling:
    """Train each kind of vectors at each ratio, from the plan's first seed with the middle one of its rates.

    Raises UserError where no kind can be rescaled, and as `causes.causes`; Cancelled when told to stop.
    """
    share = size_of(plan, share)
    jobs = [Job(arm, plan.arms[arm], share, plan.seeds[0], middle_rate(plan)) for arm in kinds(plan)]
    rows = []
    with threadpool_limits(1):
        for number, job in enumerate(jobs):
            prepared = experiment.prepare(plan, job)
            lengths = experiment.probe(prepared.translator, prepared.task)
            own = lengths.vectors / lengths.positions
            for place, ratio in enumerate(ratios if own else ()):
                done = (number + place / len(ratios)) / len(jobs)
                tell(_("training {kind} at a ratio of {ratio:g}", kind=job.arm, ratio=ratio), done)
                factor = ratio / own
                model = trained(plan, _scaled(prepared, factor), updates, cancelled)
                rows.append(Row(job.arm, ratio, measure(model, prepared.held_out()).loss, factor, own))
    tell(_("done"), 1.0)
    if not rows:
        raise UserError(_("The plan “{name}” has no table that can be rescaled: all are zeros.", name=plan.name))
    return Rescaling(plan, share, updates, rows)


def kinds(plan: Plan) -> list[str]:
    """The arms of a plan whose vectors differ in more than their scale: of each kind the first whose table is trained
    from the first update on."""
    arms: dict[object, str] = {}
    for arm, strategy in plan.arms.items():
        if strategy.training == "tuned":
            unscaled = replace(strategy, scale="raw") if strategy.scale else "random numbers"
            arms.setdefault(unscaled, arm)
    return list(arms.values())


def _scaled(prepared: experiment.Prepared, factor: float) -> experiment.Prepared:
    model = prepared.translator
    table = model.parameters[model.table]
    parameters = {**model.parameters, model.table: table * table.dtype.type(factor)}
    return replace(prepared, translator=replace(model, parameters=parameters))
