"""The answer to "which words are nearest?": a table of words with the bars of a chart beside it, row by row."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from explorer.embeddings.neighbours import Answer

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "explorer_neighbour_table",
    css=(_HERE / "table.css").read_text(encoding="utf-8"),
    js=(_HERE / "table.js").read_text(encoding="utf-8"),
)


def neighbour_table(answer: Answer, among: str, parameter: str) -> None:
    """Draw an answer; `among` says in which vectors it was found.

    Each word is a link to this page with the same controls and itself as `parameter`. Words can be picked, and a link
    takes them to the transformer pass.
    """
    controls = st.query_params.to_dict()
    rows = [asdict(row) | {"href": f"?{urlencode(controls | {parameter: row.word})}"} for row in answer.rows]
    _component(key="neighbour_table", data={"word": answer.word, "among": among, "rows": rows})
