"""A box for a word that suggests words while one types: arrow keys and Enter take one, Escape closes the list."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explorer.embeddings import catalog
from explorer.embeddings.patterns import complete
from explorer.errors import UserError
from explorer.texts import _
from explorer.ui.dom import script
from explorer.ui.parameters import Choice, Text

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "explorer_word_box",
    css=(_HERE / "box.css").read_text(encoding="utf-8"),
    js=script(_HERE / "box.js"),
)


@st.fragment  # so that a key press asks for suggestions alone
def word_box(parameter: Text, model: Choice, page: str = "") -> None:
    """Draw a parameter as a box that suggests words of the chosen model; on another page than the one that answers,
    `page` says which does, and the box has the focus.

    What is entered, by Enter or by leaving the box, goes to the URL as a step that Back takes back, like every
    parameter.
    """
    key = f"{parameter.name}_box"
    typed = st.session_state.get(key, {}).get("typed") or ""
    _component(
        key=key,
        data={
            "label": parameter.label,
            "name": parameter.name,
            "help": parameter.help,
            "value": parameter.text,
            "default": parameter.default,
            "typed": typed,
            "page": page,
            "suggestions": _suggestions(model.text, typed),
            "texts": {"suggestions": _("Suggestions for {label}", label=parameter.label)},
        },
        default={"typed": ""},
        on_typed_change=lambda: None,
    )


def _suggestions(model: str, typed: str) -> list[str]:
    try:
        return complete(catalog.load(model), typed)
    except UserError:  # the page says what is wrong with the model
        return []
