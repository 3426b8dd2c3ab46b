"""What the workers of a server have in common: a piece of memory, in which each has numbers of its own, and which holds
what is left of the requests of each address. A server of one process has it for itself."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import IO

FILE = "EXPLORER_COMMONS"  # in the environment of a worker: the open file that is the memory
NUMBER = "EXPLORER_WORKER"  # and which one it is
MOST_WORKERS = 64
FILES, COMING = KINDS = range(2)  # numbers: bytes of files that are held, and on their way
# What is changed by one at a time: what is left of the requests, which files are on their way.
BUCKETS, RECEIVING = PARTS = range(2)
SLOTS = 16_384

_NUMBER = struct.Struct("=d")
SLOT = struct.Struct("=Qdd")
_SLOTS_BEGIN = len(KINDS) * MOST_WORKERS * _NUMBER.size
_SIZE = _SLOTS_BEGIN + SLOTS * SLOT.size


def new() -> IO[bytes]:
    """A file for the memory of workers."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  who asks closes it
    file.truncate(_SIZE)
    return file


class Commons:
    """The memory, as the worker of a number sees it."""

    def __init__(self, file: int | None = None, number: int = 0) -> None:
        self._file, self.number = file, number
        self._memory = mmap.mmap(-1 if file is None else file, _SIZE)
        self._holding = [threading.Lock() for _ in PARTS]
        for kind in KINDS:  # what a worker that was killed has left
            self.say(kind, 0)

    @contextmanager
    def alone(self, part: int) -> Iterator[None]:
        """Change one of the parts while nobody else does, in whatever process."""
        with self._holding[part]:
            if self._file is not None:
                fcntl.lockf(self._file, fcntl.LOCK_EX, 1, part)
            try:
                yield
            finally:
                if self._file is not None:
                    fcntl.lockf(self._file, fcntl.LOCK_UN, 1, part)

    def say(self, kind: int, number: float) -> None:
        """Tell the others a number of this worker's own."""
        _NUMBER.pack_into(self._memory, self._place(kind, self.number), number)

    def of_others(self, kind: int) -> float:
        """The sum of the other workers' numbers."""
        others = (worker for worker in range(MOST_WORKERS) if worker != self.number)
        return float(sum(_NUMBER.unpack_from(self._memory, self._place(kind, worker))[0] for worker in others))

    def slot(self, place: int) -> tuple[int, float, float]:
        """What stands in one of the slots; zeros where nobody has written."""
        key, first, second = SLOT.unpack_from(self._memory, _SLOTS_BEGIN + place * SLOT.size)
        return key, first, second

    def fill(self, place: int, key: int, first: float, second: float) -> None:
        """Write into a slot."""
        SLOT.pack_into(self._memory, _SLOTS_BEGIN + place * SLOT.size, key, first, second)

    @staticmethod
    def _place(kind: int, worker: int) -> int:
        return (kind * MOST_WORKERS + worker) * _NUMBER.size


def is_worker() -> bool:
    """Whether this process is one of several that serve."""
    return FILE in os.environ


@cache
def commons() -> Commons:
    """The memory of this process and its sisters."""
    file = os.environ.get(FILE)
    return Commons(int(file), int(os.environ[NUMBER])) if file else Commons()
