"""Controls for what a reader chooses: one of several options, or any number of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st

from explorer.embeddings.filters import words_in
from explorer.questions import parameter as declare
from explorer.ui.parameters.control import Control, within


@dataclass(frozen=True)
class Choice(Control):
    """One of `options`, the first or the `default` where the URL names none; what is not among them is left to the core
    to refuse. `synonyms` are other names that the URL may have for an option."""

    name: str
    label: str
    options: Sequence[str]
    default: str = ""
    synonyms: Mapping[str, str] = field(default_factory=dict, kw_only=True, hash=False)

    @property
    def text(self) -> str:
        """What the URL says."""
        text = self._text()
        return (self.default or self.options[0]) if text is None else self.synonyms.get(text, text)

    @property
    def value(self) -> Any:
        return self.declared.read([self.text]) if self.declared else self.text

    @property
    def chosen(self) -> str | None:
        """The option that the URL names, in whatever case."""
        if self.text in self.options:
            return self.text
        return next((option for option in self.options if option.lower() == self.text.lower()), None)

    @property
    def _content(self) -> str | None:
        return self.chosen

    def draw(self, width: int, show: Callable[[str], str] = str) -> None:
        st.session_state[self.name] = chosen = self.chosen
        st.selectbox(
            self.label,
            self.options,
            index=None if chosen is None else self.options.index(chosen),
            format_func=show,
            key=self.name,
            on_change=self._follow,
            width=width,
            help=self.help or None,
        )


@dataclass(frozen=True)
class Either(Choice):
    """A yes or no as two options, the first of which says no."""

    @property
    def value(self) -> Any:
        if self.text in self.options:
            return self.text == self.options[1]
        return super().value

    @property
    def chosen(self) -> str | None:
        return super().chosen or self.options[self.text.lower() in ("true", "1")]


@dataclass(frozen=True)
class Several(Control):
    """Any number of `options`, with commas between them in the URL; `default` where the URL names none.

    One that the URL names again counts once.
    """

    name: str
    label: str
    default: Sequence[str]
    options: Sequence[str]

    @property
    def value(self) -> Any:
        """What is not among the options is left to the core to refuse. Raises UserError for more names than options."""
        if self.declared:
            return self.declared.check(self._entries)
        return within(self._entries, len(self.options), self.label, "names")

    @property
    def among_the_options(self) -> list[str]:
        """What can be chosen of what the URL names."""
        return [name for name in self._entries if name in self.options]

    @property
    def _entries(self) -> list[str]:
        named = self._named()
        entries = dict.fromkeys(self.default if named is None else named)
        if not isinstance(self.declared, declare.Choices):
            return list(entries)
        options = {option.lower(): option for option in self.options}  # which it takes in whatever case
        return list(dict.fromkeys(options.get(entry.lower(), entry) for entry in entries))

    def _named(self) -> Sequence[str] | None:
        text = self._text()
        return None if text is None else words_in(text)

    def draw(self, width: int, show: Callable[[str], str] = str, when_open: str | None = None) -> None:
        st.session_state[self.name] = chosen = self.among_the_options
        st.multiselect(
            self.label,
            self.options,
            default=chosen,
            format_func=show,
            placeholder=when_open,
            key=self.name,
            on_change=self._follow,
            width=width,
            help=self.help or None,
        )

    _content = among_the_options

    def _as_text(self, value: list[str]) -> Any:
        text = ",".join(value)
        return text if text or self.default else None


@dataclass(frozen=True)
class Names(Several):
    """Options whose names may hold spaces and commas: the parameter stands in the URL once for each."""

    def _named(self) -> Sequence[str] | None:
        return st.query_params.get_all(self.name) or None

    def _as_text(self, value: list[str]) -> list[str]:
        return value


@dataclass(frozen=True)
class Tabs(Choice):
    """A choice whose options all stand there, beside one another."""

    def draw(self, width: int | Literal["content"] = "content", show: Callable[[str], str] = str) -> None:
        st.session_state[self.name] = chosen = self.chosen
        st.segmented_control(
            self.label,
            self.options,
            default=chosen,
            format_func=show,
            required=chosen is not None,
            key=self.name,
            on_change=self._follow,
            width=width,
            label_visibility="collapsed",
        )
