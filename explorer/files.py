"""Files and folders that are written whole or not at all; and what processes that were killed have left of them.

What is being made stands under a hidden name beside its place, and takes the place when it is complete: whoever reads
meanwhile, or after a kill, sees what was there before.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from explorer.errors import UserError
from explorer.texts import _

STALE = 24 * 3600  # seconds after which nobody is expected back


def check_place(place: Path, problem: type[UserError] = UserError) -> None:
    """Raises a `problem` unless nothing is at a place and there is a folder to write it into."""
    try:
        if place.exists():
            raise problem(_("{place} is there already. Give another name, or delete it first.", place=place))
        if not place.parent.is_dir():
            raise problem(
                _(
                    "There is no folder {parent} to write {name} into. Make it first.",
                    parent=place.parent,
                    name=place.name,
                )
            )
    except OSError as error:
        raise problem(_("{place} cannot be written: {reason}.", place=place, reason=error.strerror)) from error


def write_file(place: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises UserError where it cannot be written."""
    try:
        with whole(place) as draft:
            draft.write_bytes(content)
    except OSError as error:
        raise UserError(_("{place} cannot be written: {reason}.", place=place, reason=error.strerror)) from error


@contextmanager
def whole(place: Path) -> Iterator[Path]:
    """A name to write a file to, which takes the place of `place` once it is complete, and is deleted otherwise.

    Each process has one such name for a place. Raises OSError where it cannot take the place.
    """
    sweep(place.parent, re.compile(rf"\.{re.escape(place.name)}-[0-9]+"))
    draft = place.with_name(f".{place.name}-{os.getpid()}")
    try:
        yield draft
        os.replace(draft, place)
    finally:
        with suppress(OSError):  # it may never have been made, for a folder that is none or a name that is too long
            draft.unlink()


@contextmanager
def parents(place: Path) -> Iterator[None]:
    """The folders above `place`, made where they are missing; those in which nothing comes to stand are taken away
    again. Raises OSError where one cannot be made."""
    missing = [folder for folder in place.parents if not folder.exists()]  # the deepest first
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):  # the first that is not empty, and so are those above it
            for folder in missing:
                folder.rmdir()


@contextmanager
def whole_folder(place: Path) -> Iterator[Path]:
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


def sweep(
    folder: Path, name: re.Pattern[str], is_draft: Callable[[Path], bool] = lambda path: True, stale: int = STALE
) -> None:
    """Delete the drafts in a folder, whose names match, that were left a day ago or longer, or so many seconds, and
    that nobody holds."""
    for path in _stale(folder, name, stale):
        with suppress(OSError):
            if is_draft(path):
                _delete(path)


def _stale(folder: Path, name: re.Pattern[str], stale: int) -> list[Path]:
    try:
        return [
            Path(entry.path)
            for entry in os.scandir(folder)
            if name.fullmatch(entry.name) and entry.stat(follow_symlinks=False).st_mtime < time.time() - stale
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
