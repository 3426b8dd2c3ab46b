"""What somebody sees who has to log in first."""

from __future__ import annotations

import streamlit as st

from explorer.texts import _

# The address that was asked for is kept in the tab: the provider leads back to the first page, see `navigation`. Who
# asked for what is no page was led here, and it stands in the address.
_ASKED = """
export default () => {
  const led = new URLSearchParams(location.search).get("asked");
  sessionStorage.setItem("explorer asked", led ?? location.pathname + location.search);
};
"""
_asked = st.components.v2.component("explorer_asked", js=_ASKED)


def login_page() -> None:
    """Draw the door: nothing of what is behind it is loaded."""
    with st.container(horizontal_alignment="center"), st.container(width=480):
        st.set_page_config(page_title="Log in")
        st.title(_("Embedding Explorer"), anchor=False)
        st.markdown(_("Log in to ask and to see what you have made. You come back to this page."))
        _asked(key="asked")
        st.button(_("Log in"), type="primary", on_click=st.login)
