"""The jobs of a server: each is a process of its own, `explorer.service.jobs.process`, and a folder in the cache, a
`JobRecord`. So every process that serves sees the same jobs, also one that was started since, and none ends with it."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from explorer import places, serving
from explorer.access.rights import Kind, Right, Somebody
from explorer.errors import NotThere, UserError, cut
from explorer.files import STALE
from explorer.questions.jobs import Job
from explorer.service import commons
from explorer.service.jobs.record import FACTS, RUNNING, WAITING, JobRecord, has_ended, is_held
from explorer.texts import _

MOST_OF_ONE, MOST = 5, 50  # jobs that run or wait, of one person and of all
MOST_KEPT = 20  # jobs of one person that have ended and are known
MOST_BYTES = 2**31  # that the files of all jobs of a kind take together that have ended; trainings keep checkpoints

_OF_WORKERS = ("EXPLORER_CHANNEL", "EXPLORER_FIRST", commons.FILE, commons.NUMBER)  # in their environment alone
# -P: from whatever folder it is started, no file there passes for a module
COMMAND = [sys.executable, "-P", str(places.PACKAGE / "service" / "__main__.py"), "job"]


def place() -> Path:
    """The folder of all jobs."""
    return places.CACHE / "jobs"


@contextmanager
def alone() -> Iterator[None]:
    """Change which jobs there are while nobody else does, in whatever process."""
    with _cannot_be_written():
        place().mkdir(mode=0o700, parents=True, exist_ok=True)
        held = os.open(place() / ".lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


@contextmanager
def new_folder() -> Iterator[Path]:
    """A folder for a job that is to begin, such as for what was uploaded for it. It goes again where none begins."""
    folder = place() / f"{time.time_ns():020}-{secrets.token_hex(8)}"
    with _cannot_be_written():
        folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        if not (folder / FACTS).exists():
            shutil.rmtree(folder, ignore_errors=True)


def start(folder: Path, name: str, question: Job, who: Somebody, key: str = "") -> JobRecord:
    """Have a question answered for somebody by a process of its own, in a new folder. It waits where as many run as may
    (--jobs), unless who begins it sits at this machine. Pages alone begin jobs, so no scopes of a token are kept.

    Raises UserError where the same is going on already, and for one more than may wait.
    """
    administrators = serving.settings().administrators or ""
    texts = tuple(question.write())
    job = JobRecord(folder, question.kind, name, who, question.name, texts, key, administrators)
    with alone():
        sweep()
        beside = [] if question.is_repeatable else going_on()
        same = [each for each in beside if (each.kind, each.name) == (job.kind, name)]
        if same and question.names_what_it_makes and not who.sees(same[0].belonging):
            raise UserError(_("The name “{name}” is taken. Take another name.", name=cut(name)))
        if same:
            raise UserError(_("{kind} of {name}: that is going on already.", kind=job.title, name=name))
        check_number(who)
        with _cannot_be_written():
            held = job.hold()
            try:
                _carry_out(job, held)
            except OSError:  # no process could be started: the job is none
                (folder / FACTS).unlink()
                raise
            finally:
                os.close(held)  # the process holds it from now on
    return job


def check_number(who: Somebody) -> None:
    """Raise UserError for somebody for whom as many jobs run or wait as may."""
    every = going_on()
    own = [each for each in every if each.who.owner == who.owner and each.who.kind is who.kind]
    if who.kind is Kind.HERE:
        return
    if len(own) >= MOST_OF_ONE:
        raise UserError(
            _(
                "{count} of your jobs run or wait. This server takes no more of one person. Wait until one of them "
                "ends, or cancel it.",
                count=len(own),
            )
        )
    if len(every) >= MOST:
        raise UserError(
            _(
                "{count} jobs run or wait, of all people. This server takes no more. Wait until one of them ends.",
                count=len(every),
            )
        )


def jobs(kind: str = "") -> list[JobRecord]:
    """All of a kind, or of all kinds, the oldest first."""
    every = [job for folder in _folders() if (job := JobRecord.at(folder))]
    return [job for job in every if kind in ("", job.kind)]


def going_on() -> list[JobRecord]:
    """All that run or wait, the oldest first; of what has ended, no more is read than that it has."""
    return [job for folder in _folders() if not has_ended(folder) and (job := JobRecord.at(folder)) and job.running]


def _folders() -> list[Path]:
    try:
        return sorted(folder for folder in place().iterdir() if not folder.name.startswith("."))
    except FileNotFoundError:
        return []


def find(id: str) -> JobRecord:
    """Raises NotThere for one that there is not."""
    if job := next((job for job in jobs() if job.id == id), None):
        return job
    raise NotThere(_("There is no job “{id}”. “explorer jobs” lists those that there are.", id=cut(id)))


def counts() -> dict[tuple[str, str], int]:
    """How many jobs of each kind run, and how many wait."""
    states = Counter((job.kind, job.state) for job in going_on())
    return {(kind, state): number for (kind, state), number in states.items() if state in (RUNNING, WAITING)}


def has_turn(job: JobRecord) -> bool:
    """Whether a job that waits may begin: no older one may that waits as well."""
    others = [each for each in going_on() if each != job]
    busy = [each for each in others if each.begun]

    def may(each: JobRecord) -> bool:
        free = each.who.kind is Kind.HERE or len(busy) < serving.settings().jobs
        return free and not (each.one_of_a_kind and any(other.kind == each.kind for other in busy))

    older = [each for each in others if not each.begun and each.id < job.id]
    return may(job) and (job.who.kind is Kind.HERE or not any(map(may, older)))


def ahead(job: JobRecord) -> int:
    """How many older jobs wait as well."""
    return sum(not each.begun and each.id < job.id for each in going_on())


def answer(kind: str, key: str) -> Any:
    """The last answer of a kind that has this key, as JSON, whoever asked for it; None where there is none."""
    for job in reversed(jobs(kind)):
        if job.key == key and (content := job.answer):
            return content
    return None


def sweep() -> None:
    """Delete what is known of jobs that have ended a day ago or longer, of all but the last of an owner, and of the
    oldest of a kind that take too much room; and what was uploaded for those that were cut off."""
    number: Counter[tuple[Kind, str]] = Counter()
    size: Counter[str] = Counter()
    for folder in reversed(_folders()):
        with suppress(OSError):  # one folder that cannot be read keeps none of the others
            if not folder.is_dir() or is_held(folder):
                continue
            job = JobRecord.at(folder)
            whose = (job.who.kind, job.who.owner) if job else None
            if whose:
                number[whose] += 1
            states = [path.stat() for path in (folder, *folder.iterdir())]
            kind = job.kind if job else ""
            size[kind] += sum(state.st_size for state in states)
            is_old = time.time() - max(state.st_mtime for state in states) > STALE
            if is_old or size[kind] > MOST_BYTES or (whose and number[whose] > MOST_KEPT):
                shutil.rmtree(folder, ignore_errors=True)
            elif job:
                job.delete_uploads()


def cancel_what_may_not_begin() -> None:
    """Cancel what waits of those who may not begin it any more, when a server starts: its settings say who may what.

    A job has the settings of the server that began it, so it cannot know. Whom a provider calls an administrator is not
    known before the next login, so jobs of administrators end wherever the setting has changed.
    """
    for job in going_on():
        other = job.administrators != (serving.settings().administrators or "")
        lost = not job.who.may(Right.CHANGE) or (job.who.kind is Kind.ADMINISTRATOR and other)
        if lost and not job.begun:
            with suppress(OSError):
                job.cancel(
                    _(
                        "{kind} of {name} was cancelled before it began: who may begin it has changed on this server. "
                        "Begin it again, if you may.",
                        kind=job.title,
                        name=job.name,
                    )
                )


def _carry_out(job: JobRecord, held: int) -> None:
    """Start the process of a job: it does not end with this one."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_WORKERS}
    with (job.folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*COMMAND, str(job.folder), str(held)],
            pass_fds=[held],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=environment,
        )
    threading.Thread(target=process.wait, name=job.name, daemon=True).start()  # else it stays a zombie


@contextmanager
def _cannot_be_written() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            _("The jobs in {place} cannot be written: {reason}.", place=place(), reason=error.strerror)
        ) from error
