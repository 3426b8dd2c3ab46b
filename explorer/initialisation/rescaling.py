"""Whether scale alone explains how well a start does: every kind of vectors of a plan, made so long that ‖√d·E‖ stands
to ‖PE‖ as each of some ratios says, and trained a little."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, fields, replace
from statistics import fmean
from typing import Any

from threadpoolctl import threadpool_limits

from explorer.answers import Answer, Table
from explorer.errors import UserError
from explorer.initialisation import experiment
from explorer.initialisation.causes import Tell, middle_rate, size_of, trained
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


class Rescaling(Answer):
    """The curve of each kind of vectors over the ratios."""

    headings_are_data = True

    def __init__(self, plan: Plan, share: float, updates: int, rows: Sequence[Row]) -> None:
        self.plan, self.share, self.updates, self.rows = plan, share, updates, tuple(rows)

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

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.plan.name,
            "size": self.share,
            "updates": self.updates,
            "by_scale": self.by_scale,
            "by_kind": self.by_kind,
            "answer": self.headline,
            "sentences": list(self.sentences),
            "rows": [asdict(row) for row in self.rows],
        }

    def table(self) -> Table:
        return Table(tuple(each.name for each in fields(Row)), tuple(map(astuple, self.rows)))


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
    jobs = [Job(kind, plan.arms[arm], share, plan.seeds[0], middle_rate(plan)) for kind, arm in kinds(plan).items()]
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


def kinds(plan: Plan) -> dict[str, str]:
    """The kinds of vectors of a plan that differ in more than their scale, each with the first arm that has it whose
    table is trained from the first update on."""
    found: dict[object, str] = {}
    for arm, strategy in plan.arms.items():
        if strategy.training == "tuned":
            unscaled = replace(strategy, scale="raw") if strategy.scale else "random numbers"
            found.setdefault(unscaled, arm)
    return {arm: arm for arm in found.values()}


def _scaled(prepared: experiment.Prepared, factor: float) -> experiment.Prepared:
    model = prepared.translator
    table = model.parameters[model.table]
    parameters = {**model.parameters, model.table: table * table.dtype.type(factor)}
    return replace(prepared, translator=replace(model, parameters=parameters))
