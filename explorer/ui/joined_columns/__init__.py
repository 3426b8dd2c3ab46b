"""Several models' neighbours of one word in columns, with lines between the words that two columns share."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from explorer.embeddings.side_by_side import SideBySide
from explorer.texts import _
from explorer.ui.dom import script
from explorer.ui.messages import DID_YOU_MEAN

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "explorer_joined_columns",
    css=(_HERE / "columns.css").read_text(encoding="utf-8"),
    js=script(_HERE / "columns.js"),
)


def joined_columns(answer: SideBySide, parameter: str) -> None:
    """Draw a column a model under its name, which leads to its page, with how it found the word; each word is a link to
    this page with itself as `parameter`."""
    controls, ranks = st.query_params.to_dict(), answer.ranks

    def here(word: str) -> dict[str, str]:
        return {"word": word, "href": f"?{urlencode(controls | {parameter: word})}"}

    columns = [
        {
            "title": column.model,
            "about": f"models?{urlencode({'model': column.model})}",
            "neighbours": f"neighbours?{urlencode({'word': answer.asked, 'model': column.model})}",
            "sentences": column.how,
            "known": column.is_known,
            "suggestions": [here(word) for word in column.suggestions],
            "rows": [
                here(row.word) | {"similarity": row.similarity, "shared": row.word in ranks}
                for row in (column.answer.rows if column.answer else ())
            ],
        }
        for column in answer.columns
    ]
    texts = {"about": _("About this model"), "neighbours": _("Neighbours →"), "meant": DID_YOU_MEAN}
    _component(key="joined_columns", data={"columns": columns, "texts": texts})
