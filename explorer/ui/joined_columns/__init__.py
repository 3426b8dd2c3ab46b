"""Several models' neighbours of one word in columns, with lines between the words that two columns share."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from explorer.embeddings import catalog
from explorer.embeddings.side_by_side import SideBySide
from explorer.ui.dom import script

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "explorer_joined_columns",
    css=(_HERE / "columns.css").read_text(encoding="utf-8"),
    js=script(_HERE / "columns.js"),
)


def joined_columns(answer: SideBySide, parameter: str) -> None:
    """Draw a column a model under its title; each word is a link to this page with itself as `parameter`."""
    controls, ranks = st.query_params.to_dict(), answer.ranks
    columns = [
        {
            "title": catalog.title(column.model),
            "sentences": column.sentences,
            "rows": [
                {
                    "word": row.word,
                    "similarity": row.similarity,
                    "shared": row.word in ranks,
                    "href": f"?{urlencode(controls | {parameter: row.word})}",
                }
                for row in (column.answer.rows if column.answer else ())
            ],
        }
        for column in answer.columns
    ]
    _component(key="joined_columns", data={"columns": columns})
