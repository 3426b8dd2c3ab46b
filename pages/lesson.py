"""The lesson: one sentence pair through the whole model, step by step, and how every number came about."""

from dataclasses import replace

import streamlit as st

from explorer.access import rights
from explorer.embeddings import catalog
from explorer.errors import UserError
from explorer.lessons import bounds
from explorer.lessons.edits import edited, read_edits, read_sides, with_rescaled
from explorer.lessons.example import read_as
from explorer.lessons.numbers import rounded
from explorer.questions.lessons import Lesson
from explorer.service.trainings import AtCheckpoint, back_to
from explorer.texts import _
from explorer.transformer import article
from explorer.transformer.bounds import POOLINGS
from explorer.transformer.decoding import greedy
from explorer.transformer.recipe_bounds import MOST_WATCHED
from explorer.ui.declared import control, in_effect, question
from explorer.ui.left_out import say_what_is_left_out
from explorer.ui.lesson.lesson_view import COMPARED, KNOWN, SETTINGS, STAGE_STYLE, STYLE, lesson_view, state
from explorer.ui.lesson.lesson_view.layers import SIDE, layers_view
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.navigation import LEARNING, LESSON
from explorer.ui.parameters import Choice, Either, Number, Sentence, Tabs, Text, Words

ARTICLE, TRAINED, OWN, CHECKPOINT = "article", "trained", "own", "checkpoint"
EXAMPLES = {
    ARTICLE: _("The article's example (untrained)"),
    TRAINED: _("Trained translator (your sentence)"),
    OWN: _("Untrained model (your sentence)"),
}
_EACH_EXAMPLE = _(
    "The article's example has four numbers a word, so everything can be computed by hand. The trained translator "
    "turns an English sentence of yours into Spanish. The untrained model has random weights and the word vectors that "
    "you choose: every step is right, but its prediction means nothing yet."
)
PROJECTIONS = {"pca": "PCA", "random": _("a random matrix")}
NORMS = {"post": _("after each part (2017)"), "pre": _("before each part")}
NO_OR_YES = {"false": _("no"), "true": _("yes")}
BOTH, ENCODER, DECODER = "both", "encoder", "decoder"
PARTS = {
    BOTH: _("Encoder and decoder"),
    ENCODER: _("The encoder alone"),
    DECODER: _("The decoder alone: a language model"),
}
LABELLED = PARTS | {BOTH: _("The encoder alone, with labels")}
if "training" in st.query_params:
    EXAMPLES[CHECKPOINT] = _("A checkpoint of a training")

EXAMPLE = Choice("lesson", _("Lesson"), list(EXAMPLES), help=_EACH_EXAMPLE)
TRANSLATES = EXAMPLE.value in (TRAINED, CHECKPOINT)  # by itself, what nobody gives a target for
ENCODER_ONLY = control(Lesson, "encoder_only", Either, options=["false", "true"])
DECODER_ONLY = control(Lesson, "decoder_only", Either, options=["false", "true"])
SOURCE = control(Lesson, "source", Sentence, default=("you", "are", "welcome"))
TARGET = control(Lesson, "target", Sentence, default=() if TRANSLATES else ("de", "nada"))
MODEL = control(Lesson, "vectors", name="model")
PROJECTION = control(Lesson, "projection", options=list(PROJECTIONS))
WIDTH = control(Lesson, "d_model", default=bounds.D_MODEL)
HIDDEN = control(Lesson, "d_ff")
LAYERS = control(Lesson, "layers", default=bounds.LAYERS)
HEADS = control(Lesson, "heads", default=bounds.HEADS)
NORM = control(Lesson, "norm", options=list(NORMS))
SEED = control(Lesson, "seed", default=0)
LABELS = control(Lesson, "labels", Words, default=(), most=bounds.MOST_LABELS)
RIGHT = control(Lesson, "target", Choice, name="right", label=_("Right label"), options=LABELS.text.split() or [""])
POOLING = control(Lesson, "pooling", default=POOLINGS[0])
SCALED = control(Lesson, "scaled", options=["false", "true"])
AS_TRAINED = [control(Lesson, name, Number, step=0.05) for name in ("smoothing", "dropout")]
OF_EACH = (ENCODER_ONLY, DECODER_ONLY, POOLING, WIDTH, NORM, SCALED, LAYERS, HEADS, HIDDEN, SEED, *AS_TRAINED)
OF_SOME = (SOURCE, TARGET, LABELS, RIGHT, MODEL, PROJECTION)
DECIMALS = control(Lesson, "decimals", default=bounds.DECIMALS)
TRAINING = Text("training", _("Training"))
UPDATE = Number("update", _("After update"), 0, least=0, most=MOST_WATCHED)
RESCALED = Text("rescaled", _("Rescaled"))
OF_A_TALK = "position"  # which a scene of a step shows alone


class Part(Choice):
    """The two declared yes or no as one choice; the address names them."""

    @property
    def text(self) -> str:
        if ENCODER_ONLY.chosen == "true":
            return ENCODER
        return DECODER if DECODER in self.options and DECODER_ONLY.chosen == "true" else BOTH

    def write(self, text: str | list[str] | None) -> None:
        ENCODER_ONLY.write("true" if text == ENCODER else None)
        DECODER_ONLY.write("true" if text == DECODER else None)


PART = Part(
    "part_of_model",
    ENCODER_ONLY.label,
    list(PARTS) if EXAMPLE.value == OWN else [BOTH, ENCODER],
    help=f"{ENCODER_ONLY.help} {DECODER_ONLY.help}",
)
VIEW = Tabs("view", _("What to see"), ["steps", "layers"])
COMPARE = Tabs("compare", _("Compare"), list(COMPARED))


def of_the_question():
    """The settings that this lesson is asked with."""
    if EXAMPLE.value == ARTICLE:
        return OF_EACH
    if EXAMPLE.value == TRAINED:
        return (*OF_EACH, SOURCE, TARGET)
    right = (LABELS, RIGHT) if LABELS.text else (TARGET,)
    # left open where it is the usual one: it has no effect on vectors of d_model
    projection = () if PROJECTION.value == PROJECTION.options[0] else (PROJECTION,)
    return (*OF_EACH, SOURCE, *right, MODEL, *projection)


def asked():
    """The question that the settings ask, and the sides to be rescaled."""
    if EXAMPLE.value not in EXAMPLES:
        raise UserError(_("There is no lesson called “{value}”. Choose one above.", value=EXAMPLE.value[:20]))
    alone = ENCODER_ONLY.value
    if EXAMPLE.value == CHECKPOINT:
        target = None if alone else tuple(TARGET.value.split())
        return AtCheckpoint(TRAINING.value, UPDATE.value, tuple(SOURCE.value.split()), target).so_far, ()
    sides = tuple(side for side in read_sides(RESCALED.value) if side == "source" or not alone)
    return question(Lesson, *of_the_question(), article=EXAMPLE.value == ARTICLE), sides


def as_seen(about):
    """What is kept of a lesson is for those who see the same models."""
    return f"{rights.somebody().view} {about!r}"


@st.cache_resource(max_entries=8, show_spinner=_("Computing the lesson …"), hash_funcs={Lesson: as_seen})
def lesson_of(about, sides, edits=""):
    if edits:
        return edited(lesson_of(about, sides), read_edits(edits))
    return with_rescaled(about.subject, sides)


@st.cache_data(max_entries=8, hash_funcs={Lesson: as_seen})
def own_translation(about):
    """What the model itself says to the source, or None where that is the target."""
    example = about.subject
    if example.is_own_translation:
        return None
    words = greedy(example.translator, example.source).words
    return None if words == example.target else words


def offer_own_translation(about):
    if words := own_translation(about):
        label = _("The model's own translation is “{words}”: take it as the target →", words=as_label(" ".join(words)))
        model = {name: st.query_params[name] for name in ("training", "update") if name in st.query_params}
        query = {"lesson": EXAMPLE.value, **model, "source": ",".join(SOURCE.value.split())}
        st.page_link(LESSON, label=label, query_params=query)


def draw_notes(about, before):
    """What is to be said of the example."""
    for sentence in before.sentences:
        say(sentence)
    example = before.example
    sides = [(SOURCE, example.words)]
    if not (example.is_of_language or example.is_own_translation):
        sides.append((TARGET, example.target))
    for side, words in sides:
        if EXAMPLE.value != ARTICLE and words and (note := read_as(side.value, words)):
            say(note)
    if TRANSLATES and example.target:
        offer_own_translation(about)


def drop_edits():
    state.keep_edits(())


def draw_settings():
    with st.container(horizontal=True):
        EXAMPLE.draw(width=290, show=EXAMPLES.__getitem__)
        if EXAMPLE.value == ARTICLE:
            st.text_input(_("Source"), " ".join(article.TOKENS), width=250, disabled=True)
            st.text_input(_("Target"), " ".join(article.TARGET), width=250, disabled=True)
        else:
            source = SOURCE if PART.chosen != DECODER else replace(SOURCE, label=_("Sentence"))
            source.draw(width=250)
            if PART.chosen == BOTH and not (EXAMPLE.value == OWN and LABELS.text):
                TARGET.draw(width=250, when_open=_("the model's own translation") if TRANSLATES else None)
        is_labelled = EXAMPLE.value == OWN and LABELS.text
        PART.draw(width=270, show=(LABELLED if is_labelled else PARTS).__getitem__)
        DECIMALS.draw(width=120)
        if EXAMPLE.value != CHECKPOINT:
            drawn = in_effect(Lesson, *of_the_question(), article=EXAMPLE.value == ARTICLE)
            for each in AS_TRAINED:
                if each in drawn:
                    each.draw(width=170)
    if EXAMPLE.value == OWN:
        with st.container(horizontal=True):
            MODEL.draw(width=250, show=catalog.title)
            PROJECTION.draw(width=170, show=PROJECTIONS.__getitem__)
            WIDTH.draw(width=110)
            HEADS.draw(width=110)
            LAYERS.draw(width=110)
            HIDDEN.draw(width=180, when_open="4 × d_model")
            NORM.draw(width=220, show=NORMS.__getitem__)
            SCALED.draw(width=210, show=NO_OR_YES.__getitem__)
            SEED.draw(width=150)
            if PART.chosen == BOTH:
                LABELS.draw(width=250)
                if LABELS.text:
                    RIGHT.draw(width=170)
                    POOLING.draw(width=170)
    elif EXAMPLE.value == CHECKPOINT:
        UPDATE.draw(width=150)
    elif EXAMPLE.value == ARTICLE:
        with st.container(horizontal=True):
            HEADS.draw(width=110)
            LAYERS.draw(width=110)
            HIDDEN.draw(width=110, when_open="8")
            SEED.draw(width=150)


def with_edits(before, about, sides, text):
    """The edits and what they do to the loss; answers with the edited lesson, or with the other where that fails."""
    now, edits = before, read_edits("")
    with problems_shown():
        edits = read_edits(text)
        now = lesson_of(about, sides, text)
        numbers = [
            f"{edit.cell.label(before)}: {rounded(before.array(edit.cell.shown)[edit.cell.index].item())} → "
            f"{rounded(edit.number)}"
            for edit in edits
        ]
        losses = [rounded(each.trace["loss"].value.item(), 6) for each in (before, now) if "loss" in each.trace]
        moved = _("The loss was {before} and is {after} now.", before=losses[0], after=losses[1]) if losses else ""
        say(" ".join(filter(None, (_("Edited: {numbers}.", numbers="; ".join(numbers)), moved))))
    with st.container(horizontal=True):
        if now is not before:
            COMPARE.draw(show=COMPARED.__getitem__)
        st.button(_("Reset"), on_click=drop_edits)
    return now, edits


st.html(STYLE)
if state.on_stage():
    st.html(STAGE_STYLE)
with st.container(horizontal=True, key="lesson_head"):
    st.title(_("Lesson"), anchor=False, width="content")
    VIEW.draw(show={"steps": _("Step by step"), "layers": _("Through the layers")}.__getitem__)
    # Open for who comes to type; a link that says more comes to show. From then on as the reader left it: it is written
    # anew each time, for to Streamlit a fold with another label is another one.
    st.session_state[SETTINGS] = st.session_state.get(SETTINGS, list(st.query_params) == ["lesson"])
    settings = st.expander(
        _("The example: {examples}", examples=EXAMPLES.get(EXAMPLE.value, "none")),
        key=SETTINGS,
        on_change="rerun",
    )
if not state.on_stage():
    say_what_is_left_out(
        EXAMPLE, *OF_EACH, *OF_SOME, DECIMALS, TRAINING, UPDATE, RESCALED, VIEW, COMPARE, SIDE, *KNOWN, OF_A_TALK
    )
if EXAMPLE.value == CHECKPOINT:
    with problems_shown():
        st.page_link(LEARNING, label=_("← Watch it learn"), query_params=back_to(TRAINING.value, UPDATE.value))
if settings.open:
    with settings:
        draw_settings()
with problems_shown():
    about, sides = asked()
    if isinstance(about, Lesson) and about.vectors is not None:
        catalog.belonging(about.vectors)  # what is kept of it is for those who see the model now
    before = lesson_of(about, sides)
    if settings.open:
        with settings:
            draw_notes(about, before)
    st.set_page_config(page_title=f"{before.example.title} · Lesson")
    text = st.query_params.get(state.EDITS, "")
    now, edits = with_edits(before, about, sides, text) if text else (before, ())
    if VIEW.value == "layers":
        layers_view(now, sides)
    else:
        known = f"{about} {sides} {text}"
        compared = COMPARE.value if now is not before else "now"
        decimals = None if state.on_stage() and "decimals" not in st.query_params else DECIMALS.value
        lesson_view(now, decimals, known, before if now is not before else None, edits, compared)
