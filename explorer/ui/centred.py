"""How wide a page is: one to read is as wide on every screen, one with a map takes what a large screen has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

READING, WIDE = 1440, 2080  # pixels, at most


@contextmanager
def centred(width: int = READING) -> Iterator[None]:
    """What is drawn inside stands in the middle of the window, and is no wider than this."""
    # One is entered, not both: for each fragment Streamlit copies what was entered, and all that it stands in.
    with st.container(horizontal_alignment="center").container(width=width):
        yield
