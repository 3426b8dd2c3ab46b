"""Side by side: one word in several models, and where two models disagree."""

import streamlit as st

from explorer.embeddings import catalog
from explorer.embeddings.embedding import Embedding
from explorer.questions.models import AlignedMap, Disagreement, SideBySide
from explorer.ui.copy_as import copy_as
from explorer.ui.downloads import answer_downloads
from explorer.ui.joined_columns import joined_columns
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.navigation import NEIGHBOURS, SIDE_BY_SIDE
from explorer.ui.parameters import Several, control, question
from explorer.ui.two_models import arrows, histogram

NAMES = catalog.names()

MODELS = control(SideBySide, "models", Several, default=NAMES, options=NAMES)
COUNT = control(SideBySide, "n")
POS = control(SideBySide, "pos")
NEAREST = control(Disagreement, "k")
MOST = control(Disagreement, "most")
LISTED = 30
CHOSEN = MODELS.among_the_options
WORD = control(SideBySide, "word", default=catalog.examples((CHOSEN or NAMES or [catalog.DEFAULT])[0])[0])
# Two models that are compared are the first two of the columns, unless the reader takes others.
FIRST = control(Disagreement, "first", options=list(dict.fromkeys([*CHOSEN, *NAMES])) or [catalog.DEFAULT])
SECOND = control(Disagreement, "second", options=sorted(FIRST.options, key=lambda name: name == FIRST.value))


@st.cache_resource(
    max_entries=8,
    show_spinner="Comparing the neighbours in both models …",
    hash_funcs={Embedding: id, Disagreement: repr},
)
def compared(asked, first, second):
    return first, second, asked.answer()  # kept together, so that no other model gets their ids


def disagreement():
    asked = question(Disagreement, FIRST, SECOND, NEAREST, MOST)
    *_, answer = compared(asked, catalog.load(asked.first), catalog.load(asked.second))
    st.markdown(
        f"How many of the {answer.k} nearest neighbours of a word are the same in both models? Counted for the "
        f"{len(answer.words):,} most frequent words that both models have. The mean overlap is **{answer.mean:.3f}**. "
        "Drag over the bars to list the words there.",
        help="The overlap is the Jaccard index: the neighbours that both models name, divided by all that either "
        "names. Only the compared words count as neighbours.",
    )
    least, most = histogram(answer)
    disputed = answer.between(least, most)
    say(f"{len(disputed):,} words share {least} to {most} neighbours. The words the models disagree on most:")
    with st.container(horizontal=True):
        for word, _ in disputed[:LISTED]:
            query = st.query_params.to_dict() | {WORD.name: word}
            st.page_link(SIDE_BY_SIDE, label=as_label(word), query_params=query)
    answer_downloads("disagreement", answer)
    return asked


def aligned_map():
    asked = question(AlignedMap, WORD, FIRST, SECOND, COUNT)
    picture = asked.answer()
    st.header(f"“{picture.word}” in both, on one map", anchor=False)
    st.markdown(
        "The first model is rotated onto the second. A long line joins two places that differ. Click a word to ask "
        f"about it. The two axes show {picture.shown:.0%} of the variance. On held-out words the alignment reaches a "
        f"mean cosine of {picture.fit:.2f}.",
        help="The rotation is the orthogonal matrix that brings the unit vectors of the words that both models have "
        "closest together (Procrustes). Held-out words did not take part in it.",
    )
    for point in arrows(picture):
        with st.container(horizontal=True, vertical_alignment="center"):
            label = as_label(point.word)
            st.markdown(f"**{label}**: cosine between the models {point.similarity:.3f}", width="content")
            here = st.query_params.to_dict() | {WORD.name: point.word}
            st.page_link(SIDE_BY_SIDE, label=f"{label} side by side", query_params=here)
            for model in (picture.first, picture.second):
                title = as_label(catalog.title(model))
                there = {"word": point.word, "model": model}
                st.page_link(NEIGHBOURS, label=f"Neighbours in {title}", query_params=there)
    answer_downloads("map", picture)
    return asked


with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.title("Side by side", anchor=False)
    with st.container(horizontal=True):
        WORD.draw(width=240)
        MODELS.draw(width=520, show=catalog.title)
        COUNT.draw(width=130)
        POS.draw(width=170, show=lambda tag: tag or "any")

    questions = []
    with problems_shown():
        asked = question(SideBySide, WORD, MODELS, COUNT, POS)
        answer = asked.answer()
        questions.append(asked)
        st.set_page_config(page_title=f"{asked.word} · Side by side")
        joined_columns(answer, WORD.name)
        if answer.shared:
            say(answer.shared)
        answer_downloads(answer.asked, answer)

    st.header("Where two models disagree", anchor=False)
    if len(NAMES) < 2:
        say("There is only one model. Import or download another one on the page Models to compare the two.")
    else:
        with st.container(horizontal=True):
            FIRST.draw(width=300, show=catalog.title)
            SECOND.draw(width=300, show=catalog.title)
            NEAREST.draw(width=200)
            MOST.draw(width=200)
        for ask in (disagreement, aligned_map):
            with problems_shown():
                questions.append(ask())
    copy_as(*questions)
