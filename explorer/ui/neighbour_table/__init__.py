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


def neighbour_table(answer: Answer, among: str, parameter: str) -> list[str]:
    """Draw an answer; `among` says in which vectors it was found.

    Each word is a link to the same question about it: a click sets `parameter` in the URL and runs the page again.
    Returns the words the reader has just sent to the transformer pass: none in most runs.
    """
    key = "neighbour_table"

    def ask() -> None:
        st.query_params[parameter] = st.session_state[key].word

    controls = st.query_params.to_dict()
    rows = [asdict(row) | {"href": f"?{urlencode(controls | {parameter: row.word})}"} for row in answer.rows]
    result = _component(
        key=key,
        data={"word": answer.word, "among": among, "rows": rows},
        on_word_change=ask,
        on_send_change=lambda: None,
    )
    return list(result.send or [])
