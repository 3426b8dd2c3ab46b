"""What is being made, in hidden folders beside its place; and what processes that were killed have left of it."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_STALE = 24 * 3600  # seconds after which nobody is expected back
_ENDING = "-[a-z0-9_]{8}"
_PARTS = {  # a card is written last, so that what has one is no draft
    *("vectors.npy", "inverse_norms.npy", "counts.npy", "tag_codes.npy", "subwords.npy", "words.txt"),
    *("sentences.txt", "model", "sisters.npz"),
}
_IN_CACHE = re.compile(rf"(\..+|upload){_ENDING}|.+-[0-9a-f]{{12}}\.[0-9]+")  # conversions, uploads, indices


@contextmanager
def draft(place: Path) -> Iterator[Path]:
    """A new hidden folder beside `place`, to make in it what is then moved there; what is left of it is deleted.

    It is locked meanwhile, by which the sweeps tell it from what nobody makes any more.
    """
    folder = place.with_name(f".{place.name}-{secrets.token_hex(4)}")
    folder.mkdir(parents=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks: nothing is swept there either
            fcntl.flock(held, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(held)
        shutil.rmtree(folder, ignore_errors=True)


def sweep_models(models: Path, name: str = "") -> None:
    """Delete the drafts of models, of that name or of any, that were left in a folder a day ago or longer.

    The folder may hold whatever a user keeps there, so only what consists of parts of a model goes.
    """
    pattern = re.compile(rf"\.{re.escape(name) if name else '.+'}{_ENDING}")
    for path in _stale(models, pattern):
        with suppress(OSError):
            if _PARTS.issuperset(os.listdir(path)):
                _delete(path)


def sweep_cache(cache: Path) -> None:
    """Delete the drafts and uploads that were left in the cache a day ago or longer."""
    for path in _stale(cache, _IN_CACHE):
        with suppress(OSError):
            _delete(path)


def sweep_file(file: Path) -> None:
    """Delete the drafts of a file to be written, named .HEX-NAME, that were left a day ago or longer."""
    for path in _stale(file.parent, re.compile(rf"\.[0-9a-f]{{8}}-{re.escape(file.name)}")):
        with suppress(OSError):
            _delete(path)


def _stale(folder: Path, name: re.Pattern[str]) -> list[Path]:
    try:
        return [
            Path(entry.path)
            for entry in os.scandir(folder)
            if name.fullmatch(entry.name) and entry.stat(follow_symlinks=False).st_mtime < time.time() - _STALE
        ]
    except OSError:  # there is no such folder, or it is just being changed: the next sweep will do
        return []


def _delete(path: Path) -> None:
    """Delete a file or folder. Raises OSError where a process holds it, and for a link."""
    held = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
    finally:
        os.close(held)
