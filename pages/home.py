"""Home: what this is, one word box, three doors."""

import streamlit as st

from explorer.embeddings import catalog
from explorer.texts import _
from explorer.ui.messages import as_label
from explorer.ui.navigation import INITIALISATION, LEARNING, LESSON, NEIGHBOURS, SIDE_BY_SIDE, visit

MODELS = catalog.names() or [catalog.DEFAULT]
WORD = catalog.examples(MODELS[0])[0]

with st.container(horizontal_alignment="center"), st.container(width=1120, gap="medium"):
    st.title(_("Embedding Explorer"), anchor=False)
    st.markdown(
        _(
            "See which words a model thinks are alike, and every number a transformer computes from them. Vectors "
            "trained on Wikipedia are included. Everything runs on this machine."
        ),
        width=820,
    )

    with st.form("look_up", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        word = st.text_input(_("A word"), WORD, width=340)
        if st.form_submit_button(_("Show its neighbours")):
            visit("neighbours", word=word)

    similarity, initialisation, talk = st.columns(3, border=True)
    with similarity:
        st.header(_("Query word similarity"), anchor=False)
        st.markdown(
            _(
                "The nearest words with their cosines, and whether that is high. Several models side by side, maps "
                "that say how far to trust them, word arithmetic (king − man + woman), and your own vectors."
            )
        )
        label = as_label(WORD)
        st.page_link(NEIGHBOURS, label=_(":primary[Neighbours of {label} →]", label=label), query_params={"word": WORD})
        st.page_link(
            SIDE_BY_SIDE, label=_(":primary[{label} in several models →]", label=label), query_params={"word": WORD}
        )
    with initialisation:
        st.header(_("Compare initialisations"), anchor=False)
        st.markdown(
            _(
                "Do pre-trained vectors help a transformer? The answer, with error bars, comes from hundreds of small "
                "trainings that differ only in their embeddings. Open any run, or start one and watch it."
            )
        )
        st.page_link(INITIALISATION, label=_(":primary[What a full comparison found →]"))
        st.page_link(LEARNING, label=_(":primary[Watch it learn →]"))
    with talk:
        st.header(_("Inside a transformer"), anchor=False)
        st.markdown(
            _(
                "Every step from the words to the loss and back, with its formula and its numbers. Click a number to "
                "see how it was computed."
            )
        )
        st.page_link(LESSON, label=_(":primary[You are welcome, step by step →]"))
