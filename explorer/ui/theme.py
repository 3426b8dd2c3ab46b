"""The theme that the reader sees, for charts: plotly knows nothing of it."""

from __future__ import annotations

import streamlit as st


def is_dark() -> bool:
    """Whether the page is dark; light where the browser has not said."""
    return bool(st.context.theme.type == "dark")


def theme_colour(name: str) -> str:
    """A colour of the theme by its name in the configuration, such as textColor."""
    colour: str = st.get_option(f"theme.{'dark' if is_dark() else 'light'}.{name}")
    return colour
