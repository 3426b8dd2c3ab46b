"""The script behind every page: Streamlit runs it for each visit and each change of a control."""

from pathlib import Path

import streamlit as st

from explorer.embeddings import catalog
from explorer.ui.add_to_talk import added_to_talks
from explorer.ui.login import login_page
from explorer.ui.navigation import current_page
from explorer.ui.rights import may_ask
from explorer.ui.turns import turn

HERE = Path(__file__).parent

with turn():
    st.set_page_config(page_icon=str(HERE / "favicon.svg"), layout="wide")
    st.html(HERE / "style.css")
    if may_ask():
        page = current_page()
        with catalog.steady(), added_to_talks(page.url_path):
            page.run()
    else:
        login_page()
