"""Sentences for the reader, shown exactly as written: no Markdown, no HTML in them takes effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape

import streamlit as st

from explorer.discretion import without_places
from explorer.embeddings.lookup import WordNotFound
from explorer.errors import UserError
from explorer.ui.navigation import NEIGHBOURS
from explorer.ui.rights import is_here


def say(sentence: str, kind: str = "note") -> None:
    """Show a sentence: a `note`, an `answer` in large type, a `provisional` one in a dashed frame, or a `problem` that
    is announced at once. Visitors from elsewhere are not told where this machine keeps its files."""
    sentence = sentence if is_here() else without_places(sentence)
    role = ' role="alert"' if kind == "problem" else ""
    st.html(f'<p class="explorer-{kind}"{role}>{escape(sentence)}</p>')


@contextmanager
def problems_shown(controls: Mapping[str, str] | None = None, linked: bool = True) -> Iterator[None]:
    """Show a UserError raised inside as its sentence, with a link to each word it suggests, and go on after it.

    The links go to the neighbours page with these controls, in the model that was asked; where a word is only part of
    the question, so that they would lose the rest of it, they are not `linked`.
    """
    try:
        yield
    except WordNotFound as error:
        say(str(error), "problem")
        if linked:
            links_to_neighbours(error.suggestions, {"model": error.model, **(controls or {})})
    except UserError as error:
        say(str(error), "problem")


def links_to_neighbours(words: Sequence[str], controls: Mapping[str, str] | None = None) -> None:
    """A line of links, one to the neighbours of each word, with the other controls of that page."""
    with st.container(horizontal=True):
        for word in words:
            st.page_link(NEIGHBOURS, label=as_label(word), query_params={**(controls or {}), "word": word})


def as_label(word: str) -> str:
    """A word as Markdown that shows it as it is."""
    return "".join(f"\\{c}" if c.isascii() and not c.isalnum() and not c.isspace() else c for c in word)
