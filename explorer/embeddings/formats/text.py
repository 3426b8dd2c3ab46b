"""Text: a line for each word, the word first and then its numbers. word2vec, fastText .vec and GloVe write it.

NumPy's `loadtxt` parses the numbers: a tenth of the CPU time of gensim's reader, and the same floats.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.rows import Block, VectorFile, decoded
from explorer.embeddings.formats.source import LONGEST_LINE, FormatError, Source
from explorer.texts import _

HEADER = re.compile(rb"\s*(\d{1,12})\s+(\d{1,9})\s*")
_SAMPLE = 4096  # bytes that tell text from binary
_ROWS = 1_000  # that tell what columns hold


class TextFile(VectorFile):
    """Lines of a word and d numbers; `words` is what a header promised, None where there is none."""

    format = "word2vec text"

    def __init__(self, source: Source, dimensions: int, words: int | None, separator: bytes) -> None:
        super().__init__(source, dimensions)
        self.words = words
        self.separator = separator
        self._fits = False  # whether some row has a word without spaces and just the numbers expected
        if words is None:
            self.format = "GloVe text"

    def _blocks(self) -> Iterator[Block]:
        if self.words is None:
            self.source.rewind()
        first = 0
        for some in self.source.pieces(self.rows_at_a_time, self.longest_line):
            split = [line.rstrip().partition(self.separator)[::2] for line in some]
            vectors = _loaded([numbers for _, numbers in split], self.separator)
            if vectors is not None and vectors.shape == (len(some), self.dimensions):
                self._fits = True
            else:
                split = self._split(some, first)
                vectors = parse([numbers for _, numbers in split], self.separator, first, self.source)
            words = [decoded(word, row, self.source) for row, (word, _) in enumerate(split, start=first)]
            if first == 0:  # a header may have been written before a file that had begun with a byte order mark
                words[0] = words[0].removeprefix("\ufeff") or words[0]
            yield Block(words, vectors)
            first += len(some)
        if self.words is not None and first != self.words:
            raise self.promised(self.words, first)

    def _split(self, lines: Sequence[bytes], first: int) -> list[tuple[bytes, bytes]]:
        """The words of lines and their d numbers, where they are not simply what stands around the first separator.

        Some words of GloVe have spaces in them. Where such a word ends in a number, a header says where it ends, if
        some other row shows that the header is true of the rows.
        """
        rows: list[tuple[bytes, bytes]] = []
        doubtful: int | None = None
        for row, line in enumerate(lines):
            line = line.rstrip()
            word, _, numbers = line.partition(self.separator)
            if numbers.count(self.separator) == self.dimensions - 1:
                self._fits = True
            else:
                fields = line.rsplit(b"\t" if b"\t" in line and self.separator == b"\t" else None, self.dimensions)
                word, numbers = fields[0].strip(), self.separator.join(fields[1:])
                if len(fields) != self.dimensions + 1 or (b"\t" in word and self.separator == b"\t"):
                    raise self._other_width(line, first + row)
                if len(parts := word.split()) > 1 and is_number(parts[-1]) and doubtful is None:
                    doubtful = row
            rows.append((word, numbers))
        if doubtful is not None and (self.words is None or not self._fits):
            raise self._other_width(lines[doubtful], first + doubtful)
        return rows

    def _other_width(self, line: bytes, row: int) -> FormatError:
        fields = line.split()
        count = min(numbers_at_end(fields), len(fields) - 1)
        return FormatError(
            _(
                "Row {row:,} of {name} has {count} numbers, but {dimensions} were expected, as in "
                "the rows or the header before.",
                row=row + 1,
                name=self.source.name,
                count=count,
                dimensions=self.dimensions,
            )
        )


def parse(rows: Sequence[bytes], separator: bytes, first: int, source: Source) -> Array:
    """Rows of as many numbers as (n, d) float32. Raises FormatError that names the row; `first` is that of rows[0]."""
    if (parsed := _loaded(rows, separator)) is not None and len(parsed) == len(rows):
        return parsed
    for row, numbers in enumerate(rows, start=first):
        for field in numbers.split(separator):
            if not is_number(field):
                raise FormatError(
                    _(
                        "Row {row:,} of {name} has {field!r} where a number belongs.",
                        row=row + 1,
                        name=source.name,
                        field=field[:40].decode(errors="replace"),
                    )
                )
    raise FormatError(
        _("{name} cannot be read from row {first:,} on: these are not all numbers.", name=source.name, first=first + 1)
    )


def _loaded(rows: Sequence[bytes], separator: bytes) -> Array | None:
    """Rows of numbers as an array, without the empty ones; None where there is something else, or they differ."""
    if not any(rows):
        return None  # of which NumPy warns
    try:
        return np.loadtxt(rows, dtype=np.float32, comments=None, delimiter=separator.decode(), ndmin=2)
    except ValueError:
        return None


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
    def has_keys(self) -> bool:
        """Whether a column of whole numbers, each once, stands before columns of others.

        Where they are written as NumPy writes numbers, they have to count the rows.
        """
        keys, *columns = zip(*(row.split() for row in self.rows), strict=False)
        counted = all(map(_is_whole, keys)) and [int(float(key)) for key in keys]
        return (
            len(columns) > 1
            and ((all(map(bytes.isdigit, keys)) and len(set(keys)) == len(keys)) or counted in _rows_counted(len(keys)))
            and not all(_is_whole(field) for column in columns for field in column)
        )


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
    if header and not _is_text(rest[:_SAMPLE]) and numbers_at_end(rest.split(b"\n", 1)[0].split()) < int(header[2]):
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
    whole = all(_is_whole(field) for row in fields for field in row)
    return not whole and (words == len(rows) if all_rows else words > len(rows))


def read_head(source: Source) -> TextFile | None:
    """The file as text, or None where it is something else; the source is then wherever it is."""
    head = opening(source)
    if head is None:
        return None
    source.stream.seek(head.start)
    if not head.rows:
        return TextFile(source, head.header[1], head.header[0], b" ") if head.header else None
    line = head.rows[0].rstrip()
    tabbed = line.split(b"\t")
    if len(tabbed) > 1 and all(map(is_number, tabbed[1:])):
        separator, numbers = b"\t", len(tabbed) - 1
    else:
        separator, fields = b" ", line.split()
        numbers = min(numbers_at_end(fields), len(fields) - 1)
    if head.header:
        return TextFile(source, head.header[1], head.header[0], separator)
    if numbers < 2:  # one number could be a count
        return None
    file = TextFile(source, numbers, None, separator)
    if head.numbers_only:
        file.notes.append(
            _(
                "The first column of {name} has whole numbers, each once: they were taken as its words. If it has "
                "none, leave that column out and give a list of words.",
                name=source.name,
            )
        )
    return file


def _is_text(sample: bytes) -> bool:
    """Whether bytes look like text: floats in binary have control characters in them, and are no UTF-8."""
    try:
        getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return not re.search(rb"[\x00-\x08\x0e-\x1f]", sample)


def numbers_at_end(fields: Sequence[bytes]) -> int:
    """How many fields at the end are numbers."""
    return sum(1 for _ in takewhile(is_number, reversed(fields)))


def is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return b"_" not in field  # which Python allows between digits


def _is_whole(field: bytes) -> bool:
    return is_number(field) and float(field).is_integer()
