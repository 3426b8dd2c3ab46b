"""A file that somebody brought: unpacked on the way, read in small pieces, and never trusted."""

from __future__ import annotations

import errno
import re
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from explorer.embeddings.formats.letters import in_utf8
from explorer.embeddings.formats.others import PICKLE, PICKLE_NAMES, other
from explorer.embeddings.formats.packing import DAMAGE, unpacked
from explorer.embeddings.formats.report import Report
from explorer.errors import Cancelled, UserError
from explorer.texts import _

LARGEST = 32 * 2**30  # bytes that a compressed file may unpack to: several times the largest vectors in use
LONGEST_LINE = 2**20  # bytes; a row of 10,000 dimensions has a quarter of it
MOST_EMPTY = 1_000_000  # lines; a gzip file of a few kB can hold millions
_PIECE = 2**23  # bytes of lines between two steps
_HEAD = 512
_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:sep=[,;\t|]\r?\n)?")  # a byte order mark; what tells Excel the separator
_BUFFER = 2**18


class FormatError(UserError):
    """A file of vectors that cannot be read; the message says which and why."""


def empty(name: str) -> FormatError:
    """The sentence for a file without anything in it."""
    return FormatError(
        _(
            "{name} is empty: nothing was written to it, or its download failed. Save it again with the program that "
            "makes it, or get it again.",
            name=name,
        )
    )


class Source:
    """The unpacked bytes of a file, see `packing`, without what some programs begin text with.

    Between pieces, readers call `step`, which tells `progress` the share of the file that was read (0 to 1), or one
    that the reader knows better, raises Cancelled when `cancelled` says so, and FormatError when more was unpacked
    than `largest` bytes.
    """

    def __init__(
        self,
        path: Path,
        progress: Callable[[float], None] = lambda share: None,
        cancelled: Callable[[], bool] = lambda: False,
        largest: int = LARGEST,
        strict: bool = True,
    ) -> None:
        self.path, self.name = path, path.name
        self.report = Report(strict)
        self._progress, self._cancelled, self._largest = progress, cancelled, largest
        self._size = path.stat().st_size
        self._file = path.open("rb", buffering=_BUFFER)
        try:
            stream, packed = unpacked(self._file, self.name)
            self.stream = in_utf8(stream)
        except BaseException as error:
            self._file.close()
            if isinstance(error, UserError):
                raise FormatError(str(error)) from error
            raise
        if len(packed) > len(set(packed)):
            self.report.say(_("{name} is packed more than once: {packed}.", name=self.name, packed=", ".join(packed)))
        self._start = 0
        self._before = 0  # lines before the rows, where each line is a row …
        self._empty: list[int] = []  # … and for each empty line since, how many rows stand before it
        self._copy: BinaryIO | None = None  # of a packed file, where one has to be made

    @property
    def is_packed(self) -> bool:
        return self.stream is not self._file

    def close(self) -> None:
        self.stream.close()
        self._file.close()
        if self._copy:
            self._copy.close()

    def step(self, share: float | None = None) -> None:
        if self._cancelled():
            raise Cancelled(_("The import of {name} was cancelled; nothing of it was kept.", name=self.name))
        self._check(self.stream.tell())
        self._progress(self._file.tell() / self._size if share is None else share)

    def rewind(self) -> None:
        """Back to the first byte."""
        self.stream.seek(self._start)

    def head(self) -> bytes:
        """The first bytes, which are also the next to be read."""
        self.stream.seek(0)
        head = self.stream.read(_HEAD)
        self._start = start.end() if (start := _START.match(head)) else 0
        self.rewind()
        return head[self._start :]

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes. Raises FormatError where the file ends before."""
        data = self.stream.read(size)
        if len(data) < size:
            raise self.cut_short()
        return data

    def line(self) -> bytes:
        """The next line with its end, or nothing after the last. Raises FormatError for one that does not end."""
        line = self.stream.readline(LONGEST_LINE)
        if len(line) == LONGEST_LINE:
            raise self._endless()
        return line

    def lines(self, share: float | None = None) -> Iterator[bytes]:
        """The lines that are left; between some of them it steps, to `share` as `step` does."""
        unpacked = empty = 0
        for line in iter(self.line, b""):
            yield line
            unpacked += len(line)
            empty += line.isspace()
            if empty > MOST_EMPTY:
                raise self._blank()
            if unpacked > _PIECE:
                unpacked = 0
                self.step(share)

    def count_lines_before(self, start: int) -> None:
        """Let the report name the line of a row, as each line from byte `start` on is one, or empty."""
        self.stream.seek(0)
        self._before = self.stream.read(start).count(b"\n")
        self.report.line_of = lambda row: self._before + row + bisect_right(self._empty, row) + 1

    def pieces(self, rows: int, longest: int) -> Iterator[list[bytes]]:
        """The lines that are left, without the empty ones: so many at a time, or fewer where they are long.

        Raises FormatError for one of more than `longest` bytes.
        """
        count = empty = unpacked = 0
        self._empty.clear()
        while piece := self.stream.read(_BUFFER):
            lines = BytesIO(piece + self.stream.readline(LONGEST_LINE)).readlines()
            some = [line for line in lines if not line.isspace()]
            if len(some) < len(lines):
                blank = [place for place, line in enumerate(lines) if line.isspace()]
                self._empty += [count + place - before for before, place in enumerate(blank)]
            if (length := max(map(len, some), default=0)) >= LONGEST_LINE:
                raise self._endless()
            if length > longest:
                place = next(place for place, line in enumerate(some) if len(line) > longest)
                raise FormatError(
                    _(
                        "{where} of {name} has {line:,} bytes, too many for a word and its numbers: it is "
                        "damaged, or its numbers have too many digits.",
                        where=self.report.place(count + place).capitalize(),
                        name=self.name,
                        line=len(some[place]),
                    )
                )
            empty += len(lines) - len(some)
            if empty > MOST_EMPTY:
                raise self._blank()
            for first in range(0, len(some), rows):
                yield some[first : first + rows]
            count += len(some)
            unpacked += len(piece)
            if unpacked > _PIECE:
                unpacked = 0
                self.step()

    def _endless(self) -> FormatError:
        return FormatError(
            _(
                "{name} has a line of more than {longest_line:,} bytes: it holds no rows of vectors.",
                name=self.name,
                longest_line=LONGEST_LINE,
            )
        )

    def _blank(self) -> FormatError:
        return FormatError(
            _("{name} has more than {most_empty:,} empty lines: it is damaged.", name=self.name, most_empty=MOST_EMPTY)
        )

    def holds(self, size: int) -> bool:
        """Whether the file really has so many bytes, however it is packed; moves to where they end.

        Raises FormatError for more than may be unpacked.
        """
        if size > 0:
            self._check(size)
            self.stream.seek(size - 1)
            return len(self.stream.read(1)) == 1
        return True

    def seekable(self) -> BinaryIO:
        """The unpacked bytes as a file that can be read from its end, as tables of Arrow are."""
        self.stream.seek(0)
        if not self.is_packed:
            return self._file
        self._copy = copy = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115  see close
        while data := self.stream.read(_BUFFER):
            copy.write(data)
            self.step(0.0)
        copy.seek(0)
        return copy

    def size(self) -> int:
        """How many bytes it unpacks to. Raises FormatError for more than it may."""
        if not self.is_packed:
            return self._size
        self.rewind()
        while self.stream.read(_BUFFER):
            self.step(0.0)
        return self.stream.tell()

    def _check(self, size: int) -> None:
        if self.is_packed and size > self._largest:
            raise FormatError(
                _(
                    "{name} unpacks to more than {largest:.3g} GB. If that is meant, unpack it first "
                    "and import the file in it.",
                    name=self.name,
                    largest=self._largest / 2**30,
                )
            )

    def cut_short(self) -> FormatError:
        return FormatError(_("{name} ends before it should: it was cut short. Get the file again.", name=self.name))


@contextmanager
def open_source(
    path: Path,
    progress: Callable[[float], None] = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
    largest: int = LARGEST,
    strict: bool = True,
) -> Iterator[Source]:
    """A file to read. Whatever is wrong with it, when it is opened or later, raises FormatError."""
    if path.is_dir():
        raise FormatError(_("{path} is a folder: name the file of vectors in it.", path=path))
    if path.suffix in PICKLE_NAMES:
        raise FormatError(PICKLE.sentence(path.name))
    with _as_format_errors(path.name):
        try:
            if not path.exists():
                raise FormatError(_("There is no file {path}.", path=path))
            if not path.is_file():
                raise FormatError(_("{path} is not a regular file.", path=path))
            if path.stat().st_size == 0:
                raise empty(path.name)
            source = Source(path, progress, cancelled, largest, strict)
        except OSError as error:
            if error.errno is None:
                raise
            raise FormatError(_("{path} cannot be opened: {reason}.", path=path, reason=error.strerror)) from error
        try:
            if not (head := source.head()):
                raise empty(path.name)
            if kind := other(head):
                raise FormatError(kind.sentence(path.name))
            yield source
        finally:
            source.close()


@contextmanager
def _as_format_errors(name: str) -> Iterator[None]:
    """What unpackers raise as a FormatError; an error of the system, such as a disk that is full, stays what it is."""
    try:
        yield
    except EOFError as error:
        raise FormatError(
            _("{name} ends before it should: it was cut short. Get the file again.", name=name)
        ) from error
    except (*DAMAGE, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):  # as a place before the first byte
            raise
        raise FormatError(
            _("{name} is damaged and cannot be unpacked: {error}. Get the file again.", name=name, error=error)
        ) from error
