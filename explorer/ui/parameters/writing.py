"""Controls for what a reader writes: a text, several lines, words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import streamlit as st

from explorer.embeddings.filters import as_list, words_in
from explorer.errors import UserError
from explorer.questions import parameter as declare
from explorer.questions.lists import row
from explorer.texts import _
from explorer.ui.parameters.control import Control, within

LONGEST_LINK = 30_000  # characters of a list, as a link has them
_MOST_WORDS = 100


@dataclass(frozen=True)
class Text(Control):
    """Any text; `name` is its name in the URL."""

    name: str
    label: str
    default: str = ""

    @property
    def text(self) -> str:
        """What stands in the box."""
        text = self._text()
        return self.default if text is None else text

    @property
    def value(self) -> Any:
        return self.declared.read([self.text]) if self.declared else self.text

    _content = text

    def draw(self, width: int) -> None:
        st.session_state[self.name] = self.text
        st.text_input(self.label, self.text, key=self.name, on_change=self._follow, width=width, help=self.help or None)


@dataclass(frozen=True)
class Lines(Text):
    """Text of several lines, which is a list; `command` takes one that no link can hold."""

    command: str = ""

    @property
    def value(self) -> Any:
        """Raises UserError for a list that no link can hold, which names the command that takes it."""
        if len(quote(self.text)) > LONGEST_LINK:
            raise UserError(
                _("This list is too long for a link. Shorten it, or ask `explorer {command}`.", command=self.command)
            )
        if self.declared is None:
            return self.text
        if not self.text.strip() and not self.default:
            return self.declared.check(None)
        return self.declared.read([self.text]) if self._is_of_lines else self.declared.check(words_in(self.text))

    @property
    def _is_of_lines(self) -> bool:
        return isinstance(self.declared, declare.Pairs)

    def draw(self, width: int) -> None:
        st.session_state[self.name] = self.text
        st.text_area(
            self.label,
            self.text,
            key=self.name,
            on_change=self._follow,
            width=width,
            height="content",
            help=self.help or None,
        )


@dataclass(frozen=True)
class Words(Control):
    """Up to `most` words, as a reader writes a list."""

    name: str
    label: str
    default: Sequence[str] = ()
    most: int = _MOST_WORDS

    @property
    def text(self) -> str:
        """What stands in the box."""
        return as_list(self._entries)

    @property
    def value(self) -> Any:
        """Raises UserError for more than `most` words."""
        if self.declared:
            return self.declared.check(self._entries)
        return within(self._entries, self.most, self.label, "words")

    @property
    def _entries(self) -> list[str]:
        text = self._text()
        return list(self.default) if text is None else words_in(text)

    def draw(self, width: int) -> None:
        st.session_state[self.name] = text = self.text
        st.text_input(self.label, text, key=self.name, on_change=self._follow, width=width, help=self.help or None)

    _content = text

    def _as_text(self, value: str) -> str:
        return row(words_in(value))


@dataclass(frozen=True)
class Sentence(Words):
    """Words that are one text to the question that they are asked with, with commas between them in the URL. None of
    their other signs has a meaning."""

    @property
    def text(self) -> str:
        return " ".join(self._entries)

    @property
    def value(self) -> Any:
        return self.declared.check(self.text) if self.declared else self.text

    @property
    def _entries(self) -> list[str]:
        text = self._text()
        return list(self.default) if text is None else _tokens(text)

    _content = text

    def _as_text(self, value: str) -> str:
        return ",".join(_tokens(value))


def _tokens(text: str) -> list[str]:
    return text.replace(",", " ").split()
