"""Watch it learn: a training in the page, and any number of it at any moment."""

import streamlit as st

from explorer.data.pairs import PHRASEBOOK, PHRASEBOOK_ORIGIN, TRAIN, VALIDATION, parse_pairs, read_pairs
from explorer.embeddings import catalog
from explorer.errors import UserError
from explorer.initialisation import library
from explorer.initialisation.collected import collect
from explorer.initialisation.fitting import new_translator, word_pairs
from explorer.initialisation.tasks import origin
from explorer.initialisation.wording import size
from explorer.lessons.edits import read_number
from explorer.lessons.learning import MOST_UPDATES, Learning
from explorer.transformer.model import Configuration
from explorer.transformer.training import Recipe
from explorer.ui.learning_view import watch
from explorer.ui.messages import problems_shown, say
from explorer.ui.navigation import INITIALISATION, LEARNING
from explorer.ui.parameters import Choice, Number, Slider, Text
from explorer.ui.run_again import again, agreement, run_of

BOOK, PASTED = "phrase book", "pasted pairs"
NO_VECTORS = "random"

DATA = Choice("data", "Pairs", [BOOK, PASTED])
VECTORS = Choice("vectors", "Embeddings start", [NO_VECTORS, *catalog.names()])
WIDTH = Number("d_model", "d_model", 32, least=2, most=256)
HEADS = Number("heads", "Heads", 4, least=1, most=16)
LAYERS = Number("layers", "Layers", 1, least=1, most=4)
UPDATES = Number("updates", "Updates", 200, least=1, most=MOST_UPDATES)
BATCH = Number("batch", "Pairs an update", 32, least=1, most=512)
RATE = Text("rate", "Learning rate", "0.01")
SEED = Number("seed", "Seed", 0, least=0, most=999_999_999)
RUN = Text("run", "Comparison")
ARM = Text("arm", "Arm")
SHARE = Slider("share", "Share of the pairs", 1.0, least=0.0, most=1.0, step=0.01)
EXAMPLE = "good morning\tbuenos días\ngood night\tbuenas noches\ngood evening\tbuenas tardes\nyou are welcome\tde nada"


def phrases():
    if DATA.value not in DATA.options:
        raise UserError(f"There are no pairs called “{DATA.value}”. Choose them above.")
    if DATA.value == BOOK:
        return read_pairs(PHRASEBOOK)
    return parse_pairs(st.session_state.get("pasted", EXAMPLE), "The pasted text", SEED.value)


def new_training():
    """The training that the settings ask for, and what it is in a sentence."""
    pairs = phrases()
    train, validation = word_pairs(pairs, TRAIN), word_pairs(pairs, VALIDATION)
    if not train:
        raise UserError("None of the pairs is for training. Write “train” into the first column of some.")
    configuration = Configuration(WIDTH.value, HEADS.value, LAYERS.value, norm="pre", scaled=True, tied=True)
    embedding = None if VECTORS.value == NO_VECTORS else catalog.load(VECTORS.value)
    translator, covered = new_translator(pairs, configuration, embedding, SEED.value)
    recipe = Recipe(batch_size=BATCH.value, rate=read_number(RATE.value), seed=SEED.value)
    learning = Learning(translator, train, validation, recipe, UPDATES.value)
    start = (
        f"{covered:,} of its source words start from {VECTORS.value}"
        if embedding
        else "all tables and matrices start random"
    )
    few = "" if validation else " They are too few to keep some for validation."
    return learning, (
        f"{len(train):,} pairs of {len(translator.source):,} source and {len(translator.target):,} target words, "
        f"{min(BATCH.value, len(train)):,} of them in an update.{few} d_model {WIDTH.value}, heads {HEADS.value}, "
        f"layers {LAYERS.value}, learning rate {recipe.rate:g}, seed {SEED.value}; {start}."
        f"{f' {PHRASEBOOK_ORIGIN}' if DATA.value == BOOK else ''}"
    )


def begin(learning, told):
    """Start a training and forget the one before it, which ends with that."""
    if (old := st.session_state.get("learning")) is not None:
        old.cancel()
    st.session_state.pop("of_run", None)  # else it keeps that training's moments
    learning.start()
    st.session_state.update(learning=learning, learning_told=told)


def keep_pasted():
    st.session_state.pasted = st.session_state.pairs


def draw_settings():
    with st.container(horizontal=True):
        DATA.draw(width=180)
        VECTORS.draw(width=240)
        WIDTH.draw(width=130)
        HEADS.draw(width=130)
        LAYERS.draw(width=130)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        UPDATES.draw(width=180)
        BATCH.draw(width=150)
        RATE.draw(width=130)
        SEED.draw(width=130)
        pressed = st.button("Train")
    if DATA.value == PASTED:
        st.session_state.pairs = text = st.session_state.get("pasted", EXAMPLE)
        label = "Pairs: source, a tab, target; one pair a line"
        st.text_area(label, text, key="pairs", on_change=keep_pasted, height=160)
    return pressed


def begin_run_of_a_comparison():
    """Offer to train the run that the address names once more; whether that is done or under way.

    Work waits for a button: an address may come from a link, or from a page that frames this one.
    """
    asked = RUN.value, ARM.value, SHARE.value, SEED.value
    _, last, _ = st.session_state.get("of_run", (None, None, None))
    if asked == last:
        return True
    plan = library.plan(RUN.value)
    job, result = run_of(collect(plan, library.folder(RUN.value)), *asked[1:])
    run = f"The run “{job.arm}” of “{plan.name}” with {size(job.share)} and seed {job.seed}"
    offer = st.empty()
    with offer.container():
        say(f"{run} can be trained once more, here, from the same start.")
        if not st.button("Train it once more"):
            return False
    offer.empty()
    learning = again(plan, job)
    begin(learning, f"{run}, trained once more. {origin(plan.task)}".rstrip())
    st.session_state.of_run = learning, asked, result
    return True


with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.set_page_config(page_title="Watch it learn")
    st.title("Watch it learn", anchor=False)
    st.markdown(
        "A small transformer learns, here in the page. Watch its loss fall; then go back to any moment "
        "and look at its attention, a word's neighbours, a single weight."
    )
    begun = True
    with problems_shown():
        if RUN.value:
            with st.container(horizontal=True):
                st.page_link(INITIALISATION, label="← The comparison", query_params={"run": RUN.value})
                st.page_link(LEARNING, label="Settings of your own")
            begun = begin_run_of_a_comparison()
        elif draw_settings():
            begin(*new_training())
    learning = st.session_state.get("learning") if begun else None
    if learning is not None:
        say(st.session_state.learning_told)
        of_run, _, result = st.session_state.get("of_run", (None, None, None))
        if learning is of_run and not learning.running:
            say(agreement(learning, result))
        watch(learning)
