"""The commands that ask a question: options, bounds and help come from its declaration."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.output import is_terminal, print_json, progress_bar, write_table
from explorer.errors import UserError
from explorer.questions.copies import option
from explorer.questions.parameter import Axes, Choice, Flag, Pairs, Parameter, Texts
from explorer.questions.question import Progress, Question, silent

if TYPE_CHECKING:
    from explorer.answers import Answer
    from explorer.cli.output import Commands
    from explorer.cli.parser import Parser


def add_command(commands: Commands, question: type[Question]) -> Parser:
    """Enter the command of a question."""
    command = commands.add_parser(question.name, help=_first_small(question.summary()), description=question.__doc__)

    def fill() -> None:
        for parameter in question.parameters.values():
            _add(command, parameter)
        form = command.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", default=False, help="print JSON")
        form.add_argument("--csv", action="store_true", default=False, help="print CSV")

    command.fill = fill
    command.set_defaults(run=lambda options: _ask(question, options))
    return command


def _add(command: argparse.ArgumentParser, parameter: Parameter) -> None:
    if isinstance(parameter, Axes):
        command.add_argument(
            option(parameter.name), nargs=2, action="append", metavar=("START", "END"), help=help_of(parameter)
        )
        return
    several = isinstance(parameter, Texts) and not isinstance(parameter, Pairs)
    more: dict[str, Any] = {"help": help_of(parameter)}
    if isinstance(parameter, Flag):
        more |= {"action": "store_true", "default": None}
    else:
        more |= {"nargs": "*" if several else None, "metavar": _metavar(parameter)}
        more |= {"action": "extend"} if several else {}
    if parameter.positional:
        # What is missing gets the question's own sentence, so argparse need not insist.
        command.add_argument(parameter.name, **(more | {"nargs": "*" if several else "?"}))
        return
    flags = [option(name) for name in (parameter.name, *parameter.aliases)]
    command.add_argument(*flags, dest=parameter.name, **more)


def help_of(parameter: Parameter) -> str:
    """The line of a help text: what it is, which values it takes, its default."""
    takes = "" if isinstance(parameter, Flag) or parameter.values.startswith("text") else f"; {parameter.values}"
    if isinstance(parameter, Pairs):
        takes = "; a text file with a pair a line and a comma between its words, or - to read them"
    default = parameter.default
    has_default = not (parameter.is_required or parameter.is_optional or isinstance(parameter, Flag))
    shown = " ".join(parameter.write(default)) if has_default else ""
    return f"{parameter.described}{takes}{f' (default: {shown})' * has_default}".replace("%", "%%")


def _metavar(parameter: Parameter) -> str:
    if isinstance(parameter, Pairs):
        return "FILE"
    if isinstance(parameter, Choice):
        return parameter.name.upper()
    return "WORD" if isinstance(parameter, Texts) else parameter.name.upper().replace("_", "-")


def _ask(question: type[Question], options: argparse.Namespace) -> None:
    asked = question(**dict(_values(question, options)))
    with _progress(question) as progress:
        answer = asked.answer(progress)
    show(answer, options.json, options.csv)


def _values(question: type[Question], options: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    """The values of the options that were given."""
    for name, parameter in question.parameters.items():
        given = getattr(options, name)
        if given is None or (given == [] and parameter.positional):
            continue
        if isinstance(parameter, Pairs):
            yield name, parameter.read([_read(given)])
        elif isinstance(parameter, Axes):
            yield name, [[end.replace(",", " ").split() for end in axis] for axis in given]
        elif isinstance(parameter, Texts):
            yield name, tuple(_entries(parameter, given))
        elif isinstance(parameter, Flag):
            yield name, bool(given)
        else:
            yield name, parameter.read([given])


def _entries(parameter: Texts, given: Iterable[str]) -> Iterator[str]:
    """The entries of a list; where files do as well, those of the file that an entry names."""
    for entry in given:
        if parameter.files and Path(entry).is_file():
            yield from _read(entry).replace(",", " ").replace(";", " ").split()
        else:
            yield entry


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UserError(f"The file {name} cannot be read: {reason}. Name a text file.") from error


@contextmanager
def _progress(question: type[Question]) -> Iterator[Progress]:
    if not question.is_long:
        yield silent
        return
    with progress_bar() as show:
        yield show


def show(answer: Answer, as_json: bool = False, as_csv: bool = False) -> None:
    """Print an answer: its rows to standard output, what is to be said beside them to standard error."""
    if as_json:
        print_json(answer.as_json())
        return
    if as_csv:
        sys.stdout.write(answer.as_csv())
    else:
        if answer.headline:
            print(answer.headline)
        headings = answer.headings_are_data or is_terminal()
        write_table(answer.as_text(headings), headings)
        rows, listed = len(answer.table().rows), answer.most_listed
        if listed is not None and rows > listed:
            print(f"… and {rows - listed:,} more rows: --csv or --json has them all.", file=sys.stderr)
    for sentence in answer.sentences:
        print(sentence, file=sys.stderr)


def _first_small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
