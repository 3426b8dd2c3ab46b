"""The command that compares ways to start an embedding table: compare."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.output import print_json, progress_bar
from explorer.errors import UserError

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.initialisation.collected import Collected
    from explorer.initialisation.plan import Plan
    from explorer.initialisation.summary import Summary


def add_to(commands: Commands) -> None:
    compare = commands.add_parser(
        "compare",
        help="compare ways to start the embeddings: train from each, with intervals and tests",
        description="Carry out a plan: train every arm from every seed at every size. Each arm's learning rate is "
        "searched with the same budget. Finished runs are kept: a comparison that was interrupted continues where it "
        "stopped. `comparison NAME` shows the results without a run.",
    )
    compare.add_argument(
        "plan",
        nargs="?",
        help="a TOML file, one of quick, phrase-book, parts-of-speech, or the name of your own comparison",
    )
    compare.add_argument("--quick", action="store_true", help="take the plan “quick”, which needs a minute or two")
    compare.add_argument("--fresh", action="store_true", help="compute every run anew; do not use earlier results")
    compare.add_argument("--workers", type=int, help="number of processes (default: one for each core)")
    compare.add_argument(
        "--scheduler",
        default="",
        help="run on the Dask cluster whose scheduler has this address, such as tcp://host:8786",
    )
    compare.add_argument("--out", type=Path, help="the folder for the results (default: results/NAME)")
    compare.add_argument(
        "--report",
        type=Path,
        help="also write a report: .html, .zip (Markdown and figures), .md, .csv, .parquet or .toml",
    )
    compare.add_argument("--json", action="store_true", help="print JSON")
    compare.set_defaults(run=_compare)


def _compare(options: argparse.Namespace) -> None:
    from explorer.initialisation import library
    from explorer.initialisation import plan as plans
    from explorer.initialisation.report import FORMATS, report
    from explorer.initialisation.summary import Summary

    if bool(options.plan) == options.quick:
        raise UserError("Give the path or the name of one plan, or --quick.")
    if options.workers is not None and options.workers < 1:
        raise UserError(f"--workers is {options.workers}, but must be at least 1.")
    if options.report:
        if options.report.suffix[1:] not in FORMATS:
            raise UserError(f"{options.report} is not a kind of report. Use a name that ends in {', '.join(FORMATS)}.")
        if not options.report.parent.is_dir():
            raise UserError(f"There is no folder {options.report.parent} for the report. Make it first.")
    name = plans.QUICK if options.quick else options.plan
    if name in plans.NAMES:
        plan = plans.shipped(name)
    else:
        plan = library.plan(name) if name in library.names() else plans.read(Path(name))
    if plan.too_few_seeds:
        print(f"explorer: {plan.too_few_seeds}", file=sys.stderr)
    summary = Summary(_results(plan, options))
    for problem in (*summary.collected.problems, *summary.collected.failures):
        print(f"explorer: {problem}", file=sys.stderr)
    if options.report:
        _write(options.report, report(summary, options.report.suffix[1:]))
    if options.json:
        print_json(summary.as_json())
    else:
        _print(summary)


def _results(plan: Plan, options: argparse.Namespace) -> Collected:
    """The results of a plan: those at hand if none is missing, else those of a run."""
    from explorer.initialisation import library, runner

    if not (options.fresh or options.out) and (collected := library.finished(plan)):
        return collected
    with progress_bar() as bar:
        return runner.run(
            plan,
            options.out or library.own_folder(plan),
            options.workers,
            options.scheduler,
            options.fresh,
            progress=lambda progress: bar(progress.counted, progress.share),
        )


def _print(summary: Summary) -> None:
    from explorer.initialisation.measures import MEASURES
    from explorer.initialisation.wording import size

    decides, chrf = summary.primary, MEASURES["chrf"]
    translates = not summary.task.labels
    width = max(map(len, summary.plan.arms)) + 2
    print(summary.task.description)
    print()
    for share in summary.plan.sizes:
        columns = f"{decides.title.lower()} ({decides.unit}) with its 95% interval over seeds"
        so_far = f", so far with {summary.so_far}" if summary.so_far else ""
        print(f"{size(share)}{so_far}, {columns}, {'chrF, ' if translates else ''}learning rate")
        for row in summary.arms(share):
            if not row.values:
                print(f"  {row.arm:<{width}}no run has finished")
                continue
            mean = row.values[decides.key]
            ends = [end for end in (mean.low, mean.high) if end is not None]
            interval = " to ".join(map(decides.number, ends))
            beside = f"{chrf.number(row.values[chrf.key].mean):>6}  " if translates else ""
            print(f"  {row.arm:<{width}}{decides.number(mean.mean)}  {interval:<18}{beside}{row.rate:g}")
        print()
    for sentence in (summary.headline, *summary.sentences):
        print(sentence)


def _write(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as error:
        raise UserError(f"{out} cannot be written: {error.strerror}.") from error
