"""Neighbours: the words nearest to a word, by cosine."""

import json

import streamlit as st

from explorer.embeddings import catalog
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.tags import UNIVERSAL_TAGS
from explorer.ui.messages import problems_shown, say
from explorer.ui.neighbour_table import neighbour_table
from explorer.ui.parameters import Choice, Number, Text

MODELS = catalog.names()

WORD = Text("word", "Word", "airplane")
MODEL = Choice("model", "Model", MODELS or [catalog.DEFAULT])
COUNT = Number("n", "Neighbours", 10, least=1, most=1000)
POS = Choice("pos", "Part of speech", ["", *UNIVERSAL_TAGS])
MINIMUM = Number("min_count", "Minimum count", 0, least=0, most=1_000_000_000)

with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.title("Neighbours", anchor=False)

    with st.container(horizontal=True):
        WORD.draw(width=300)
        if len(MODELS) > 1:
            MODEL.draw(width=240)
        COUNT.draw(width=130)
        POS.draw(width=170, show=lambda tag: tag or "any")
        MINIMUM.draw(width=160)

    with problems_shown():
        embedding = catalog.load(MODEL.value)
        answer = neighbours(embedding, WORD.value, COUNT.value, POS.value or None, MINIMUM.value)
        st.set_page_config(page_title=f"{answer.word} · Neighbours")

        if answer.word != answer.asked.strip():
            say(f"“{answer.asked.strip()}” is not in the vocabulary; these are the neighbours of “{answer.word}”.")
        if not answer.rows:
            say("No word passes both filters: choose another part of speech or a lower minimum count.")

        among = f"among the {embedding.size:,} words of {catalog.card(embedding.name).title}"
        neighbour_table(answer, among, WORD.name)

        with st.container(horizontal=True):
            table = answer.as_csv()
            st.download_button("Download CSV", table, f"{answer.word}.csv", "text/csv", on_click="ignore")
            tree = json.dumps(answer.as_json(), ensure_ascii=False, indent=2)
            st.download_button("Download JSON", tree, f"{answer.word}.json", "application/json", on_click="ignore")
