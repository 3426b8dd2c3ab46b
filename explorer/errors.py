"""The errors that are shown to people as they are: a sentence, without a traceback."""

from collections.abc import Sequence

from explorer.texts import _

LONGEST_ECHO = 40
_NAMED = 5  # words that an error names


class UserError(Exception):
    """Something asked for cannot be done; the message says what, with which value, and what to do.

    `suggestions` are values that may have been meant.
    """

    suggestions: Sequence[str] = ()


class NotThere(UserError):
    """What was asked about does not exist: a model, a word, a comparison."""


class Cancelled(UserError):
    """What was under way was stopped because somebody asked for it."""


def cut(text: str, longest: int = LONGEST_ECHO) -> str:
    """A text as an error may repeat it: its beginning, if it is long."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def named(words: Sequence[str]) -> str:
    """The first of some words, and how many more they are."""
    names = ", ".join(f"“{word}”" for word in words[:_NAMED])
    return _("{named} and {more:,} more", named=names, more=len(words) - _NAMED) if len(words) > _NAMED else names
