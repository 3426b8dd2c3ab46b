"""Neighbours: the words nearest to a word or a phrase, and what is known about them."""

from dataclasses import replace
from itertools import islice
from urllib.parse import urlencode

import streamlit as st

from explorer.embeddings import catalog
from explorer.embeddings.bounds import BESIDE
from explorer.embeddings.search import approximate
from explorer.errors import UserError
from explorer.questions import openings
from explorer.questions.maps import map_beside
from explorer.questions.vectors import Percentile, Why
from explorer.questions.words import Neighbours, Search, Vector
from explorer.texts import _, _n
from explorer.ui.action_bar import action_bar
from explorer.ui.centred import WIDE, centred
from explorer.ui.declared import control
from explorer.ui.declared import question as question_of
from explorer.ui.left_out import say_what_is_left_out
from explorer.ui.messages import DID_YOU_MEAN, links_to_neighbours, problems_shown, say
from explorer.ui.neighbour_table import METRIC_NAMES, neighbour_table
from explorer.ui.parameters import Choice, folded
from explorer.ui.vector_view import vector_view
from explorer.ui.why_view import why_view
from explorer.ui.word_box import word_box

MODELS = catalog.names()

MODEL = control(Neighbours, "model")
WORD = control(Neighbours, "word", default=openings.word(MODEL.text))
COUNT = control(Neighbours, "n")
POS = control(Neighbours, "pos")
METRIC = control(Neighbours, "metric")
BAND = control(Neighbours, "band")
MINIMUM = control(Neighbours, "minimum_count")
MAXIMUM = control(Neighbours, "maximum_count")
REGEX = control(Neighbours, "pattern")
AMONG = control(Neighbours, "among", command="neighbours --among")
SEARCH = control(Neighbours, "approximate", name="search", options=["exact", "approximate"], aliases=["approximate"])
WHERE = control(Neighbours, "where", command="neighbours --where")
FORMS = control(Neighbours, "without_forms", name="forms", options=["kept", "left out"], aliases=["without_forms"])
FILTERS = (METRIC, BAND, MINIMUM, MAXIMUM, REGEX, AMONG, SEARCH, WHERE, FORMS)
PATTERN = control(Search, "pattern", name="matching", default="plane$" if WORD.default == "airplane" else ".")


def has_index():
    """Whether the model can be searched approximately."""
    try:
        return approximate.opened(catalog.load(MODEL.text), catalog.CACHE) is not None
    except UserError:
        return False


def knows(what):
    """Whether the model has this of its words, by which they can be filtered."""
    try:
        return what(catalog.load(MODEL.text))
    except UserError:
        return False


def filters():
    """The controls that most readers need not: a page is drawn sooner without them."""
    with st.container(horizontal=True):
        METRIC.draw(width=170, show=METRIC_NAMES.get)
        if knows(lambda model: model.has_counts) or BAND.is_set or MINIMUM.is_set or MAXIMUM.is_set:
            BAND.draw(width=100, show=lambda tier: tier or _("any"))
            MINIMUM.draw(width=130)
            MAXIMUM.draw(width=130, when_open=_("any"))
        REGEX.draw(width=140)
        AMONG.draw(width=190)
        if has_index() or SEARCH.is_set:
            SEARCH.draw(width=150)
        if knows(lambda model: model.columns) or WHERE.is_set:
            WHERE.draw(width=220)
        FORMS.draw(width=120)


def other_pages(question, asked):
    """Where else the question leads, by label."""
    name = question.embedding.name
    others = list(islice((other for other in catalog.models_with(asked) if other != name), BESIDE - 1))
    controls = st.query_params.to_dict()
    links = {}
    if others:
        beside = {"word": asked, "models": ",".join([name, *others])}
        beside |= {"pos": ",".join(question.pos)} if question.pos else {}
        links[_("Side by side")] = f"side-by-side?{urlencode(beside)}"
    for other in others:
        links[_("In {model}", model=other)] = f"?{urlencode(controls | {'model': other})}"
    return links


@st.fragment  # so that they open without the rest of the page
def more_about(question, answer, vector):
    """What makes the word similar to another, and its numbers."""
    if answer.word in question.embedding and answer.rows:
        with folded(_("Why similar?"), "why") as part:
            if part.open:
                why_similar(question.model, answer.word, [row.word for row in answer.rows])
    with folded(_("The vector"), "vector") as part:
        if part.open:
            with problems_shown():
                vector_view(vector, vector.answer())


def why_similar(model, word, words):
    WITH = Choice("with", _("Compare with"), words)
    others = words if WITH.value in words else [WITH.value, *words]
    replace(WITH, options=others).draw(width=240)
    with problems_shown():
        pair = {"model": model, "first": word, "second": WITH.value}
        why_view(Why(**pair).answer(), Percentile(**pair).answer())


with centred(WIDE):
    st.title(_("Neighbours"), anchor=False)

    row = st.container(horizontal=True)
    with row.container(width=300):
        word_box(WORD, MODEL)
    with row:
        if len(MODELS) > 1:
            MODEL.draw(width=240)
        COUNT.draw(width=130)
        if POS.is_set or knows(lambda model: model.tag_codes.any()):
            POS.draw(width=200, when_open=_("any"))
    with folded(_("More filters"), "filters", unfolded=any(control.is_set for control in FILTERS)) as part:
        if part.open:
            filters()

    say_what_is_left_out(MODEL, WORD, COUNT, POS, *FILTERS, PATTERN, "filters", "why", "with", "vector", "vocabulary")
    controls = st.query_params.to_dict()
    with problems_shown():
        question = question_of(Neighbours, MODEL, WORD, COUNT, POS, *FILTERS)
        answer = question.answer()
        st.set_page_config(page_title=f"{answer.word} · Neighbours")
        for sentence in answer.sentences:
            say(sentence)
        if answer.suggestions:
            links_to_neighbours(answer.suggestions, controls, DID_YOU_MEAN if answer.is_guess else "")

        neighbour_table(answer, answer.among, WORD.name, map_beside(answer, question.pos))
        action_bar(question, download=question, links=other_pages(question, answer.asked))

        more_about(question, answer, question_of(Vector, MODEL, WORD, POS))

    with folded(_("Search the vocabulary"), "vocabulary") as part, problems_shown():
        if part.open:
            PATTERN.draw(width=300)
            matches = question_of(Search, MODEL, PATTERN).answer()
            sentence = _n(
                "{count:,} word of {model} matches.",
                "{count:,} words of {model} match.",
                matches.total,
                model=matches.model,
            )
            if matches.total > len(matches.words):
                sentence += " " + _("The {words} most frequent:", words=len(matches.words))
            say(sentence)
            links_to_neighbours([match.word for match in matches.words], controls)
