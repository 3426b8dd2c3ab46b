"""Home: what this is, one word box with its answer, three doors."""

import streamlit as st

from explorer.embeddings.atlas import has_atlas
from explorer.questions import openings
from explorer.questions.maps import atlas_beside, map_beside
from explorer.questions.words import Neighbours
from explorer.texts import _
from explorer.ui.add_to_talk import add_to_talk
from explorer.ui.centred import centred
from explorer.ui.declared import control
from explorer.ui.declared import question as question_of
from explorer.ui.doors import FORMULA, door_picture
from explorer.ui.left_out import say_what_is_left_out
from explorer.ui.map.atlas_view import atlas_view
from explorer.ui.messages import as_label, problems_shown
from explorer.ui.navigation import CALCULATOR, INITIALISATION, LEARNING, LESSON, MAP, NEIGHBOURS, SIDE_BY_SIDE, TALKS
from explorer.ui.neighbour_table import neighbour_table
from explorer.ui.word_box import word_box

FEW = 6  # words that are nearest, as a taste

MODEL = control(Neighbours, "model")
WORD = control(Neighbours, "word", default=openings.word(MODEL.text))

with centred():
    st.title(_("Embedding Explorer"), anchor=False)
    st.markdown(
        _(
            "See which words a model thinks are alike, and every number a transformer computes from them. Vectors "
            "trained on Wikipedia are included. Everything runs on this machine."
        ),
        width=820,
    )

    say_what_is_left_out(MODEL, WORD)
    table, picture = st.columns([11, 9], gap="medium") if has_atlas(MODEL.text) else (st.container(), st.container())
    with table, st.container(width=340):
        word_box(WORD, MODEL, "neighbours")
    lit = None
    with table, problems_shown():
        question = question_of(Neighbours, MODEL, WORD, n=FEW)
        answer = question.answer()
        lit = atlas_beside(answer)
        neighbour_table(answer, answer.among, WORD.name, None if lit else map_beside(answer), "neighbours")
        add_to_talk("neighbours", {"n": str(FEW)})
        if lit:
            with picture:
                atlas_view(lit, WORD, page="neighbours", small=True)
                label = _("Where {word} lies among all words: go into the map →", word=as_label(answer.word))
                asked = {"word": answer.asked} | ({"model": MODEL.text} if MODEL.is_set else {})
                st.page_link(MAP, label=f":primary[{label}]", query_params=asked)

    similarity, initialisation, transformer = st.columns(3, border=True)
    with similarity:
        st.header(_("Query word similarity"), anchor=False)
        door_picture("similarity")
        st.markdown(
            _(
                "The nearest words with their cosines, and whether that is high. Several models side by side, maps "
                "that say how far to trust them, word arithmetic (king − man + woman), and your own vectors."
            )
        )
        label, query = as_label(WORD.text), {"word": WORD.text}
        st.page_link(NEIGHBOURS, label=_(":primary[Neighbours of {label} →]", label=label), query_params=query)
        st.page_link(
            SIDE_BY_SIDE,
            label=_(":primary[{label} in several models →]", label=label),
            query_params=query,
        )
        st.page_link(CALCULATOR, label=f":primary[{FORMULA.replace('-', '−')} →]", query_params={"formula": FORMULA})
        if lit is None:
            st.page_link(MAP, label=_(":primary[{label} on a map →]", label=label), query_params=query)
    with initialisation:
        st.header(_("Compare initialisations"), anchor=False)
        door_picture("initialisation")
        st.markdown(
            _(
                "Do pre-trained vectors help a transformer? The answer, with error bars, comes from hundreds of small "
                "trainings that differ only in their embeddings. Watch any of them learn, or start your own."
            )
        )
        st.page_link(INITIALISATION, label=_(":primary[What a full comparison found →]"))
    with transformer:
        st.header(_("Inside a transformer"), anchor=False)
        door_picture("transformer")
        st.markdown(
            _(
                "Every step from the words to the loss and back, with its formula and its numbers. Click a number to "
                "see how it was computed."
            )
        )
        drawn = {"lesson": "trained", "source": "you,are,welcome"}  # what the picture has numbers of
        st.page_link(LESSON, label=_(":primary[You are welcome, step by step →]"), query_params=drawn)
        st.page_link(LEARNING, label=_(":primary[Watch it learn →]"))
        st.page_link(TALKS, label=_(":primary[Show it in a talk →]"))
