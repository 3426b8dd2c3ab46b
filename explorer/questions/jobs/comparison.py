"""The job that compares ways to start the embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explorer.embeddings.training import defaults
from explorer.errors import UserError
from explorer.initialisation import text_bounds
from explorer.initialisation.formats import FORMATS
from explorer.questions import parameter
from explorer.questions.jobs.job import Announce, Cancelled, Job, never, unheard
from explorer.questions.question import Progress, silent
from explorer.texts import _
from explorer.transformer.bounds import POOLINGS

if TYPE_CHECKING:
    from explorer.initialisation.plan import Plan
    from explorer.initialisation.summary import Summary


_DATA = {"data": True}
_OF_TABLES = ("text", "label", "part", "pooling")  # parameters that say nothing of a plain text


class Compare(Job):
    """Compare ways to start the embeddings by training from each, with intervals and tests.

    A plan is carried out: every arm from every seed at every size, each arm's learning rate searched for with the same
    budget, until the best rate lies inside those searched. What was computed before is taken from there, and what is
    interrupted goes on where it stopped. A plan that names looks may end before its last seed, at the look where every
    difference is shown, with the error rate of 5% kept.

    In place of a plan, data names a table of one's own with a text and a label in each row (CSV, TSV, JSON, JSON Lines,
    Parquet, fastText's labelled lines): random vectors are compared with those of a model, frozen and tuned, in telling
    the labels apart. Where it names a plain text (.txt, a sentence or a paragraph on each line), they are compared in a
    language model of it.
    """

    room = _("Comparing")
    kind, called = "Comparison", _("Comparison")
    one_of_a_kind = names_what_it_makes = True  # it takes all cores
    beginning = _("preparing: the task, the vectors and the first runs")
    stopping = _("it stops when the next run ends")
    cut_off = _("Its finished runs are kept: choose it below and go on.")
    plan: str | None = parameter.text(
        None,
        _("a TOML file, one of quick, phrase-book, parts-of-speech, or the name of one's own"),
        positional=True,
        example="phrase-book",
    )
    quick: bool = parameter.flag(
        _("a first look in a minute or two: the plan “quick”, or with data fewer arms, seeds and updates")
    )
    data: Path | None = parameter.file(
        None, _("in place of a plan: a table of labelled texts, or a plain text (.txt) for a language model")
    )
    text: str | None = parameter.text(
        None, _("the column of the texts; the one called text, review or the like where left open"), needs=_DATA
    )
    label: str | None = parameter.text(
        None, _("the column of their labels; the one called label, sentiment or the like where left open"), needs=_DATA
    )
    part: str | None = parameter.text(
        None, _("the column that says train, validation or test; parts are drawn where left open"), needs=_DATA
    )
    vectors: str | None = parameter.model(
        _("the model whose vectors are compared with random ones"), label=_("Vectors"), needs=_DATA
    )
    seeds: int = parameter.whole(
        text_bounds.SEEDS,
        2,
        text_bounds.MOST_SEEDS,
        _("how many runs of each arm are compared"),
        unit=_("seeds"),
        needs=_DATA,
    )
    pooling: str = parameter.choice(
        POOLINGS[0],
        POOLINGS,
        _("what makes one vector of a text; the mean of its words, the first token, or attention to them"),
        needs=_DATA,
    )
    fresh: bool = parameter.flag(_("take nothing from earlier results"))
    workers: int | None = parameter.whole(
        None, 1, defaults.MOST_WORKERS, _("how many work side by side; one a core where left open"), unit=_("processes")
    )
    scheduler: str = parameter.text(
        "", _("run on a Dask cluster: the address of its scheduler, such as tcp://host:8786")
    )
    out: Path | None = parameter.file(None, _("the folder of results; results/NAME where left open"))
    report: Path | None = parameter.file(
        None,
        _("write a report as well: .html, .pdf, .zip (Markdown, LaTeX and figures), .md, .tex, .csv, .parquet, .toml"),
    )

    def check(self) -> None:
        if [bool(self.plan), self.data is not None or self.quick].count(True) != 1:
            raise UserError(_("Give the path or the name of one plan, or quick or data without a plan."))
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
        from explorer.access import rights
        from explorer.initialisation import coverage, library, runner
        from explorer.initialisation.cost import cores, cost
        from explorer.initialisation.report import write_report
        from explorer.initialisation.summary import Summary

        plan = self.plan_to_run(announce)
        for sentence in plan.notes:
            announce(sentence)
        at_hand = None if self.fresh or self.out else library.finished(plan)
        folder = self.out or library.own_folder(plan)
        if self.data and not at_hand:
            for sentence in filter(None, (plan.data.description, *plan.data.notes, plan.searched_on_tests)):
                announce(sentence)
        if not at_hand:
            for sentence in coverage.before(plan):
                announce(sentence)
        all_is_ahead = self.fresh or not (at_hand or any(folder.glob("*.parquet")))
        if all_is_ahead and not self.scheduler and announce is not unheard:  # the cost is measured, which takes a while
            announce(cost(plan, self.workers or cores()).sentence)
        is_kept_here = folder == library.own_folder(plan) and not at_hand
        if is_kept_here:
            library.keep_for(plan.name, rights.somebody().belonging)
        try:
            summary = Summary(
                at_hand
                or runner.run(
                    plan,
                    folder,
                    self.workers,
                    self.scheduler,
                    self.fresh,
                    lambda run: progress(run.counted, run.share),
                    cancelled,
                )
            )
        except UserError:
            if is_kept_here:
                library.drop(plan.name)
            raise
        for problem in (*summary.collected.problems, *summary.collected.failures):
            announce(problem)
        if self.report:
            write_report(summary, self.report)
        return summary

    def plan_to_run(self, announce: Announce = unheard) -> Plan:
        """The plan. The columns of a table are announced where nobody named them, before its rows are read. Raises
        PlanError for one that is not there or makes no sense, UserError for a table of texts that cannot be used."""
        from explorer.initialisation import library
        from explorer.initialisation import plan as plans

        if self.data:
            from explorer.data.tables import open_table
            from explorer.data.unpacked import is_plain_text
            from explorer.initialisation.text_plans import columns_of, is_header, language_plan, plan_for, quick

            if not is_plain_text(self.data, is_header=lambda cells: is_header(cells, self.text, self.label)):
                columns = open_table(self.data).columns
                text, label = columns_of(columns, self.text, self.label)
                if not (self.text and self.label) and {text, label} <= {*columns}:
                    announce(_("Texts are from “{text}”, labels from “{label}”.", text=text, label=label))
                path, part = self.data.resolve(), self.part or ""
                whole = plan_for(path, text, label, part, self.vectors, self.seeds, self.pooling)
            elif idle := [name for name in self.own_values if name in _OF_TABLES]:
                raise UserError(
                    _(
                        "{data} is a plain text, for a language model, so {idle} says nothing. Leave it out.",
                        data=self.data.name,
                        idle=idle[0],
                    )
                )
            else:
                whole = language_plan(self.data.resolve(), self.vectors, self.seeds)
            return quick(whole) if self.quick else whole
        name = plans.QUICK if self.quick else self.plan or ""
        if name in plans.NAMES:
            return plans.shipped(name)
        return library.plan(name) if name in library.names() else plans.read(Path(name))
