"""What the address of a page names that the page does not know."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches

import streamlit as st

from explorer.errors import LONGEST_ECHO, cut, named
from explorer.texts import _, _n
from explorer.ui.action_bar import OPEN
from explorer.ui.messages import say
from explorer.ui.parameters import Control

_MENDED = 3  # names beside which the nearest known one stands


def say_what_is_left_out(*known: Control | str) -> None:
    """Say which parameters of the address are neither those of these controls nor names that the page has besides,
    and which of these comes nearest."""
    names = {OPEN}.union(*([each] if isinstance(each, str) else each.names for each in known))
    if unknown := [name for name in st.query_params if name not in names]:
        say(" ".join(_sentences(unknown, names)))


def _sentences(unknown: list[str], known: Collection[str]) -> Iterator[str]:
    nearest = {name: match for name in unknown[:_MENDED] for match in get_close_matches(name[:LONGEST_ECHO], known, 1)}
    for name, match in nearest.items():
        yield _(
            "“{name}” is no parameter of this page and was left out. Did you mean “{nearest}”?",
            name=cut(name),
            nearest=match,
        )
    if others := [cut(name) for name in unknown if name not in nearest]:
        yield _n(
            "{names} is no parameter of this page and was left out.",
            "{names} are no parameters of this page and were left out.",
            len(others),
            names=named(others),
        )
