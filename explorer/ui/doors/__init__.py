"""The pictures in the doors of Home, each a drawing that `python -m tools.doors` made of what comes along."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parent
# st.html takes every drawing out, and an image would not follow the theme of the page.
_component = st.components.v2.component(
    "explorer_door",
    css=".door-picture svg { display: block; width: 100%; max-width: 24rem; height: auto; margin: 0 auto; }",
    html='<div class="door-picture"></div>',
    js='export default ({ data, parentElement }) => { parentElement.querySelector("div").innerHTML = data; };',
)


def door_picture(name: str) -> None:
    """Draw one of the pictures."""
    _component(key=f"door {name}", data=(FOLDER / f"{name}.svg").read_text(encoding="utf-8"))
