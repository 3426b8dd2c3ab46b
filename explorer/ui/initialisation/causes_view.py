"""Finding the why of a comparison: its arms are trained a little in the background, and their answers are drawn."""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from html import escape

import plotly.graph_objects as go
import streamlit as st

from explorer import __version__
from explorer.answers import Answer
from explorer.errors import UserError
from explorer.initialisation import causes, library, rescaling
from explorer.initialisation.explanation import Explanation
from explorer.palette import CATEGORICAL, GREY
from explorer.questions import copies
from explorer.questions.jobs.causes import Causes, Rescaling, TrainsALittle
from explorer.service.jobs import queue
from explorer.texts import _
from explorer.ui.job_list import job_list
from explorer.ui.jobs import start
from explorer.ui.messages import as_label, say
from explorer.ui.rights import CLOSED, may_change
from explorer.ui.theme import is_dark, theme_colour

_ANSWERS: dict[str, type[Explanation]] = {"causes": causes.Causes, "rescaling": rescaling.Rescaling}
_REFUSAL = "refusal of an explanation"
_BY = {"causes": _("{comparison} by its tables"), "rescaling": _("{comparison} by its scale")}
_COLUMNS: tuple[dict[str, str], ...] = (  # a table each, that a laptop's window holds
    {
        "loss": _("validation loss"),
        "ratio": _("‖√d·E‖ / ‖PE‖"),
        "effective_rank": _("effective rank"),
        "isotropy": _("isotropy"),
        "sharpness": _("sharpness at the start"),
    },
    {
        "signal_frequent": _("signal to noise, frequent words"),
        "signal_rare": _("signal to noise, rare words"),
        "tags_read": _("parts of speech read"),
        "frequency_read": _("frequency read, R²"),
    },
)
_SUBLAYERS = {"self_attention": _("self-attention"), "feed_forward": _("feed-forward")}


def causes_view(comparison: str, share: float | None) -> None:
    """Draw it, for the arms of a comparison at a size."""
    jobs = (Causes(comparison=comparison, size=share), Rescaling(comparison=comparison, size=share))
    st.markdown(
        _(
            "Every arm is trained anew, for {updates} updates from one seed. **The tables**: which directions each "
            "uses, how long its vectors are beside the positions, what its gradients and a linear probe tell, before "
            "and after. **The scale**: each kind of vectors from a tenth of the positions’ length to ten times of it.",
            updates=jobs[0].updates,
        )
    )
    if not may_change():
        say(CLOSED)
    with st.container(horizontal=True):
        for job, label in zip(jobs, (_("Look at the tables"), _("Change the scale")), strict=True):
            st.button(label, on_click=partial(_begin, job), disabled=not may_change(), key=f"why {job.name}")
    if refusal := st.session_state.pop(_REFUSAL, ""):
        say(refusal, "problem")
    job_list(TrainsALittle.kind)
    for job, draw in zip(jobs, (_tables, _curves), strict=True):
        if answer := _answer(job):
            say(answer.headline)
            draw(answer)
            st.markdown("\n".join(f"- {as_label(sentence)}" for sentence in answer.sentences))
        st.code(copies.command(job), "sh")


def _key(job: TrainsALittle) -> str:
    """What an answer is kept by: another comparison may have taken the name, with another plan or of somebody else;
    and another version of this program may answer in another form."""
    whose = library.belonging(job.comparison).owner
    parts = (__version__, job.name, job.comparison, job.plan.as_toml(), whose, job.size)
    return sha256(repr(parts).encode()).hexdigest()


def _answer(job: TrainsALittle) -> Explanation | None:
    """The last answer, for all who see the comparison; or the one that came along."""
    content = queue.answer(TrainsALittle.kind, _key(job)) or job.shipped_answer
    return _ANSWERS[job.name].of_json(job.plan, content) if content else None


def _begin(job: TrainsALittle) -> None:
    try:
        start(_BY[job.name].format(comparison=job.comparison), job, key=_key(job))
    except UserError as error:
        st.session_state[_REFUSAL] = str(error)


def _tables(answer: Answer) -> None:
    """Every number at the start and, behind the arrow, after the training."""
    rows = {(row.arm, row.moment): row for row in answer.rows}  # type: ignore[attr-defined]
    arms = list(dict.fromkeys(arm for arm, _moment in rows))
    for columns in _COLUMNS:
        st.table(
            [
                {"arm": as_label(arm)}
                | {
                    title: _both(getattr(rows[arm, "start"], name), getattr(rows[arm, "end"], name))
                    for name, title in columns.items()
                }
                for arm in arms
            ]
        )
    added = {
        (each.arm, each.moment, _("layer {layer}, {sublayer}", layer=each.layer, sublayer=_SUBLAYERS[each.sublayer])): (
            each.share
        )
        for each in answer.sublayers  # type: ignore[attr-defined]
    }
    places = list(dict.fromkeys(place for _arm, _moment, place in added))
    st.table(
        [
            {"arm": as_label(arm)}
            | {place: _both(added[arm, "start", place], added[arm, "end", place]) for place in places}
            for arm in arms
        ]
    )


def _both(start: float | None, end: float | None) -> str:
    return _number(start) if end is None else f"{_number(start)} → {_number(end)}"


def _number(number: float | None) -> str:
    return "–" if number is None else f"{number:.3g}"


def _curves(answer: Answer) -> None:
    """The loss by the ratio, a line for each kind of vectors."""
    figure = go.Figure()
    for place, (kind, rows) in enumerate(answer.kinds.items()):  # type: ignore[attr-defined]
        colour = CATEGORICAL[place][is_dark()] if place < len(CATEGORICAL) else GREY
        figure.add_scatter(
            x=[row.ratio for row in rows], y=[row.loss for row in rows], mode="lines+markers", name=escape(kind),
            line={"color": colour, "width": 2.5}, marker={"size": 8},
            hovertemplate=_("%{y:.3f} at a ratio of %{x:g}"),
        )  # fmt: skip
    figure.add_vline(1, line_color=theme_colour("textColor"), line_dash="dot", line_width=1.5)
    figure.update_xaxes(type="log", title_text=_("‖√d·E‖ / ‖PE‖ at the start"))
    figure.update_yaxes(title_text=_("validation loss; lower is better"))
    figure.update_layout(height=420, margin={"l": 10, "r": 10, "t": 10, "b": 10}, dragmode=False)
    figure.update_layout(legend={"orientation": "h", "y": -0.25, "yanchor": "top", "x": 0})
    st.plotly_chart(figure, key="rescaled", config={"displayModeBar": False}, alt=answer.headline)
