"""Jobs on a page: a bar and *Cancel* while one is going on; how it ended and *Dismiss* afterwards."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from explorer.service.jobs import queue
from explorer.service.jobs.record import JobRecord
from explorer.texts import _, _n
from explorer.ui.jobs import forget, jobs_to_show, mark_as_read, may_cancel, running
from explorer.ui.messages import as_label, say

_EVERY = 1.0  # seconds between two looks at what is going on


def job_list(
    kind: str,
    place: str = "",
    name: str | None = None,
    beside_its_end: Callable[[JobRecord], object] = lambda job: None,
) -> None:
    """Draw the jobs of a kind, or those of one name, again and again, and the whole page when one ends. A page may have
    a list at several places of different names."""

    def chosen(jobs: list[JobRecord]) -> list[JobRecord]:
        return [job for job in jobs if name in (None, job.name)]

    begun = chosen(running(kind))

    @st.fragment(run_every=_EVERY if begun else None)
    def show() -> None:
        for job in chosen(jobs_to_show(kind)):
            if job.running:
                job_going_on(job, place)
                continue
            mark_as_read(job)
            with st.container(horizontal=True, vertical_alignment="center"):
                say(job.problem or job.outcome, "problem" if job.problem else "caution" if job.cautions else "note")
                beside_its_end(job)
                st.button(_("Dismiss"), on_click=forget, args=(job,), key=f"dismiss {job.id} {place}")
        if not all(job.running for job in begun):
            st.rerun()  # what has ended changes the rest of the page

    show()


def job_going_on(job: JobRecord, place: str = "", about: str = "") -> None:
    """Draw how far a job is; where its name says too little, `about` says what it is."""
    others = 0 if job.begun else queue.ahead(job)
    waits = _n("{count} older job waits as well", "{count} older jobs wait as well", others) if others else ""
    far = "; ".join(filter(None, (job.progress, waits, job.stopping if job.cancelled else "")))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, f"{about or as_label(job.name)}: {as_label(far)}")
        if may_cancel(job):
            st.button(_("Cancel"), on_click=job.cancel, disabled=job.cancelled, key=f"cancel {job.id} {place}")
