"""Home: what this is, one word box, three doors."""

import streamlit as st

from explorer.ui.navigation import NEIGHBOURS, PASS, visit

with st.container(horizontal_alignment="center"), st.container(width=1120, gap="medium"):
    st.title("Embedding Explorer", anchor=False)
    st.markdown(
        "From the nearest neighbours of a word to every number of the transformer that reads it. "
        "The vectors were trained on Wikipedia and come along: all of this runs here, offline.",
        width=820,
    )

    with st.form("look_up", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        word = st.text_input("A word", "airplane", width=340)
        if st.form_submit_button("Show its neighbours"):
            visit("neighbours", word=word)

    similarity, initialisation, talk = st.columns(3, border=True)
    with similarity:
        st.header("Query word similarity", anchor=False)
        st.markdown("The nearest words with their cosines, by part of speech and frequency, to read or to download.")
        st.page_link(NEIGHBOURS, label=":primary[Neighbours of airplane →]", query_params={"word": "airplane"})
    with initialisation:
        st.header("Compare initialisations", anchor=False)
        st.markdown(
            "Do pre-trained vectors help a transformer? The comparison is still to be built. "
            "Today you can see how the vectors enter one, and change its random weights by the seed."
        )
        st.page_link(
            PASS,
            label=":primary[Vectors into the transformer →]",
            query_params={"words": "airplane,aeroplane,aircraft", "d_model": "8"},
        )
    with talk:
        st.header("Show it in a talk", anchor=False)
        st.markdown(
            "Every step from the words to the loss with its formula and its numbers, by the article's example in "
            "4 dimensions or a model that was trained on a phrase book. "
            "A view made for the stage comes later."
        )
        st.page_link(PASS, label=":primary[You are welcome, step by step →]", query_params={"model": "article"})
