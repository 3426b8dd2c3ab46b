"""Comparisons of initialisations as the pages have them: their summaries, and the one that is being carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from explorer.errors import UserError
from explorer.initialisation import library
from explorer.initialisation import plan as plans
from explorer.initialisation.collected import collect
from explorer.initialisation.measures import MEASURES
from explorer.initialisation.plan import Plan
from explorer.initialisation.runner import run
from explorer.initialisation.summary import Summary
from explorer.initialisation.tasks import NAMES as TASKS
from explorer.initialisation.tasks import task
from explorer.ui.jobs import Progress, forget, jobs, jobs_to_show, start
from explorer.ui.messages import as_label, say

KIND = "Comparison"
PREPARING = "preparing: the task, the vectors and the first runs"
_EVERY = 1.0  # seconds between two looks at what is going on


def summary(name: str) -> Summary:
    """What the results of a comparison say by now; read again when there are new ones. Raises UserError for a name that
    none has, and for a plan whose data are not at hand."""
    library.plan(name)
    folder = library.folder(name)
    states = [path.stat().st_mtime_ns for path in (folder, *folder.glob("*.toml"))]
    return _summary(name, tuple(states))


@st.cache_resource(max_entries=4, show_spinner="Reading the results …")
def _summary(name: str, states: tuple[int, ...]) -> Summary:
    return Summary(collect(library.plan(name), library.folder(name)))


def measures(name: str) -> list[str]:
    """The keys of the measures, the one that decides a comparison first; that order is any where it cannot be read."""
    try:
        deciding = task(library.plan(name).task).deciding
    except UserError:
        return list(MEASURES)
    return [deciding, *(key for key in MEASURES if key != deciding)]


def given(text: str) -> Plan:
    """A plan that a visitor wrote. Raises PlanError for what is none, and for more than a page carries out: files are
    taken where a comparison at hand, begun on the command line, has them already."""
    plan = plans.parse(text, "The plan")
    plan.within_page_limits(list(dict.fromkeys([*TASKS, *map(_task, library.names())])))
    return plan


def _task(name: str) -> str:
    try:
        return library.plan(name).task
    except UserError:
        return TASKS[0]


def under_way() -> list[str]:
    """The name of the comparison that is being carried out, if one is."""
    return [job.name for job in jobs(KIND) if job.running]


def begin(name: str, plan: Plan) -> None:
    """Carry out a plan in the background, or go on with it, and keep its results under a name.

    Raises UserError for a name that is taken, and while another comparison is under way.
    """
    plan = replace(plan, name=name)
    if library.is_shipped(name):
        raise UserError(f"“{name}” is the name of a comparison that came along. Take another one.")
    if name in library.names() and library.plan(name) != plan:
        raise UserError(f"There is a comparison called “{name}” already, with another plan. Take another name.")
    if busy := under_way():
        raise UserError(
            f"“{busy[0]}” is under way and has all of this machine's cores: one comparison at a time. "
            "Wait until it has ended, or cancel it; what has finished is kept."
        )

    def work(tell: Progress, stopped: Callable[[], bool]) -> str:
        tell(PREPARING, 0.0)
        found = run(
            plan, library.own_folder(plan), progress=lambda now: tell(now.sentence, now.share), cancelled=stopped
        )
        failed = f", {len(found.failures):,} failed" if found.failures else ""
        return f"“{name}” has ended: {plan.jobs:,} runs{failed}."

    start(KIND, name, work)


def going_on(place: str) -> None:
    """What is under way or has ended; looks again by itself, and draws the page once more at the end. A page may have
    it at several places of different names."""
    running = bool(under_way())

    @st.fragment(run_every=_EVERY if running else None)
    def show() -> None:
        for job in jobs_to_show(KIND):
            with st.container(horizontal=True, vertical_alignment="center"):
                if job.running:
                    ending = "; it stops as soon as one of them has ended" if job.cancelled else ""
                    st.progress(job.share, f"{as_label(job.name)}: {as_label(job.stage)}{ending}")
                    st.button("Cancel", on_click=job.cancel, disabled=job.cancelled, key=f"cancel {job.name} {place}")
                else:
                    say(job.problem or job.said, "problem" if job.problem else "note")
                    st.button("Dismiss", on_click=forget, args=(job,), key=f"dismiss {job.name} {place}")
        if running and not under_way():
            st.rerun()  # what has ended changes the rest of the page

    show()
