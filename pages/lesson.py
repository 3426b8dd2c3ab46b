"""The lesson: one sentence pair through the whole model, step by step, and how every number came about."""

import streamlit as st

from explorer.embeddings import catalog
from explorer.errors import UserError
from explorer.lessons import bounds
from explorer.lessons.edits import edited, read_edits, read_sides, rescaled
from explorer.lessons.example import read_as
from explorer.lessons.lesson import lesson
from explorer.lessons.numbers import rounded
from explorer.questions.lessons import Lesson
from explorer.texts import _
from explorer.transformer import article
from explorer.transformer import bounds as sizes
from explorer.transformer.decoding import greedy
from explorer.transformer.inspection import widths
from explorer.ui.lesson_view import SETTINGS, STYLE, lesson_view, state
from explorer.ui.lesson_view.layers import layers_view
from explorer.ui.lesson_view.matrices import COMPARED, scales
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.navigation import LESSON
from explorer.ui.parameters import Choice, Number, Tabs, Text, Words

ARTICLE, TRAINED, OWN = "article", "trained", "own"
EXAMPLES = {
    ARTICLE: _("You are welcome, from the article"),
    TRAINED: _("A model trained on the phrase book"),
    OWN: _("Your own sentence"),
}
PROJECTIONS = {"pca": "PCA", "random": _("a random matrix")}
NORMS = {"post": _("after each part (2017)"), "pre": _("before each part")}
STACKS = {"false": _("Encoder and decoder"), "true": _("The encoder alone")}
VECTORS = catalog.names()

EXAMPLE = Choice("lesson", _("Lesson"), list(EXAMPLES))
STACK = Choice("encoder_only", _("Part of the model"), list(STACKS))
SOURCE = Words("source", _("Source"), ("you", "are", "welcome"))
TARGET = Words("target", _("Target"), ("de", "nada"))
MODEL = Choice("model", _("Vectors"), VECTORS or [catalog.DEFAULT])
PROJECTION = Choice("projection", _("Projected by"), list(PROJECTIONS))
WIDTH = Number("d_model", "d_model", bounds.D_MODEL, least=1, most=sizes.WIDEST_MODEL)
HIDDEN = Number("d_ff", "d_ff", None, least=1, most=sizes.WIDEST_HIDDEN)
LAYERS = Number("layers", _("Layers"), bounds.LAYERS, least=1, most=sizes.MOST_LAYERS)
HEADS = Number("heads", _("Heads"), bounds.HEADS, least=1, most=sizes.MOST_HEADS)
NORM = Choice("norm", _("Layer norm"), list(NORMS))
SEED = Number("seed", _("Seed of the weights"), 0, least=0, most=sizes.HIGHEST_SEED)
DECIMALS = Number(
    _("decimals"), _("Decimals"), bounds.DECIMALS, least=bounds.FEWEST_DECIMALS, most=bounds.MOST_DECIMALS
)
RESCALED = Text("rescaled", _("Rescaled"))
VIEW = Tabs("view", _("What to see"), ["steps", "layers"])
COMPARE = Tabs("compare", _("Compare"), list(COMPARED))


def asked():
    """The question that the settings ask, and the sides to be rescaled."""
    if EXAMPLE.value not in EXAMPLES:
        raise UserError(_("There is no lesson called “{value}”. Choose one above.", value=EXAMPLE.value[:20]))
    alone = STACK.value == "true"
    settings = {"encoder_only": alone}
    if EXAMPLE.value == ARTICLE:
        settings |= {"article": True}
    else:
        settings |= {"source": " ".join(SOURCE.value)} | ({} if alone else {"target": " ".join(TARGET.value)})
    if EXAMPLE.value == OWN:
        projection = None if PROJECTION.value == PROJECTION.options[0] else PROJECTION.value
        settings |= {"vectors": MODEL.value, "projection": projection, "d_model": WIDTH.value, "norm": NORM.value}
    if EXAMPLE.value != TRAINED:
        settings |= {parameter.name: parameter.value for parameter in (LAYERS, HEADS, HIDDEN, SEED)}
    sides = read_sides(RESCALED.value)
    return Lesson(**settings), tuple(side for side in sides if side == "source" or not alone)


@st.cache_resource(max_entries=8, show_spinner=_("Computing the lesson …"), hash_funcs={Lesson: repr})
def lesson_of(question, sides, edits=""):
    """A lesson and the scales of its colours; without edits their ends are those that the edited one keeps."""
    if edits:
        before, ends = lesson_of(question, sides)
        return edited(before, read_edits(edits)), ends
    example = question.subject
    for side in sides:
        example = rescaled(example, side, widths(lesson(example).trace, side))
    told = lesson(example)
    return told, scales(told)


@st.cache_data(max_entries=8, hash_funcs={Lesson: repr})
def own_translation(question):
    """What the model itself says to the source, or None where it says the target."""
    example = question.subject
    words = greedy(example.translator, example.source).words
    return None if words == example.target else words


def offer_own_translation(question):
    if words := own_translation(question):
        label = _("The model's own translation is “{words}”: take it as the target →", words=as_label(" ".join(words)))
        query = {"lesson": TRAINED, "source": ",".join(SOURCE.value), "target": ",".join(words)}
        st.page_link(LESSON, label=label, query_params=query)


def drop_edits():
    state.keep_edits(())


def draw_settings():
    with st.container(horizontal=True):
        EXAMPLE.draw(width=250, show=EXAMPLES.get)
        if EXAMPLE.value == ARTICLE:
            st.text_input(_("Source"), " ".join(article.TOKENS), width=250, disabled=True)
            st.text_input(_("Target"), " ".join(article.TARGET), width=250, disabled=True)
        else:
            SOURCE.draw(width=250)
            if STACK.value != "true":
                TARGET.draw(width=250)
        STACK.draw(width=200, show=STACKS.get)
        DECIMALS.draw(width=120)
    if EXAMPLE.value == OWN:
        with st.container(horizontal=True):
            MODEL.draw(width=250, show=catalog.title)
            PROJECTION.draw(width=170, show=PROJECTIONS.get)
            WIDTH.draw(width=110)
            HEADS.draw(width=110)
            LAYERS.draw(width=110)
            HIDDEN.draw(width=140, when_open="4 × d_model")
            NORM.draw(width=150, show=NORMS.get)
            SEED.draw(width=150)
    elif EXAMPLE.value == ARTICLE:
        with st.container(horizontal=True):
            HEADS.draw(width=110)
            LAYERS.draw(width=110)
            HIDDEN.draw(width=110, when_open="8")
            SEED.draw(width=150)


def told_with_edits(before, ends, question, text):
    """The edits and what they do to the loss; answers with the edited lesson, or with the other where that fails."""
    now, edits = before, ()
    with problems_shown():
        edits = read_edits(text)
        now = lesson_of(*question, text)[0]
        numbers = [
            f"{edit.cell.label(before)}: {rounded(before.array(edit.cell.shown)[edit.cell.index].item())} → "
            f"{rounded(edit.number)}"
            for edit in edits
        ]
        losses = [rounded(told.trace["loss"].value.item(), 6) for told in (before, now) if "loss" in told.trace]
        moved = _("The loss was {before} and is {after} now.", before=losses[0], after=losses[1]) if losses else ""
        say(" ".join(filter(None, (_("Edited: {numbers}.", numbers="; ".join(numbers)), moved))))
    with st.container(horizontal=True):
        if now is not before:
            COMPARE.draw(show=COMPARED.get)
        st.button(_("Reset"), on_click=drop_edits)
    return now, edits


st.html(STYLE)
with st.container(horizontal=True, vertical_alignment="bottom", key="lesson_head"):
    st.title(_("Lesson"), anchor=False, width="content")
    VIEW.draw(show={"steps": _("Step by step"), "layers": _("Through the layers")}.get)
settings = st.expander(
    _("The example: {examples}", examples=EXAMPLES.get(EXAMPLE.value, "none")),
    expanded="lesson" in st.query_params and state.STEP not in st.query_params,
    key=SETTINGS,
    on_change="rerun",
)
with settings:
    draw_settings()
with problems_shown():
    question = asked()
    before, ends = lesson_of(*question)
    with settings:
        for sentence in before.sentences:
            say(sentence)
        for side, words in ((SOURCE, before.example.source), (TARGET, before.example.target)):
            if EXAMPLE.value != ARTICLE and words and (note := read_as(" ".join(side.value), words)):
                say(note)
        if EXAMPLE.value == TRAINED and not before.example.encoder_only:
            offer_own_translation(question[0])
    st.set_page_config(page_title=f"{before.example.title} · Lesson")
    text = st.query_params.get(state.EDITS, "")
    now, edits = told_with_edits(before, ends, question, text) if text else (before, ())
    if VIEW.value == "layers":
        layers_view(now, question[1])
    else:
        known = f"{question} {text}"
        compared = COMPARE.value if now is not before else "now"
        lesson_view(now, ends, DECIMALS.value, known, before if now is not before else None, edits, compared)
