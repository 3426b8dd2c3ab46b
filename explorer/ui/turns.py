"""Runs of pages take turns in a process: first come, first served.

Runs that compute at the same time take the interpreter from each other, and all end late: of ten that take 30 ms each,
all end after 300 ms; in turn, the first ends after 30 ms, and half of them within 150.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST = 0.2
"""Seconds after which the next run begins beside one that still computes, or waits for something itself."""


class _Turn:
    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()
        self.since = 0.0

    def begin(self) -> None:
        self.since = time.monotonic()
        self.begun.set()


class Turns:
    """A line of threads. Whatever happens in a turn, the next one begins at most `longest` seconds after it."""

    def __init__(self, longest: float = LONGEST) -> None:
        self._longest = longest
        self._joining = threading.Lock()
        self._inside = threading.local()
        self._last = _Turn()
        self._last.begin()
        self._last.ended.set()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Inside, it is this thread's turn; a turn within a turn is part of it."""
        if getattr(self._inside, "turn", None):
            yield
            return
        self._inside.turn = own = _Turn()
        with self._joining:
            before, self._last = self._last, own
        try:
            before.begun.wait()
            before.ended.wait(max(0.0, before.since + self._longest - time.monotonic()))
            own.begin()
            yield
        finally:
            self._inside.turn = None
            own.begun.set()
            own.ended.set()


turn = Turns().turn
