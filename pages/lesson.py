"""The lesson: one sentence pair through the whole model, step by step, and how every number came about."""

import streamlit as st

from explorer.data.pairs import PHRASEBOOK_ORIGIN
from explorer.embeddings import catalog
from explorer.errors import UserError
from explorer.initialisation.fitting import SHIPPED, words_of
from explorer.lessons.edits import edited, read_edits, read_sides, rescaled
from explorer.lessons.example import article_example, own_example, read_as, trained_example
from explorer.lessons.lesson import lesson
from explorer.lessons.numbers import FEWEST, MOST, rounded
from explorer.transformer import article, checkpoint
from explorer.transformer.inspection import widths
from explorer.transformer.model import Configuration
from explorer.ui.lesson_view import SETTINGS, STYLE, lesson_view, state
from explorer.ui.lesson_view.layers import layers_view
from explorer.ui.lesson_view.matrices import COMPARED, scales
from explorer.ui.messages import problems_shown, say
from explorer.ui.parameters import Choice, Number, Tabs, Text, Words

ARTICLE, TRAINED, OWN = "article", "trained", "own"
EXAMPLES = {
    ARTICLE: "You are welcome, from the article",
    TRAINED: "A model trained on the phrase book",
    OWN: "Your own sentence",
}
PROJECTIONS = {"pca": "PCA", "random": "a random matrix"}
NORMS = {"post": "after each part (2017)", "pre": "before each part"}
VECTORS = catalog.names()

EXAMPLE = Choice("lesson", "Lesson", list(EXAMPLES))
SOURCE = Words("source", "Source", ("you", "are", "welcome"))
TARGET = Words("target", "Target", ("de", "nada"))
MODEL = Choice("model", "Vectors", VECTORS or [catalog.DEFAULT])
PROJECTION = Choice("projection", "Projected by", list(PROJECTIONS))
WIDTH = Number("d_model", "d_model", 8, least=1, most=256)
LAYERS = Number("layers", "Layers", 1, least=1, most=6)
HEADS = Number("heads", "Heads", 2, least=1, most=16)
NORM = Choice("norm", "Layer norm", list(NORMS))
SEED = Number("seed", "Seed of the weights", 0, least=0, most=999_999_999)
DECIMALS = Number("decimals", "Decimals", 4, least=FEWEST, most=MOST)
RESCALED = Text("rescaled", "Rescaled")
VIEW = Tabs("view", "What to see", ["steps", "layers"])
COMPARE = Tabs("compare", "Compare", list(COMPARED))


def asked():
    """All settings that make the lesson what it is."""
    sides = tuple(words_of(" ".join(SOURCE.value))), tuple(words_of(" ".join(TARGET.value)))
    sizes = LAYERS.value, HEADS.value, SEED.value
    settings = {
        ARTICLE: lambda: sizes,
        TRAINED: lambda: sides,
        OWN: lambda: (*sides, MODEL.value, PROJECTION.value, WIDTH.value, NORM.value, *sizes),
    }
    if EXAMPLE.value not in settings:
        raise UserError(f"There is no lesson called “{EXAMPLE.value[:20]}”. Choose one above.")
    return EXAMPLE.value, settings[EXAMPLE.value](), read_sides(RESCALED.value)


def example_of(kind, settings):
    if kind == ARTICLE:
        layers, heads, seed = settings
        return article_example(seed, layers, heads)
    if kind == TRAINED:
        return trained_example(checkpoint.load(SHIPPED), *settings, PHRASEBOOK_ORIGIN)
    source, target, model, projection, width, norm, layers, heads, seed = settings
    configuration = Configuration(d_model=width, heads=heads, layers=layers, norm=norm)
    return own_example(catalog.load(model), source, target, configuration, projection, seed)


@st.cache_resource(max_entries=8, show_spinner="Computing the lesson …")
def lesson_of(kind, settings, sides, edits=""):
    """A lesson and the scales of its colours; without edits their ends are those that the edited one keeps."""
    if edits:
        before, ends = lesson_of(kind, settings, sides)
        return edited(before, read_edits(edits)), ends
    example = example_of(kind, settings)
    for side in sides:
        example = rescaled(example, side, widths(lesson(example).trace, side))
    told = lesson(example)
    return told, scales(told)


def drop_edits():
    state.keep_edits(())


def draw_settings():
    with st.container(horizontal=True):
        EXAMPLE.draw(width=250, show=EXAMPLES.get)
        if EXAMPLE.value == ARTICLE:
            st.text_input("Source", " ".join(article.TOKENS), width=250, disabled=True)
            st.text_input("Target", " ".join(article.TARGET), width=250, disabled=True)
        else:
            SOURCE.draw(width=250)
            TARGET.draw(width=250)
        DECIMALS.draw(width=120)
    if EXAMPLE.value == OWN:
        with st.container(horizontal=True):
            MODEL.draw(width=250, show=catalog.title)
            PROJECTION.draw(width=170, show=PROJECTIONS.get)
            WIDTH.draw(width=110)
            HEADS.draw(width=110)
            LAYERS.draw(width=110)
            NORM.draw(width=150, show=NORMS.get)
            SEED.draw(width=150)
    elif EXAMPLE.value == ARTICLE:
        with st.container(horizontal=True):
            HEADS.draw(width=110)
            LAYERS.draw(width=110)
            SEED.draw(width=150)


def told_with_edits(before, ends, question, text):
    """The edits and what they do to the loss; answers with the edited lesson, or with the other where that fails."""
    now, edits = before, ()
    with problems_shown():
        edits = read_edits(text)
        now, _ = lesson_of(*question, text)
        old, new = (rounded(told.trace["loss"].value.item(), 6) for told in (before, now))
        numbers = [
            f"{edit.cell.label(before)}: {rounded(before.array(edit.cell.shown)[edit.cell.index].item())} → "
            f"{rounded(edit.number)}"
            for edit in edits
        ]
        say(f"Edited: {'; '.join(numbers)}. The loss was {old} and is {new} now.")
    with st.container(horizontal=True):
        if now is not before:
            COMPARE.draw(show=COMPARED.get)
        st.button("Reset", on_click=drop_edits)
    return now, edits


st.html(STYLE)
with st.container(horizontal=True, vertical_alignment="bottom", key="lesson_head"):
    st.title("Lesson", anchor=False, width="content")
    VIEW.draw(show={"steps": "Step by step", "layers": "Through the layers"}.get)
settings = st.expander(
    f"The example: {EXAMPLES.get(EXAMPLE.value, 'none')}",
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
        say(before.example.origin)
        for side, words in ((SOURCE, before.example.source), (TARGET, before.example.target)):
            if EXAMPLE.value != ARTICLE and (note := read_as(" ".join(side.value), words)):
                say(note)
    st.set_page_config(page_title=f"{before.example.title} · Lesson")
    text = st.query_params.get(state.EDITS, "")
    now, edits = told_with_edits(before, ends, question, text) if text else (before, ())
    if VIEW.value == "layers":
        layers_view(now, question[2])
    else:
        known = f"{question} {text}"
        compared = COMPARE.value if now is not before else "now"
        lesson_view(now, ends, DECIMALS.value, known, before if now is not before else None, edits, compared)
