"""A training on the page: its loss while it runs, then any checkpoint, with its matrices, neighbours and weights."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import streamlit as st

from explorer.errors import UserError
from explorer.lessons.learning import Learning
from explorer.lessons.moments import Moment
from explorer.service import trainings
from explorer.service.trainings import WatchedTraining
from explorer.texts import _
from explorer.transformer.recipe_bounds import MOST_WATCHED
from explorer.translation.sentences import words_of
from explorer.ui.job_list import job_going_on
from explorer.ui.jobs import may_cancel
from explorer.ui.lesson.learning_view.curves import curves
from explorer.ui.lesson.learning_view.sentence import history, pair_boxes, quoted, sentence
from explorer.ui.lesson.learning_view.weight import one_weight
from explorer.ui.lesson.learning_view.word import neighbourhood
from explorer.ui.messages import problems_shown, say
from explorer.ui.parameters import Number

KNOWN = ("moment", "source", "target", "matrix", "word")
"""What the address may say of where a reader looks back."""
_STYLE = Path(__file__).parent / "scrubber.css"


def watch(training: WatchedTraining) -> None:
    """Draw a training: its progress while it waits or runs, then any moment of it to look back at."""
    job, learning = training.job, training.learning
    if job.running:
        _under_way(training.key)
        return
    if learning:
        say(" ".join(filter(None, (learning.sentence, learning.agreement))))
    if job.problem:
        say(job.problem, "problem")
    elif not learning:
        say(job.outcome)
    if learning:
        _look_back(training.key)


@st.fragment(run_every=1.0)
def _under_way(key: str) -> None:
    """The training while it waits or runs; when it ends, the whole page is drawn once more."""
    with problems_shown():
        training = trainings.find(key)
        if training.learning:
            _live(training, training.learning)
        elif training.job.running:
            job_going_on(training.job)
        if not training.job.running:
            st.rerun()


def _live(training: WatchedTraining, learning: Learning) -> None:
    say(learning.sentence)
    done = _("{step:,} of {updates:,} updates", step=learning.step, updates=learning.updates)
    st.progress(learning.step / learning.updates, _("{done}, paused", done=done) if training.is_paused else done)
    if may_cancel(training.job):
        with st.container(horizontal=True):
            if training.is_paused:
                training.hold_pause()
                st.button(_("Go on"), on_click=training.go_on)
            else:
                st.button(_("Pause"), on_click=training.pause)
            st.button(_("Stop here"), on_click=training.job.cancel)
    moment = learning.moments[-1]
    if translation := _translation(learning, moment):
        say(translation)
    _losses(learning, moment, is_live=True)
    history(learning)


@st.fragment
def _look_back(key: str) -> None:
    """Any moment of what was recorded."""
    with problems_shown():
        if learning := trainings.find(key).learning:
            _any_moment(key, learning)


def _any_moment(key: str, learning: Learning) -> None:
    """What chooses a moment stays in sight while what it changes is scrolled."""
    moments = learning.moments
    if len(moments) < 2:  # it ended before its first update
        return
    st.header(_("Look back"), anchor=False)
    moment = moments[-1]
    with problems_shown():
        moment = learning.moment(Number("moment", _("After update"), moment.step, 0, MOST_WATCHED).value or 0)
    st.session_state["moment"] = moment.step
    st.html(_STYLE)
    with st.container(key="scrubber"):
        # Its places are the checkpoints: a key that is pressed before the page has followed goes on from the last one.
        steps = [kept.step for kept in moments]
        st.select_slider(_("After update"), steps, key="moment", on_change=_follow_moment)
        say(f"{learning.measured(moment)} {_translation(learning, moment)}".rstrip())
    _losses(learning, moment)
    st.download_button(_("Curves as CSV"), learning.curve_csv, "curves.csv", "text/csv", on_click="ignore")
    history(learning, moment)
    sentence(key, learning, moment)
    neighbourhood(learning, moment)
    one_weight(learning, moment)


def _follow_moment() -> None:
    st.query_params["moment"] = str(st.session_state["moment"])


def _translation(learning: Learning, moment: Moment) -> str:
    """What the model makes of the source at a moment; what is wrong with the source is said where it is typed."""
    source, target = (words_of(box.value) for box in pair_boxes(learning))
    with suppress(UserError):
        words = learning.translation_at(moment, source)
        right = " ✓" if list(words) == target else ""
        return f"“{' '.join(source)}” → {quoted(words)}{right}"
    return ""


def _losses(learning: Learning, moment: Moment, is_live: bool = False) -> None:
    """The curves, what their unit means at a moment, and how the training began. While it runs, no moment is marked."""
    curves(learning, None if is_live else moment)
    say(f"{learning.loss_in_words(moment)} {learning.beginning}")
