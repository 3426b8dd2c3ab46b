"""Add this view to a talk: what is on the page becomes a scene of one of the user's talks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from explorer.talks.deck import Scene, add, last_changed, name_of, own_names
from explorer.talks.views import check, is_drawn
from explorer.texts import _
from explorer.ui.messages import as_label, expect_a_view, has_a_view, problems_shown
from explorer.ui.navigation import TALKS
from explorer.ui.rights import may_change

# What a reader has moved in the browser, such as a map, stands in its address before the server knows of it.
_HERE = """
export default ({ data, setStateValue }) => {
  if (data !== location.search) setStateValue("query", location.search);
};
"""
_here = st.components.v2.component("explorer_here", js=_HERE)
_NEW = ""
_DRAWN = "a button adds this view"
_NOTHING: Mapping[str, str] = {}


def add_to_talk(page: str, more: Mapping[str, str] = _NOTHING) -> None:
    """Draw the button of a page that a scene can show, once, for a visitor who may write talks. `more` is what the
    scene has to know and the address of the page does not say."""
    texts = {**st.query_params.to_dict(), **more}
    if not may_change() or st.session_state.get(_DRAWN) or not is_drawn(page, texts) or texts.get("stage") == "1":
        return
    st.session_state[_DRAWN] = True
    if st.button(_("Add this view to a talk"), key="adding"):
        _add(page, more)


@contextmanager
def added_to_talks(page: str) -> Iterator[None]:
    """Draw it below a page that has not drawn it itself, unless that shows why it has no answer."""
    st.session_state.pop(_DRAWN, None)
    expect_a_view()
    yield
    if not has_a_view():
        return
    with st.container(horizontal_alignment="center"), st.container(width=1120, key="add_to_talk"):
        add_to_talk(page)


@st.dialog(_("Add this view to a talk"))  # wherever the button stands, what follows it is in sight
def _add(page: str, more: Mapping[str, str]) -> None:
    """Choose a talk and add the view to it. A new talk is begun where none is chosen."""
    known = st.session_state.get("here", {}).get("query", "")
    query = _here(key="here", data=known, on_query_change=lambda: None).query or ""
    texts = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    texts = texts or [(name, text) for name in st.query_params for text in st.query_params.get_all(name)]
    texts = [each for each in texts if each[0] not in more] + list(more.items())
    names = own_names()
    options = [*names, _NEW]
    name = st.selectbox(
        _("Talk"),
        options,
        options.index(last) if (last := last_changed()) in options else 0,
        format_func=lambda name: name or _("a new talk"),
        key="talk_of_scene",
        width=280,
    )
    title = st.text_input(_("Its title"), _("My talk"), key="talk_title", width=280) if name == _NEW else name
    pressed = st.button(_("Add"), type="primary", key="add_scene")
    address = f"{page}?{urlencode(texts)}" if texts else page
    if pressed:
        with problems_shown():
            name = name or name_of(title)
            check(address)
            deck = add(name, title, Scene(page=address))
            st.session_state["scene_added"] = (address, name, len(deck.scenes))
    added, name, number = st.session_state.get("scene_added", ("", "", 0))
    if added == address:
        label = _("It is scene {number} of {name}: open the talk →", number=number, name=as_label(name))
        st.page_link(TALKS, label=label, query_params={"talk": name, "scene": str(number)})
