"""Map: words in two or three dimensions, how far the picture can be trusted, and the graph of who is near whom."""

import json
from urllib.parse import quote
from zlib import crc32

import streamlit as st

from explorer.answers import csv_text
from explorer.embeddings import catalog
from explorer.embeddings.bounds import MOST_AROUND, MOST_NODES, MOST_POINTS
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.filters import words_in
from explorer.embeddings.graph import neighbour_graph
from explorer.embeddings.map_words import around, listed, most_frequent, projector_archive
from explorer.embeddings.patterns import complete
from explorer.embeddings.projection import METHODS, check, project
from explorer.errors import UserError
from explorer.ui.messages import links_to_neighbours, problems_shown, say
from explorer.ui.navigation import MAP, PASS
from explorer.ui.parameters import Choice, Lines, Number, Slider, Tabs, Text
from explorer.ui.word_box import word_box
from explorer.ui.word_map import COLOURS, HEIGHT, TRUSTED, graph_figure, map_figure, selectable

MODELS = catalog.names()
METHOD_NAMES = {"pca": "PCA", "t-sne": "t-SNE", "umap": "UMAP"}
LONGEST_LINK = 30_000  # characters of a list, as a link has them
AT_ONCE = 200  # words that t-SNE and UMAP draw without being told to
FOLLOWED = 24  # chosen words that links take along
EXAMPLE = "car truck bus train dog cat horse cow bread cheese wine butter red blue green yellow".split()

SHOWN = Tabs("show", "Words to draw", ["around", "list", "frequent"])
SHOWN_NAMES = {"around": "Around a word", "list": "A list", "frequent": "The most frequent"}
VIEW = Tabs("view", "Drawn as", ["map", "graph"])
MODEL = Choice("model", "Model", MODELS or [catalog.DEFAULT])
WORD = Text("word", "Word", catalog.examples(MODEL.value)[0])
COUNT = Number("n", "Neighbours", 50, least=1, most=MOST_AROUND)
LIST = Lines("words", "Words", " ".join(catalog.examples(MODEL.value, EXAMPLE, least=4)))
MOST = Number("most", "Most frequent words", 500, least=2, most=MOST_POINTS)
METHOD = Choice("method", "Method", METHODS)
DIMENSIONS = Choice("dimensions", "Dimensions", ["2", "3"])
PERPLEXITY = Number("perplexity", "Perplexity", 30, least=1, most=200)
SEED = Number("seed", "Seed", 0, least=0, most=999_999_999)
COLOUR = Choice("colour", "Colour", COLOURS)
THRESHOLD = Slider("threshold", "Least cosine of a line", 0.6, least=0.0, most=1.0, step=0.05)


def suggest(typed):
    try:
        return complete(catalog.load(MODEL.value), typed)
    except UserError:  # the page says what is wrong with the model
        return []


def controls():
    with st.container(horizontal=True):
        if SHOWN.value == "around":
            word_box(WORD, suggest)
            COUNT.draw(width=120)
        elif SHOWN.value == "list":
            LIST.draw(width=460)
        else:
            MOST.draw(width=170)
        if len(MODELS) > 1:
            MODEL.draw(width=240)
        COLOUR.draw(width=160)
        if VIEW.value == "graph":
            THRESHOLD.draw(width=300)
        else:
            METHOD.draw(width=120, show=lambda method: METHOD_NAMES.get(method, method))
            DIMENSIONS.draw(width=120)
            if METHOD.value != "pca":
                PERPLEXITY.draw(width=140)
        if VIEW.value == "graph" or METHOD.value != "pca":
            SEED.draw(width=140)


def words_to_draw(embedding):
    if SHOWN.value == "around":
        return around(embedding, WORD.value, COUNT.value)
    if SHOWN.value == "frequent":
        return most_frequent(embedding, MOST.value)
    if SHOWN.value != "list":
        raise UserError(f"There are no words called “{SHOWN.value}” to draw: choose above.")
    return listed(embedding, words_in(LIST.within_a_link("map")))


def downloads(answer, name, *more):
    with st.container(horizontal=True):
        st.download_button("Download CSV", answer.as_csv(), f"{name}.csv", "text/csv", on_click="ignore")
        tree = json.dumps(answer.as_json(), ensure_ascii=False, allow_nan=False, indent=2)
        st.download_button("Download JSON", tree, f"{name}.json", "application/json", on_click="ignore")
        for label, make, file in more:
            st.download_button(label, make, file, "application/zip", on_click="ignore")


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={Embedding: id})
def kept(embedding, *parameters):
    """Where a map stays once it is drawn, for all sessions."""
    return {"of": embedding}


def drawn_map(embedding, words):
    """The map; None as long as the reader has not asked for one that takes long."""
    dimensions = int(DIMENSIONS.value) if DIMENSIONS.value.isdecimal() else 0
    random = () if METHOD.value == "pca" else (PERPLEXITY.value, SEED.value)
    check(words, METHOD.value, dimensions, *random[:1] or (30,))
    place = kept(embedding, words, METHOD.value, dimensions, random)
    if "map" not in place:
        name, here = METHOD_NAMES[METHOD.value], st.empty()
        if random and len(words) > AT_ONCE:
            with here.container():
                say(f"{name} of {len(words):,} words takes a while: choose everything first.")
                if not st.button(f"Draw {len(words):,} words", type="primary"):
                    return None
        doing = f"{name} of {len(words):,} words … A click on anything stops it."
        place["map"] = project(
            embedding,
            words,
            METHOD.value,
            dimensions,
            *random,
            progress=lambda share: here.progress(share, doing),
        )
        here.empty()
    return place["map"]


def trust(projection):
    if not projection.k:
        say("Two words are too few to judge a map by.")
        return
    doubtful = int((projection.kept < TRUSTED).sum())
    shown = "" if projection.shown is None else f" The axes show {projection.shown:.0%} of the variance."
    st.markdown(
        f"**Trustworthiness {projection.trustworthiness:.3f}**, where a map at random has about 0.5 and one that "
        f"puts no strangers together has 1.{shown} {doubtful:,} of the {len(projection.words):,} words are hollow: "
        f"fewer than half of their {projection.k} nearest here are their nearest in the space, so where they lie says "
        "little."
    )


def points_of(chart):
    """The rows of the words that are selected on a chart."""
    points = st.session_state.get(chart, {}).get("selection", {}).get("points", [])
    return sorted({point["customdata"][0] for point in points if point.get("customdata")})


def row_table(rows, drawn, projection, key):
    columns = {
        "word": [drawn.rows[row].word for row in rows],
        "tag": [drawn.rows[row].pos for row in rows],
        "count": [drawn.rows[row].count for row in rows],
        "true": [round(projection.kept[row] * projection.k) for row in rows],
        "cosine": [drawn.rows[row].similarity for row in rows],
    }
    unknown = [name for name in ("count", "cosine") if None in columns[name]]
    st.dataframe(
        {name: column for name, column in columns.items() if name not in unknown},
        key=key,
        height=min(HEIGHT - 60, 37 + 35 * len(rows)),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "word": st.column_config.TextColumn("word"),
            "tag": st.column_config.TextColumn("tag", help="the main part of speech", width=60),
            "count": st.column_config.NumberColumn("count", help="occurrences in the corpus", format="localized"),
            "true": st.column_config.NumberColumn(
                "true", help=f"how many of its {projection.k} nearest on the map are its nearest in the space", width=50
            ),
            "cosine": st.column_config.NumberColumn("cosine", help="to the word in the centre", format="%.4f"),
        },
    )


@st.fragment  # so that a selection draws this part alone
def linked(embedding, projection, drawn, colour, key):
    """The map and its table: what is selected on the one is shown on the other."""
    chart = f"map{key}-{st.session_state.setdefault('cleared', 0)}"
    of_chart, on_map = st.session_state.get("selected", (chart, []))
    on_map = on_map if of_chart == chart else []
    rows = on_map or list(range(len(drawn.rows)))
    table = f"rows{key}-{crc32(repr(on_map).encode())}"
    places = st.session_state.get(table, {}).get("selection", {}).get("rows", [])
    ringed = [rows[place] for place in places if place < len(rows)]

    def select():
        # Streamlit forgets what is selected on a chart as soon as the chart changes, as it does with the rings.
        st.session_state["selected"] = (chart, points_of(chart))

    def clear():
        st.session_state["cleared"] += 1

    # As long as plotly itself shows the selection, the chart stays as it is, with the part that is zoomed into.
    by_plotly = st.session_state.get("unmarked") == chart and on_map == points_of(chart) and not ringed
    selected = [] if by_plotly else on_map
    st.session_state["unmarked"] = None if selected or ringed else chart

    left, right = st.columns([13, 8], gap="medium")
    with left:
        figure = map_figure(projection, drawn, colour, selected, ringed)
        selectable(figure, chart, "A map of words; the table beside it has them all", select)
    with right:
        if on_map:
            count = f"{len(on_map):,} words are" if len(on_map) > 1 else "1 word is"
            st.markdown(f"{count} selected on the map.")
        else:
            flat = projection.coordinates.shape[1] == 2
            hint = (
                "Click a point, or drag over several, to see their rows"
                if flat
                else "Drag to turn the map (it needs WebGL)"
            )
            st.markdown(f"{hint}; tick a row to have it ringed on the map.")
        row_table(rows, drawn, projection, table)

    chosen = [drawn.rows[row].word for row in ringed or on_map]
    if chosen:
        with st.container(horizontal=True, vertical_alignment="center"):
            if on_map:
                st.button("Show all words", on_click=clear)
            header = ("word", "pos", "count", "kept", "similarity")
            lines = [
                (row.word, row.pos, row.count, projection.kept[place], row.similarity)
                for place, row in ((place, drawn.rows[place]) for place in ringed or on_map)
            ]
            label = f"Download the {len(chosen):,} chosen" if len(chosen) > 1 else "Download the chosen word"
            st.download_button(label, csv_text(header, lines), "chosen.csv", "text/csv", on_click="ignore")
            if len(chosen) > 1 and len(quote(",".join(chosen))) <= LONGEST_LINK:
                query = {"show": "list", "words": ", ".join(chosen), "model": embedding.name}
                st.page_link(MAP, label="A map of these alone", query_params=query)
            if len(chosen) <= FOLLOWED:
                query = {"words": ",".join(chosen), "model": embedding.name}
                st.page_link(PASS, label="Send to the transformer pass", query_params=query)
        if len(chosen) <= FOLLOWED:
            st.markdown("Neighbours of")
            links_to_neighbours(chosen, {"model": embedding.name})


def show_map(embedding, drawn, colour):
    projection = drawn_map(embedding, drawn.words)
    if projection is None:
        return
    trust(projection)
    linked(embedding, projection, drawn, colour, crc32(repr((id(projection), colour)).encode()))
    archive = ("Download for the Embedding Projector", lambda: projector_archive(embedding, drawn.words), "map.zip")
    downloads(projection, "map", archive)


def show_graph(embedding, drawn, colour):
    if len(drawn.rows) > MOST_NODES:
        raise UserError(
            f"These are {len(drawn.rows):,} words, but a graph can be read up to {MOST_NODES}: ask for fewer, or see "
            "the map."
        )
    graph = neighbour_graph(embedding, drawn.words, THRESHOLD.value, SEED.value)
    lines = f"{len(graph.edges):,} line{'' if len(graph.edges) == 1 else 's'}"
    alone = sum(not degree for degree in graph.degrees.values())
    st.markdown(
        f"**{lines}** among {len(drawn.rows):,} words: one wherever a cosine is {graph.threshold:g} or more, "
        f"thicker the higher it is. Words without a line: {alone:,}. Lines pull; where a word lies says nothing else."
    )
    linked_graph(embedding, graph, drawn, colour)
    downloads(graph, "graph")


@st.fragment  # so that a selection draws this part alone
def linked_graph(embedding, graph, drawn, colour):
    """The graph and the table of its lines: of all, or of the words that are selected."""
    left, right = st.columns([13, 8], gap="medium")
    with left:
        figure = graph_figure(graph, drawn, colour)
        selectable(figure, "graph", "Words as a graph; the table beside it has all lines", "rerun")
    chosen = [drawn.rows[row].word for row in points_of("graph") if row < len(drawn.rows)]
    edges = [edge for edge in graph.edges if not chosen or {edge.first, edge.second} & set(chosen)]
    with right:
        if chosen:
            of = f"“{chosen[0]}”" if len(chosen) == 1 else f"{len(chosen):,} words"
            say(f"Lines of {of}: {len(edges):,}.")
        else:
            st.markdown("Click a word, or drag over several, to see their lines alone.")
        st.dataframe(
            {
                "first": [edge.first for edge in edges],
                "second": [edge.second for edge in edges],
                "cosine": [edge.similarity for edge in edges],
            },
            height=min(HEIGHT - 60, 37 + 35 * max(1, len(edges))),
            hide_index=True,
            column_config={"cosine": st.column_config.NumberColumn("cosine", format="%.4f")},
        )
    if 0 < len(chosen) <= FOLLOWED:
        st.markdown("Neighbours of")
        links_to_neighbours(chosen, {"model": embedding.name})


with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.title("Map", anchor=False)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        SHOWN.draw(show=SHOWN_NAMES.get)
        VIEW.draw(show=str.capitalize)
    controls()
    with problems_shown():
        embedding = catalog.load(MODEL.value)
        drawn = words_to_draw(embedding)
        st.set_page_config(page_title=f"{drawn.centre or SHOWN_NAMES[SHOWN.value]} · Map")
        for sentence in drawn.sentences:
            say(sentence)
        colour = COLOUR.value
        if colour not in COLOURS:
            raise UserError(f"There is no colour by “{colour}”. Take one of {', '.join(COLOURS)}.")
        if colour == "closeness" and drawn.centre is None:
            say("There is no word here to be close to, so the colours are parts of speech.")
            colour = COLOURS[0]
        if VIEW.value not in VIEW.options:
            raise UserError(f"There is nothing called “{VIEW.value}” to draw: choose map or graph.")
        (show_graph if VIEW.value == "graph" else show_map)(embedding, drawn, colour)
