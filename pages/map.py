"""Map: words in two or three dimensions, how far the picture can be trusted, and the graph of who is near whom."""

from functools import partial
from typing import Any
from urllib.parse import urlencode
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
from explorer.ui.centred import WIDE, centred
from explorer.ui.declared import control, in_effect
from explorer.ui.declared import question as question_of
from explorer.ui.downloads import answer_downloads, name_of
from explorer.ui.left_out import say_what_is_left_out
from explorer.ui.map.atlas_view import COLOURS as ATLAS_COLOURS
from explorer.ui.map.atlas_view import atlas_view
from explorer.ui.map.atlas_view.placing import offer_to_place
from explorer.ui.map.linked_graph import linked_graph
from explorer.ui.map.linked_map import linked, trust
from explorer.ui.map.selection import SELECTED
from explorer.ui.map.word_map import COLOURS, HEIGHT, settling
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.parameters import Choice, Number, Tabs
from explorer.ui.word_box import word_box

MODELS = catalog.names()
METHOD_NAMES = {"pca": "PCA", "t-sne": "t-SNE", "umap": "UMAP"}
NO_CENTRE = tuple(colour for colour in COLOURS if colour != "closeness")
AT_ONCE = 200  # words that t-SNE and UMAP draw without being told to


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
WORD = control(Map, "around", name="word", label=_("Word"), default=openings.word(MODEL.text), aliases=["around"])
COUNT = control(Map, "n")
LIST = control(Map, "words", command="map", default=" ".join(openings.listed(MODEL.text)))
MOST = control(Map, "most_frequent", name="most", default=openings.MOST_FREQUENT, aliases=["most_frequent"])
METHOD = control(Map, "method")
DIMENSIONS = control(Map, "dimensions", Choice)
PERPLEXITY = control(Map, "perplexity", Number)
SEED = control(Map, "seed")
WHERE = control(Map, "where", command="map --where")
COLOUR = (
    Choice("colour", _("Colour"), ATLAS_COLOURS)
    if SHOWN.value == "all"
    else Choice("colour", _("Colour"), (*(COLOURS if SHOWN.value == "around" else NO_CENTRE), *further_columns()))
)
SECOND = Choice("second", _("Beside it"), ["", *(name for name in MODELS if name != MODEL.text)])
THRESHOLD = control(Graph, "threshold", step=0.05)
NEAREST = control(Graph, "nearest")

PLACES = "at", SELECTED  # where the reader looks, and what is selected there
KNOWN = (
    VIEW, MODEL, SHOWN, WORD, COUNT, LIST, MOST, METHOD, DIMENSIONS, PERPLEXITY, SEED, WHERE, COLOUR, SECOND, THRESHOLD,
    NEAREST, *PLACES,
)  # fmt: skip

WORDS = {"around": WORD, "list": LIST, "frequent": MOST}
KIND, *PICTURE = (
    (Graph, THRESHOLD, NEAREST, SEED) if VIEW.value == "graph" else (Map, METHOD, DIMENSIONS, PERPLEXITY, SEED)
)


def controls():
    """What is drawn, and how: the controls of one stay together where both do not fit in a row."""
    with st.container(horizontal=True):
        with st.container(horizontal=True, width="content"):
            controls_of_words()
        if SHOWN.value != "all":
            with st.container(horizontal=True, width="content"):
                controls_of_picture()


def controls_of_words():
    if SHOWN.value in ("all", "around"):
        with st.container(width=280):
            word_box(WORD, MODEL)
    if SHOWN.value == "around":
        COUNT.draw(width=130)
    elif SHOWN.value == "list":
        LIST.draw(width=440)
    elif SHOWN.value == "frequent":
        MOST.draw(width=170)
    if len(MODELS) > 1:
        MODEL.draw(width=210)
    COLOUR.draw(width=160)
    if SHOWN.value == "all" and len(MODELS) > 1:
        SECOND.draw(width=240, show=lambda name: name or _("no other model"))


def controls_of_picture():
    drawn: dict[str, Any] = {
        "threshold": {"width": 250},
        "nearest": {"width": 190, "when_open": _("no")},
        "method": {"width": 110, "show": lambda method: METHOD_NAMES.get(method, method)},
        "dimensions": {"width": 120},
        "perplexity": {"width": 140},
        "seed": {"width": 140},
    }
    for each in in_effect(KIND, *PICTURE):
        each.draw(**drawn[each.name])
    if further_columns() or WHERE.is_set:
        WHERE.draw(width=220)


def map_question():
    """The question that the controls ask."""
    return question_of(KIND, MODEL, WORDS[SHOWN.value], COUNT, WHERE, *PICTURE)


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
        if question.method != "pca" and len(words) > AT_ONCE:
            with here.container():
                say(_("{name} of {words:,} words takes a while. Set the options first.", name=name, words=len(words)))
                if not st.button(_("Draw {words:,} words", words=len(words)), type="primary"):
                    return None
        doing = _("{name} of {words:,} words … A click on any control stops it.", name=name, words=len(words))
        if question.method == "umap":
            doing += " " + _("UMAP cannot be watched: its library gives the positions only when it has finished.")
        picture = st.empty()
        place["map"] = question.answer(
            lambda _, share: here.progress(share, doing),
            lambda places: picture.image(settling(places, map_words, colour), width=HEIGHT),
        )
        here.empty()
        picture.empty()
    return place["map"]


def show_map(question, map_words, colour):
    answer = map_of(question, map_words, colour)
    if answer is None:
        return action_bar(question)
    trust(answer.projection)
    linked(question.embedding, answer, colour, crc32(repr((id(answer), colour)).encode()))

    def downloads():
        answer_downloads(name_of(question), answer)
        st.download_button(
            _("For the Embedding Projector"),
            lambda: projector_archive(map_words.vectors_in(question.embedding), map_words.words),
            "map.zip",
            "application/zip",
            on_click="ignore",
        )

    return action_bar(question, before=downloads)


def show_graph(question, map_words, colour):
    answer = question.answer()
    graph = answer.graph
    lines = _n("{count:,} line", "{count:,} lines", len(graph.edges))
    sentences = [
        _("**{lines}** among {rows:,} words.", lines=lines, rows=len(map_words.rows)),
        graph.rule,
        _("A thicker line is a higher cosine."),
        _n("{count:,} word has no line.", "{count:,} words have no line.", graph.alone) if graph.alone else "",
        _("Only the lines carry meaning. Positions do not."),
    ]
    st.markdown(" ".join(filter(None, sentences)))
    for sentence in graph.sentences:
        say(sentence)
    linked_graph(question.embedding, graph, map_words, colour)
    action_bar(question, before=partial(answer_downloads, name_of(question), answer))


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
    drawn = [(question, answer) for question, answer in zip(questions, answers, strict=True) if answer]
    for question, answer, other, column in zip(questions, answers, others, columns, strict=True):
        if answer:
            with column:
                show_one(question, answer, other, is_second=question != questions[0])
                if len(drawn) > 1:
                    downloads_of_all(question, answer)
    asked = (question for question, _answer in drawn)
    action_bar(*asked, before=partial(downloads_of_all, *drawn[0]) if len(drawn) == 1 else lambda: None)


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
            "All {words:,} words of {model}. Words of similar use tend to lie together. **{word}** and its nearest are "
            "lit.",
            words=len(answer.atlas.placed),
            model=as_label(question.embedding.name),
            word=as_label(answer.drawn.centre or ""),
        )
    )
    for sentence in answer.drawn.sentences:
        say(sentence)
    atlas_view(answer, WORD, COLOUR.chosen or ATLAS_COLOURS[0], is_second=is_second, other=other)
    if answer.turn:
        say(answer.turn.sentence)
    st.caption(answer.sentences[-1])


def downloads_of_all(question, answer):
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        answer_downloads(f"words-{question.embedding.name}", answer)
        turned = {"over": question.over} if question.over else {}
        query = urlencode({"model": question.embedding.name, **turned, "format": "csv"})
        label = _("All places and clusters as CSV")
        st.markdown(f"[{label}](api/v1/atlas?{query})", width="content")


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


with centred(WIDE):
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.title(_("Map"), anchor=False, width="content")
        SHOWN.draw(show=SHOWN_NAMES.__getitem__)
        if SHOWN.value != "all":
            VIEW.draw(show=str.capitalize)
    controls()
    say_what_is_left_out(*KNOWN)
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
