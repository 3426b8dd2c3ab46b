"""Controls whose truth is the URL: a link reproduces the page, and every change is a step that Back takes back.

A parameter is drawn with `draw` and read with `value`. The widget shows what the URL says wherever it can; what it
cannot show (such as `n=many`) stays in the URL, and `value` or the core says what is wrong with it. Streamlit's own
`bind="query-params"` would replace such values silently, and keep typed words out of the browser's history.

Each widget gets its value twice: as its default, so that it is right when it first appears, and through the session
state, so that it follows the URL from then on.

All pages share one session state. A parameter's key there is its name, and each page sets it before it is read; what is
folded has a key of its own kind, so that a fold and a parameter of one name never meet.

A parameter that is a list has a `most`: whoever wrote the address, a page answers a question of a size it knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from explorer.errors import UserError

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}")  # what a browser's number holds exactly
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
_LONGEST_ECHO = 20
_LONGEST_LINK = 30_000  # characters of a list, as a link has them
_MOST_WORDS = 100
_UNFOLDED = "true"


@dataclass(frozen=True)
class Text:
    """Any text; `name` is its name in the URL."""

    name: str
    label: str
    default: str = ""

    @property
    def value(self) -> str:
        return st.query_params.get(self.name, self.default)

    def draw(self, width: int) -> None:
        st.session_state[self.name] = self.value
        st.text_input(self.label, self.value, key=self.name, on_change=self._follow, width=width)

    def _follow(self) -> None:
        _write(self.name, st.session_state[self.name])


@dataclass(frozen=True)
class Lines(Text):
    """Text of several lines, which is a list that the core reads."""

    def within_a_link(self, command: str) -> str:
        """The value. Raises UserError for one that no link can hold, which names the command that takes it."""
        if len(quote(self.value)) > _LONGEST_LINK:
            raise UserError(f"This list is too long for a link. Shorten it, or ask `python -m explorer {command}`.")
        return self.value

    def draw(self, width: int) -> None:
        st.session_state[self.name] = self.value
        st.text_area(self.label, self.value, key=self.name, on_change=self._follow, width=width, height="content")


@dataclass(frozen=True)
class Words:
    """Up to `most` words, with commas between them in the URL and spaces on the page."""

    name: str
    label: str
    default: Sequence[str] = ()
    most: int = _MOST_WORDS

    @property
    def value(self) -> list[str]:
        """Raises UserError for more than `most` words."""
        return _within(self._asked, self.most, self.label, "words")

    @property
    def _asked(self) -> list[str]:
        text = st.query_params.get(self.name)
        return list(self.default) if text is None else _split(text)

    def draw(self, width: int) -> None:
        st.session_state[self.name] = text = " ".join(self._asked)
        st.text_input(self.label, text, key=self.name, on_change=self._follow, width=width)

    def _follow(self) -> None:
        _write(self.name, ",".join(_split(st.session_state[self.name])))


@dataclass(frozen=True)
class Number:
    """A whole number from `least` to `most`; None where the default is to leave it open."""

    name: str
    label: str
    default: int | None
    least: int
    most: int

    @property
    def value(self) -> int | None:
        """Raises UserError for what is no whole number or out of bounds."""
        text = st.query_params.get(self.name)
        if text is None:
            return self.default
        number = _parse(text)
        if number is None or not self.least <= number <= self.most:
            raise UserError(
                f"{self.label}: “{_echo(text)}” is not a whole number from {self.least:,} to {self.most:,}."
            )
        return number

    def draw(self, width: int, when_open: str | None = None) -> None:
        text = st.query_params.get(self.name)
        st.session_state[self.name] = number = self.default if text is None else _parse(text)
        st.number_input(
            self.label,
            value=number,
            step=1,
            placeholder=when_open,
            key=self.name,
            on_change=self._follow,
            width=width,
        )

    def _follow(self) -> None:
        number = st.session_state[self.name]
        _write(self.name, None if number is None else str(number))


@dataclass(frozen=True)
class Slider:
    """A number from `least` to `most`, in steps of `step`."""

    name: str
    label: str
    default: float
    least: float
    most: float
    step: float

    @property
    def value(self) -> float:
        """Raises UserError for what is no number or out of bounds."""
        text = st.query_params.get(self.name)
        number = self.default if text is None else self._parse(text)
        if number is None:
            raise UserError(
                f"{self.label}: “{_echo(text or '')}” is not a number from {self.least:g} to {self.most:g}."
            )
        return number

    def draw(self, width: int) -> None:
        number = self._parse(st.query_params.get(self.name, ""))
        st.session_state[self.name] = shown = self.default if number is None else number
        st.slider(
            self.label,
            self.least,
            self.most,
            shown,
            self.step,
            key=self.name,
            on_change=self._follow,
            width=width,
        )

    def _parse(self, text: str) -> float | None:
        number = float(text) if _DECIMAL.fullmatch(text) else None
        return number if number is not None and self.least <= number <= self.most else None

    def _follow(self) -> None:
        _write(self.name, f"{st.session_state[self.name]:g}")


@dataclass(frozen=True)
class Choice:
    """One of `options`, the first where the URL names none; what is not among them is left to the core to refuse."""

    name: str
    label: str
    options: Sequence[str]

    @property
    def value(self) -> str:
        return st.query_params.get(self.name, self.options[0])

    def draw(self, width: int, show: Callable[[str], str] = str) -> None:
        st.session_state[self.name] = chosen = self.value if self.value in self.options else None
        st.selectbox(
            self.label,
            self.options,
            index=None if chosen is None else self.options.index(chosen),
            format_func=show,
            key=self.name,
            on_change=self._follow,
            width=width,
        )

    def _follow(self) -> None:
        _write(self.name, st.session_state[self.name])


@dataclass(frozen=True)
class Several:
    """Any number of `options`, with commas between them in the URL; `default` where the URL names none.

    One that the URL names again counts once.
    """

    name: str
    label: str
    default: Sequence[str]
    options: Sequence[str]

    @property
    def value(self) -> list[str]:
        """What is not among the options is left to the core to refuse. Raises UserError for more names than options."""
        return _within(self._asked, len(self.options), self.label, "names")

    @property
    def among_the_options(self) -> list[str]:
        """What can be chosen of what the URL names."""
        return [name for name in self._asked if name in self.options]

    @property
    def _asked(self) -> list[str]:
        named = self._named()
        return list(dict.fromkeys(self.default if named is None else named))

    def _named(self) -> Sequence[str] | None:
        text = st.query_params.get(self.name)
        return None if text is None else _split(text)

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
        )

    def _follow(self) -> None:
        _write(self.name, ",".join(st.session_state[self.name]))


@dataclass(frozen=True)
class Names(Several):
    """Options whose names may hold spaces and commas: the parameter stands in the URL once for each."""

    def _named(self) -> Sequence[str] | None:
        return st.query_params.get_all(self.name) or None

    def _follow(self) -> None:
        st.query_params[self.name] = st.session_state[self.name]


@dataclass(frozen=True)
class Tabs(Choice):
    """A choice whose options all stand there, beside one another."""

    def draw(self, width: int | Literal["content"] = "content", show: Callable[[str], str] = str) -> None:
        st.session_state[self.name] = chosen = self.value if self.value in self.options else None
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


def folded(label: str, name: str) -> ExpanderContainer:
    """A part of the page that is made when it is `open`; the URL says by `name` whether it is."""
    key = f"fold {name}"
    st.session_state[key] = st.query_params.get(name) == _UNFOLDED

    def follow() -> None:
        _write(name, _UNFOLDED if st.session_state[key] else None)

    return st.expander(label, key=key, on_change=follow)


def _write(name: str, text: str | None) -> None:
    if text is None:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = text


def _echo(text: str) -> str:
    return text if len(text) <= _LONGEST_ECHO else f"{text[:_LONGEST_ECHO]}…"


def _within(asked: list[str], most: int, label: str, what: str) -> list[str]:
    if len(asked) > most:
        raise UserError(f"{label}: these are {len(asked):,} {what}, but {most:,} are the most: leave some out.")
    return asked


def _split(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _parse(text: str) -> int | None:
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None
