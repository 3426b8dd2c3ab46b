"""Which words of a map or a graph are selected. The address holds them, so a link, a reload and Back keep them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import streamlit as st

from explorer.ui.map.word_map import points_of
from explorer.ui.parameters import LONGEST_LINK

SELECTED = "selected"  # in the address, once for each word
_UNWRITTEN = "selection that no address has room for"


def selected_rows(words: Sequence[str], chart: str) -> list[int]:
    """The rows of the selected words. Only a selection that is too long for an address belongs to one `chart` alone."""
    if named := set(st.query_params.get_all(SELECTED)):
        return [row for row, word in enumerate(words) if word in named]
    of, rows = st.session_state.get(_UNWRITTEN, (chart, []))
    return rows if of == chart else []


def select(words: Sequence[str], chart: str) -> None:
    """Keep what is selected on the chart: none clears the selection."""
    rows = points_of(chart)
    names = [words[row] for row in rows if row < len(words)]
    is_short = len(quote(",".join(names))) <= LONGEST_LINK
    st.session_state[_UNWRITTEN] = (chart, [] if is_short else rows)
    if names and is_short:
        st.query_params[SELECTED] = names
    else:
        st.query_params.pop(SELECTED, None)


def clear() -> None:
    """Select nothing."""
    st.session_state.pop(_UNWRITTEN, None)
    st.query_params.pop(SELECTED, None)
