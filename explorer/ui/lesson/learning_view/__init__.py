"""A training on the page: its loss while it runs, then any checkpoint, with its matrices, neighbours and weights."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import streamlit as st

from explorer.errors import UserError
from explorer.lessons.learning import Learning
from explorer.lessons.moments import Moment
from explorer.lessons.trainings import Watched
from explorer.texts import _
from explorer.transformer.recipe_bounds import MOST_WATCHED
from explorer.translation.sentences import words_of
from explorer.ui.lesson.learning_view.curves import curves
from explorer.ui.lesson.learning_view.sentence import history, pair_boxes, quoted, sentence
from explorer.ui.lesson.learning_view.weight import one_weight
from explorer.ui.lesson.learning_view.word import neighbourhood
from explorer.ui.messages import problems_shown, say
from explorer.ui.parameters import Number

_STYLE = Path(__file__).parent / "scrubber.css"


def watch(watched: Watched) -> None:
    """Draw a training that was started: its progress while it runs, then any moment of it to look back at."""
    learning = watched.learning
    if learning.running:
        _under_way(learning)
        return
    if learning.problem:
        say(learning.problem, "problem")
    _look_back(watched)


@st.fragment(run_every=1.0)
def _under_way(learning: Learning) -> None:
    """The training while it runs; when it ends, the whole page is drawn once more."""
    learning.look()
    done = _("{step:,} of {updates:,} updates", step=learning.step, updates=learning.updates)
    st.progress(learning.step / learning.updates, _("{done}, paused", done=done) if learning.paused else done)
    with st.container(horizontal=True):
        if learning.paused:
            st.button(_("Go on"), on_click=learning.go_on)
        else:
            st.button(_("Pause"), on_click=learning.pause)
        st.button(_("Stop here"), on_click=learning.cancel)
    moment = learning.moments[-1]
    if translation := _translation(learning, moment):
        say(translation)
    _losses(learning, moment, is_live=True)
    history(learning)
    if not learning.running:
        st.rerun()


@st.fragment
def _look_back(watched: Watched) -> None:
    """Any moment: what chooses it stays in sight while what it changes is scrolled."""
    learning = watched.learning
    moments = learning.moments
    if len(moments) < 2:  # it ended before its first update
        return
    st.header(_("Look back"), anchor=False)
    moment = moments[-1]
    with problems_shown():
        moment = learning.moment(Number("moment", _("After update"), moment.step, 0, MOST_WATCHED).value or 0)
    st.session_state["moment"] = moment.step
    steps = [kept.step for kept in moments]
    st.html(_STYLE)
    with st.container(key="scrubber"):
        # its line is one of updates, as those of the curves are
        st.slider(_("After update"), 0, steps[-1], key="moment", on_change=_follow_moment, args=(steps, moment.step))
        say(f"{learning.measured(moment)} {_translation(learning, moment)}".rstrip())
    _losses(learning, moment)
    st.download_button(_("Curves as CSV"), learning.curve_csv, "curves.csv", "text/csv", on_click="ignore")
    history(learning, moment)
    sentence(watched, moment)
    neighbourhood(learning, moment)
    one_weight(learning, moment)


def _follow_moment(steps: Sequence[int], before: int) -> None:
    """Take the next checkpoint in the direction that the slider was moved in. A quick key moves it from where it stood
    before the browser learnt of the last checkpoint: then it is one checkpoint further."""
    asked = st.session_state["moment"]
    stood = st.session_state.get("scrubbed", ())
    move = next((asked - place for place in stood if abs(asked - place) == 1), 0)
    if move and abs(asked - before) != 1 and before in steps:
        place = min(max(steps.index(before) + move, 0), len(steps) - 1)
    else:
        place = bisect_left(steps, asked) if asked > before else bisect_right(steps, asked) - 1
    st.session_state["scrubbed"] = asked, before
    st.query_params["moment"] = str(steps[place])


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
