"""What all controls have, and the address in which their values stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.errors import UserError
from explorer.questions.parameter import Parameter
from explorer.texts import _

LONGEST_ECHO = 20  # characters of a wrong value that a sentence repeats


@dataclass(frozen=True, kw_only=True)
class Control:
    """What all controls have: `help`, a tooltip; `aliases`, earlier names in the URL; and the parameter that a question
    declares, where it is one's, which then knows what is wrong with a value."""

    name: str
    help: str = ""
    aliases: Sequence[str] = ()
    declared: Parameter | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All names in the URL, today's first."""
        return self.name, *self.aliases

    @property
    def is_set(self) -> bool:
        """Whether the URL says something."""
        return self._text() is not None

    def _text(self) -> str | None:
        """What the URL says."""
        says = st.query_params.to_dict()  # once: each look at the parameters takes as long as this
        return next((says[name] for name in self.names if name in says), None)

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
            write(name, None)
        write(self.name, text)


def write(name: str, text: str | list[str] | None) -> None:
    """Let the URL say this by that name, or nothing."""
    if text is None:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = text


def within(values: list[str], most: int, label: str, what: str) -> list[str]:
    """The values. Raises UserError where they are more than the most."""
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
