"""Parts of a page that are folded until a reader opens them."""

from __future__ import annotations

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from explorer.ui.parameters.control import write


def folded(label: str, name: str, unfolded: bool = False) -> ExpanderContainer:
    """A part of the page that is made when it is `open`; the URL says by `name` whether it is, where that is not what
    the page has by itself."""
    key = f"fold {name}"
    st.session_state[key] = {"true": True, "false": False}.get(st.query_params.get(name, ""), unfolded)

    def follow() -> None:
        is_open = st.session_state[key]
        write(name, None if is_open == unfolded else str(is_open).lower())

    return st.expander(label, key=key, on_change=follow)
