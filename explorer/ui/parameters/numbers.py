"""Controls for numbers: a box, and a slider."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.errors import UserError, cut
from explorer.texts import _
from explorer.ui.parameters.control import LONGEST_ECHO, Control

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}")  # what a browser's number holds exactly
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")


@dataclass(frozen=True)
class Number(Control):
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
                    echo=cut(text, LONGEST_ECHO),
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
class Slider(Control):
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
                    echo=cut(text or "", LONGEST_ECHO),
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


def _parse(text: str) -> int | None:
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None
