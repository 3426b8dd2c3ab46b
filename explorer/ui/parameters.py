"""Controls whose truth is the URL: a link reproduces the page, and every change is a step that Back takes back.

A parameter is drawn with `draw` and read with `value`. The widget shows what the URL says wherever it can; what it
cannot show (such as `n=many`) stays in the URL, and `value` or the core says what is wrong with it. Streamlit's own
`bind="query-params"` would replace such values silently, and keep typed words out of the browser's history.

Each widget gets its value twice: as its default, so that it is right when it first appears, and through the session
state, so that it follows the URL from then on.

All pages share one session state. A parameter's key there is its name, and each page sets it before it is read; what is
folded has a key of its own kind, so that a fold and a parameter of one name never meet.

A parameter that is a list has a `most`: whoever wrote the address, a page answers a question of a size it knows.

`explorer.ui.declared` makes a control of a parameter that a question declares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from explorer.embeddings.filters import words_in
from explorer.errors import UserError, cut
from explorer.questions import parameter as declare
from explorer.questions.parameter import Parameter
from explorer.texts import _

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}")  # what a browser's number holds exactly
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
_LONGEST_ECHO = 20
LONGEST_LINK = 30_000  # characters of a list, as a link has them
_MOST_WORDS = 100
_UNFOLDED = "true"


@dataclass(frozen=True, kw_only=True)
class _Control:
    """What all controls have: `help`, a tooltip; `aliases`, earlier names in the URL; and the parameter that a question
    declares, where it is one's, which then knows what is wrong with a value."""

    name: str
    help: str = ""
    aliases: Sequence[str] = ()
    declared: Parameter | None = None

    @property
    def is_set(self) -> bool:
        """Whether the URL says something."""
        return self._text() is not None

    def _text(self) -> str | None:
        """What the URL says."""
        names = (self.name, *self.aliases)
        return next((st.query_params[name] for name in names if name in st.query_params), None)

    @property
    def _content(self) -> Any:
        """What stands in the widget."""
        raise NotImplementedError

    def _as_text(self, value: Any) -> Any:
        """How the URL says what stands in the widget; None where it says nothing."""
        return value

    def _follow(self) -> None:
        """Write the widget's value into the URL. Streamlit calls this also for a value that nobody changed, where a
        widget left the page and came back while a run was on its way: that adds nothing to the URL."""
        value = st.session_state[self.name]
        if value != self._content:
            self.write(self._as_text(value))

    def write(self, text: str | list[str] | None) -> None:
        """Let the URL say this, or nothing."""
        for name in self.aliases:
            _write(name, None)
        _write(self.name, text)


@dataclass(frozen=True)
class Text(_Control):
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
class Words(_Control):
    """Up to `most` words, with commas between them in the URL and spaces on the page."""

    name: str
    label: str
    default: Sequence[str] = ()
    most: int = _MOST_WORDS

    @property
    def text(self) -> str:
        """What stands in the box."""
        return " ".join(self._entries)

    @property
    def value(self) -> Any:
        """Raises UserError for more than `most` words."""
        if self.declared:
            return self.declared.check(self._entries)
        return _within(self._entries, self.most, self.label, "words")

    @property
    def _entries(self) -> list[str]:
        text = self._text()
        return list(self.default) if text is None else _split(text)

    def draw(self, width: int) -> None:
        st.session_state[self.name] = text = self.text
        st.text_input(self.label, text, key=self.name, on_change=self._follow, width=width, help=self.help or None)

    _content = text

    def _as_text(self, value: str) -> str:
        return ",".join(_split(value))


@dataclass(frozen=True)
class Sentence(Words):
    """Words that are one text to the question that they are asked with."""

    @property
    def value(self) -> Any:
        text = " ".join(self._entries)
        return self.declared.check(text) if self.declared else text


@dataclass(frozen=True)
class Number(_Control):
    """A whole number from `least` to `most`; None where the default is to leave it open. One that is declared may have
    decimals: its `step` has then."""

    name: str
    label: str
    default: float | None
    least: float
    most: float
    step: float = 1

    @property
    def value(self) -> Any:
        """Raises UserError for what is no whole number or out of bounds."""
        text = self._text()
        if text is None:
            return self.default
        if self.declared:
            return self.declared.read([text])
        number = _parse(text)
        if number is None or not self.least <= number <= self.most:
            raise UserError(
                _(
                    "{label}: “{echo}” is not a whole number from {least:,} to {most:,}.",
                    label=self.label,
                    echo=cut(text, _LONGEST_ECHO),
                    least=self.least,
                    most=self.most,
                )
            )
        return number

    def draw(self, width: int, when_open: str | None = None) -> None:
        st.session_state[self.name] = number = self._content
        st.number_input(
            self.label,
            value=number,
            step=self.step,
            format="%g" if self._has_decimals else None,
            placeholder=when_open,
            key=self.name,
            on_change=self._follow,
            width=width,
            help=self.help or None,
        )

    @property
    def _content(self) -> float | None:
        text = self._text()
        return self.default if text is None else self._number(text)

    def _as_text(self, value: float | None) -> str | None:
        return None if value is None else f"{value:.15g}"

    @property
    def _has_decimals(self) -> bool:
        return isinstance(self.step, float)

    def _number(self, text: str) -> float | None:
        """The number in the box; none for what is no number."""
        if not self._has_decimals:
            return _parse(text)
        return float(text) if _DECIMAL.fullmatch(text) else None


@dataclass(frozen=True)
class Slider(_Control):
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
        text = self._text()
        if self.declared and text is not None:
            return float(self.declared.read([text]))
        number = self.default if text is None else self._parse(text)
        if number is None:
            raise UserError(
                _(
                    "{label}: “{echo}” is not a number from {least:g} to {most:g}.",
                    label=self.label,
                    echo=cut(text or "", _LONGEST_ECHO),
                    least=self.least,
                    most=self.most,
                )
            )
        return number

    def draw(self, width: int) -> None:
        st.session_state[self.name] = place = self._content
        st.slider(
            self.label,
            self.least,
            self.most,
            place,
            self.step,
            key=self.name,
            on_change=self._follow,
            width=width,
            help=self.help or None,
        )

    def _parse(self, text: str) -> float | None:
        number = float(text) if _DECIMAL.fullmatch(text) else None
        return number if number is not None and self.least <= number <= self.most else None

    @property
    def _content(self) -> float:
        number = self._parse(self._text() or "")
        return self.default if number is None else number

    def _as_text(self, value: float) -> str:
        return f"{value:g}"


@dataclass(frozen=True)
class Choice(_Control):
    """One of `options`, the first or the `default` where the URL names none; what is not among them is left to the core
    to refuse."""

    name: str
    label: str
    options: Sequence[str]
    default: str = ""

    @property
    def text(self) -> str:
        """What the URL says."""
        text = self._text()
        return (self.default or self.options[0]) if text is None else text

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
class Several(_Control):
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
        return _within(self._entries, len(self.options), self.label, "names")

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


def folded(label: str, name: str) -> ExpanderContainer:
    """A part of the page that is made when it is `open`; the URL says by `name` whether it is."""
    key = f"fold {name}"
    st.session_state[key] = st.query_params.get(name) == _UNFOLDED

    def follow() -> None:
        _write(name, _UNFOLDED if st.session_state[key] else None)

    return st.expander(label, key=key, on_change=follow)


def _write(name: str, text: str | list[str] | None) -> None:
    if text is None:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = text


def _within(values: list[str], most: int, label: str, what: str) -> list[str]:
    if len(values) > most:
        raise UserError(
            _(
                "{label}: these are {number:,} {what}, but {most:,} are the most: leave some out.",
                label=label,
                number=len(values),
                what=what,
                most=most,
            )
        )
    return values


def _split(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _parse(text: str) -> int | None:
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None
