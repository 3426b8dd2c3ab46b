"""A box for a word or several that suggests words while one types: arrow keys and Enter take one, Escape closes the
list."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explorer.embeddings import catalog
from explorer.embeddings.patterns import suggestions
from explorer.errors import UserError
from explorer.texts import _
from explorer.ui.dom import script
from explorer.ui.navigation import TRAVELLING
from explorer.ui.parameters import Choice, Text, Words

_TRAVELLING = {name for names in TRAVELLING.values() for name in names.get("word", ())}  # the asked word
_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "explorer_word_box",
    css=(_HERE / "box.css").read_text(encoding="utf-8"),
    js=script(_HERE / "box.js"),
)


@st.fragment  # so that a key press asks for suggestions alone
def word_box(parameter: Text | Words, model: Choice | str, page: str = "", several: bool = False) -> None:
    """Draw a parameter as a box that suggests words of the model; on another page than the one that answers, `page`
    says which does, and the box has the focus. In a list, or a text of `several` words, each word has suggestions.
    Below the box of the word that travels from page to page stand those that were asked before.

    What is entered, by Enter or by leaving the box, goes to the URL as a step that Back takes back, like every
    parameter.
    """
    key = f"{parameter.name}_box"
    typed = st.session_state.get(key, {}).get("typed") or ""
    _component(
        key=key,
        data={
            "label": parameter.label,
            "names": parameter.names,
            "help": parameter.help,
            "value": parameter.text,
            "typed": typed,
            "words": "list" if isinstance(parameter, Words) else "several" if several else "one",
            "page": page,
            "trail": parameter.name in _TRAVELLING,
            "suggestions": _suggestions(model if isinstance(model, str) else model.text, typed),
            "texts": {
                "suggestions": _("Suggestions for {label}", label=parameter.label),
                "trail": _("Words that were asked before"),
            },
        },
        default={"typed": ""},
        on_typed_change=lambda: None,
    )


def _suggestions(model: str, typed: str) -> list[dict[str, str]]:
    """Each word with what is known of it: its parts of speech, and how often it occurs."""
    try:
        embedding = catalog.load(model)
        matches = suggestions(embedding, typed)
    except UserError:  # the page says what is wrong with the model
        return []
    notes = ((match.pos, f"{match.count:,}" if match.count is not None else "") for match in matches)
    return [
        {"word": match.word, "note": " · ".join(filter(None, note))} for match, note in zip(matches, notes, strict=True)
    ]
