"""Home: what this is, one word box, three doors."""

import streamlit as st

from explorer.embeddings import catalog
from explorer.ui.messages import as_label
from explorer.ui.navigation import INITIALISATION, LEARNING, LESSON, NEIGHBOURS, SIDE_BY_SIDE, visit

MODELS = catalog.names() or [catalog.DEFAULT]
WORD = catalog.examples(MODELS[0])[0]

with st.container(horizontal_alignment="center"), st.container(width=1120, gap="medium"):
    st.title("Embedding Explorer", anchor=False)
    st.markdown(
        "From the nearest neighbours of a word to every number of the transformer that reads it. "
        "The vectors were trained on Wikipedia and come along: all of this runs here, offline.",
        width=820,
    )

    with st.form("look_up", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        word = st.text_input("A word", WORD, width=340)
        if st.form_submit_button("Show its neighbours"):
            visit("neighbours", word=word)

    similarity, initialisation, talk = st.columns(3, border=True)
    with similarity:
        st.header("Query word similarity", anchor=False)
        st.markdown(
            "The nearest words with their cosines, and how high those are; several models side by side, maps that say "
            "how far to trust them, sums of words, your own vectors."
        )
        label = as_label(WORD)
        st.page_link(NEIGHBOURS, label=f":primary[Neighbours of {label} →]", query_params={"word": WORD})
        st.page_link(SIDE_BY_SIDE, label=f":primary[{label} in several models →]", query_params={"word": WORD})
    with initialisation:
        st.header("Compare initialisations", anchor=False)
        st.markdown(
            "Do pre-trained vectors help a transformer? An answer with error bars, from many small ones trained alike "
            "but for their embeddings; every run of them, and one of your own, to be watched as it learns."
        )
        st.page_link(INITIALISATION, label=":primary[What a full comparison found →]")
        st.page_link(LEARNING, label=":primary[Watch it learn →]")
    with talk:
        st.header("Show it in a talk", anchor=False)
        st.markdown(
            "Every step from the words to the loss and back, with its formula and its numbers; every number says how "
            "it came about. A view made for the stage comes later."
        )
        st.page_link(LESSON, label=":primary[You are welcome, step by step →]")
