"""The command that prints a script with which a shell completes commands, options and choices."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.questions import JOBS, QUESTIONS
from explorer.questions.parameter import Choice, Model
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.cli.parser import Parser

_SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")


def add_to(commands: Commands) -> None:
    completion = commands.add_parser(
        "completion",
        help=_("print a script that lets a shell complete commands and options"),
        description=_(
            "Print a script that lets a shell complete commands, options and their values. For bash: "
            'eval "$(explorer completion bash)", for this shell alone; in ~/.bashrc, for every one.'
        ),
    )
    completion.add_argument(
        "shell", choices=_SHELLS, metavar="SHELL", help=" or ".join((", ".join(_SHELLS[:-1]), _SHELLS[-1]))
    )
    completion.set_defaults(run=_completion)


def _completion(options: argparse.Namespace) -> None:
    import shtab

    from explorer.cli import parser

    print(shtab.complete(_with_choices(parser("explorer")), options.shell))


def _with_choices(parser: Parser) -> Parser:
    """The parser with the values that each option takes.

    The one that reads a command line has none: an option's value is checked by the question, whose sentence is the same
    at every door.
    """
    import shtab

    from explorer.embeddings import catalog

    models, declared = catalog.names(), QUESTIONS | JOBS
    for name, command in parser.commands.items():
        parameters = declared[name].parameters if name in declared else {}
        for action in command.filled()._actions:
            match parameters.get(action.dest):
                case Choice() as parameter:
                    action.choices = parameter.choices
                case Model():
                    action.choices = models
            if action.type is Path:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    return parser
