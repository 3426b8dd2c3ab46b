"""The command line: `explorer …`, or `python -m explorer …`. It asks the functions that the pages ask, so it gives the
same numbers.

Each command imports what it needs when it runs, so that a look-up need not wait for gensim.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from explorer import __version__
from explorer.cli import (
    agents,
    completion,
    declared_jobs,
    doctor,
    jobs,
    removing,
    serving,
    talks,
    tokens,
)
from explorer.cli.output import streams_that_take_any_word
from explorer.cli.parser import Parser
from explorer.cli.questions import add_command
from explorer.errors import Cancelled, UserError
from explorer.questions import QUESTIONS
from explorer.texts import _

_GROUPS = (
    declared_jobs,
    jobs,
    removing,
    serving,
    agents,
    completion,
    doctor,
    talks,
    tokens,
)


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # a disk, a quota, a limit of the shell
_ENDING = (signal.SIGTERM, signal.SIGHUP)  # kill and `docker stop`; a terminal that is closed


class Ended(KeyboardInterrupt):
    """A signal that asks a command to end: whatever tidies up after Ctrl-C does so after it as well."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.status = 128 + number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, 2 for what the user can mend, 130 after Ctrl-C and for what was
    stopped and has kept its part, 143 after SIGTERM, 129 after SIGHUP."""
    with streams_that_take_any_word():
        return _status(arguments)


def _status(arguments: Sequence[str] | None) -> int:
    try:
        options = parser().parse_args(arguments)
        _check_text(vars(options))
        with _signals_as_interrupts():
            options.run(options)
            sys.stdout.flush()
    except UserError as error:
        print(f"explorer: {error}", file=sys.stderr)
        return 130 if isinstance(error, Cancelled) else 2
    except MemoryError:
        print(_("explorer: that needs more memory than this machine has. Ask for smaller sizes."), file=sys.stderr)
        return 2
    except KeyboardInterrupt as interrupt:
        with suppress(OSError):  # the terminal may be gone
            print(_("explorer: stopped."), file=sys.stderr)
        return interrupt.status if isinstance(interrupt, Ended) else 130
    except BrokenPipeError:
        _discard_output()  # the reader, such as head, has had enough
        return 0
    except OSError as error:
        if error.errno not in _FULL:
            raise
        print(
            _("explorer: no more can be written: {reason}. Make room, or use another disk.", reason=error.strerror),
            file=sys.stderr,
        )
        _discard_output()
        return 2
    return 0


def _discard_output() -> None:
    """Have nothing more written to standard output, not even on the way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _check_text(options: dict[str, Any]) -> None:
    """Raise UserError for words that are not UTF-8, which no vocabulary has; the names of files may be anything."""

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            for entry in value:
                yield from texts(entry)

    for text in texts(list(options.values())):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise UserError(
                _("“{text}” is not UTF-8, as words must be. Type it, or set the terminal to UTF-8.", text=text)
            ) from error


@contextmanager
def _signals_as_interrupts() -> Iterator[None]:
    """Raise Ended, a KeyboardInterrupt, in the main thread on SIGTERM and SIGHUP; what nohup ignores stays ignored."""

    def end(number: int, _: FrameType | None) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)  # shell and terminal both send one: a second must not stop the tidying
        raise Ended(number)

    before = {number: signal.getsignal(number) for number in _ENDING}
    before = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def parser(prog: str = "") -> Parser:
    """The parser of all commands."""
    parser = Parser(
        prog=prog or ("explorer" if Path(sys.argv[0]).name == "explorer" else "python -m explorer"),
        description=_("Words, vectors, and what a transformer makes of them."),
    )
    version_help = _("show program's version number and exit")
    parser.add_argument("--version", action="version", version=f"explorer {__version__}", help=version_help)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for question in QUESTIONS.values():
        if question is not talks.Talk:  # whose command does more than to ask
            add_command(commands, question)
    for group in _GROUPS:
        group.add_to(commands)
    return parser
