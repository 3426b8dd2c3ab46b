"""A stream that is made piece by piece, as what is unpacked or put in other letters is."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from typing_extensions import Buffer

PIECE = 2**18


class _Forwards(io.RawIOBase):
    """The pieces one after the other; to go back, they begin again."""

    def __init__(self, pieces: Callable[[], Iterator[bytes]]) -> None:
        self._pieces = pieces
        self._begin()

    def _begin(self) -> None:
        self._rest, self._piece, self._position = self._pieces(), memoryview(b""), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        while not self._piece:
            if (piece := next(self._rest, None)) is None:
                return 0
            self._piece = memoryview(piece)
        size = min(len(view), len(self._piece))
        view[:size], self._piece = self._piece[:size], self._piece[size:]
        self._position += size
        return size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation
        if offset < self._position:
            self._begin()
        while self._position < offset and self.read(min(PIECE, offset - self._position)):
            pass
        return self._position

    def tell(self) -> int:
        return self._position


def stream_of(pieces: Callable[[], Iterator[bytes]]) -> BinaryIO:
    """A stream of what `pieces` yields, which is called again whenever somebody goes back."""
    return cast(BinaryIO, io.BufferedReader(_Forwards(pieces), PIECE))
