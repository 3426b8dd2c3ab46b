"""Neighbours: the words nearest to a word or a phrase, and what is known about them."""

from dataclasses import replace

import plotly.graph_objects as go
import streamlit as st

from explorer.embeddings import catalog
from explorer.embeddings.search import approximate
from explorer.errors import UserError
from explorer.questions import openings
from explorer.questions.maps import map_beside
from explorer.questions.vectors import Percentile, Why
from explorer.questions.words import Neighbours, Search, Vector
from explorer.texts import _
from explorer.ui.copy_as import copy_as
from explorer.ui.declared import control
from explorer.ui.declared import question as question_of
from explorer.ui.downloads import answer_downloads
from explorer.ui.messages import as_label, links_to_neighbours, problems_shown, say
from explorer.ui.navigation import NEIGHBOURS, SIDE_BY_SIDE
from explorer.ui.neighbour_table import METRIC_NAMES, neighbour_table
from explorer.ui.parameters import Choice, folded
from explorer.ui.word_box import word_box

MODELS = catalog.names()
SHARED = 12
BESIDE = 3  # models side by side

MODEL = control(Neighbours, "model")
WORD = control(Neighbours, "word", default=openings.word(MODEL.text))
COUNT = control(Neighbours, "n")
POS = control(Neighbours, "pos")
METRIC = control(Neighbours, "metric")
BAND = control(Neighbours, "band")
MINIMUM = control(Neighbours, "minimum_count")
MAXIMUM = control(Neighbours, "maximum_count")
REGEX = control(Neighbours, "pattern", name="regex")
AMONG = control(Neighbours, "among", command="neighbours --among")
SEARCH = control(Neighbours, "approximate", name="search", options=["exact", "approximate"], aliases=["approximate"])
WHERE = control(Neighbours, "where", command="neighbours --where")
FORMS = control(Neighbours, "without_forms", name="forms", options=["kept", "left out"], aliases=["without_forms"])
FILTERS = (METRIC, BAND, MINIMUM, MAXIMUM, REGEX, AMONG, SEARCH, WHERE, FORMS)
PATTERN = control(Search, "pattern", default="plane$" if WORD.default == "airplane" else ".")


def has_index():
    """Whether the model can be searched approximately."""
    try:
        return approximate.opened(catalog.load(MODEL.text), catalog.CACHE) is not None
    except UserError:
        return False


def has_columns():
    """Whether the file of the model had more about its words, by which they can be filtered."""
    try:
        return catalog.load(MODEL.text).columns is not None
    except UserError:
        return False


def bars(values, measure):
    figure = go.Figure(
        go.Bar(y=values, hovertemplate=_("dimension %{x}: %{y:.4f}<extra></extra>"), marker_line_width=0)
    )
    figure.update_layout(height=260, margin={"l": 0, "r": 0, "t": 10, "b": 0}, dragmode=False, bargap=0.15)
    figure.update_xaxes(title=_("dimension"))
    figure.update_yaxes(title=measure)
    st.plotly_chart(figure, key=measure, config={"displayModeBar": False})


def explain(question, word, words):
    WITH = Choice("with", _("Compare with"), words)
    others = words if WITH.value in words else [WITH.value, *words]
    replace(WITH, options=others).draw(width=240)
    pair = {"model": question.model, "first": word, "second": WITH.value}
    parts = Why(**pair).answer()
    st.markdown(
        _(
            "The cosine of {first} and {second} is {similarity:.4f}. "
            "It is {sentence}. It is the sum of {shares} products, one per "
            "dimension:",
            first=as_label(parts.first),
            second=as_label(parts.second),
            similarity=parts.similarity,
            sentence=Percentile(**pair).answer().sentence,
            shares=len(parts.shares),
        )
    )
    bars(parts.shares, _("share of the cosine"))
    ends = "".join(
        f"| {d.index} | {d.share:.4f} | {as_label(', '.join(d.lowest))} | {as_label(', '.join(d.highest))} |\n"
        for d in parts.largest
    )
    st.markdown(
        _(
            "| dimension | share | frequent words at its low end | at its high end |\n|--:|--:|---|---|\n{ends}",
            ends=ends,
        )
    )
    if parts.shared:
        say(
            _(
                "Both words share {shared} of their {looked_at} nearest neighbours. Nearest to both:",
                shared=len(parts.shared),
                looked_at=parts.looked_at,
            )
        )
        links_to_neighbours([neighbour.word for neighbour in parts.shared[:SHARED]], st.query_params.to_dict())
    else:
        say(_("The two words share none of their {looked_at} nearest neighbours.", looked_at=parts.looked_at))


with st.container(horizontal_alignment="center"), st.container(width=1440):
    st.title(_("Neighbours"), anchor=False)

    with st.container(horizontal=True):
        with st.container(width=300):
            word_box(WORD, MODEL)
        if len(MODELS) > 1:
            MODEL.draw(width=240)
        COUNT.draw(width=130)
        POS.draw(width=200, when_open=_("any"))
    is_filtered = any(control.is_set for control in FILTERS)
    with st.expander(_("More filters"), expanded=is_filtered), st.container(horizontal=True):
        METRIC.draw(width=180, show=METRIC_NAMES.get)
        BAND.draw(width=120, show=lambda tier: tier or _("any"))
        MINIMUM.draw(width=145)
        MAXIMUM.draw(width=145, when_open=_("any"))
        REGEX.draw(width=170)
        AMONG.draw(width=220)
        if has_index() or SEARCH.is_set:
            SEARCH.draw(width=150)
        if has_columns() or WHERE.is_set:
            WHERE.draw(width=220)
        FORMS.draw(width=130)

    controls = st.query_params.to_dict()
    with problems_shown(controls):
        question = question_of(Neighbours, MODEL, WORD, COUNT, POS, *FILTERS)
        answer = question.answer()
        st.set_page_config(page_title=f"{answer.word} · Neighbours")
        for sentence in answer.sentences:
            say(sentence)
        if answer.suggestions:
            links_to_neighbours(answer.suggestions, controls)

        embedding = question.embedding
        neighbour_table(
            answer,
            _("among the {size:,} words of {title}", size=embedding.size, title=catalog.title(embedding.name)),
            WORD.name,
            map_beside(answer),
        )
        answer_downloads(answer.word, answer)

        if len(MODELS) > 1:
            with st.container(horizontal=True):
                for name in MODELS:
                    if name != embedding.name:
                        title = _("{word} in {model}", word=as_label(answer.asked), model=as_label(catalog.title(name)))
                        st.page_link(NEIGHBOURS, label=title, query_params=controls | {"model": name})
                beside = [embedding.name, *(name for name in MODELS if name != embedding.name)][:BESIDE]
                query = {"word": answer.asked, "models": ",".join(beside)}
                query |= {"pos": question.pos} if question.pos else {}
                st.page_link(SIDE_BY_SIDE, label=_("Models side by side"), query_params=query)

        if answer.word in embedding and answer.rows:
            with folded(_("Why similar?"), "why") as part:
                if part.open:
                    explain(question, answer.word, [row.word for row in answer.rows])
        with folded(_("The vector"), "vector") as part:
            if part.open:
                bars(question_of(Vector, MODEL, WORD, POS).answer().query.vector, "value")
        copy_as(question)

    with folded(_("Search the vocabulary"), "vocabulary") as part, problems_shown():
        if part.open:
            PATTERN.draw(width=300)
            matches = question_of(Search, MODEL, PATTERN).answer()
            sentence = _("{total:,} words of {model} match.", total=matches.total, model=matches.model)
            if matches.total > len(matches.words):
                sentence += " " + _("The {words} most frequent:", words=len(matches.words))
            say(sentence)
            links_to_neighbours([match.word for match in matches.words], controls)
