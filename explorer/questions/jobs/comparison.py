"""The job that compares ways to start the embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explorer.embeddings.training import defaults
from explorer.errors import UserError
from explorer.initialisation.formats import FORMATS
from explorer.questions import parameter
from explorer.questions.jobs.job import Announce, Cancelled, Job, never, unheard
from explorer.questions.question import Progress, silent
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.initialisation.plan import Plan
    from explorer.initialisation.summary import Summary


class Compare(Job):
    """Compare ways to start the embeddings by training from each, with intervals and tests.

    A plan is carried out: every arm from every seed at every size, each arm's learning rate searched for with the same
    budget. What was computed before is taken from there, and what is interrupted goes on where it stopped.
    """

    room = _("Comparing")
    plan: str | None = parameter.text(
        None,
        _("a TOML file, one of quick, phrase-book, parts-of-speech, or the name of one's own"),
        positional=True,
        example="phrase-book",
    )
    quick: bool = parameter.flag(_("the plan “quick”: a first look in a minute or two"))
    fresh: bool = parameter.flag(_("take nothing from earlier results"))
    workers: int | None = parameter.whole(
        None, 1, defaults.MOST_WORKERS, _("how many work side by side; one a core where left open"), unit=_("processes")
    )
    scheduler: str = parameter.text(
        "", _("run on a Dask cluster: the address of its scheduler, such as tcp://host:8786")
    )
    out: Path | None = parameter.file(None, _("the folder of results; results/NAME where left open"))
    report: Path | None = parameter.file(
        None, _("write a report as well: .html, .zip (Markdown and figures), .md, .csv, .parquet or .toml")
    )

    def check(self) -> None:
        if bool(self.plan) == self.quick:
            raise UserError(_("Give the path or the name of one plan, or quick alone."))
        if self.report is None:
            return
        if self.report.suffix[1:] not in FORMATS:
            raise UserError(
                _(
                    "{report} is not a kind of report. Use a name that ends in {formats}.",
                    report=self.report,
                    formats=", ".join(FORMATS),
                )
            )
        if not self.report.parent.is_dir():
            raise UserError(_("There is no folder {parent} for the report. Make it first.", parent=self.report.parent))

    def answer(
        self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard
    ) -> Summary:
        from explorer.initialisation import library, runner
        from explorer.initialisation.report import write_report
        from explorer.initialisation.summary import Summary

        plan = self.plan_to_run
        if plan.too_few_seeds:
            announce(plan.too_few_seeds)
        at_hand = None if self.fresh or self.out else library.finished(plan)
        summary = Summary(
            at_hand
            or runner.run(
                plan,
                self.out or library.own_folder(plan),
                self.workers,
                self.scheduler,
                self.fresh,
                lambda run: progress(run.counted, run.share),
                cancelled,
            )
        )
        for problem in (*summary.collected.problems, *summary.collected.failures):
            announce(problem)
        if self.report:
            write_report(summary, self.report)
        return summary

    @property
    def plan_to_run(self) -> Plan:
        """The plan. Raises PlanError for one that is not there or makes no sense."""
        from explorer.initialisation import library
        from explorer.initialisation import plan as plans

        name = plans.QUICK if self.quick else self.plan or ""
        if name in plans.NAMES:
            return plans.shipped(name)
        return library.plan(name) if name in library.names() else plans.read(Path(name))
