"""Watch it learn: a training on the page, and any number of it at any checkpoint."""

import streamlit as st

from explorer.embeddings import catalog
from explorer.files import write_file
from explorer.lessons.edits import read_number
from explorer.lessons.run_again import Run
from explorer.questions.jobs import PASTED, Watch
from explorer.service import trainings
from explorer.talks import trainings as recordings
from explorer.texts import _
from explorer.ui import jobs
from explorer.ui.add_to_talk import add_to_talk
from explorer.ui.declared import control, question
from explorer.ui.left_out import say_what_is_left_out
from explorer.ui.lesson.learning_view import KNOWN, watch
from explorer.ui.messages import problems_shown, say
from explorer.ui.navigation import INITIALISATION, LEARNING
from explorer.ui.parameters import Slider, Text
from explorer.ui.rights import CLOSED, may_change

NO_VECTORS = "random"
DATA, VECTORS = control(Watch, "data"), control(Watch, "vectors", options=[NO_VECTORS, *catalog.names()])
WIDTH, HEADS, LAYERS, UPDATES, BATCH, SEED = (
    control(Watch, name) for name in ("d_model", "heads", "layers", "updates", "batch", "seed")
)
OF_THE_QUESTION = (DATA, WIDTH, HEADS, LAYERS, UPDATES, BATCH, SEED)
RATE = control(Watch, "rate", Text)
RUN = Text("run", _("Comparison"))
ARM = Text("arm", _("Arm"))
TRAINING = Text("training", _("Training"))
SHARE = Slider("share", _("Share of the pairs"), 1.0, least=0.0, most=1.0, step=0.01)
EXAMPLE = "good morning\tbuenos días\ngood night\tbuenas noches\ngood evening\tbuenas tardes\nyou are welcome\tde nada"


def begin_own():
    """Begin the training that the settings ask for. Raises UserError for what cannot be trained."""
    vectors = None if VECTORS.value == NO_VECTORS else VECTORS.value
    rate = read_number(RATE.text)
    with jobs.folder() as place:
        pairs = place / trainings.PAIRS if DATA.value == PASTED else None
        if pairs:
            write_file(pairs, pasted().encode())
        training = question(Watch, *OF_THE_QUESTION, vectors=vectors, rate=rate, pairs=pairs, out=place)
        training.prepare()  # what is wrong with it is said before the one on the page gives way to it
        return begin(training)


def begin(training):
    """Have a training carried out in its folder. The address names it from then on. This visitor's own training on the
    page ends, and the one that they began before. Raises UserError for a visitor who may not; then these go on."""
    job = jobs.start(training.title, training, training.out)
    before = {TRAINING.value, st.session_state.get("training")}  # a new session knows the address alone
    st.session_state.training = st.query_params["training"] = job.id
    jobs.cancel_own(before)
    return trainings.find(job.id)


def under_watch():
    """The training that the address names, else this visitor's last one, if there is one. Raises NotThere for one that
    is not kept any more."""
    key = TRAINING.value or st.session_state.get("training")
    return trainings.find(key) if key else None


def pasted():
    """The text of pairs: what was typed last, else that of the training on the page."""
    return st.session_state.setdefault("pasted", (watched and watched.pasted) or EXAMPLE)


def keep_pasted():
    st.session_state.pasted = st.session_state.pairs


def draw_settings():
    with st.container(horizontal=True, vertical_alignment="bottom"):
        DATA.draw(width=180)
        VECTORS.draw(width=240)
        UPDATES.draw(width=180)
        pressed = may_change() and st.button(_("Train"), type="primary")
    with st.container(horizontal=True):
        WIDTH.draw(width=130)
        HEADS.draw(width=130)
        LAYERS.draw(width=130)
        BATCH.draw(width=150)
        RATE.draw(width=130)
        SEED.draw(width=130)
    if not may_change():
        say(CLOSED)
    if DATA.value == PASTED:
        st.session_state.pairs = text = pasted()
        label = _("Pairs: source, a tab, target; one pair per line")
        st.text_area(label, text, key="pairs", on_change=keep_pasted, height=160)
    return pressed


def run_of_a_comparison():
    """The training that repeats the run that the address names, or an offer to begin it, and None.

    Work waits for a button: an address may come from a link, or from a page that frames this one.
    """
    which = {"comparison": RUN.value, "arm": ARM.value, "share": SHARE.value, "seed": SEED.value}
    if watched and which.items() <= watched.question.values.items():
        return watched
    run = Run.find(*which.values())
    offer = st.empty()
    with offer.container():
        say(_("{run} can be trained once more, here, from the same start.", run=run.in_words))
        if not may_change():
            say(CLOSED)
            return None
        if not st.button(_("Train it once more")):
            return None
    offer.empty()
    with jobs.folder() as place:
        return begin(Watch(**which, out=place))


with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.set_page_config(page_title="Watch it learn")
    st.title(_("Watch it learn"), anchor=False)
    st.markdown(
        _(
            "A small transformer is trained on this page. Watch its loss fall. Then go back to any checkpoint and "
            "look at its attention, the neighbours of a word, or a single weight."
        )
    )
    say_what_is_left_out(*OF_THE_QUESTION, VECTORS, RATE, RUN, ARM, TRAINING, SHARE, *KNOWN, *recordings.NAMES)
    watched = None
    with problems_shown():
        watched = under_watch()
    with problems_shown():
        if RUN.value:
            with st.container(horizontal=True):
                st.page_link(INITIALISATION, label=_("← The comparison"), query_params={"run": RUN.value})
                st.page_link(LEARNING, label=_("Your own settings"))
            watched = run_of_a_comparison()
        elif draw_settings():
            watched = begin_own()
    if watched is not None:
        watch(watched)
        if watched.learning and not watched.job.running:
            with problems_shown():  # its checkpoints may just be deleted
                add_to_talk("learning", recordings.recorded(watched.learning))
