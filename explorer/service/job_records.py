"""What a job leaves when its process ends before it: a file, locked as long as the job runs, by which who began it is
told afterwards, also by a server that was started since."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from explorer.belongings import Belonging
from explorer.errors import UserError
from explorer.toml_text import read_toml

_FOLDER = "jobs"  # in the cache


@dataclass(eq=False)
class Record:
    """A job that runs; its file is deleted when it ends, unless it is `kept`."""

    kept: bool = False


@dataclass(frozen=True)
class Interrupted:
    """A job whose process ended before it."""

    file: Path
    kind: str
    name: str
    belonging: Belonging


@contextmanager
def recorded(cache: Path, kind: str, name: str, belonging: Belonging) -> Iterator[Record]:
    """Have a file say that a job runs. Where it cannot be written, the job runs without."""
    record, id = Record(), secrets.token_hex(8)
    file, draft = cache / _FOLDER / f"{id}.toml", cache / _FOLDER / f".{id}"
    held = -1
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(held, fcntl.LOCK_EX)
        os.write(held, tomli_w.dumps({"kind": kind, "name": name, **belonging.entries}).encode())
        os.rename(draft, file)
    try:
        yield record
    finally:
        if not record.kept:
            file.unlink(missing_ok=True)
        if held >= 0:
            os.close(held)


def interrupted(cache: Path, kind: str, owner: str) -> list[Interrupted]:
    """The jobs of a kind that somebody had begun and that nobody carries out any more."""
    found = []
    for file in sorted((cache / _FOLDER).glob("*.toml")):
        with suppress(OSError, UserError):
            if not _is_held(file):
                entries = {name: str(value) for name, value in read_toml(file, str(file)).items()}
                belonging = Belonging(entries.get("owner", ""), entries.get("person", ""))
                if entries.get("kind") == kind and belonging.owner == owner:
                    found.append(Interrupted(file, kind, entries.get("name", ""), belonging))
    return found


def running(cache: Path, kind: str) -> list[str]:
    """What the jobs of a kind make that a process carries out."""
    names = []
    for file in (cache / _FOLDER).glob("*.toml"):
        with suppress(OSError, UserError):
            if _is_held(file):
                entries = read_toml(file, str(file))
                names += [str(entries.get("name", ""))] * (entries.get("kind") == kind)
    return names


def forget(job: Interrupted) -> None:
    """Who began it has been told."""
    job.file.unlink(missing_ok=True)


def _is_held(file: Path) -> bool:
    """Whether a process holds it, and carries the job out."""
    with file.open("rb") as own:
        try:
            fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
