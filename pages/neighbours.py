"""Neighbours: the words nearest to a word or a phrase, and what is known about them."""

from dataclasses import replace

import plotly.graph_objects as go
import streamlit as st

from explorer.embeddings import catalog, recipes
from explorer.embeddings.bounds import METRICS, MOST_NEIGHBOURS, TIERS, UNIVERSAL_TAGS
from explorer.embeddings.contributions import contributions
from explorer.embeddings.diagnostics import percentiles
from explorer.embeddings.filters import words_in
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.patterns import complete, search
from explorer.embeddings.queries import resolve
from explorer.embeddings.search import approximate
from explorer.embeddings.stability import survivors
from explorer.errors import UserError
from explorer.ui.downloads import downloads
from explorer.ui.messages import as_label, links_to_neighbours, problems_shown, say
from explorer.ui.navigation import NEIGHBOURS, SIDE_BY_SIDE
from explorer.ui.neighbour_table import METRIC_NAMES, neighbour_table
from explorer.ui.parameters import Choice, Lines, Number, Text, folded
from explorer.ui.word_box import word_box

MODELS = catalog.names()
MATCHES = 60
SHARED = 12
LARGEST = 5
BESIDE = 3  # models side by side

MODEL = Choice("model", "Model", MODELS or [catalog.DEFAULT])
WORD = Text("word", "Word", catalog.examples(MODEL.value)[0])
COUNT = Number("n", "Neighbours", 10, least=1, most=MOST_NEIGHBOURS)
POS = Choice("pos", "Part of speech", ["", *UNIVERSAL_TAGS])

METRIC = Choice("metric", "Measure", METRICS)
BAND = Choice("band", "Frequency", ["", *TIERS])
MINIMUM = Number("min_count", "Minimum count", 0, least=0, most=1_000_000_000)
MAXIMUM = Number("max_count", "Maximum count", None, least=0, most=1_000_000_000)
REGEX = Text("regex", "Regular expression")
AMONG = Lines("among", "Only words of this list")
PATTERN = Text("pattern", "Words that match the regular expression", "plane$" if WORD.default == "airplane" else ".")
ENGINE = Choice("search", "Search", ["exact", "approximate"])
FILTERS = (METRIC, BAND, MINIMUM, MAXIMUM, REGEX, AMONG, ENGINE)


def suggest(typed):
    try:
        return complete(catalog.load(MODEL.value), typed)
    except UserError:  # the page says what is wrong with the model
        return []


def index():
    """The model's approximate index, where one was built."""
    try:
        return approximate.opened(catalog.load(MODEL.value), catalog.CACHE)
    except UserError:
        return None


def listed():
    text = AMONG.within_a_link("neighbours --among")
    return words_in(text) if text.strip() else None


def bars(values, measure):
    figure = go.Figure(go.Bar(y=values, hovertemplate="dimension %{x}: %{y:.4f}<extra></extra>", marker_line_width=0))
    figure.update_layout(height=260, margin={"l": 0, "r": 0, "t": 10, "b": 0}, dragmode=False, bargap=0.15)
    figure.update_xaxes(title="dimension")
    figure.update_yaxes(title=measure)
    st.plotly_chart(figure, key=measure, config={"displayModeBar": False})


def explain(embedding, word, words):
    WITH = Choice("with", "With", words)
    others = words if WITH.value in words else [WITH.value, *words]
    replace(WITH, options=others).draw(width=240)
    parts = contributions(embedding, word, WITH.value)
    pair = percentiles(embedding, word, [WITH.value])[0]
    st.markdown(
        f"{as_label(parts.first)} and {as_label(parts.second)} have a cosine of {parts.similarity:.4f}, "
        f"{pair.sentence}. It is the sum of these {len(parts.shares)} products, one a dimension:"
    )
    bars(parts.shares, "share of the cosine")
    ends = "".join(
        f"| {d.index} | {d.share:.4f} | {as_label(', '.join(d.lowest))} | {as_label(', '.join(d.highest))} |\n"
        for d in parts.largest[:LARGEST]
    )
    st.markdown(f"| dimension | share | frequent words at its low end | at its high end |\n|--:|--:|---|---|\n{ends}")
    if parts.shared:
        shared = [neighbour.word for neighbour in parts.shared[:SHARED]]
        say(f"{len(parts.shared)} of the {parts.looked_at} nearest words are the same for both; nearest to both:")
        links_to_neighbours(shared, st.query_params.to_dict())
    else:
        say(f"None of the {parts.looked_at} nearest words is the same for both.")


with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.title("Neighbours", anchor=False)

    with st.container(horizontal=True):
        with st.container(width=300):
            word_box(WORD, suggest)
        if len(MODELS) > 1:
            MODEL.draw(width=240)
        COUNT.draw(width=130)
        POS.draw(width=170, show=lambda tag: tag or "any")
    asked_for_more = any(control.name in st.query_params for control in FILTERS)
    with st.expander("More filters", expanded=asked_for_more), st.container(horizontal=True):
        METRIC.draw(width=180, show=METRIC_NAMES.get)
        BAND.draw(width=110, show=lambda tier: tier or "any")
        MINIMUM.draw(width=135)
        MAXIMUM.draw(width=135, when_open="any")
        REGEX.draw(width=170)
        AMONG.draw(width=240)
        indexed = index()
        if indexed:
            ENGINE.draw(width=150)

    controls = st.query_params.to_dict()
    with problems_shown(controls):
        embedding = catalog.load(MODEL.value)
        question = {
            "asked": WORD.value,
            "n": COUNT.value,
            "pos": POS.value or None,
            "minimum_count": MINIMUM.value,
            "metric": METRIC.value,
            "maximum_count": MAXIMUM.value,
            "band": BAND.value or None,
            "among": listed(),
            "pattern": REGEX.value or None,
        }
        answer = neighbours(embedding, **question, index=indexed if ENGINE.value == "approximate" else None)
        st.set_page_config(page_title=f"{answer.word} · Neighbours")
        for sentence in answer.sentences:
            say(sentence)
        if answer.suggestions:
            links_to_neighbours(answer.suggestions, controls)

        words = [row.word for row in answer.rows]
        known = answer.word in embedding
        among = f"among the {embedding.size:,} words of {catalog.title(embedding.name)}"
        ranks = percentiles(embedding, answer.word, words) if known else ()
        survival = survivors(embedding, answer.word, words) if known else None
        neighbour_table(answer, among, WORD.name, ranks, survival)

        downloads(answer.word, answer.as_json(), answer.as_csv())

        if len(MODELS) > 1:
            with st.container(horizontal=True):
                for name in MODELS:
                    if name != embedding.name:
                        title = f"{as_label(answer.asked)} in {as_label(catalog.title(name))}"
                        st.page_link(NEIGHBOURS, label=title, query_params=controls | {"model": name})
                beside = [embedding.name, *(name for name in MODELS if name != embedding.name)][:BESIDE]
                query = {"word": answer.asked, "models": ",".join(beside)} | ({"pos": POS.value} if POS.value else {})
                st.page_link(SIDE_BY_SIDE, label="Models side by side", query_params=query)

        if known and words:
            with folded("Why similar?", "why") as part:
                if part.open:
                    explain(embedding, answer.word, words)
        with folded("The vector", "vector") as part:
            if part.open:
                bars(resolve(embedding, WORD.value, POS.value or None).vector, "value")
        with folded("Copy as Python", "python") as part:
            if part.open:
                st.code(recipes.neighbours(embedding, **question), language="python")

    with folded("Search the vocabulary", "vocabulary") as part, problems_shown():
        if part.open:
            PATTERN.draw(width=300)
            found = search(catalog.load(MODEL.value), PATTERN.value, MATCHES)
            few = f" The {MATCHES} most frequent:" if found.total > MATCHES else ""
            say(f"{found.total:,} words of {found.model} match.{few}")
            links_to_neighbours([match.word for match in found.words], controls)
