"""How a file begins, looked at as text: its header, and whether its first lines are words with numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from explorer.embeddings.formats.letters import is_text
from explorer.embeddings.formats.numbers import is_number, is_whole, numbers_at_end
from explorer.embeddings.formats.source import LONGEST_LINE, Source
from explorer.embeddings.formats.words import WORD_COLUMNS
from explorer.texts import _

HEADER = re.compile(rb"\s*(\d{1,12})\s+(\d{1,9})\s*")
_SAMPLE = 4096  # bytes that tell text from binary
_ROWS = 1_000  # that tell what columns hold
_ECHO = 40  # bytes of a line that are shown


@dataclass(frozen=True)
class Opening:
    """How a file begins, looked at as text: rows of words and numbers, or of numbers only."""

    header: tuple[int, int] | None  # the words and dimensions that its first line promises
    start: int  # where the rows begin
    rows: list[bytes]  # the first of them, without the empty ones; none where nothing follows a header

    @property
    def numbers_only(self) -> bool:
        """Whether no row begins with a word, unless that word is a number too."""
        return (
            bool(self.rows)
            and all(map(is_number, self.rows[0].split()))
            and all(is_number(row.split(None, 1)[0]) for row in self.rows)
        )

    @property
    def has_titles(self) -> bool:
        """Whether the first row is no row: the names of columns of numbers, or what NumPy writes after a “#”."""
        first = self.rows[0].split() if self.rows else []
        return (
            len(self.rows) > 1
            and (first[0].startswith(b"#") or not any(map(is_number, first)))
            and replace(self, rows=self.rows[1:]).numbers_only
        )

    @property
    def counts_columns(self) -> bool:
        """Whether the first row has the titles 0, 1, 2 … or 1, 2, 3 … of columns with other numbers, as pandas has."""
        if len(self.rows) < 2 or self.header:
            return False
        fields = self.rows[0].split()
        titles = fields[numbers_at_end(fields[:1]) == 0 :]
        if len(titles) < 3 or not counts(titles):
            return False
        others = [row.split()[1:] for row in self.rows[1:]]
        numbers = [row for row in others if row and all(map(is_number, row))]
        names_words = fields[0].decode(errors="replace").lower() in WORD_COLUMNS
        are_whole = any(all(map(is_whole, row)) for row in numbers)
        return 2 * len(numbers) > len(others) and (names_words or not are_whole)

    @property
    def has_keys(self) -> bool:
        """Whether a column of whole numbers, each once, stands before columns of others.

        Where they are written as NumPy writes numbers, they have to count the rows.
        """
        keys, *columns = zip(*(row.split() for row in self.rows), strict=False)
        counted = all(map(is_whole, keys)) and [int(float(key)) for key in keys]
        return (
            len(columns) > 1
            and ((all(map(bytes.isdigit, keys)) and len(set(keys)) == len(keys)) or counted in _rows_counted(len(keys)))
            and not all(is_whole(field) for column in columns for field in column)
        )


def counts(fields: Sequence[bytes]) -> bool:
    """Whether fields are the whole numbers from 0 or 1 on."""
    places = [int(field) for field in fields if field.isdigit()]
    return len(places) == len(fields) > 1 and places in _rows_counted(len(fields))


def _rows_counted(rows: int) -> tuple[list[int], list[int]]:
    return list(range(rows)), list(range(1, rows + 1))


def opening(source: Source) -> Opening | None:
    """How a file begins, None where it is empty or, after a header, binary. Raises FormatError for a very long line."""
    source.rewind()
    start = source.stream.tell()
    sample = source.stream.read(2 * LONGEST_LINE)
    complete = len(sample) < 2 * LONGEST_LINE
    first = re.match(rb"\s*[^\n]*\n?", sample)
    header = HEADER.fullmatch(first[0]) if first else None
    rest = sample[first.end() :] if header and first else sample
    if header and not is_text(rest[:_SAMPLE]) and numbers_at_end(rest.split(b"\n", 1)[0].split()) < int(header[2]):
        return None
    lines = rest.split(b"\n", _ROWS)[: None if complete else -1] if rest else []
    if not lines and not complete:
        source.rewind()
        source.line()  # which says that it is too long
    rows = [line for line in lines[:_ROWS] if line.strip()]
    if header is None or first is None:
        return Opening(None, start, rows) if rows else None
    promised = int(header[1]), int(header[2])
    if rows and not _is_header(promised, rows, all_rows=complete and len(lines) <= _ROWS):
        return Opening(None, start, [first[0], *rows])
    return Opening(promised, start + first.end(), rows)


def _is_header(promised: tuple[int, int], rows: Sequence[bytes], all_rows: bool) -> bool:
    """Whether a line of two whole numbers is a header, and not the first of many rows of numbers."""
    words, dimensions = promised
    fields = [row.split() for row in rows]
    if not all(is_number(row[0]) for row in fields):
        return True
    width = len(fields[0])
    if width != 2 or width not in (dimensions, dimensions + 1):
        return width in (dimensions, dimensions + 1)
    whole = all(is_whole(field) for row in fields for field in row)
    return not whole and (words == len(rows) if all_rows else words > len(rows))


def titles_passed_over(head: Opening, source: Source) -> Opening:
    """How a file goes on after the line with the titles of its columns, which is said."""
    source.stream.seek(head.start)
    title = next(line for line in source.lines(0.0) if line.strip()).strip()[:_ECHO].decode(errors="replace")
    source.report.say(
        _(
            "The first line of {name}, “{title}”, has no vector: it was taken for a header.",
            name=source.name,
            title=title,
        )
    )
    return Opening(head.header, source.stream.tell(), head.rows[1:])
