"""Where a talk is, as all its windows and phones say it to each other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from explorer.errors import UserError
from explorer.texts import _

LONGEST_PAGE = 4_000  # characters of the address that a live scene shows
SCREENS = ("", "black", "white", "link")
_LARGEST = 2**53 - 1  # a whole number that scripts keep exactly
LONGEST_NAME = 40  # of a window


@dataclass(frozen=True)
class State:
    """Where a talk is: the scene, how many presses of it are shown, what covers the screen, the page that its live
    scene shows, and when the clock began (milliseconds since 1970). `turn` counts the changes; the last is `by` a
    window."""

    scene: int = 0
    press: int = 0
    screen: str = ""
    page: str = ""
    started: float = 0
    turn: int = 0
    by: str = ""

    @classmethod
    def read(cls, said: object, scenes: int) -> State:
        """The state of a talk of so many scenes that somebody sent. Raises UserError for what is none."""
        names = {each.name for each in fields(cls)}
        if isinstance(said, Mapping) and set(said) == names and _is_state(state := cls(**said), scenes):
            return state
        raise UserError(_("This is no place in this talk. Reload the page."))

    def is_after(self, other: State) -> bool:
        return (self.turn, self.by) > (other.turn, other.by)


def _is_state(state: State, scenes: int) -> bool:
    def whole(number: object, below: int) -> bool:
        return type(number) is int and 0 <= number < below

    return (
        whole(state.scene, scenes)
        and whole(state.press, 1_000)
        and whole(state.turn, _LARGEST)
        and type(state.started) in (int, float)
        and math.isfinite(state.started)
        and all(isinstance(text, str) and text.isprintable() for text in (state.screen, state.page, state.by))
        and state.screen in SCREENS
        and len(state.page) <= LONGEST_PAGE
        and len(state.by) <= LONGEST_NAME
        and state.by.isascii()
    )
