"""What the commands share: how they enter the parser, what a terminal gets of their words, JSON for machines, and a
bar while something takes long."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from explorer.cli.parser import Parser

    Commands = argparse._SubParsersAction[Parser]


# What moves the cursor, changes colours or titles, or turns the direction of writing: all but tabs and line ends.
_OBEYED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]",
)


def flag(name: str) -> str:
    """An option as it is typed."""
    return f"--{name.replace('_', '-')}"


def print_json(answer: Any) -> None:
    """One line of JSON on standard output; NaN and infinity are errors, never words that JSON does not know."""
    print(json.dumps(answer, ensure_ascii=not _takes_every_word(sys.stdout), allow_nan=False))


@contextmanager
def streams_that_take_any_word() -> Iterator[None]:
    """Standard output and error for words that anybody may have written into a file.

    What their encoding lacks is written as an escape, such as \\xe9. On a terminal, so is what it would obey: a word
    must not colour, turn or overwrite the others. What a shell has closed takes anything, and gives nothing.
    """
    with open(os.devnull, "r+", encoding="utf-8") as nowhere:
        sys.stdin = sys.stdin or nowhere
        out, error = sys.stdout or nowhere, sys.stderr or nowhere
        for stream in (out, error):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        with redirect_stdout(_escaping(out)), redirect_stderr(_escaping(error)):
            yield


class _Shown:
    """A stream in which control characters are shown, not obeyed, but for the one by which a bar returns."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        start = text[:1] if text.startswith("\r") else ""
        with suppress(OSError):  # a terminal that was closed: what is under way must still tidy up
            self._stream.write(start + _OBEYED.sub(_escape, text[len(start) :]))
        return len(text)

    def obeyed(self, text: str) -> None:
        """Write what the terminal is to obey."""
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("ascii", "backslashreplace").decode() if ord(match[0]) > 127 else f"\\x{ord(match[0]):02x}"


def in_a_line(text: str) -> str:
    """A text that others wrote, in one line also in a pipe: its control characters as escapes."""
    return re.sub(rf"[\t\n]|{_OBEYED.pattern}", _escape, text)


def _escaping(stream: TextIO) -> TextIO:
    return cast(TextIO, _Shown(stream)) if stream.isatty() else stream


def _takes_every_word(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") == "utf8"


def write_table(text: str) -> None:
    """A table on standard output; on a terminal its line of headings is bold, unless NO_COLOR is set (no-color.org)."""
    terminal = sys.stdout
    if isinstance(terminal, _Shown) and "NO_COLOR" not in os.environ:
        headings, _, text = text.partition("\n")
        terminal.obeyed("\x1b[1m")
        terminal.write(headings)
        terminal.obeyed("\x1b[0m\n")
    sys.stdout.write(text + "\n")


def is_terminal() -> bool:
    """Whether somebody reads along, rather than another program."""
    return sys.stdout.isatty()


@contextmanager
def progress_bar(keep: bool = False) -> Iterator[Callable[[str, float], None]]:
    """A bar on standard error for each stage of what takes long; it is told the stage and the share (0 to 1) done.

    Bars disappear at the end, unless they are to be kept.
    """
    from tqdm import tqdm

    layout = "{desc:<12}{percentage:3.0f}%|{bar}| {elapsed} < {remaining}"
    bar = tqdm(disable=True)
    current = ""

    def show(stage: str, share: float) -> None:
        nonlocal bar, current
        if stage != current:
            bar.close()
            bar, current = tqdm(total=100, desc=stage, delay=0.3, leave=keep, bar_format=layout), stage
            bar.set_description_str(stage, refresh=False)  # without the colon that tqdm adds
        bar.update(100 * share - bar.n)

    try:
        yield show
    finally:
        bar.close()
