"""Work that takes longer than a look at a page: it goes on through reruns and closed tabs, and any visit shows it.

How it ended is for those alone who began it or saw it going on, until the next of its kind that they begin. Who began
one that the end of its process has interrupted is told so by the next process.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import streamlit as st

from explorer import rights, serving
from explorer.belongings import Belonging
from explorer.embeddings import catalog, importing
from explorer.errors import Cancelled, UserError
from explorer.lessons import trainings
from explorer.service import job_records
from explorer.service.commons import BEGINNING, JOBS, commons
from explorer.service.job_records import Interrupted, Record, interrupted, recorded
from explorer.texts import _
from explorer.ui.rights import check_job

Progress = Callable[[str, float], None]
Work = Callable[[Progress, Callable[[], bool]], str]  # says how it ended; is told whom to tell, and whether to stop

_log = logging.getLogger(__name__)
_READ = "jobs whose end was read"
_BEGUN = "jobs that this visitor began"  # in the state of their session
_QUICK = 0.4  # seconds: what is done by then never shows a bar
_BEGIN_AGAIN = _("Begin it again.")
_AFTERWARDS = {
    "Import": _("Nothing of it was kept: import the file again."),
    "Download": _("What was fetched is kept: download it again to go on."),
    "Comparison": _("Its finished runs are kept: choose it below and go on."),
}
_jobs: dict[tuple[str, str], Job] = {}
_changing = threading.Lock()


@dataclass(eq=False)
class Job:
    """One piece of work: `stage` and `share` (0 to 1) say how far it is, `outcome` or `problem` how it ended."""

    kind: str  # such as "Import"
    name: str  # what it makes, such as a model
    belonging: Belonging = field(default_factory=Belonging)  # of what it makes
    stage: str = "waiting"
    share: float = 0.0
    outcome: str = ""
    problem: str = ""
    record: Interrupted | None = None  # of one that was interrupted
    finished: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _record: Record = field(default_factory=Record)

    @property
    def running(self) -> bool:
        return not self.finished.is_set()

    @property
    def cancelled(self) -> bool:
        return self._stop.is_set()

    def cancel(self) -> None:
        self._stop.set()

    def interrupt(self) -> None:
        """Cancel it, and have it on record: its process ends."""
        self._record.kept = True
        self.cancel()

    @classmethod
    def of_before(cls, record: Interrupted) -> Job:
        """One that was interrupted."""
        sentence = _("{kind} of {name} was interrupted: the server ended.", kind=record.kind, name=record.name)
        problem = f"{sentence} {_AFTERWARDS.get(record.kind, _BEGIN_AGAIN)}"
        job = cls(record.kind, record.name, record.belonging, problem=problem, record=record)
        job.finished.set()
        return job

    def _tell(self, stage: str, share: float) -> None:
        self.stage, self.share = stage, share

    def _run(self, work: Work, who: rights.Somebody) -> None:
        end = time.monotonic() + (_limit(who) or float("inf"))

        def stopped() -> bool:
            return self._stop.is_set() or time.monotonic() > end

        try:
            with rights.acting(who), recorded(catalog.CACHE, self.kind, self.name, self.belonging) as self._record:
                self.outcome = work(self._tell, stopped)
                self._record.kept = False
        except Cancelled as cancelled:
            self.outcome = str(cancelled)
            if not self.cancelled:
                self.problem = _(
                    "{kind} of {name} took longer than the {minutes:,} minutes that it may take here, and was ended.",
                    kind=self.kind,
                    name=self.name,
                    minutes=serving.settings().minutes,
                )
        except UserError as error:
            self.problem = str(error)
        except MemoryError:
            self.problem = _(
                "{kind} of {name}: that needs more memory than this machine has.", kind=self.kind, name=self.name
            )
        except Exception as error:
            self.problem = _(
                "{kind} of {name}: an error of this program, {error!r}.", kind=self.kind, name=self.name, error=error
            )
            _log.exception(self.problem)
        finally:
            self.finished.set()


def _limit(who: rights.Somebody) -> int:
    """How many seconds work of somebody may take; 0 for as long as it needs."""
    return 0 if who.kind is rights.Kind.HERE else 60 * serving.settings().minutes


def start(kind: str, name: str, work: Work) -> None:
    """Begin work in a thread of its own, and forget what of its kind has finished.

    Raises UserError where the same is going on already, and for a visitor who may not begin it.
    """
    with place():
        if (kind, name) in _jobs and _jobs[kind, name].running:
            raise UserError(_("{kind} of {name}: that is going on already.", kind=kind, name=name))
        for old in [key for key, job in _jobs.items() if job.kind == kind and not job.running]:
            del _jobs[old]
        who = rights.somebody()
        job = _jobs[kind, name] = Job(kind, name, who.belonging)
    st.session_state.setdefault(_BEGUN, []).append(job)
    forget_ended(kind)  # and see the new one going on, however soon it ends
    threading.Thread(target=job._run, args=(work, who), name=name, daemon=True).start()
    job.finished.wait(_QUICK)


@contextmanager
def place(freed: int = 0) -> Iterator[None]:
    """A place among the jobs that may run at once, in all workers of the server, which nobody else takes until this
    one runs; `freed` of them end for it.

    Raises UserError for a visitor who may not begin one.
    """
    memory = commons()
    with _changing, memory.alone(BEGINNING):
        check_job(count() + round(memory.of_others(JOBS)) - freed)
        yield
        memory.say(JOBS, count())


def tell_sisters() -> None:
    """Say how many run here, but not while one begins: a number from before it would free its place again."""
    with _changing:
        commons().say(JOBS, count())


def jobs(kind: str) -> list[Job]:
    """Work of a kind that is going on, and what has finished since the last of it began, of what the visitor sees."""
    with _changing:
        return [job for job in _jobs.values() if job.kind == kind and rights.sees(job.belonging)]


def is_busy(kind: str) -> bool:
    """Whether work of a kind is going on, whoever sees it."""
    with _changing:
        return any(job.kind == kind and job.running for job in _jobs.values())


def is_going_on(kind: str, name: str) -> bool:
    """Whether this piece of work is going on, whoever sees it, here or in another process."""
    with _changing:
        here = (kind, name) in _jobs and _jobs[kind, name].running
    return here or name in job_records.running(catalog.CACHE, kind)


def jobs_to_show(kind: str) -> list[Job]:
    """Work of a kind for the page of this visitor: what is going on, and what they saw going on and has ended."""
    seen = _of_this_visitor()
    seen += [job for job in jobs(kind) if job.running and job not in seen]
    who = rights.somebody()
    if who.owner or who.kind is rights.Kind.HERE:
        told = {job.record for job in seen}
        seen += [Job.of_before(each) for each in interrupted(catalog.CACHE, kind, who.owner) if each not in told]
    return [job for job in seen if job.kind == kind]


def forget_work_on(name: str) -> None:
    """Show no longer how work on something ended that is no more, such as a model that was removed."""
    for job in [job for job in _of_this_visitor() if job.name == name]:
        forget(job)


def remove_model(name: str) -> None:
    """Delete an imported model. Raises UserError where that cannot be."""
    importing.remove(name)
    forget_work_on(name)


def forget_what_was_read() -> None:
    """A visitor who comes back to a page reads no longer how work ended that was said there before."""
    read: list[Job] = st.session_state.setdefault(_READ, [])
    for job in read:
        forget(job)
    read.clear()


def mark_as_read(job: Job) -> None:
    """This visitor has been told how a job ended."""
    read: list[Job] = st.session_state.setdefault(_READ, [])
    if job not in read:
        read.append(job)


def running() -> dict[str, int]:
    """How many jobs of each kind run, trainings among them."""
    kinds = [job.kind for job in list(_jobs.values()) if job.running]
    return {kind: kinds.count(kind) for kind in sorted({*kinds})} | {"Training": trainings.running()}


def count() -> int:
    """How many jobs run in this process."""
    return sum(running().values())


def may_cancel(job: Job) -> bool:
    """Whether this visitor may: who began it, and who administers the server."""
    return rights.somebody().may_remove(job.belonging) or job in st.session_state.get(_BEGUN, ())


def forget_ended(kind: str) -> None:
    """Show this visitor no longer how work of a kind ended: there is something newer to say."""
    for job in jobs_to_show(kind):
        if not job.running:
            forget(job)


def _of_this_visitor() -> list[Job]:
    """The jobs that this visitor began or saw going on."""
    seen: list[Job] = st.session_state.setdefault("jobs of this visitor", [])
    return seen


def forget(job: Job) -> None:
    """Show a finished job no longer."""
    if job.record is not None:
        job_records.forget(job.record)
    if not job.running and job in _of_this_visitor():
        _of_this_visitor().remove(job)
    with _changing:
        if _jobs.get((job.kind, job.name)) is job and not job.running:
            del _jobs[job.kind, job.name]


@atexit.register
def stop_all() -> None:
    """A server that ends leaves nothing half-made: cancel all work, and wait until it is tidied away."""
    for job in list(_jobs.values()):
        job.interrupt()
    end = time.monotonic() + 10
    for job in list(_jobs.values()):
        job.finished.wait(max(0, end - time.monotonic()))
