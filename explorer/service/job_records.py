"""The folder of a job, by which every process knows what it is, how far it is, and how it ended.

A job holds the lock of its folder for as long as it lives: where nobody does and no result stands there, its process
was cut off.
"""

from __future__ import annotations

import fcntl
import json
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
from explorer.texts import _

RUNNING, WAITING = "running", "waiting"
FACTS = "job.json"

_PROGRESS, _RESULT, _ANSWER = "progress.json", "result.json", "answer.json"
# Files by whose presence something is said
_LOCK, _BEGUN, _CANCEL, _INTERRUPT, _WAS_READ = "lock", "begun", "cancel", "interrupt", "read"
_OWN_FACTS = ("kind", "name", "question", "key", "one_of_a_kind")
_LOOKS = 0.02  # seconds between two looks at whether a job has ended
_WAITING, _BEGINNING = _("waiting"), _("beginning")
_BEGIN_AGAIN = _("Begin it again.")
_AFTERWARDS = {
    "Import": _("Nothing of it was kept: import the file again."),
    "Download": _("What was fetched is kept: download it again to go on."),
    "Comparison": _("Its finished runs are kept: choose it below and go on."),
}


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
        result = _read(self.folder / _RESULT)
        return ("failed" if result.get("problem") else "ended") if result else "cut off"

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
        if seconds < 90:
            return _("about {seconds:.0f} seconds left", seconds=seconds)
        return _("about {minutes:.0f} minutes left", minutes=seconds / 60)

    @property
    def progress(self) -> str:
        """How far it is, in words."""
        known = f"{self.stage}, {self.share:.0%}" if (self.folder / _PROGRESS).exists() else self.stage
        return "; ".join(filter(None, (known, self.left)))

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
        self.delete_uploads()

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
    def at(cls, folder: Path) -> Job | None:
        """The job of a folder; None where it is none yet, or none any more."""
        try:
            facts = _facts(folder / FACTS, (folder / FACTS).stat().st_mtime_ns)
            who = Somebody(Kind(facts["who"]["kind"]), facts["who"]["owner"], facts["who"]["name"])
            texts = tuple((name, text) for name, text in facts["texts"])
            return cls(folder, who=who, texts=texts, **{name: facts[name] for name in _OWN_FACTS})
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
