"""The commands that ask a question: options, bounds and help come from its declaration."""

from __future__ import annotations

import argparse
import json
import re
import sys
from argparse import SUPPRESS
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.answers import CSV_FOR_EXCEL, Answer, Document
from explorer.cli.output import is_terminal, print_json, progress_bar, write_table
from explorer.errors import UserError
from explorer.files import check_place, write_file
from explorer.questions.copies import option
from explorer.questions.parameter import Axes, Choice, File, Flag, Pairs, Parameter, Several, Text, Texts
from explorer.questions.question import Progress, Question, silent
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.cli.parser import Parser

_THOUSANDS = re.compile(r"\d,\d")  # the comma of 10,000, which parts no list


def add_command(
    commands: Commands,
    question: type[Question],
    run: Callable[[argparse.Namespace], None] | None = None,
    summary: str = "",
) -> Parser:
    """Enter the command of a question; `run` is what it does where that is more than to ask, and `summary` says it."""
    command = commands.add_parser(
        question.name,
        help=_first_small(summary.rstrip(".") or question.summary()),
        description=f"{summary} {question.documentation()}".strip(),
    )

    def fill() -> None:
        for parameter in question.parameters.values():
            add_option(command, parameter)
        form = command.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", default=False, help=_("print JSON"))
        form.add_argument("--csv", action="store_true", default=False, help=_("print CSV"))
        form.add_argument("--excel", action="store_true", default=False, help=_("print {excel}", excel=CSV_FOR_EXCEL))
        if run is None:
            endings = "json, csv" + "".join(f", {ending}" for ending in question.documents if ending != "json")
            command.add_argument(
                "-o",
                "--out",
                type=Path,
                metavar="FILE",
                help=_("write it into this file; its ending says how: {endings}", endings=endings),
            )

    command.fill = fill
    command.set_defaults(run=run or (lambda options: _ask(question, options)))
    return command


def add_option(command: argparse.ArgumentParser, parameter: Parameter) -> None:
    """Enter the option of a parameter."""
    if isinstance(parameter, Axes):
        command.add_argument(
            option(parameter.name), nargs=2, action="append", metavar=("START", "END"), help=help_of(parameter)
        )
        return
    several = isinstance(parameter, (Several, Texts)) and not isinstance(parameter, Pairs)
    more: dict[str, Any] = {"help": help_of(parameter)}
    if isinstance(parameter, Flag):
        more |= {"action": "store_true", "default": None}
    else:
        more |= {"nargs": "*" if several else None, "metavar": _metavar(parameter)}
        more |= {"action": "extend"} if several else {}
        more |= {"type": _path} if isinstance(parameter, File) else {}
    if parameter.positional:
        # What is missing gets the question's own sentence, so argparse need not insist.
        command.add_argument(parameter.name, **(more | {"nargs": "*" if several else "?", "default": SUPPRESS}))
        if several:
            return
        more["help"] = SUPPRESS  # its name may be said as well; the help has it once
    flags = [option(name) for name in (parameter.name, *parameter.aliases)]
    command.add_argument(*flags, dest=parameter.name, **more)


def _path(text: str) -> Path | str:
    """A name, which need not be UTF-8; what argparse stands for a missing one stays."""
    return text if text == SUPPRESS else Path(text)


def help_of(parameter: Parameter) -> str:
    """The line of a help text: what it is, which values it takes, its default."""
    takes = "" if isinstance(parameter, (File, Flag, Text)) else f"; {parameter.values}"
    if isinstance(parameter, Pairs):
        takes = "; " + _("a text file with one pair per line and a comma between its words, or - to read them")
    default = parameter.default
    has_default = not (parameter.is_required or parameter.is_optional or isinstance(parameter, Flag))
    usual = " (" + _("default: {value}", value=" ".join(parameter.write(default))) + ")" if has_default else ""
    return f"{parameter.described}{takes}{usual}".replace("%", "%%")


def _metavar(parameter: Parameter) -> str:
    if isinstance(parameter, Pairs):
        return "FILE"
    if isinstance(parameter, Choice):
        return parameter.name.upper()
    if isinstance(parameter, File):
        return "FILE"
    return "WORD" if isinstance(parameter, Texts) else parameter.name.upper().replace("_", "-")


_ENDINGS = ("json", "csv", "tsv", "txt", "")


def _ask(question: type[Question], options: argparse.Namespace) -> None:
    out: Path | None = options.out
    ending = out.suffix.removeprefix(".") if out else ""
    values = dict(values_of(question, options))
    form = form_of(options)
    is_named = "document" in values
    if question.documents and not form and ending != "csv" and not is_named:
        values["document"] = _document(question, out)
    elif out and not form and not question.documents and ending not in _ENDINGS:
        raise UserError(
            _("{out} has no ending that names a format. Take .json or .csv, or .txt for plain text.", out=out)
        )
    form = form or (ending if ending in ("json", "csv") and "document" not in values else "text")
    inquiry = question(**values)
    inquiry.check_form(form)
    if out:
        check_place(out)
    elif values.get("document") in question.binary and form == "text":
        raise UserError(
            _("A document in {form} is nothing to read on a terminal: name a file with -o.", form=values["document"])
        )
    with _progress(question) as progress:
        answer = inquiry.answer(progress)
    if out:
        write_file(out, _content(answer, form))
        print(_("{out} is written.", out=out), file=sys.stderr)
        for sentence in answer.warnings:
            print(sentence, file=sys.stderr)
    else:
        show(answer, "" if form == "text" else form, is_named)


def form_of(options: argparse.Namespace) -> str:
    """The form of the answer that the options ask for; empty where they leave it open."""
    return next((form for form in ("json", "csv", "excel") if getattr(options, form)), "")


def _document(question: type[Question], out: Path | None) -> str:
    """The kind of document that nobody has named: as the file ends, or else the first."""
    if out is None:
        return question.documents[0]
    if out.suffix[1:] not in question.documents:
        raise UserError(_("{out} has no ending that names a format. Say which with --format.", out=out))
    return out.suffix[1:]


def _content(answer: Answer, form: str) -> bytes:
    """What a file of an answer holds."""
    if form == "json":
        return (json.dumps(answer.as_json(), ensure_ascii=False, allow_nan=False) + "\n").encode(errors="replace")
    if form in ("csv", "excel"):
        return answer.as_csv(byte_order_mark=form == "excel").encode(errors="replace")
    return answer.content if isinstance(answer, Document) else f"{answer}\n".encode(errors="replace")


def values_of(question: type[Question], options: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    """The values of the options that were given."""
    for name, parameter in question.parameters.items():
        entry = getattr(options, name, None)
        if entry is None or (entry == [] and parameter.positional):
            continue
        if isinstance(parameter, Pairs):
            yield name, parameter.read([_read(entry)])
        elif isinstance(parameter, Axes):
            yield name, [[end.replace(",", " ").split() for end in axis] for axis in entry]
        elif isinstance(parameter, Texts):
            yield name, tuple(_entries(parameter, entry))
        elif isinstance(parameter, Several):
            yield name, tuple(value for text in entry for value in parameter.read([text]))
        elif isinstance(parameter, Flag):
            yield name, bool(entry)
        elif isinstance(parameter, File):
            yield name, entry
        else:
            yield name, parameter.read([entry])


def _entries(parameter: Texts, entries: Sequence[str]) -> Iterator[str]:
    """The entries of a list; where files do as well, those of the file that an entry names, and those of one entry with
    commas."""
    from explorer.embeddings.filters import words_in  # it imports NumPy

    is_list = (parameter.files or parameter.positional) and len(entries) == 1
    for entry in entries:
        if parameter.files and Path(entry).is_file():
            yield from words_in(_read(entry))
        elif is_list and "," in entry and not _THOUSANDS.search(entry):
            yield from words_in(entry)
        else:
            yield entry


def _read(name: str) -> str:
    try:
        if name == "-":
            return sys.stdin.read().removeprefix("\ufeff")
        return Path(name).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("it is not UTF-8")
        raise UserError(
            _("The file {name} cannot be read: {reason}. Name a text file.", name=name, reason=reason)
        ) from error


@contextmanager
def _progress(question: type[Question]) -> Iterator[Progress]:
    if not question.is_long:
        yield silent
        return
    with progress_bar() as show:
        yield show


def show(answer: Answer, form: str = "", is_named: bool = True) -> None:
    """Print an answer: its rows to standard output, what is to be said beside them to standard error. Of a document
    whose form nobody named, a terminal shows what is to be read."""
    if form == "json":
        print_json(answer.as_json())
        for sentence in answer.warnings:
            print(sentence, file=sys.stderr)
        return
    if form:
        write_csv(answer, form)
    elif isinstance(answer, Document):
        _print(answer.content if is_named or not is_terminal() else answer.readable)
    else:
        if answer.headline:
            print(answer.headline)
        write_table(answer.as_text())
        rows, listed = len(answer.table().rows), answer.most_listed
        if listed is not None and rows > listed:
            print(_("… and {rows:,} more rows: --csv or --json has them all.", rows=rows - listed), file=sys.stderr)
    for sentence in answer.sentences:
        print(sentence, file=sys.stderr)
    if answer.reading and not form:
        print(answer.reading, file=sys.stderr)


def write_csv(answer: Answer, form: str) -> None:
    """Write the rows to standard output, for Excel where its `form` says so."""
    if form == "excel":
        _print(_content(answer, form))
    else:
        sys.stdout.write(answer.as_csv())


def _print(content: bytes) -> None:
    if is_terminal():
        sys.stdout.write(content.decode())
    else:
        sys.stdout.buffer.write(content)  # it is UTF-8 wherever it goes


def _first_small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
