"""The pages of the app and how to get from one to another."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_PAGES = Path(__file__).resolve().parents[2] / "pages"
HOME = str(_PAGES / "home.py")
NEIGHBOURS = str(_PAGES / "neighbours.py")
PASS = str(_PAGES / "transformer_pass.py")


def current_page() -> st.Page:
    """The page the URL asks for; draws the navigation."""
    return st.navigation(
        [
            st.Page(HOME, title="Embedding Explorer", default=True),
            st.Page(NEIGHBOURS, title="Neighbours", url_path="neighbours"),
            st.Page(PASS, title="Transformer pass", url_path="pass"),
        ],
        position="top",
    )
