"""The answer to "which words are nearest?": a table of words with the bars of a chart beside it, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from explorer.embeddings.diagnostics import Percentile
from explorer.embeddings.neighbours import Answer
from explorer.embeddings.stability import Survival
from explorer.palette import TIERS
from explorer.ui.dom import script

METRIC_NAMES = {"cosine": "cosine similarity", "dot": "dot product", "euclidean": "Euclidean distance"}

_HERE = Path(__file__).parent
_TIERS = "".join(f".tier-{tier} {{ color: light-dark({light}, {dark}); }}\n" for tier, (light, dark) in TIERS.items())
_component = st.components.v2.component(
    "explorer_neighbour_table",
    css=(_HERE / "table.css").read_text(encoding="utf-8") + _TIERS,
    js=script(_HERE / "table.js"),
)


def neighbour_table(
    answer: Answer,
    among: str,
    parameter: str,
    percentiles: Sequence[Percentile] = (),
    survival: Survival | None = None,
) -> None:
    """Draw an answer; `among` says in which vectors it was found.

    Each word is a link to this page with the same controls and itself as `parameter`. Words can be picked, and a link
    takes their vectors to the lesson. `percentiles` say of each row how high its cosine is, `survival` which
    rows do not depend on the training's seed.
    """
    controls = st.query_params.to_dict()
    rows = [asdict(row) | {"href": f"?{urlencode(controls | {parameter: row.word})}"} for row in answer.rows]
    for row, percentile in zip(rows, percentiles, strict=False):
        row |= {"share": percentile.share, "higher": percentile.sentence}
    for row, survived in zip(rows, survival.survived if survival else (), strict=False):
        row["survived"] = survived
    data = {
        "model": answer.model,
        "word": answer.word,
        "known": answer.found in ("word", "variant"),
        "among": among,
        "measure": METRIC_NAMES[answer.metric],
        "metric": answer.metric,
        "sisters": survival.sisters if survival else 0,
        "depth": survival.depth if survival else 0,
        "rows": rows,
    }
    _component(key="neighbour_table", data=data)
