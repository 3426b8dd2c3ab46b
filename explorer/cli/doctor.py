"""The command that checks an installation."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from explorer.cli.output import print_json
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.cli.output import Commands


def add_to(commands: Commands) -> None:
    doctor = commands.add_parser(
        "doctor",
        help=_("check the installation, and say how to get what is missing"),
        description=_(
            "Check Python, the dependencies, the shipped models, the folders for what you add, the free space "
            "and the port. Nothing is changed. The exit status is 2 where something is missing that is needed."
        ),
    )
    doctor.add_argument("--port", type=int, default=8501, help=_("the port that the app would take (default: 8501)"))
    doctor.add_argument("--json", action="store_true", help=_("for machines"))
    doctor.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> None:
    from explorer import __version__
    from explorer.errors import UserError
    from explorer.installation import checks

    if not 1 <= options.port <= 65_535:
        raise UserError(_("The port is {port}, but must be from 1 to 65535.", port=options.port))
    report = checks(options.port)
    missing = [check.what for check in report if not (check.fine or check.optional)]
    if options.json:
        print_json({"version": __version__, "fine": not missing, "checks": [check.as_json() for check in report]})
    else:
        for check in report:
            state = "ok" if check.fine else "optional" if check.optional else "MISSING"
            print(f"{state:<9}{check.what:<28} {check.finding}")
            if not check.fine:
                print(f"{'':<9}{'':<28} → {check.remedy}")
    if missing:
        raise UserError(
            _(
                "The installation lacks something: {missing}. The lines above say how to get it.",
                missing=", ".join(missing),
            )
        )
