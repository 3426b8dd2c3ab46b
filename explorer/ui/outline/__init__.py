"""The outline of a talk: a list whose entries are moved by mouse or keyboard, opened and removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from explorer.texts import _
from explorer.ui.dom import script

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "explorer_outline",
    css=(_HERE / "outline.css").read_text(encoding="utf-8"),
    js=script(_HERE / "outline.js"),
)
_TEXTS = {  # {title} is filled in by the script
    "up": _("Move “{title}” up"),
    "down": _("Move “{title}” down"),
    "remove": _("Remove “{title}”"),
}


def outline(
    titles: Sequence[str],
    current: int,
    on_open: Callable[[int], None],
    on_move: Callable[[int, int], None],
    on_remove: Callable[[int], None],
) -> None:
    """Draw the entries, counted from 0. What a reader did is told before the page runs again."""

    def opened() -> None:
        if (place := _place(st.session_state["outline"].get("open"))) is not None:
            on_open(place)

    def moved() -> None:
        move = st.session_state["outline"].get("move")
        if isinstance(move, list) and len(move) == 2:
            start, end = map(_place, move)
            if start is not None and end is not None:
                on_move(start, end)

    def removed() -> None:
        if (place := _place(st.session_state["outline"].get("remove"))) is not None:
            on_remove(place)

    def _place(sent: object) -> int | None:
        return sent if isinstance(sent, int) and 0 <= sent < len(titles) else None

    _component(
        key="outline",
        data={"titles": list(titles), "current": current, "texts": _TEXTS},
        on_open_change=opened,
        on_move_change=moved,
        on_remove_change=removed,
    )
