"""The process of one job: it waits for its turn in `explorer.service.jobs.queue`, asks a declared question for who
began the job, says how far it is, and leaves a result."""

from __future__ import annotations

import errno
import logging
import os
import resource
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from explorer import serving
from explorer.access import belongings, rights
from explorer.access.rights import Kind, Somebody
from explorer.errors import Cancelled, UserError
from explorer.service.disk import check_disk
from explorer.service.jobs import queue
from explorer.service.jobs.record import JobRecord
from explorer.texts import _, _n

_TELLS = 0.2  # seconds between two times at which it says how far it is
_WAITS = 0.5  # seconds between two looks at whether it has its turn

_log = logging.getLogger(__name__)


def carry_out(job: JobRecord, is_interrupted: Callable[[], bool] = lambda: False) -> None:
    """Do what a job is about, and write how it ended; where its process is interrupted, nothing: that says it."""
    settings, outcome, problem, was_cancelled, cautions = serving.settings(), "", "", False, False
    end = float("inf")

    def stopped() -> bool:
        return is_interrupted() or job.interrupted or job.cancelled or time.monotonic() > end

    try:
        _wait_for_turn(job, stopped)
        end = time.monotonic() + (_limit(job.who) or float("inf"))
        with rights.acting(job.who):
            answer = job.asked.answer(_Teller(job), stopped)
        if job.key:
            job.keep(answer.as_json())
        outcome, cautions = answer.outcome, bool(answer.warnings)
    except Cancelled as cancelled:
        if job.cancelled:
            was_cancelled, problem = True, job.reason
            outcome = "" if problem else str(cancelled)
        elif is_interrupted() or job.interrupted:
            return
        else:
            problem = _n(
                "{kind} of {name} took longer than the minute that it may take here, and was ended.",
                "{kind} of {name} took longer than the {count:,} minutes that it may take here, and was ended.",
                settings.minutes,
                kind=job.title,
                name=job.name,
            )
    except UserError as error:
        problem = str(error)
    except MemoryError:
        problem = (
            _(
                "{kind} of {name} needs more than the {memory:,} MB of memory that a job may take here.",
                kind=job.title,
                name=job.name,
                memory=settings.job_memory,
            )
            if settings.job_memory
            else _("{kind} of {name}: that needs more memory than this machine has.", kind=job.title, name=job.name)
        )
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            problem = _(
                "{kind} of {name}: the disk of the server is full. Free some space, and begin it again.",
                kind=job.title,
                name=job.name,
            )
        else:
            problem = _(
                "{kind} of {name}: an error of this program, {error!r}.", kind=job.title, name=job.name, error=error
            )
        _log.exception(problem)
    job.end(outcome, problem, was_cancelled, cautions)


class _Teller:
    """Says how far a job is, and guesses from its pace how long the rest takes; a share that falls begins something
    else."""

    def __init__(self, job: JobRecord) -> None:
        self._job, self._stage, self._told = job, "", 0.0
        self._share = float("inf")

    def __call__(self, stage: str, share: float) -> None:
        now = time.monotonic()
        if share < self._share:
            self._begun, self._first = now, share
        self._share, done = share, share - self._first
        if stage != self._stage or now - self._told > _TELLS:
            self._stage, self._told = stage, now
            self._job.tell(stage, share, (now - self._begun) / done * (1 - share) if done > 0 and share < 1 else None)


def _wait_for_turn(job: JobRecord, stopped: Callable[[], bool]) -> None:
    while not stopped():
        with queue.alone():
            if queue.has_turn(job):
                _check_disk(job)
                job.begin()
                return
        time.sleep(_WAITS)
    raise Cancelled(_("{kind} of {name} was cancelled before it began.", kind=job.title, name=job.name))


def _check_disk(job: JobRecord) -> None:
    """Others of the same owner may have been made while it waited, or be made beside it. Raises UserError."""
    if size := job.asked.bytes_of_disk:
        beside = [each for each in queue.going_on() if each.begun and each.question and each.who.owner == job.who.owner]
        with rights.acting(job.who):
            check_disk(size + sum(each.asked.bytes_of_disk for each in beside))


def _limit(who: Somebody) -> int:
    """How many seconds work of somebody may take; 0 for as long as it needs."""
    return 0 if who.kind is Kind.HERE else 60 * serving.settings().minutes


def main(arguments: Sequence[str]) -> None:
    """Carry out the job of a folder; its lock came with this process."""
    folder, held = Path(arguments[0]), int(arguments[1])
    os.set_inheritable(held, False)
    signals: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: signals.append(number))
    settings = serving.settings()
    if settings.job_memory:  # of its own: a mapped model does not count
        resource.setrlimit(resource.RLIMIT_DATA, (settings.job_memory * 2**20,) * 2)
    if settings.login:
        belongings.sees = rights.sees
    carry_out(queue.find(folder.name), lambda: bool(signals))
