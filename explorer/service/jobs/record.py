"""The folder of a job, by which every process knows what it is, how far it is, and how it ended.

A job holds the lock of its folder for as long as it lives: where nobody does and no result stands there, its process
was cut off.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from explorer.access.belongings import Belonging
from explorer.access.rights import Kind, Somebody
from explorer.errors import UserError
from explorer.questions import JOBS
from explorer.questions.jobs import Job
from explorer.texts import _, _n

_log = logging.getLogger(__name__)

RUNNING, WAITING = "running", "waiting"
FACTS = "job.json"

_PROGRESS, _RESULT, _ANSWER, _REASON = "progress.json", "result.json", "answer.json", "reason.json"
# Files by whose presence something is said
_LOCK, _BEGUN, _CANCEL, _INTERRUPT, _WAS_READ = "lock", "begun", "cancel", "interrupt", "read"
_NOT_WRITTEN = "ended"  # by which one ended well whose result found no room on the disk
_OWN_FACTS = ("kind", "name", "question", "key", "administrators")
_SECONDS_SAID = 90  # from then on minutes are
_LOOKS = 0.02  # seconds between two looks at whether a job has ended
_WAITING, _BEGINNING = _("waiting"), _("beginning")
_KINDS: dict[str, type[Job]] = {job.kind: job for job in JOBS.values() if job.kind}


@dataclass(frozen=True)
class JobRecord:
    """One piece of work, of a `kind` such as "Import", which makes something with a `name`, such as a model.

    `question` and `texts` say what is asked; `key` is what its answer is found by again, where it is to be;
    `administrators` is who administered the server when it was begun.
    """

    folder: Path
    kind: str = field(compare=False)
    name: str = field(compare=False)
    who: Somebody = field(compare=False)
    question: str = field(default="", compare=False)
    texts: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    key: str = field(default="", compare=False)
    administrators: str = field(default="", compare=False)

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def title(self) -> str:
        """Its kind, for people."""
        return self._declaration.called or self.kind

    @property
    def one_of_a_kind(self) -> bool:
        """Whether it does not run beside another of its kind."""
        return self._declaration.one_of_a_kind

    @property
    def stopping(self) -> str:
        """When it ends after it was cancelled."""
        return self._declaration.stopping

    @property
    def _declaration(self) -> type[Job]:
        return _KINDS.get(self.kind, Job)

    @property
    def asked(self) -> Job:
        """Its question. Raises UserError for one that this version does not have."""
        texts: dict[str, list[str]] = {}
        for name, text in self.texts:
            texts.setdefault(name, []).append(text)
        if self.question not in JOBS:
            raise UserError(_("This version of the program has no question “{name}”.", name=self.question))
        return JOBS[self.question].read(texts)

    @property
    def belonging(self) -> Belonging:
        """Of what it makes."""
        return self.who.belonging

    @property
    def running(self) -> bool:
        """Whether it runs or waits."""
        return is_held(self.folder)

    @property
    def begun(self) -> bool:
        """Whether it waits no more."""
        return (self.folder / _BEGUN).exists()

    @property
    def state(self) -> str:
        """In a word or two, for the command line and programs."""
        if self.running:
            return RUNNING if self.begun else WAITING
        if not (result := self._result):
            return "cut off"
        return "failed" if result.get("problem") else "cancelled" if result.get("was_cancelled") else "ended"

    @property
    def stage(self) -> str:
        """What it does at the moment."""
        return str(_read(self.folder / _PROGRESS).get("stage", _BEGINNING if self.begun else _WAITING))

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
        if seconds < _SECONDS_SAID:
            return _n("about {count} second left", "about {count} seconds left", max(1, round(seconds)))
        return _n("about {count} minute left", "about {count} minutes left", round(seconds / 60))

    @property
    def progress(self) -> str:
        """How far it is, in words."""
        share, beginning = self.share, self._declaration.beginning
        if self.begun and not share and beginning:
            return beginning
        known = f"{self.stage}, {share:.0%}" if (self.folder / _PROGRESS).exists() else self.stage
        return "; ".join(filter(None, (known, self.left)))

    @property
    def outcome(self) -> str:
        """How it ended, where it did as it should."""
        return str(self._result.get("outcome", ""))

    @property
    def cautions(self) -> bool:
        """Whether a reader should look closer at how it ended."""
        return bool(self._result.get("cautions"))

    @property
    def problem(self) -> str:
        """Why it ended otherwise."""
        if self.running:
            return ""
        result = self._result
        if result or not self.folder.exists():
            return str(result.get("problem", ""))
        sentence = _("{kind} of {name} was cut off: its process was ended.", kind=self.title, name=self.name)
        return f"{sentence} {self._declaration.cut_off}"

    @property
    def _result(self) -> dict[str, Any]:
        if result := _read(self.folder / _RESULT):
            return result
        if (self.folder / _NOT_WRITTEN).exists():
            return {"outcome": _("{kind} of {name} has ended.", kind=self.title, name=self.name)}
        return {}

    @property
    def answer(self) -> Any:
        """What its question was answered, as JSON, where it has a key; None otherwise."""
        return _read(self.folder / _ANSWER) or None

    @property
    def cancelled(self) -> bool:
        return (self.folder / _CANCEL).exists()

    @property
    def was_read(self) -> bool:
        """Whether its owner knows how it ended."""
        return (self.folder / _WAS_READ).exists()

    @property
    def reason(self) -> str:
        """Why the server cancelled it; empty where a person did."""
        return str(_read(self.folder / _REASON).get("reason", ""))

    def cancel(self, reason: str = "") -> None:
        """Have it end at the next moment at which it can; a server gives the reason."""
        if reason:
            _write(self.folder / _REASON, {"reason": reason})
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
        """Say how far it is; `left` are seconds. Where that cannot be written, the work goes on unheard."""
        with suppress(OSError):
            _write(self.folder / _PROGRESS, {"stage": stage, "share": share, "left": left})

    def keep(self, answer: Any) -> None:
        """Keep what its question was answered, as JSON. Raises OSError where it cannot be written."""
        _write(self.folder / _ANSWER, answer)

    def end(self, outcome: str = "", problem: str = "", was_cancelled: bool = False, cautions: bool = False) -> None:
        """Delete what was uploaded for it, which makes room on a full disk, and say how it ended."""
        with suppress(OSError):
            self.delete_uploads()
        try:
            result = {"outcome": outcome, "problem": problem, "was_cancelled": was_cancelled, "cautions": cautions}
            _write(self.folder / _RESULT, result)
        except OSError:
            _log.exception("The result of a job could not be written")
            if not problem:
                with suppress(OSError):
                    self._note(_NOT_WRITTEN)

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, so long at most; whether it has."""
        end = time.monotonic() + seconds
        while self.running:
            if time.monotonic() > end:
                return False
            time.sleep(_LOOKS)
        return True

    def hold(self) -> int:
        """Put it in its folder; the open file whose lock says that it lives."""
        held = os.open(self.folder / _LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
        fcntl.flock(held, fcntl.LOCK_EX)
        who = {"kind": self.who.kind, "owner": self.who.owner, "name": self.who.name}
        facts = {name: getattr(self, name) for name in (*_OWN_FACTS, "texts")}
        _write(self.folder / FACTS, facts | {"who": who})
        return held

    @classmethod
    def at(cls, folder: Path) -> JobRecord | None:
        """The job of a folder; None where it is none yet, or none any more."""
        try:
            facts = _facts(folder / FACTS, (folder / FACTS).stat().st_mtime_ns)
            who = Somebody(Kind(facts["who"]["kind"]), facts["who"]["owner"], facts["who"]["name"])
            texts = tuple((name, text) for name, text in facts["texts"])
            return cls(folder, who=who, texts=texts, **{name: facts.get(name, "") for name in _OWN_FACTS})
        except (OSError, KeyError, TypeError, ValueError):
            return None

    def delete_uploads(self) -> None:
        """What was uploaded for it stands in folders within its own."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)

    def _note(self, what: str) -> None:
        with suppress(FileNotFoundError):  # it has been swept away
            (self.folder / what).touch()


def has_ended(folder: Path) -> bool:
    """Whether a job has said how it ended; its process may live a moment longer."""
    return (folder / _RESULT).exists()


def is_held(folder: Path) -> bool:
    """Whether a process holds the lock of a job's folder. Who looks shares it, so that two who look do not see each
    other."""
    try:
        with (folder / _LOCK).open("rb") as own:
            fcntl.flock(own, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@lru_cache(maxsize=1024)
def _facts(file: Path, _state: int) -> dict[str, Any]:
    return _read(file)


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
