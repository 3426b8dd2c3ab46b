"""A table that somebody brought: CSV with commas, semicolons, tabs or bars, JSON, JSON Lines, Parquet, or fastText's
labelled texts, told apart by content."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from explorer.data.documents import rows_in, rows_of
from explorer.data.layouts import Layout, layout_of
from explorer.data.unpacked import (
    LABEL,
    TableError,
    beginning,
    check_text,
    counted,
    damaged,
    head_of,
    is_labelled,
    lines_of,
    opened,
    opened_text,
    refuse_other,
)
from explorer.errors import cut, named
from explorer.texts import _, _n
from explorer.writing.json_lines import object_of

_LONGEST_CELL = 2**20  # characters; a quotation mark that is never closed makes a cell of the rest of the file
_LARGEST_DOCUMENT = 2**26  # bytes of JSON that is not a line for each row, all of which is in memory
_MOST_COLUMNS = 1_000
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
    objects: Sequence[dict[str, Any]] = field(default=(), repr=False)  # of a JSON document

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
            with opened_text(self.path, self.name, self.encoding, newline="") as lines:
                for first, last, row in islice(self.layout.rows(lines), self.layout.header + 1, None):
                    if len(row) != len(self.columns):
                        raise _ragged(self.name, first, last, len(row), len(self.columns))
                    yield tuple(row[place].strip() for place in places)
        except csv.Error as error:
            raise TableError(
                _(
                    "{name} is no CSV that can be read: {error}. Perhaps a quotation mark is not closed.",
                    name=self.name,
                    error=error,
                )
            ) from error

    def _entries(self, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for entry in self.objects if self.format == "JSON" else self._objects():
            yield tuple(_as_text(entry.get(column)) for column in columns)

    def _objects(self) -> Iterator[dict[str, Any]]:
        for number, line in self.lines():
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
        for number, line in self.lines():
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

    def lines(self) -> Iterator[tuple[int, str]]:
        """Those that are not empty, each with its number from 1."""
        every = lines_of(self.path, self.name, self.encoding, newline="\n")
        return ((number, line) for number, line in every if line.strip())

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
    Raises TableError for one that is missing, empty, or none of these formats, and for more columns than are read."""
    table = _table(path, name or path.name)
    if (count := len(table.columns)) > _MOST_COLUMNS:
        raise TableError(
            _(
                "{name} has {count:,} columns, but may have {most:,}. Leave some out.",
                name=table.name,
                count=count,
                most=_MOST_COLUMNS,
            )
        )
    for column in table.columns:
        check_text(table.name, 0, column, False)
    if twice := next((column for column in table.columns if table.columns.count(column) > 1), None):
        raise TableError(_("{name} has two columns “{column}”. Name each once.", name=table.name, column=cut(twice)))
    return table


def _table(path: Path, name: str) -> Table:
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
    if is_labelled(first):
        return Table(path, name, "fastText", ("text", "label"), encoding=encoding)
    if first.startswith(("{", "[")):
        try:
            return _json(path, name, text, encoding)
        except UnicodeDecodeError as error:  # UTF-16 that ends within a letter
            raise damaged(name, error) from error
    layout = layout_of(text)
    return Table(path, name, "CSV", layout.columns, layout, encoding)


def _json(path: Path, name: str, text: str, encoding: str) -> Table:
    """JSON Lines, where the first line is an object and not a table that is all of the file, or else a document."""
    lines = Table(path, name, "JSON Lines", (), encoding=encoding)
    is_object = text.lstrip().startswith("{")
    first, *others = [line for _number, line in islice(lines.lines(), 2)] if is_object else [""]
    if (entry := object_of(first)) is None:
        objects: list[dict[str, Any]] | None = _document(path, name, encoding)
    else:
        objects = None if others else rows_in(entry, name)
    if objects is None:
        return replace(lines, columns=_keys([first, *text.split("\n")[1:]]))
    return replace(lines, format="JSON", columns=_keys(objects), objects=objects)


def _document(path: Path, name: str, encoding: str) -> list[dict[str, Any]]:
    """The rows of a file that is one JSON document."""
    with opened(path) as raw:
        content = counted(raw, name).read(_LARGEST_DOCUMENT + 1)
    if len(content) > _LARGEST_DOCUMENT:
        raise TableError(
            _(
                "{name} is a JSON document of more than {most} MB. Write JSON Lines instead: one object on each line.",
                name=name,
                most=_LARGEST_DOCUMENT // 2**20,
            )
        )
    return rows_of(content.decode(encoding, "surrogateescape"), name)


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
