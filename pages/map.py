"""Map: words in two or three dimensions, how far the picture can be trusted, and the graph of who is near whom."""

from urllib.parse import quote, urlencode
from zlib import crc32

import streamlit as st

from explorer.embeddings import catalog
from explorer.embeddings.atlas import has_atlas
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.map_words import projector_archive
from explorer.embeddings.projection import check
from explorer.errors import UserError
from explorer.questions import openings
from explorer.questions.maps import Atlas, Graph, Map
from explorer.texts import _, _n
from explorer.ui.action_bar import action_bar
from explorer.ui.atlas_view import COLOURS as ATLAS_COLOURS
from explorer.ui.atlas_view import atlas_view
from explorer.ui.atlas_view.placing import offer_to_place
from explorer.ui.declared import control
from explorer.ui.declared import question as question_of
from explorer.ui.downloads import answer_downloads
from explorer.ui.messages import as_label, links_to_neighbours, problems_shown, say
from explorer.ui.navigation import LESSON, MAP, lesson_of_words
from explorer.ui.parameters import LONGEST_LINK, Choice, Number, Tabs
from explorer.ui.word_box import word_box
from explorer.ui.word_map import COLOURS, HEIGHT, graph_figure, map_figure, selectable, settling, table_height

MODELS = catalog.names()
METHOD_NAMES = {"pca": "PCA", "t-sne": "t-SNE", "umap": "UMAP"}
AT_ONCE = 200  # words that t-SNE and UMAP draw without being told to
FOLLOWED = 24  # chosen words that links take along


def further_columns():
    """What a file said of the words of the model, by which they can be coloured."""
    try:
        columns = catalog.load(MODEL.text).columns
    except UserError:
        return ()
    return columns.names if columns else ()


VIEW = Tabs("view", _("Drawn as"), ["map", "graph"])
MODEL = control(Map, "model")
SHOWN_NAMES = {
    "all": _("All words"),
    "around": _("Around a word"),
    "list": _("A list"),
    "frequent": _("The most frequent"),
}
SHOWN = Tabs(
    "show", _("Words to draw"), list(SHOWN_NAMES), default=openings.map_shows(st.query_params.to_dict(), MODEL.text)
)
WORD = control(Map, "around", name="word", label=_("Word"), default=openings.word(MODEL.text))
COUNT = control(Map, "n")
LIST = control(Map, "words", command="map", default=" ".join(openings.listed(MODEL.text)))
MOST = control(Map, "most_frequent", name="most", default=openings.MOST_FREQUENT)
METHOD = control(Map, "method")
DIMENSIONS = control(Map, "dimensions", Choice)
PERPLEXITY = control(Map, "perplexity", Number)
SEED = control(Map, "seed")
WHERE = control(Map, "where", command="map --where")
COLOUR = (
    Choice("colour", _("Colour"), ATLAS_COLOURS)
    if SHOWN.value == "all"
    else Choice("colour", _("Colour"), (*COLOURS, *further_columns()))
)
SECOND = Choice("second", _("Beside it"), ["", *(name for name in MODELS if name != MODEL.text)])
THRESHOLD = control(Graph, "threshold", step=0.05)

WORDS = {"around": (WORD, COUNT), "list": (LIST,), "frequent": (MOST,)}


def is_random():
    return VIEW.value == "graph" or METHOD.chosen != "pca"


def controls():
    with st.container(horizontal=True):
        if SHOWN.value in ("all", "around"):
            with st.container(width=340):
                word_box(WORD, MODEL)
        if SHOWN.value == "around":
            COUNT.draw(width=130)
        elif SHOWN.value == "list":
            LIST.draw(width=460)
        elif SHOWN.value == "frequent":
            MOST.draw(width=170)
        if len(MODELS) > 1:
            MODEL.draw(width=240)
        COLOUR.draw(width=160)
        if SHOWN.value == "all":
            if len(MODELS) > 1:
                SECOND.draw(width=240, show=lambda name: name or _("no other model"))
            return
        if VIEW.value == "graph":
            THRESHOLD.draw(width=300)
        else:
            METHOD.draw(width=120, show=lambda method: METHOD_NAMES.get(method, method))
            DIMENSIONS.draw(width=130)
            if is_random():
                PERPLEXITY.draw(width=140)
        if is_random():
            SEED.draw(width=140)
        if further_columns() or WHERE.is_set:
            WHERE.draw(width=220)


def map_question():
    """The question that the controls ask."""
    words = (MODEL, *WORDS[SHOWN.value], WHERE)
    if VIEW.value == "graph":
        return question_of(Graph, *words, THRESHOLD, SEED)
    return question_of(Map, *words, METHOD, DIMENSIONS, *((PERPLEXITY, SEED) if is_random() else ()))


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={Embedding: id})
def drawing(embedding, question):
    """Where the answer to a question stays once it is drawn, for all sessions."""
    return {"of": embedding}


def map_of(question, map_words, colour):
    """The map of these words, which can be seen to settle; None as long as the reader has not asked for one that takes
    long."""
    words = map_words.words
    check(words, question.method, question.dimensions, question.perplexity)
    place = drawing(question.embedding, repr(question))
    if "map" not in place:
        name, here = METHOD_NAMES[question.method], st.empty()
        if is_random() and len(words) > AT_ONCE:
            with here.container():
                say(_("{name} of {words:,} words takes a while. Set the options first.", name=name, words=len(words)))
                if not st.button(_("Draw {words:,} words", words=len(words)), type="primary"):
                    return None
        doing = _("{name} of {words:,} words … A click on any control stops it.", name=name, words=len(words))
        picture = st.empty()
        place["map"] = question.answer(
            lambda _, share: here.progress(share, doing),
            lambda places: picture.image(settling(places, map_words, colour), width=HEIGHT),
        )
        here.empty()
        picture.empty()
    return place["map"]


def trust(projection):
    if not projection.k:
        say(_("Two words are too few to judge a map by."))
        return
    variance = (
        ""
        if projection.shown is None
        else " " + _("The axes show {share:.0%} of the variance.", share=projection.shown)
    )
    st.markdown(
        _(
            "**Trustworthiness {trustworthiness:.3f} of 1** (a random map has about 0.5).{variance} "
            "Hollow points ({misplaced:,} of {words:,}) are misplaced: most of the words drawn "
            "near them are not really their neighbours.",
            trustworthiness=projection.trustworthiness,
            variance=variance,
            misplaced=projection.misplaced,
            words=len(projection.words),
        ),
        help=_(
            "Trustworthiness (Venna & Kaski 2006) is lower, the more points the map puts beside a point that is far "
            "away in the space. A point is hollow if fewer than half of its {k} nearest points on the map are "
            "among its {k} nearest words in the space.",
            k=projection.k,
        ),
    )


def points_of(chart):
    """The rows of the words that are selected on a chart."""
    points = st.session_state.get(chart, {}).get("selection", {}).get("points", [])
    return sorted({point["customdata"][0] for point in points if point.get("customdata")})


def row_table(rows, answer, key):
    map_words, projection = answer.drawn, answer.projection
    further = {name: [map_words.rows[row].columns[name] for row in rows] for name in map_words.columns}
    columns = {
        "word": [map_words.rows[row].word for row in rows],
        "tag": [map_words.rows[row].pos for row in rows],
        "count": [map_words.rows[row].count for row in rows],
        "true neighbours": [projection.true_neighbours[row] for row in rows],
        "cosine": [map_words.rows[row].similarity for row in rows],
    }
    unknown = [name for name in ("count", "cosine") if None in columns[name]]
    st.dataframe(
        {name: column for name, column in (columns | further).items() if name not in unknown},
        key=key,
        height=table_height(len(rows)),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "word": st.column_config.TextColumn("word"),
            "tag": st.column_config.TextColumn("tag", help=_("The main part of speech"), width=60),
            "count": st.column_config.NumberColumn(
                "count", help=_("How often the word occurs in the corpus"), format="localized"
            ),
            "true neighbours": st.column_config.NumberColumn(
                _("true of {k}", k=projection.k),
                help=_(
                    "How many of its {k} nearest points on the map are among its {k} nearest words in the space",
                    k=projection.k,
                ),
                width=70,
            ),
            "cosine": st.column_config.NumberColumn("cosine", help=_("To the word in the centre"), format="%.4f"),
        },
    )


@st.fragment  # so that a selection draws this part alone
def linked(embedding, answer, colour, key):
    """The map and its table: what is selected on the one is shown on the other."""
    map_words, projection = answer.drawn, answer.projection
    chart = f"map{key}-{st.session_state.setdefault('cleared', 0)}"
    of_chart, on_map = st.session_state.get("selected", (chart, []))
    on_map = on_map if of_chart == chart else []
    rows = on_map or list(range(len(map_words.rows)))
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
        figure = map_figure(projection, map_words, colour, selected, ringed)
        selectable(figure, chart, _("A map of words; the table beside it has them all"), select)
    with right:
        if on_map:
            st.markdown(
                _n("{count:,} word is selected on the map.", "{count:,} words are selected on the map.", len(on_map))
            )
        else:
            flat = projection.coordinates.shape[1] == 2
            hint = (
                _("Click a point or drag over several to select words.")
                if flat
                else _("Drag to turn the map. It needs WebGL.")
            )
            st.markdown(_("{hint} Tick a row to mark it.", hint=hint))
        row_table(rows, answer, table)

    chosen = [map_words.rows[row].word for row in ringed or on_map]
    if chosen:
        with st.container(horizontal=True, vertical_alignment="center"):
            if on_map:
                st.button(_("Show all words"), on_click=clear)
            label = _n("Download the chosen word", "Download the {count:,} chosen", len(chosen))
            st.download_button(label, answer.csv_of(ringed or on_map), "chosen.csv", "text/csv", on_click="ignore")
            if len(chosen) > 1 and len(quote(",".join(chosen))) <= LONGEST_LINK:
                query = {"show": "list", "words": ", ".join(chosen), "model": embedding.name}
                st.page_link(MAP, label=_("A map of these alone"), query_params=query)
            if len(chosen) <= FOLLOWED:
                query = lesson_of_words(embedding.name, chosen)
                st.page_link(LESSON, label=_("Send to the lesson"), query_params=query)
        if len(chosen) <= FOLLOWED:
            st.markdown(_("Neighbours of"))
            links_to_neighbours(chosen, {"model": embedding.name})


def show_map(question, map_words, colour):
    answer = map_of(question, map_words, colour)
    if answer is None:
        return
    trust(answer.projection)
    linked(question.embedding, answer, colour, crc32(repr((id(answer), colour)).encode()))
    with st.container(horizontal=True):
        answer_downloads("map", answer)
        st.download_button(
            _("Download for the Embedding Projector"),
            lambda: projector_archive(question.embedding, map_words.words),
            "map.zip",
            "application/zip",
            on_click="ignore",
        )


def show_graph(question, map_words, colour):
    answer = question.answer()
    graph = answer.graph
    lines = _n("{count:,} line", "{count:,} lines", len(graph.edges))
    st.markdown(
        _(
            "**{lines}** among {rows:,} words. A line joins two words whose cosine is {threshold:g} or "
            "more. A thicker line is a higher cosine. {alone:,} words have no line. Only the lines mean something, "
            "not the position.",
            lines=lines,
            rows=len(map_words.rows),
            threshold=graph.threshold,
            alone=graph.alone,
        )
    )
    for sentence in graph.sentences:
        say(sentence)
    linked_graph(question.embedding, graph, map_words, colour)
    answer_downloads("graph", answer)


@st.fragment  # so that a selection draws this part alone
def linked_graph(embedding, graph, map_words, colour):
    """The graph and the table of its lines: of all, or of the words that are selected."""
    left, right = st.columns([13, 8], gap="medium")
    with left:
        figure = graph_figure(graph, map_words, colour)
        selectable(figure, "graph", _("Words as a graph; the table beside it has all lines"), "rerun")
    chosen = [map_words.rows[row].word for row in points_of("graph") if row < len(map_words.rows)]
    edges = graph.edges_of(chosen) if chosen else graph.edges
    with right:
        if chosen:
            of = f"“{chosen[0]}”" if len(chosen) == 1 else _n("{count:,} word", "{count:,} words", len(chosen))
            say(_("Lines of {measure}: {edges:,}.", measure=of, edges=len(edges)))
        else:
            st.markdown(_("Click a word or drag over several to see only their lines."))
        st.dataframe(
            {
                "first": [edge.first for edge in edges],
                "second": [edge.second for edge in edges],
                "cosine": [edge.similarity for edge in edges],
            },
            height=table_height(len(edges)),
            hide_index=True,
            column_config={"cosine": st.column_config.NumberColumn("cosine", format="%.4f")},
        )
    if 0 < len(chosen) <= FOLLOWED:
        st.markdown(_("Neighbours of"))
        links_to_neighbours(chosen, {"model": embedding.name})


def show_all():
    """The map of all words, with the asked word and its neighbours lit; of a second model beside it."""
    if COLOUR.chosen is None:
        raise UserError(
            _(
                "There is no colour by “{colour}”. Take one of {colours}.",
                colour=COLOUR.value,
                colours=", ".join(ATLAS_COLOURS),
            )
        )
    questions = [Atlas(model=MODEL.text, around=WORD.value)]
    if SECOND.value and SECOND.value != MODEL.text:
        over = MODEL.text if has_atlas(MODEL.text) else None
        questions.append(Atlas(model=SECOND.value, around=WORD.value, over=over))
    columns = st.columns(len(questions), gap="medium")
    answers = [placed(question, column) for question, column in zip(questions, columns, strict=True)]
    others = [*answers[1:], None]  # where the words of each map can go
    for question, answer, other, column in zip(questions, answers, others, columns, strict=True):
        if answer:
            with column:
                show_one(question, answer, other, is_second=question != questions[0])
    action_bar(*(question for question, answer in zip(questions, answers, strict=True) if answer))


def placed(question, column):
    """The answer of a model that has a map of all its words; an offer to compute the map in the place of any other."""
    with column, problems_shown():
        if question.model not in MODELS or has_atlas(question.model):
            return question.answer()
        offer_to_place(question.model)
    return None


def show_one(question, answer, other, is_second):
    if not is_second:
        st.set_page_config(page_title=f"{answer.drawn.centre} · Map")
    st.markdown(
        _(
            "All {words:,} words of {title}. Words of similar use lie together. **{word}** and its nearest are lit.",
            words=len(answer.atlas.placed),
            title=as_label(catalog.title(question.embedding.name)),
            word=as_label(answer.drawn.centre or ""),
        )
    )
    for sentence in answer.drawn.sentences:
        say(sentence)
    atlas_view(answer, WORD.name, COLOUR.chosen or ATLAS_COLOURS[0], is_second=is_second, other=other)
    if answer.turn:
        say(answer.turn.sentence)
    st.caption(answer.sentences[-1])
    with st.container(horizontal=True, vertical_alignment="center"):
        answer_downloads(f"words-{question.embedding.name}", answer)
        turned = {"over": question.over} if question.over else {}
        query = urlencode({"model": question.embedding.name, **turned, "format": "csv"})
        label = _("All places and clusters as CSV")
        st.markdown(f"[{label}](api/v1/atlas?{query})")


def show_some():
    """A map or a graph of the words that the controls name."""
    question = map_question()
    map_words = question.map_words
    st.set_page_config(page_title=f"{map_words.centre or SHOWN_NAMES[SHOWN.value]} · Map")
    for sentence in map_words.sentences:
        say(sentence)
    colour, colours = COLOUR.value, (*COLOURS, *map_words.columns)
    if colour not in colours:
        raise UserError(
            _("There is no colour by “{colour}”. Take one of {colours}.", colour=colour, colours=", ".join(colours))
        )
    if colour == "closeness" and map_words.centre is None:
        say(_("Closeness needs a word in the centre. The colours are parts of speech instead."))
        colour = COLOURS[0]
    (show_graph if VIEW.value == "graph" else show_map)(question, map_words, colour)
    action_bar(question)


with st.container(horizontal_alignment="center"), st.container(width=2080 if SHOWN.value == "all" else 1440):
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.title(_("Map"), anchor=False, width="content")
        SHOWN.draw(show=SHOWN_NAMES.__getitem__)
        if SHOWN.value != "all":
            VIEW.draw(show=str.capitalize)
    controls()
    with problems_shown():
        for tabs in (SHOWN, VIEW):
            if tabs.value not in tabs.options:
                raise UserError(
                    _(
                        "“{value}” is not one of {options}. Choose one above.",
                        value=tabs.value,
                        options=", ".join(tabs.options),
                    )
                )
        if SHOWN.value == "all":
            show_all()
        else:
            show_some()
