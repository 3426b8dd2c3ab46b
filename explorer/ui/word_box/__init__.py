"""A box for a word or several that suggests words while one types: arrow keys and Enter take one, Escape closes the
list."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from explorer.embeddings.bounds import SUGGESTED
from explorer.questions.words import Complete
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


def word_box(parameter: Text | Words, model: Choice | str, page: str = "", several: bool = False) -> None:
    """Draw a parameter as a box that suggests words of the model; on another page than the one that answers, `page`
    says which does, and the box has the focus. In a list, or a text of `several` words, each word has suggestions.
    Below the box of the word that travels from page to page stand those that were asked before.

    What is entered, by Enter or by leaving the box, goes to the URL as a step that Back takes back, like every
    parameter. Suggestions come from the API: a key press neither waits for a run of the page nor begins one.
    """
    asked = {"model": model if isinstance(model, str) else model.text, "n": SUGGESTED, "spelled_alike": "true"}
    _component(
        key=f"{parameter.name}_box",
        data={
            "label": parameter.label,
            "names": parameter.names,
            "help": parameter.help,
            "value": parameter.text,
            "words": "list" if isinstance(parameter, Words) else "several" if several else "one",
            "page": page,
            "trail": parameter.name in _TRAVELLING,
            "suggestions": f"api/v1/{Complete.name}?{urlencode(asked)}",
            "texts": {
                "suggestions": _("Suggestions for {label}", label=parameter.label),
                "trail": _("Words that were asked before"),
            },
        },
    )
