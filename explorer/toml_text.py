"""Reading TOML that anybody may have written: the one door for cards, plans and settings, with limits."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from explorer.errors import UserError
from explorer.texts import _

MOST_CHARACTERS = 100_000
MOST_PARTS = 16  # of a dotted key: Python's reader takes time by their square
DEEPEST = 16  # lists and tables within each other

_TEXT_OR_COMMENT = re.compile(
    r'"""(?:\\.?|[^\\])*?(?:"{3,5}|\Z)'
    r"|'''.*?(?:'{3,5}|\Z)"
    r'|"(?:\\[^\n]?|[^"\\\n])*"?'
    r"|'[^'\n]*'?"
    r"|#[^\n]*",
    re.DOTALL,
)  # what is never closed goes on to the end, so that no text is looked through twice
_LONG_KEY = re.compile(r"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+)" + f"{{{MOST_PARTS}}}")


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """What a TOML text says; `name` is what errors call it, the first words of their sentence. A byte order mark ahead
    of it, as editors of Windows write one, is no part of it.

    Raises UserError for a text that is no TOML, and for one that is longer, deeper or has longer keys than anybody
    needs: reading these could take hours, which nothing can interrupt.
    """
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            _(
                "{name} has more than the {most_characters:,} characters that it may have: leave out what is not "
                "needed.",
                name=name,
                most_characters=MOST_CHARACTERS,
            )
        )
    bare = _TEXT_OR_COMMENT.sub(lambda part: " " if part[0].startswith("#") else "_", text)
    if key := _LONG_KEY.search(bare):
        line = bare.count("\n", 0, key.start()) + 1
        raise UserError(
            _(
                "{name} has a key of more than {most_parts} parts with dots between them (near line {line}): "
                "give it a shorter one.",
                name=name,
                most_parts=MOST_PARTS,
                line=line,
            )
        )
    try:
        table = tomllib.loads(text.removeprefix("\ufeff"))
        deep = _depth(table) > DEEPEST
    except RecursionError:
        deep = True
    except ValueError as error:  # TOMLDecodeError is one, and so is what int() says to thousands of digits
        raise UserError(
            _("{name} cannot be read as TOML: {error}.", name=name, error=str(error).rstrip("."))
        ) from error
    if deep:
        raise UserError(
            _(
                "{name} has more than {deepest} lists or tables within each other: flatten it.",
                name=name,
                deepest=DEEPEST,
            )
        )
    return table


def read_toml(path: Path, name: str) -> dict[str, Any]:
    """What a TOML file says. Raises UserError as `parse_toml` does, and for a file that is missing or is no text."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MOST_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("it is not UTF-8")
        raise UserError(_("{name} cannot be read: {reason}.", name=name, reason=reason)) from error
    return parse_toml(text, name)


def _depth(value: Any) -> int:
    if not isinstance(value, (dict, list)):
        return 0
    return 1 + max(map(_depth, value.values() if isinstance(value, dict) else value), default=0)
