"""The command of the jobs that a server carries out, for who administers the machine."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from explorer.cli.output import in_a_line, print_json, write_table
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.service.jobs.record import JobRecord


def add_to(commands: Commands) -> None:
    parser = commands.add_parser(
        "jobs",
        help=_("list and cancel the jobs that people have begun by the pages"),
        description=_(
            "List the jobs that people have begun by the pages: imports, downloads, comparisons, explanations, maps, "
            "trainings; cancel one. They are processes of their own, which go on when the server ends."
        ),
    )
    parser.add_argument("--cancel", metavar="ID", help=_("cancel the job with this ID"))
    parser.add_argument("--json", action="store_true", help=_("for machines"))
    parser.set_defaults(run=_jobs)


def _jobs(options: argparse.Namespace) -> None:
    from explorer.answers import Table
    from explorer.errors import UserError
    from explorer.questions.made import Made
    from explorer.service.jobs import queue

    if options.cancel is not None:
        job = queue.find(options.cancel)
        if not job.running:
            raise UserError(_("The job {id} has ended already.", id=job.id))
        job.cancel()
        print(_("{kind} of {name}: asked to stop.", kind=job.title, name=job.name))
        return
    known = queue.jobs()
    if options.json:
        facts = ("id", "kind", "name", "stage", "share", "outcome", "problem")
        print_json([{name: getattr(job, name) for name in facts} | {"state": job.state} for job in known])
    elif known:
        rows = Table(("id", "state", "kind", "name", "person"), tuple(map(_row, known)))
        write_table(Made(None, "", rows=rows).as_text())
    else:
        print(_("There are no jobs."), file=sys.stderr)


def _row(job: JobRecord) -> tuple[str, ...]:
    state = f"{job.state}, {job.share:.0%}" if job.running and job.begun else job.state
    return job.id, state, job.kind, in_a_line(job.name) or "–", in_a_line(job.who.name) or "–"
