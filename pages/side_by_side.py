"""Side by side: one word in several models, and where two models disagree."""

import streamlit as st

from explorer.embeddings import catalog
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.side_by_side import of_the_others
from explorer.questions import openings
from explorer.questions.models import AlignedMap, Disagreement, Drift, SideBySide, models_to_ask
from explorer.texts import _
from explorer.ui.action_bar import action_bar
from explorer.ui.centred import centred
from explorer.ui.declared import control
from explorer.ui.declared import question as question_of
from explorer.ui.downloads import answer_downloads, name_of
from explorer.ui.drift_chart import drift_chart
from explorer.ui.joined_columns import joined_columns
from explorer.ui.left_out import say_what_is_left_out
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.navigation import NEIGHBOURS, SIDE_BY_SIDE
from explorer.ui.parameters import Several, Text
from explorer.ui.two_models import arrows, histogram
from explorer.ui.word_box import word_box

NAMES = catalog.names()

WORD = control(SideBySide, "word", default=openings.word((NAMES or [catalog.DEFAULT])[0]))
ASKED, LACKING, LEFT = models_to_ask(WORD.text)
MODELS = control(SideBySide, "models", Several, default=ASKED, options=NAMES)
COUNT = control(SideBySide, "n")
POS = control(SideBySide, "pos")
NEAREST = control(Disagreement, "k")
MOST = control(Disagreement, "most")
LISTED = 30
SHARED = Text("shared", _("Shared neighbours"))  # those of the chosen bars
CHOSEN = MODELS.among_the_options
# Two models that are compared are two of the columns: the first two, unless the reader takes others.
FIRST = control(Disagreement, "first", options=CHOSEN or [catalog.DEFAULT])
SECOND = control(Disagreement, "second", options=sorted(FIRST.options, key=lambda name: name == FIRST.value))


@st.cache_resource(
    max_entries=8,
    show_spinner=_("Comparing the neighbours in both models …"),
    hash_funcs={Embedding: id, Disagreement: repr},
)
def compared(dispute, first, second):
    return first, second, dispute.answer()  # kept together, so that no other model gets their ids


def disagreement():
    dispute = question_of(Disagreement, FIRST, SECOND, NEAREST, MOST)
    answer = compared(dispute, catalog.load(dispute.first), catalog.load(dispute.second))[-1]
    st.markdown(
        _(
            "How many of the {k} nearest neighbours of a word are the same in both models? On average **{mean:.1f}**, "
            "for and among the {words:,} most frequent words that both models have. "
            "Click a bar or drag over several to list their words.",
            k=answer.k,
            words=len(answer.words),
            mean=answer.mean_shared,
        ),
        help=_(
            "Only the compared words count as neighbours. The mean overlap (Jaccard index: the neighbours that both "
            "models name, divided by all that either names) is {mean:.3f}.",
            mean=answer.mean,
        ),
    )
    least, most = histogram(answer, SHARED)
    disputed = answer.between(least, most)
    if SHARED.is_set:
        say(answer.sharing(least, most))
    say(_("The words the models disagree on most:"))
    if SHARED.is_set:
        st.button(_("Show words of all bars"), on_click=lambda: SHARED.write(None))
    with st.container(horizontal=True):
        for word, _overlap in disputed[:LISTED]:
            query = st.query_params.to_dict() | {WORD.name: word}
            st.page_link(SIDE_BY_SIDE, label=as_label(word), query_params=query)
    answer_downloads(name_of(dispute), answer)
    return dispute


def aligned_map():
    alignment = question_of(AlignedMap, WORD, FIRST, SECOND, COUNT)
    picture = alignment.answer()
    st.header(_("“{word}” in both, on one map", word=picture.word), anchor=False)
    st.markdown(
        _(
            "The first model is rotated onto the second. A long line joins two places that differ. Click a word to ask "
            "about it. The two axes show {share:.0%} of the variance. On held-out words the alignment reaches a "
            "mean cosine of {fit:.2f}.",
            share=picture.shown,
            fit=picture.fit,
        ),
        help=_(
            "The rotation is the orthogonal matrix that brings the unit vectors of the words that both models have "
            "closest together (Procrustes). Held-out words did not take part in it."
        ),
    )
    for point in arrows(picture):
        with st.container(horizontal=True, vertical_alignment="center"):
            label = as_label(point.word)
            st.markdown(
                _("**{label}**: cosine between the models {similarity:.3f}", label=label, similarity=point.similarity),
                width="content",
            )
            here = st.query_params.to_dict() | {WORD.name: point.word}
            st.page_link(SIDE_BY_SIDE, label=_("{label} side by side", label=label), query_params=here)
            for model in (picture.first, picture.second):
                title = as_label(model)
                there = {"word": point.word, "model": model}
                st.page_link(NEIGHBOURS, label=_("Neighbours in {title}", title=title), query_params=there)
    answer_downloads(name_of(alignment), picture)
    return alignment


def agreement(answer):
    """How many neighbours each two of several models share."""
    if len(answer.agreement) < 2:
        return
    with st.container(width=640):
        st.table(
            [
                {_("model"): as_label(one), _("and"): as_label(other), _("shared neighbours"): count}
                for one, other, count in answer.agreement
            ]
        )


def from_model_to_model():
    """How near the nearest words are in each model, in the order in which the models are chosen."""
    st.header(_("From model to model"), anchor=False)
    question = question_of(Drift, WORD, MODELS)
    answer = question.answer()
    st.markdown(_("How near are the nearest words of each model in the others?"))
    if answer.no_times:
        say(answer.no_times)
    else:
        st.markdown(
            _(
                "If your models come from different years, choose them above in the order of their years: the lines "
                "then show how the use of the word changes."
            )
        )
    drift_chart(answer)
    for sentence in answer.sentences:
        if sentence != answer.no_times:
            say(sentence)
    action_bar(question, download=question, key="bar_of_drift")


with centred():
    st.title(_("Side by side"), anchor=False)
    with st.container(horizontal=True):
        with st.container(width=240):
            word_box(WORD, (CHOSEN or NAMES or [catalog.DEFAULT])[0])
        MODELS.draw(width=540)
        COUNT.draw(width=130)
        POS.draw(width=150, when_open=_("any"))

    say_what_is_left_out(WORD, MODELS, COUNT, POS, NEAREST, MOST, SHARED, FIRST, SECOND)
    if not MODELS.is_set:
        for sentence in of_the_others(WORD.text, LACKING, LEFT):
            say(sentence)
    with problems_shown():
        question = question_of(SideBySide, WORD, MODELS, COUNT, POS)
        answer = question.answer()
        st.set_page_config(page_title=f"{question.word} · Side by side")
        for sentence in answer.comparable:
            say(sentence)
        joined_columns(answer, WORD.name)
        if answer.shared:
            say(answer.shared)
        agreement(answer)
        action_bar(question, download=question)

    if len(CHOSEN) > 1:
        with problems_shown():
            from_model_to_model()

    st.header(_("Where two models disagree"), anchor=False)
    questions = []
    if len(NAMES) < 2:
        say(_("There is only one model. Import or download another one on the page Models to compare the two."))
    elif len(CHOSEN) < 2 and not (FIRST.is_set and SECOND.is_set):
        say(_("Choose two models or more above to compare them."))
    else:
        with st.container(horizontal=True):
            FIRST.draw(width=300)
            SECOND.draw(width=300)
            NEAREST.draw(width=200)
            MOST.draw(width=200)
        for ask in (disagreement, aligned_map):
            with problems_shown():
                questions.append(ask())
    if questions:
        action_bar(*questions, key="bar_of_two")
