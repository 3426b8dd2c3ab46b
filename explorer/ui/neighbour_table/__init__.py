"""The answer to "which words are nearest?": a table of words with the bars of a chart beside it, row by row."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from explorer.embeddings.neighbours import Answer
from explorer.palette import TIERS
from explorer.texts import _
from explorer.ui.dom import script

METRIC_NAMES = {"cosine": _("cosine similarity"), "dot": _("dot product"), "euclidean": _("Euclidean distance")}

_HERE = Path(__file__).parent
_TIERS = "".join(f".tier-{tier} {{ color: light-dark({light}, {dark}); }}\n" for tier, (light, dark) in TIERS.items())
_component = st.components.v2.component(
    "explorer_neighbour_table",
    css=(_HERE / "table.css").read_text(encoding="utf-8") + _TIERS,
    js=script(_HERE / "table.js"),
)


def neighbour_table(answer: Answer, among: str, parameter: str) -> None:
    """Draw an answer; `among` says in which vectors it was found.

    Each word is a link to this page with the same controls and itself as `parameter`. Words can be picked, and a link
    takes their vectors to the lesson.
    """
    controls = st.query_params.to_dict()
    rows = [
        asdict(row)
        | {
            "href": f"?{urlencode(controls | {parameter: row.word})}",
            "compared": answer.compared(row),
            "stable": answer.is_stable(row),
        }
        for row in answer.rows
    ]
    data = {
        "model": answer.model,
        "word": answer.word,
        "known": answer.found in ("word", "variant"),
        "among": among,
        "measure": METRIC_NAMES[answer.metric],
        "metric": answer.metric,
        "other_seeds": answer.other_seeds,
        "depth": answer.depth,
        "rows": rows,
    }
    _component(key="neighbour_table", data=data)
