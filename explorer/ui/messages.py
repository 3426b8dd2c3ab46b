"""Sentences for the reader, shown exactly as written: no Markdown, no HTML in them takes effect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape

import streamlit as st

from explorer.access.discretion import without_places
from explorer.embeddings.lookup import WordNotFound
from explorer.errors import UserError
from explorer.texts import _
from explorer.ui.navigation import NEIGHBOURS, this_page
from explorer.ui.rights import is_here


def say(sentence: str, kind: str = "note") -> None:
    """Show a sentence: a `note`, an `answer` in large type, a `provisional` one in a dashed frame, a `caution` in
    amber, or a `problem` that is announced at once. Visitors from elsewhere are not told where this machine keeps its
    files."""
    sentence = sentence if is_here() else without_places(sentence)
    role = ' role="alert"' if kind == "problem" else ""
    st.html(f'<p class="explorer-{kind}"{role}>{escape(sentence)}</p>')


DID_YOU_MEAN = _("Did you mean:")
_NO_WORDS = {"model", "models", "regex", "pattern", "matching"}  # parameters that hold no words of the question


_NO_VIEW = "this run shows no view"


def expect_a_view() -> None:
    """At the beginning of a run: nothing has gone wrong yet."""
    st.session_state.pop(_NO_VIEW, None)


def note_no_view() -> None:
    """Note that this run shows no answer, but why there is none."""
    st.session_state[_NO_VIEW] = True


def has_a_view() -> bool:
    """Whether this run shows an answer, so that a talk can show it too."""
    return _NO_VIEW not in st.session_state


@contextmanager
def problems_shown() -> Iterator[None]:
    """Show a UserError raised inside as its sentence, and go on after it. Each word that it suggests is a link that
    mends the question where it stands; in a question that the address does not hold, it leads to its neighbours."""
    try:
        yield
    except WordNotFound as error:
        note_no_view()
        say(error.problem, "problem")
        controls = st.query_params.to_dict()
        here = mended(controls, error.word, error.word)
        if not error.suggestions:
            return
        if here is None:
            links_to_neighbours(error.suggestions, {"model": error.model}, DID_YOU_MEAN)
            return
        with st.container(horizontal=True):
            st.markdown(DID_YOU_MEAN, width="content")
            for word in error.suggestions:
                query = mended(controls, error.word, word)
                st.page_link(this_page(), label=as_label(word), query_params=query)
    except UserError as error:
        note_no_view()
        say(str(error), "problem")


def mended(controls: Mapping[str, str], wrong: str, right: str) -> dict[str, str] | None:
    """The parameters of an address with another word in the place of a wrong one; None where they do not have it."""
    whole = re.compile(rf"(?<!\w){re.escape(wrong)}(?!\w)", re.IGNORECASE)
    for name, text in controls.items():
        if name not in _NO_WORDS and whole.search(text):
            return {**controls, name: whole.sub(lambda _match: right, text)}
    return None


def links_to_neighbours(words: Sequence[str], controls: Mapping[str, str] | None = None, before: str = "") -> None:
    """A line of links, one to the neighbours of each word, with the other controls of that page; `before` them stands
    what they are."""
    with st.container(horizontal=True):
        if before:
            st.markdown(before, width="content")
        for word in words:
            st.page_link(NEIGHBOURS, label=as_label(word), query_params={**(controls or {}), "word": word})


_LIKE_A_LINK = re.compile(r"https?(?=://)|www(?=\.)|@(?=[-\w]+\.)", re.IGNORECASE)


def as_label(word: str) -> str:
    """A word as Markdown that shows it as it is, and no link where it looks like one: a sign without width parts it."""
    word = _LIKE_A_LINK.sub(lambda match: match[0] + "\u2060", word)
    return "".join(f"\\{c}" if c.isascii() and not c.isalnum() and not c.isspace() else c for c in word)
