"""A table that somebody brought: CSV with commas, semicolons or tabs, JSON Lines or Parquet, told apart by content."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from explorer.errors import UserError, cut, named
from explorer.texts import _, _n
from explorer.writing.json_lines import object_of

LARGEST = 2 * 2**30  # bytes that a file may unpack to
_LONGEST_CELL = 2**20  # characters; a quotation mark that is never closed makes a cell of the rest of the file
_LONGEST_REASON = 200  # characters of what a library says
_LONGEST_LINE = 2**24  # characters of a JSON object
_BATCH = 1_000  # rows of Parquet that are in memory at once
_UNREADABLE = (OSError, EOFError, lzma.LZMAError, zlib.error)  # what unpacking a damaged file raises
_SAMPLE = 2**16  # bytes that tell the format
_DELIMITERS = ("\t", ",", ";")
_PACKED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
_BYTE_ORDERS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_PLAIN = re.compile(r"\.txt(\.(gz|bz2|xz))?$", re.IGNORECASE)
FORMATS = ("csv", "tsv", "jsonl", "parquet")
"""The usual endings of what is read; the content decides."""

csv.field_size_limit(_LONGEST_CELL)  # the process has one limit for all readers, so none sets it while it reads


class TableError(UserError):
    """A table that cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Table:
    """The columns of a file by their names, and its format."""

    path: Path
    name: str  # what errors call it
    format: str  # "CSV", "JSON Lines" or "Parquet"
    columns: tuple[str, ...]
    delimiter: str = ""
    quoted: bool = True  # whether cells may stand between quotation marks
    encoding: str = "utf-8-sig"

    def rows(self, *columns: str) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The cells of these columns, row after row, each with the number of its row (from 1, the header not counted).

        Raises TableError for a column that is not there, and for the first row that cannot be read.
        """
        for column in columns:
            if column not in self.columns:
                raise TableError(
                    _(
                        "{name} has no column “{column}”. It has {columns}.",
                        name=self.name,
                        column=cut(column),
                        columns=named([cut(each, 40) for each in self.columns]),
                    )
                )
        rows = {"CSV": self._cells, "JSON Lines": self._entries, "Parquet": self._batches}[self.format](columns)
        mixed = False
        try:
            for number, cells in enumerate(rows, start=1):
                if (longest := max(map(len, cells), default=0)) > _LONGEST_CELL:
                    raise TableError(
                        _(
                            "{name}, row {row} has a cell of {count:,} characters, but may have {most:,}. Shorten it.",
                            name=self.name,
                            row=number,
                            count=longest,
                            most=_LONGEST_CELL,
                        )
                    )
                if not all(map(str.isascii, cells)):
                    for cell in cells:
                        _check_text(self.name, number, cell, mixed)
                    mixed = True
                    cells = tuple(cell.encode(errors="replace").decode() for cell in cells)  # JSON has half letters
                yield number, cells
        except UnicodeDecodeError as error:  # UTF-16 that ends within a letter
            raise _damaged(self.name, error) from error

    def _cells(self, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        places = [self.columns.index(column) for column in columns]
        try:
            with _opened(self.path) as raw:
                lines = io.TextIOWrapper(_counted(raw, self.name), self.encoding, "surrogateescape", newline="")
                reader = _reader(lines, self.delimiter, self.quoted)
                next(row for row in reader if row)
                first = reader.line_num + 1
                for row in reader:
                    if row and len(row) != len(self.columns):
                        raise _ragged(self.name, first, reader.line_num, len(row), len(self.columns))
                    if row:
                        yield tuple(row[place].strip() for place in places)
                    first = reader.line_num + 1
        except csv.Error as error:
            raise TableError(
                _(
                    "{name} is no CSV that can be read: {error}. Perhaps a quotation mark is not closed.",
                    name=self.name,
                    error=error,
                )
            ) from error

    def _entries(self, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        with _opened(self.path) as raw:
            lines = io.TextIOWrapper(_counted(raw, self.name), self.encoding, "surrogateescape", newline="\n")
            for number, line in enumerate(iter(lambda: lines.readline(_LONGEST_LINE), ""), start=1):
                if not line.strip():
                    continue
                entry = object_of(line)
                if entry is None:
                    raise TableError(
                        _(
                            "{name}, line {number} is no JSON object. JSON Lines have one on each line.",
                            name=self.name,
                            number=number,
                        )
                    )
                yield tuple(_as_text(entry.get(column)) for column in columns)

    def _batches(self, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(_BATCH, columns=list(dict.fromkeys(columns))):
                    cells = batch.to_pydict()
                    for row in zip(*(cells[column] for column in columns), strict=True):
                        yield tuple(map(_as_text, row))
        except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
            raise _cut_short(self.name) from error


def open_table(path: Path, name: str = "") -> Table:
    """The table of a file, packed by gzip, bzip2 or xz or not; errors call it by `name`, or as the file is called.
    Raises TableError for one that is missing, empty, or none of these formats."""
    name = name or path.name
    head = _head(path, name)
    if head.startswith(b"PAR1"):
        return _parquet(path, name)
    text, encoding = _beginning(head)
    if _is_binary(head, text):
        raise TableError(_("{name} is no text, nor Parquet. Save a spreadsheet as CSV, in UTF-8.", name=name))
    first = re.split("[\r\n]", text, maxsplit=1)[0].strip()
    if not first:
        raise TableError(_("{name} is empty. The first line has to name the columns.", name=name))
    if first.startswith(("{", "[")):
        entry = object_of(first)
        if entry is None:
            raise TableError(
                _("{name} begins as JSON, but not as JSON Lines: write one object on each line.", name=name)
            )
        return Table(path, name, "JSON Lines", _keys(text), encoding=encoding)
    delimiter = max(_DELIMITERS, key=first.count)
    quoted = delimiter != "\t" or _quotes_cells(text, delimiter)
    cells = next(_reader([first.replace("\ufeff", "")], delimiter, quoted))  # joined files have marks of byte order
    columns = _columns([cell.strip() for cell in cells])
    for column in columns:
        if not column.isascii():
            _check_text(name, 0, column, False)
    if twice := next((column for column in columns if columns.count(column) > 1), None):
        raise TableError(_("{name} has two columns “{column}”. Name each once.", name=name, column=cut(twice)))
    return Table(path, name, "CSV", columns, delimiter, quoted, encoding)


def _columns(cells: Sequence[str]) -> tuple[str, ...]:
    """The names of columns. One without a name, such as pandas' index, is called by its place, as no other is."""
    columns = []
    for number, cell in enumerate(cells, start=1):
        name = cell or _("column {number}", number=number)
        while not cell and name in cells:
            name = f"({name})"
        columns.append(name)
    return tuple(columns)


def _keys(text: str) -> tuple[str, ...]:
    """Those of the objects in the first lines, in which not every one has all; the last line may be cut off."""
    entries = filter(None, map(object_of, text.split("\n")))
    return tuple(dict.fromkeys(key for entry in entries for key in entry if key))


def is_plain_text(path: Path, name: str = "", columns: Iterable[str] = ()) -> bool:
    """Whether a file is text rather than a table: it ends in .txt, packed or not, and its first line has neither a tab
    nor these columns. Raises TableError for a file that is missing or damaged."""
    name = name or path.name
    if not _PLAIN.search(name):
        return False
    first = re.split("[\r\n]", _beginning(_head(path, name))[0], maxsplit=1)[0]
    cells = {cell.strip() for delimiter in _DELIMITERS for cell in first.split(delimiter)}
    return "\t" not in first and not (columns and cells.issuperset(columns))


def text_lines(path: Path, name: str = "") -> Iterator[str]:
    """The lines of a plain text, packed or not; errors call it by `name`, or as the file is called. Raises TableError
    for a file that is missing, damaged, or no text in UTF-8 or UTF-16."""
    name = name or path.name
    head = _head(path, name)
    text, encoding = _beginning(head)
    if head.startswith(b"PAR1") or _is_binary(head, text):
        raise TableError(_("{name} is no plain text. Save it as text, in UTF-8.", name=name))
    mixed = False
    try:
        with _opened(path) as raw:
            lines = io.TextIOWrapper(_counted(raw, name), encoding, "surrogateescape")
            for number, line in enumerate(iter(lambda: lines.readline(_LONGEST_LINE), ""), start=1):
                if not line.isascii():
                    _check_text(name, number, line, mixed, _("line"))
                    mixed = True
                if "\0" in line:
                    raise TableError(
                        _("{name} is no plain text: line {number} has a zero byte.", name=name, number=number)
                    )
                yield line.rstrip("\n")
    except UnicodeDecodeError as error:  # UTF-16 that ends within a letter
        raise _damaged(name, error) from error


def _head(path: Path, name: str) -> bytes:
    """The first bytes of a file, unpacked."""
    if not path.is_file():
        raise TableError(_("There is no file at {path}. Give the path of a table of texts.", path=path))
    try:
        with _opened(path) as raw:
            return raw.read(_SAMPLE)
    except _UNREADABLE as error:
        raise _damaged(name, error) from error


def _beginning(head: bytes) -> tuple[str, str]:
    """The text that first bytes are, from its first line that is not empty on, and its encoding."""
    encoding = next((order for mark, order in _BYTE_ORDERS.items() if head.startswith(mark)), "utf-8-sig")
    text = head.decode(encoding, "surrogateescape" if encoding == "utf-8-sig" else "replace")
    return text.lstrip("\n\r"), encoding


def _is_binary(head: bytes, text: str) -> bool:
    return head.startswith(b"PK\x03\x04") or "\0" in text


def _parquet(path: Path, name: str) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            return Table(path, name, "Parquet", tuple(filter(None, file.schema_arrow.names)))
    except (pa.ArrowException, OSError) as error:
        raise _cut_short(name) from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked."""
    with path.open("rb") as file:
        head = file.read(8)
    unpack: Any = next((each for magic, each in _PACKED.items() if head.startswith(magic)), open)
    with unpack(path, "rb") as raw:
        yield raw


def _counted(raw: IO[bytes], name: str) -> IO[bytes]:
    """The bytes, of which no more are read than LARGEST: a packed file of a few kB can hold any number."""

    class Counted(io.RawIOBase):
        read_bytes = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            try:
                data = raw.read(len(buffer))
            except _UNREADABLE as error:
                raise _damaged(name, error) from error
            self.read_bytes += len(data)
            if self.read_bytes > LARGEST:
                raise TableError(
                    _("{name} has more than {largest} GB. Take a part of it.", name=name, largest=LARGEST // 2**30)
                )
            buffer[: len(data)] = data
            return len(data)

    return io.BufferedReader(Counted(), 2**18)


def _reader(lines: Iterable[str], delimiter: str, quoted: bool) -> Any:
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)


def _quotes_cells(text: str, delimiter: str) -> bool:
    """Whether the rows are whole where quotation marks hold cells together; between tabs they are often plain marks."""
    rows = []
    try:
        for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True):
            rows.append(len(row))
    except csv.Error as error:
        if "unexpected end" not in str(error):
            return False
    return len(set(rows[:-1])) < 2


def _check_text(name: str, number: int, cell: str, mixed: bool, unit: str = _("row")) -> None:
    """Raise TableError for a cell or a line with bytes that are no UTF-8."""
    wrong = next((character for character in cell if "\udc80" <= character <= "\udcff"), "")
    if not wrong:
        return
    where, byte = cell.index(wrong), ord(wrong) - 0xDC00
    before = cell[max(0, where - 20) : where].encode("utf-8", "replace").decode()
    kind = (
        _("What stands before it is UTF-8, so the file mixes encodings.")
        if mixed
        else _("The file seems to be in another encoding, such as Windows-1252.")
    )
    raise TableError(
        _(
            "{name}, {unit} {number} is not UTF-8: the byte {byte:#x} stands after “{before}”. {kind} Save all of it "
            "as UTF-8.",
            name=name,
            unit=unit,
            number=number,
            byte=byte,
            before=before,
            kind=kind,
        )
    )


def _as_text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _ragged(name: str, first: int, last: int, count: int, expected: int) -> TableError:
    """Of a row from one line to another that has more or fewer columns than the first line names."""
    values = {"name": name, "first": first, "expected": expected}
    if last > first:
        return TableError(
            _(
                "{name}: the row of lines {first:,} to {last:,} has {count} of {expected} columns. Perhaps a quotation "
                "mark in line {first:,} is not closed.",
                last=last,
                count=count,
                **values,
            )
        )
    return TableError(
        _n(
            "{name}, line {first:,}: there is {count} column, but the first line names {expected}.",
            "{name}, line {first:,}: there are {count} columns, but the first line names {expected}.",
            count,
            **values,
        )
        + " "
        + _("Put texts with a comma, a tab or a quotation mark between quotation marks.")
    )


def _damaged(name: str, error: Exception) -> TableError:
    return TableError(
        _(
            "{name} is damaged: {error}. Get the file again.",
            name=name,
            error=cut(str(error).rstrip("."), _LONGEST_REASON),
        )
    )


def _cut_short(name: str) -> TableError:
    """Of a file of Parquet, whose library says what it lacks in the words of those who wrote it."""
    return TableError(
        _(
            "{name} is damaged: it begins as Parquet, but a part of it is missing or wrong. Get the file again.",
            name=name,
        )
    )
