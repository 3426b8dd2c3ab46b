"""Copy as: the question of a page at every other door, as something to paste."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import streamlit as st

from explorer.questions import copies
from explorer.questions.question import Question
from explorer.questions.recipes import recipe
from explorer.texts import _
from explorer.ui.parameters import folded

_FOLD = "python"  # its name in the address, from when it had that form alone
_WITHOUT_A_BROWSER = "http://localhost:8501/"


def copy_as(*questions: Question) -> None:
    """Draw a fold with the questions of a page as Python of this package, as Python of gensim and NumPy alone where
    there is such a recipe, as commands, as requests over HTTP, and as a link to this page."""
    with folded(_("Copy as"), _FOLD) as part:
        if not part.open:
            return
        address = urlsplit(st.context.url or _WITHOUT_A_BROWSER)
        forms = {
            "Python": "\n".join(copies.python(question) for question in questions),
            _("Python without this package"): "\n".join(filter(None, map(recipe, questions))),
            _("Command"): "\n".join(map(copies.command, questions)),
            "curl": "\n".join(copies.curl(question, f"{address.scheme}://{address.netloc}") for question in questions),
            _("Link"): link(address.geturl()),
        }
        texts = {name: text for name, text in forms.items() if text}
        for tab, text in zip(st.tabs(list(texts)), texts.values(), strict=True):
            with tab:
                st.code(text, None, wrap_lines=True)  # without colours, which few could read


def link(page: str) -> str:
    """The address of the page with everything that its controls say; without this fold, which its reader has no need
    of."""
    parameters = [(name, text) for name in st.query_params for text in st.query_params.get_all(name) if name != _FOLD]
    return f"{page}?{urlencode(parameters)}" if parameters else page
