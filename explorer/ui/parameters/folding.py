"""Parts of a page that are folded until a reader opens them."""

from __future__ import annotations

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from explorer.ui.parameters.control import write

_UNFOLDED = "true"


def folded(label: str, name: str) -> ExpanderContainer:
    """A part of the page that is made when it is `open`; the URL says by `name` whether it is."""
    key = f"fold {name}"
    st.session_state[key] = st.query_params.get(name) == _UNFOLDED

    def follow() -> None:
        write(name, _UNFOLDED if st.session_state[key] else None)

    return st.expander(label, key=key, on_change=follow)
