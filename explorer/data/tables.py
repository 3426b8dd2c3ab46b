"""A table that somebody brought: CSV with commas, semicolons, tabs or bars, JSON, JSON Lines, Parquet, or fastText's
labelled texts, told apart by content."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from explorer.data.layouts import Layout, layout_of
from explorer.data.unpacked import (
    LABEL,
    LONGEST_LINE,
    TableError,
    beginning,
    check_text,
    counted,
    damaged,
    head_of,
    opened,
    refuse_other,
)
from explorer.errors import cut, named
from explorer.texts import _, _n
from explorer.writing.json_lines import object_of

_LONGEST_CELL = 2**20  # characters; a quotation mark that is never closed makes a cell of the rest of the file
_LARGEST_DOCUMENT = 2**26  # bytes of JSON that is not a line for each row, all of which is in memory
_FEWEST_COLUMNS = 2  # a text and a label
_BATCH = 1_000  # rows of Parquet that are in memory at once
FORMATS = ("csv", "tsv", "jsonl", "json", "parquet")
"""The usual endings of what is read; the content decides."""

csv.field_size_limit(_LONGEST_CELL)  # the process has one limit for all readers, so none sets it while it reads


@dataclass(frozen=True)
class Table:
    """The columns of a file by their names, and its format."""

    path: Path
    name: str  # what errors call it
    format: str  # "CSV", "JSON Lines", "JSON", "Parquet" or "fastText"
    columns: tuple[str, ...]
    layout: Layout | None = None  # of a CSV
    encoding: str = "utf-8-sig"

    def rows(self, *columns: str) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The cells of these columns, row after row, each with the number of its row (from 1, the header not counted).

        Raises TableError for a column that is not there, and for the first row that cannot be read.
        """
        for column in columns:
            if column not in self.columns:
                raise TableError(
                    _(
                        "{name} has no column “{column}”. It has {columns}. Name the columns of the texts and of their "
                        "labels.",
                        name=self.name,
                        column=cut(column),
                        columns=named([cut(each, 40) for each in self.columns]),
                    )
                    + (" " + _("If this is a row, write the columns' names in a line above it.")) * bool(self.layout)
                )
        read = {
            "CSV": self._cells,
            "JSON Lines": self._entries,
            "JSON": self._entries,
            "Parquet": self._batches,
            "fastText": self._labelled,
        }
        rows = read[self.format](columns)
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
                        check_text(self.name, number, cell, mixed)
                    mixed = True
                    cells = tuple(cell.encode(errors="replace").decode() for cell in cells)  # JSON has half letters
                yield number, cells
        except UnicodeDecodeError as error:  # UTF-16 that ends within a letter
            raise damaged(self.name, error) from error

    def _cells(self, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        assert self.layout
        places = [self.columns.index(column) for column in columns]
        try:
            with opened(self.path) as raw:
                lines = io.TextIOWrapper(counted(raw, self.name), self.encoding, "surrogateescape", newline="")
                reader = self.layout.rows(lines)
                next(islice((row for row in reader if row), self.layout.header, None))
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
        objects = self._objects() if self.format == "JSON Lines" else _document(self.path, self.name, self.encoding)
        for entry in objects:
            yield tuple(_as_text(entry.get(column)) for column in columns)

    def _objects(self) -> Iterator[dict[str, Any]]:
        for number, line in self._lines():
            entry = object_of(line)
            if entry is None:
                raise TableError(
                    _(
                        "{name}, line {number} is no JSON object. JSON Lines have one on each line.",
                        name=self.name,
                        number=number,
                    )
                )
            yield entry

    def _labelled(self, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for number, line in self._lines():
            labels = list(takewhile(lambda word: word.startswith(LABEL), line.split()))
            if len(labels) > 1:
                raise TableError(
                    _(
                        "{name}, line {number} has {count} labels, but a text can have one here. Keep one.",
                        name=self.name,
                        number=number,
                        count=len(labels),
                    )
                )
            cells = {"label": "".join(labels).removeprefix(LABEL), "text": line.strip().removeprefix("".join(labels))}
            yield tuple(cells[column].strip() for column in columns)

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Those that are not empty, each with its number from 1."""
        with opened(self.path) as raw:
            lines = io.TextIOWrapper(counted(raw, self.name), self.encoding, "surrogateescape", newline="\n")
            for number, line in enumerate(iter(lambda: lines.readline(LONGEST_LINE), ""), start=1):
                if line.strip():
                    yield number, line

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
    head = head_of(path, name)
    if head.startswith(b"PAR1"):
        return _parquet(path, name)
    refuse_other(head, name)
    text, encoding = beginning(head)
    if "\0" in text:
        raise TableError(_("{name} is no text, nor Parquet. Save a spreadsheet as CSV, in UTF-8.", name=name))
    first = re.split("[\r\n]", text, maxsplit=1)[0].strip()
    if not first:
        raise TableError(_("{name} is empty. The first line has to name the columns.", name=name))
    if first.startswith(LABEL):
        return Table(path, name, "fastText", ("text", "label"), encoding=encoding)
    if first.startswith("{") and object_of(first) is not None and not _is_document(text):
        return Table(path, name, "JSON Lines", _keys(text.split("\n")), encoding=encoding)
    if first.startswith(("{", "[")):
        return Table(path, name, "JSON", _keys(_document(path, name, encoding)), encoding=encoding)
    layout = layout_of(text)
    for column in layout.columns:
        if not column.isascii():
            check_text(name, 0, column, False)
    if twice := next((column for column in layout.columns if layout.columns.count(column) > 1), None):
        raise TableError(_("{name} has two columns “{column}”. Name each once.", name=name, column=cut(twice)))
    return Table(path, name, "CSV", layout.columns, layout, encoding)


def _document(path: Path, name: str, encoding: str) -> list[dict[str, Any]]:
    """The objects of one JSON document: of a list, or of the only list in an object."""
    with opened(path) as raw:
        text = counted(raw, name).read(_LARGEST_DOCUMENT + 1)
    try:
        document = json.loads(text.decode(encoding)) if len(text) <= _LARGEST_DOCUMENT else None
    except (ValueError, RecursionError):
        document = None
    objects = _objects_in(document)
    if objects is None:
        raise TableError(
            _(
                "{name} begins as JSON, but is neither a list of objects nor JSON Lines: write one object with a text "
                "and a label on each line.",
                name=name,
            )
        )
    return objects


def _is_document(text: str) -> bool:
    """Whether one object is all of a file, and holds a table."""
    return _objects_in(object_of(text)) is not None


def _objects_in(document: Any) -> list[dict[str, Any]] | None:
    """The rows of a document: a list of objects, the only one in an object, or its columns, as pandas writes them by
    default. None for any other."""
    values = list(document.values()) if isinstance(document, dict) else [document]
    tables: list[list[dict[str, Any]]] = list(filter(_is_table, values))
    if len(tables) == 1:
        return tables[0]
    columns = [list(value.values()) if isinstance(value, dict) else value for value in values]
    if not isinstance(document, dict) or not all(isinstance(column, list) for column in columns):
        return None
    if len({*map(len, columns)}) != 1 or len(columns) < _FEWEST_COLUMNS:
        return None
    return [dict(zip(document, cells, strict=True)) for cells in zip(*columns, strict=True)]


def _is_table(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


def _keys(entries: Iterable[str | dict[str, Any]]) -> tuple[str, ...]:
    """Those of all objects, in which not every one has all; a line may be cut off, and is none then."""
    objects = filter(None, (object_of(entry) if isinstance(entry, str) else entry for entry in entries))
    return tuple(dict.fromkeys(key for entry in objects for key in entry if key))


def _parquet(path: Path, name: str) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            return Table(path, name, "Parquet", tuple(filter(None, file.schema_arrow.names)))
    except (pa.ArrowException, OSError) as error:
        raise _cut_short(name) from error


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


def _cut_short(name: str) -> TableError:
    """Of a file of Parquet, whose library says what it lacks in the words of those who wrote it."""
    return TableError(
        _(
            "{name} is damaged: it begins as Parquet, but a part of it is missing or wrong. Get the file again.",
            name=name,
        )
    )
