"""A table of texts and numbers, some of which are links; on a narrow screen it scrolls by itself, not the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.ui.dom import script

_HERE = Path(__file__).parent
ROWS = _HERE / "rows.js"
"""The script of `plainTable`, which draws `data`; STYLE belongs to it."""
STYLE = (_HERE.parent / "neighbour_table" / "table.css").read_text(encoding="utf-8") + (_HERE / "table.css").read_text(
    encoding="utf-8"
)
_component = st.components.v2.component("explorer_plain_table", css=STYLE, js=script(ROWS, _HERE / "table.js"))


@dataclass(frozen=True)
class Column:
    """The heading of a column, with a `help` that says what stands in it; numbers stand at the right."""

    name: str
    help: str = ""
    number: bool = False


@dataclass(frozen=True)
class Cell:
    """A text, which may lead somewhere."""

    text: str
    href: str = ""


def plain_table(
    caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], key: str, chosen: int = -1
) -> None:
    """Draw the `data` of a table."""
    _component(key=key, data=data(caption, columns, rows, chosen))


def data(caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], chosen: int = -1) -> dict[str, Any]:
    """The rows under their headings; the `chosen` one is marked."""
    return {
        "caption": caption,
        "columns": [asdict(column) for column in columns],
        "rows": [[asdict(cell) for cell in row] for row in rows],
        "chosen": chosen,
    }
