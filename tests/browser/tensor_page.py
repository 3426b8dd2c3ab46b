"""A page with equations, as the app's own pages draw them; it says how often it ran and which cell was opened."""

import streamlit as st

from explorer.ui.tensor_view import tensor_view
from tests.browser.tensor_examples import projection


def keep(cell, origin):
    st.session_state["opened"] = f"{cell} from {origin}"


st.session_state["runs"] = st.session_state.get("runs", 0) + 1
tensor_view([projection()], "equations", keep)
st.write(f"Run {st.session_state['runs']}, opened: {st.session_state.get('opened', 'nothing')}")
