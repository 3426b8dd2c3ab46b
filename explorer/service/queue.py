"""The jobs of a server: each is a process of its own, and a folder in the cache that says what it is, how far, and how
it ended. So every process that serves sees the same jobs, also one that was started since, and none ends with it.

A job holds the lock of its folder for as long as it lives: where nobody does and no result stands there, its process
was cut off. `explorer.service.job` is the process.
"""

from __future__ import annotations

import fcntl
import json
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
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from explorer import places, rights, serving
from explorer.belongings import Belonging
from explorer.errors import NotThere, UserError, cut
from explorer.files import STALE
from explorer.questions.question import Question
from explorer.rights import Kind, Somebody
from explorer.service import commons
from explorer.texts import _

TRAINING = "Training"  # on a page: it has no process, but counts among those that run
RUNNING, WAITING = "running", "waiting"
MOST_OF_ONE, MOST = 5, 50  # jobs that run or wait, of one person and of all

_FACTS, _PROGRESS, _RESULT, _ANSWER = "job.json", "progress.json", "result.json", "answer.json"
# Files by whose presence something is said
_LOCK, _BEGUN, _CANCEL, _INTERRUPT, _WAS_READ = "lock", "begun", "cancel", "interrupt", "read"
_OF_WORKERS = ("EXPLORER_CHANNEL", "EXPLORER_FIRST", commons.FILE, commons.NUMBER)  # in their environment alone
_LOOKS = 0.02  # seconds between two looks at whether a job has ended
_WAITING = _("waiting")
_BEGIN_AGAIN = _("Begin it again.")
_AFTERWARDS = {
    "Import": _("Nothing of it was kept: import the file again."),
    "Download": _("What was fetched is kept: download it again to go on."),
    "Comparison": _("Its finished runs are kept: choose it below and go on."),
}
# -P: from whatever folder it is started, no file there passes for a module
COMMAND = [sys.executable, "-P", str(places.PACKAGE / "service" / "__main__.py"), "job"]


@dataclass(frozen=True)
class Job:
    """One piece of work, of a `kind` such as "Import", which makes something with a `name`, such as a model.

    `question` and `texts` say what is asked; `key` is what its answer is found by again, where it is to be. A job that
    is `one_of_a_kind` does not run beside another of its kind.
    """

    folder: Path
    kind: str = field(compare=False)
    name: str = field(compare=False)
    who: Somebody = field(compare=False)
    question: str = field(default="", compare=False)
    texts: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    key: str = field(default="", compare=False)
    one_of_a_kind: bool = field(default=False, compare=False)

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def belonging(self) -> Belonging:
        """Of what it makes."""
        return self.who.belonging

    @property
    def running(self) -> bool:
        """Whether it runs or waits."""
        return _is_held(self.folder / _LOCK)

    @property
    def begun(self) -> bool:
        """Whether it waits no more."""
        return (self.folder / _BEGUN).exists()

    @property
    def state(self) -> str:
        """In a word or two, for the command line and programs."""
        if self.running:
            return RUNNING if self.begun else WAITING
        result = _read(self.folder / _RESULT)
        return ("failed" if result.get("problem") else "ended") if result else "cut off"

    @property
    def stage(self) -> str:
        """What it does at the moment."""
        return str(_read(self.folder / _PROGRESS).get("stage", _WAITING))

    @property
    def share(self) -> float:
        """How much of that is done, from 0 to 1."""
        return float(_read(self.folder / _PROGRESS).get("share", 0.0))

    @property
    def left(self) -> str:
        """About how long it will take, such as "about 3 minutes left"; empty where nobody knows."""
        seconds = _read(self.folder / _PROGRESS).get("left")
        if seconds is None:
            return ""
        if seconds < 90:
            return _("about {seconds:.0f} seconds left", seconds=seconds)
        return _("about {minutes:.0f} minutes left", minutes=seconds / 60)

    @property
    def outcome(self) -> str:
        """How it ended, where it did as it should."""
        return str(_read(self.folder / _RESULT).get("outcome", ""))

    @property
    def problem(self) -> str:
        """Why it ended otherwise."""
        if self.running:
            return ""
        result = _read(self.folder / _RESULT)
        if result or not self.folder.exists():
            return str(result.get("problem", ""))
        sentence = _("{kind} of {name} was cut off: its process was ended.", kind=self.kind, name=self.name)
        return f"{sentence} {_AFTERWARDS.get(self.kind, _BEGIN_AGAIN)}"

    @property
    def cancelled(self) -> bool:
        return (self.folder / _CANCEL).exists()

    @property
    def was_read(self) -> bool:
        """Whether its owner knows how it ended."""
        return (self.folder / _WAS_READ).exists()

    def cancel(self) -> None:
        """Have it end at the next moment at which it can."""
        self._note(_CANCEL)

    @property
    def interrupted(self) -> bool:
        """Whether it is to end because its server does: its owner has not asked for it."""
        return (self.folder / _INTERRUPT).exists()

    def interrupt(self) -> None:
        self._note(_INTERRUPT)

    def begin(self) -> None:
        """Note that it waits no more."""
        self._note(_BEGUN)

    def mark_as_read(self) -> None:
        self._note(_WAS_READ)

    def tell(self, stage: str, share: float, left: float | None) -> None:
        """Say how far it is; `left` are seconds."""
        _write(self.folder / _PROGRESS, {"stage": stage, "share": share, "left": left})

    def end(self, outcome: str = "", problem: str = "", answer: Any = None) -> None:
        """Say how it ended, and delete what was uploaded for it."""
        if answer is not None:
            _write(self.folder / _ANSWER, answer)
        _write(self.folder / _RESULT, {"outcome": outcome, "problem": problem})
        _delete_uploads(self.folder)

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, so long at most; whether it has."""
        end = time.monotonic() + seconds
        while self.running:
            if time.monotonic() > end:
                return False
            time.sleep(_LOOKS)
        return True

    def _note(self, what: str) -> None:
        with suppress(FileNotFoundError):  # it has been swept away
            (self.folder / what).touch()


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
    folder = place() / f"{time.time_ns():020}-{secrets.token_hex(4)}"
    with _cannot_be_written():
        folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        if not (folder / _FACTS).exists():
            shutil.rmtree(folder, ignore_errors=True)


def start(
    folder: Path,
    kind: str,
    name: str,
    question: Question,
    who: Somebody,
    key: str = "",
    one_of_a_kind: bool = False,
) -> Job:
    """Have a question answered for somebody by a process of its own, in a new folder. It waits where as many run as may
    (--jobs), unless who begins it sits at this machine.

    Raises UserError where the same is going on already, and for one more than may wait.
    """
    job = Job(folder, kind, name, who, question.name, tuple(question.write()), key, one_of_a_kind)
    with alone():
        sweep()
        going_on = [each for each in jobs() if each.running]
        if any((each.kind, each.name) == (kind, name) for each in going_on):
            raise UserError(_("{kind} of {name}: that is going on already.", kind=kind, name=name))
        own = [each for each in going_on if each.who.owner == who.owner and each.who.kind is who.kind]
        if who.kind is not Kind.HERE and (len(own) >= MOST_OF_ONE or len(going_on) >= MOST):
            raise UserError(
                _(
                    "{own} of your jobs and {others} of others run or wait, and this server takes no more. Wait until "
                    "one ends, or cancel it.",
                    own=len(own),
                    others=len(going_on) - len(own),
                )
            )
        with _cannot_be_written():
            held = _hold(job)
            try:
                _carry_out(job, held)
            finally:
                os.close(held)  # the process holds it from now on
    return job


@contextmanager
def occupied(kind: str, name: str, who: Somebody) -> Iterator[Job]:
    """Have what this process does itself count as a job that runs, meanwhile."""
    with new_folder() as folder, _cannot_be_written():
        job = Job(folder, kind, name, who)
        held = _hold(job)
        try:
            job.begin()
            yield job
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


def jobs(kind: str = "") -> list[Job]:
    """All of a kind, or of all kinds, the oldest first."""
    try:
        folders = sorted(folder for folder in place().iterdir() if not folder.name.startswith("."))
    except FileNotFoundError:
        return []
    every = [job for folder in folders if (job := _job(folder))]
    return [job for job in every if kind in ("", job.kind)]


def find(id: str) -> Job:
    """Raises NotThere for one that there is not."""
    if job := next((job for job in jobs() if job.id == id), None):
        return job
    raise NotThere(_("There is no job “{id}”. “explorer jobs” lists those that there are.", id=cut(id)))


def counts() -> dict[tuple[str, str], int]:
    """How many jobs of each kind run, and how many wait."""
    states = Counter((job.kind, job.state) for job in jobs())
    return {(kind, state): number for (kind, state), number in states.items() if state in (RUNNING, WAITING)}


def count() -> int:
    """How many run."""
    return sum(number for (_kind, state), number in counts().items() if state == RUNNING)


def has_turn(job: Job) -> bool:
    """Whether a job that waits may begin: no older one may that waits as well."""
    others = [each for each in jobs() if each.running and each != job]
    busy = [each for each in others if each.begun]

    def may(each: Job) -> bool:
        free = each.who.kind is Kind.HERE or len(busy) < serving.settings().jobs
        return free and not (each.one_of_a_kind and any(other.kind == each.kind for other in busy))

    older = [each for each in others if not each.begun and each.id < job.id]
    return may(job) and (job.who.kind is Kind.HERE or not any(map(may, older)))


def answer(kind: str, key: str) -> Any:
    """The last answer of a kind that has this key, as JSON, whoever asked for it; None where there is none."""
    for job in reversed(jobs(kind)):
        if job.key == key and (content := _read(job.folder / _ANSWER)):
            return content
    return None


def sweep() -> None:
    """Delete what is known of jobs that have ended a day ago or longer, and what was uploaded for those that were cut
    off."""
    with suppress(OSError):
        for folder in place().iterdir():
            if folder.is_dir() and not _is_held(folder / _LOCK):
                last = max((path.stat().st_mtime for path in (folder, *folder.iterdir())), default=0.0)
                if time.time() - last > STALE:
                    shutil.rmtree(folder, ignore_errors=True)
                elif (folder / _FACTS).exists():
                    _delete_uploads(folder)


def _hold(job: Job) -> int:
    """Put a job in its folder; the open file whose lock says that it lives."""
    held = os.open(job.folder / _LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    who = {"kind": job.who.kind, "owner": job.who.owner, "name": job.who.name}
    facts = {name: getattr(job, name) for name in ("kind", "name", "question", "texts", "key", "one_of_a_kind")}
    _write(job.folder / _FACTS, facts | {"who": who})
    return held


def _carry_out(job: Job, held: int) -> None:
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


@lru_cache(maxsize=1024)
def _facts(file: Path, _state: int) -> dict[str, Any]:
    return _read(file)


def _job(folder: Path) -> Job | None:
    """The job of a folder; None where it is none yet, or none any more."""
    try:
        facts = _facts(folder / _FACTS, (folder / _FACTS).stat().st_mtime_ns)
        who = Somebody(rights.Kind(facts["who"]["kind"]), facts["who"]["owner"], facts["who"]["name"])
        texts = tuple((name, text) for name, text in facts["texts"])
        named = {name: facts[name] for name in ("kind", "name", "question", "key", "one_of_a_kind")}
        return Job(folder, who=who, texts=texts, **named)
    except (OSError, KeyError, TypeError, ValueError):
        return None


def _read(file: Path) -> dict[str, Any]:
    """What stands in a file; nothing, where there is none."""
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _write(file: Path, content: Any) -> None:
    """Write a file whole or not at all: a job alone writes it, in its own folder."""
    draft = file.with_name(f".{file.name}")
    draft.write_text(json.dumps(content), encoding="ascii")
    os.replace(draft, file)


def _is_held(file: Path) -> bool:
    """Whether a process holds the lock of a job. Who looks shares the lock, so that two who look do not see each
    other."""
    try:
        with file.open("rb") as own:
            fcntl.flock(own, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _delete_uploads(folder: Path) -> None:
    """What was uploaded for a job stands in folders within its own."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _cannot_be_written() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            _("The jobs in {place} cannot be written: {reason}.", place=place(), reason=error.strerror)
        ) from error
