"""A table of words with a number a row and the bars of a chart beside it; each word leads to its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from explorer.texts import _
from explorer.ui.dom import script

_HERE = Path(__file__).parent
ROWS = _HERE / "rows.js"
"""The script of `wordTable`, which draws `data`."""
_component = st.components.v2.component(
    "explorer_word_table",
    css=(_HERE.parent / "neighbour_table" / "table.css").read_text(encoding="utf-8")
    + ".problem { color: var(--quiet); white-space: normal; padding-block: 0.35rem; }",
    js=script(ROWS, _HERE / "table.js"),
)


@dataclass(frozen=True)
class Row:
    """`words` stand in the columns of words, `notes` behind them; without a `number` there is the `problem`."""

    words: Sequence[str]
    number: float | None
    notes: Sequence[str] = ()
    problem: str = ""


def word_table(caption: str, headings: Sequence[str], rows: Sequence[Row], measure: str, model: str, key: str) -> None:
    """Draw the `data` of a table."""
    _component(key=key, data=data(caption, headings, rows, measure, model))


def data(caption: str, headings: Sequence[str], rows: Sequence[Row], measure: str, model: str) -> dict[str, Any]:
    """The rows from the first to the last. `headings` name the column of ranks and those of words and notes, `measure`
    the number; the words lead to their neighbours in `model`."""
    lines = [
        {
            "words": [
                {"word": word, "href": f"neighbours?{urlencode({'word': word, 'model': model})}"} for word in row.words
            ],
            "notes": row.notes,
            "number": row.number,
            "problem": row.problem,
        }
        for row in rows
    ]
    texts = {"link": _("Neighbours of {word}")}
    return {"caption": caption, "headings": headings, "measure": measure, "rows": lines, "texts": texts}
