"""The jobs of `explorer.service.jobs.queue` as a page shows them: whom it shows which, and who begins and cancels them.

How one ended is for those who began it or saw it going on, until the next of its kind that they begin; its owner reads
it also at a later visit, once.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from explorer.access import rights
from explorer.access.rights import Kind
from explorer.embeddings import importing
from explorer.questions.jobs import Job
from explorer.service.jobs import queue
from explorer.service.jobs.record import JobRecord
from explorer.ui.rights import check_change

_QUICK = 0.8  # seconds: what is done by then never shows a bar
_READ, _SEEN, _BEGUN = "jobs whose end was read", "jobs of this visitor", "jobs that this visitor began"
_own: list[JobRecord] = []  # that this process has begun
_OWN = threading.Lock()


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for what a visitor uploads for a job that `start` begins in it. Raises UserError for who may not."""
    check_change()
    queue.check_number(rights.somebody())  # before a large file is copied
    with queue.new_folder() as new:
        yield new


def start(name: str, job: Job, place: Path | None = None, key: str = "") -> JobRecord:
    """Have a job carried out for this visitor, in a new folder or the one at a `place`.

    Raises UserError where the same is going on already, and for a visitor who may not begin it.
    """
    if place is None:
        with folder() as new:
            return start(name, job, new, key)
    check_change()
    ended = [each for each in jobs_to_show(job.kind) if not each.running]
    begun = queue.start(place, name, job, rights.somebody(), key)
    with _OWN:
        _own[:] = [*(each for each in _own if each.running), begun]
    _ids(_BEGUN).append(begun.id)
    _ids(_SEEN).append(begun.id)  # however soon it ends
    for each in ended:
        forget(each)
    begun.wait(_QUICK)
    return begun


def jobs(kind: str) -> list[JobRecord]:
    """Work of a kind that the visitor sees."""
    return [job for job in queue.jobs(kind) if rights.sees(job.belonging)]


def running(kind: str) -> list[JobRecord]:
    """What of it runs or waits."""
    return [job for job in jobs(kind) if job.running]


def is_busy(kind: str) -> bool:
    """Whether work of a kind is going on, whoever sees it."""
    return any(job.running for job in queue.jobs(kind))


def is_going_on(kind: str, name: str) -> bool:
    """Whether this piece of work is going on, whoever sees it."""
    return any(job.name == name and job.running for job in queue.jobs(kind))


def jobs_to_show(kind: str) -> list[JobRecord]:
    """Work of a kind for the page of this visitor: what is going on, what they saw going on and has ended, and what of
    their own has ended that they have not read."""
    seen = _ids(_SEEN)
    every = [job for job in jobs(kind) if job.running or job.id in seen or (_is_own(job) and not job.was_read)]
    seen += [job.id for job in every if job.id not in seen]
    return every


def forget_work_on(name: str) -> None:
    """Show no longer how work on something ended that is no more, such as a model that was removed."""
    for job in queue.jobs():
        if job.name == name:
            forget(job)


def remove_model(name: str) -> None:
    """Delete an imported model. Raises UserError where that cannot be."""
    importing.remove(name)
    forget_work_on(name)


def forget_what_was_read() -> None:
    """A visitor who comes back to a page reads no longer how work ended that was said there before."""
    for job in queue.jobs():
        if job.id in _ids(_READ):
            forget(job)
    _ids(_READ).clear()


def mark_as_read(job: JobRecord) -> None:
    """This visitor has been told how a job ended; where it is their own, no later visit is."""
    if _is_own(job):
        job.mark_as_read()
    if job.id not in _ids(_READ):
        _ids(_READ).append(job.id)


def may_cancel(job: JobRecord) -> bool:
    """Whether this visitor may: who began it, and who administers the server."""
    return rights.somebody().may_remove(job.belonging) or job.id in _ids(_BEGUN)


def cancel_own(ids: Collection[str | None]) -> None:
    """Cancel those of these jobs that this visitor began, and nobody else's, whatever they may."""
    for job in queue.going_on():
        if job.id in ids and (_is_own(job) or job.id in _ids(_BEGUN)):
            job.cancel()


def forget_ended(kind: str) -> None:
    """Show this visitor no longer how work of a kind ended: there is something newer to say."""
    for job in jobs_to_show(kind):
        if not job.running:
            forget(job)


def forget(job: JobRecord) -> None:
    """Show a finished job no longer."""
    if not job.running:
        if job.id in _ids(_SEEN):
            _ids(_SEEN).remove(job.id)
        if _is_own(job):
            job.mark_as_read()


def interrupt_own() -> None:
    """Who ends the server by hand, at its terminal, ends what it has begun as well."""
    for job in tuple(_own):  # no lock: a signal may have come while it is held
        if job.running:
            job.interrupt()


def _is_own(job: JobRecord) -> bool:
    """Whether who looks is known to have begun it, also in another visit."""
    who = rights.somebody()
    return job.who.owner == who.owner and (bool(who.owner) or job.who.kind is who.kind is Kind.HERE)


def _ids(of: str) -> list[str]:
    """A list in the state of this visitor's session."""
    ids: list[str] = st.session_state.setdefault(of, [])
    return ids
