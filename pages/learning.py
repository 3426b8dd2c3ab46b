"""Watch it learn: a training on the page, and any number of it at any checkpoint."""

import streamlit as st

from explorer.embeddings import catalog
from explorer.initialisation import library
from explorer.initialisation.collected import collect
from explorer.initialisation.tasks import origin
from explorer.initialisation.wording import size
from explorer.lessons.edits import read_number
from explorer.questions.jobs import PASTED, Watch
from explorer.texts import _
from explorer.ui.declared import control, question
from explorer.ui.learning_view import watch
from explorer.ui.messages import problems_shown, say
from explorer.ui.navigation import INITIALISATION, LEARNING
from explorer.ui.parameters import Slider, Text
from explorer.ui.run_again import again, agreement, run_of

NO_VECTORS = "random"
DATA, VECTORS = control(Watch, "data"), control(Watch, "vectors", options=[NO_VECTORS, *catalog.names()])
WIDTH, HEADS, LAYERS, UPDATES, BATCH, SEED = (
    control(Watch, name) for name in ("d_model", "heads", "layers", "updates", "batch", "seed")
)
RATE = control(Watch, "rate", Text)
RUN = Text("run", _("Comparison"))
ARM = Text("arm", _("Arm"))
SHARE = Slider("share", _("Share of the pairs"), 1.0, least=0.0, most=1.0, step=0.01)
EXAMPLE = "good morning\tbuenos días\ngood night\tbuenas noches\ngood evening\tbuenas tardes\nyou are welcome\tde nada"


def new_training():
    """The training that the settings ask for, and what it is in a sentence."""
    vectors = None if VECTORS.value == NO_VECTORS else VECTORS.value
    rate = read_number(RATE.text)
    asked = question(Watch, DATA, WIDTH, HEADS, LAYERS, UPDATES, BATCH, SEED, vectors=vectors, rate=rate)
    return asked.learning(st.session_state.get("pasted", EXAMPLE))


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
        pressed = st.button(_("Train"))
    if DATA.value == PASTED:
        st.session_state.pairs = text = st.session_state.get("pasted", EXAMPLE)
        label = _("Pairs: source, a tab, target; one pair a line")
        st.text_area(label, text, key="pairs", on_change=keep_pasted, height=160)
    return pressed


def begin_run_of_a_comparison():
    """Offer to train the run that the address names once more; whether that is done or under way.

    Work waits for a button: an address may come from a link, or from a page that frames this one.
    """
    asked = RUN.value, ARM.value, SHARE.value, SEED.value
    last = st.session_state.get("of_run", (None, None, None))[1]
    if asked == last:
        return True
    plan = library.plan(RUN.value)
    job, result = run_of(collect(plan, library.folder(RUN.value)), *asked[1:])
    run = _(
        "The run “{arm}” of “{name}” with {size} and seed {seed}",
        arm=job.arm,
        name=plan.name,
        size=size(job.share),
        seed=job.seed,
    )
    offer = st.empty()
    with offer.container():
        say(_("{run} can be trained once more, here, from the same start.", run=run))
        if not st.button(_("Train it once more")):
            return False
    offer.empty()
    learning = again(plan, job)
    begin(learning, _("{run}, trained once more. {origin}", run=run, origin=origin(plan.task)).rstrip())
    st.session_state.of_run = learning, asked, result
    return True


with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.set_page_config(page_title="Watch it learn")
    st.title(_("Watch it learn"), anchor=False)
    st.markdown(
        _(
            "A small transformer is trained on this page. Watch its loss fall. Then go back to any checkpoint and "
            "look at its attention, the neighbours of a word, or a single weight."
        )
    )
    begun = True
    with problems_shown():
        if RUN.value:
            with st.container(horizontal=True):
                st.page_link(INITIALISATION, label=_("← The comparison"), query_params={"run": RUN.value})
                st.page_link(LEARNING, label=_("Your own settings"))
            begun = begin_run_of_a_comparison()
        elif draw_settings():
            begin(*new_training())
    learning = st.session_state.get("learning") if begun else None
    if learning is not None:
        say(st.session_state.learning_told)
        of_run, _doing, result = st.session_state.get("of_run", (None, None, None))
        if learning is of_run and not learning.running:
            say(agreement(learning, result))
        watch(learning)
