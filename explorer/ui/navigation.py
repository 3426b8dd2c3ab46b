"""The pages of the app and how to get from one to another."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

_PAGES = Path(__file__).resolve().parents[2] / "pages"
HOME = str(_PAGES / "home.py")
NEIGHBOURS = str(_PAGES / "neighbours.py")
PASS = str(_PAGES / "transformer_pass.py")

_VISIT = """
export default ({ data }) => {
  history.pushState({}, "", data);
  window.dispatchEvent(new PopStateEvent("popstate"));
};
"""
_visit = st.components.v2.component("explorer_visit", js=_VISIT)


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


def visit(url_path: str, **parameters: str) -> None:
    """Go to a page as a click on a link to it would; `st.switch_page` leaves two steps in the browser's history."""
    _visit(data=f"{url_path}?{urlencode(parameters)}")
