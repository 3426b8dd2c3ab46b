"""Text: a line for each word, the word first and then its numbers. word2vec, fastText .vec and GloVe write it.

pandas parses the numbers: a tenth of the CPU time of gensim's reader, and the same floats.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.letters import is_text
from explorer.embeddings.formats.rows import Block, VectorFile
from explorer.embeddings.formats.source import LONGEST_LINE, FormatError, Source
from explorer.texts import _

_COUNTS = re.compile(rb"\s*\d{1,12}\s+\d{1,12}\s+(\d{1,9})\s*")  # of entities, relations and dimensions
HEADER = re.compile(rb"\s*(\d{1,12})\s+(\d{1,9})\s*")
_SAMPLE = 4096  # bytes that tell text from binary
_MANY = 2**20  # bytes of numbers, for which pandas is worth its time
_NOWHERE = "\x01"  # a sign that is in no number
_EXACT = 3  # the version of pandas from which on it reads each number as Python does
_ROWS = 1_000  # that tell what columns hold
_SPARSE = re.compile(rb"\s*\S+(\s+\d+:[-+.\deE]+)+\s*")
_ECHO = 40  # bytes of a line that are shown
_QUOTED = re.compile(rb'\s*"(?:[^"\\]|\\.|"")*"\s')  # how a line begins whose word stands in quotes
_CONFLICT = re.compile(rb"(<{7}|={7}|>{7}|\|{7})(\s|$)")  # how a line begins that Git leaves between two versions


class TextFile(VectorFile):
    """Lines of a word and d numbers; `words` is what a header promised, None where there is none.

    The rows begin at `start`. Where `is_sure`, the first of them tell how many numbers a row has, so that what stands
    before these is the word, even if it ends in a number.
    """

    format = "word2vec text"

    def __init__(
        self,
        source: Source,
        dimensions: int,
        words: int | None,
        separator: bytes,
        start: int,
        is_sure: bool = False,
        quoted: bool = False,
    ) -> None:
        super().__init__(source, dimensions)
        self._quoted = quoted
        self.words = words
        self.separator = separator
        self.start = start
        self._is_sure = is_sure
        self._fits = False  # whether some row has a word without spaces and just the numbers expected
        if words is None:
            self.format = "GloVe text"

    def _blocks(self) -> Iterator[Block]:
        self.source.stream.seek(self.start)
        first = 0
        for lines in self._pieces():
            some = [self._read(line) for line in lines]
            split = [line.rstrip().partition(self.separator)[::2] for line in some]
            rows: Sequence[int] = range(first, first + len(some))
            vectors = _loaded([numbers for _, numbers in split], self.separator)
            if vectors is not None and vectors.shape == (len(some), self.dimensions):
                self._fits = True
            else:
                split, rows = self._split(some, first)
                numbers = [numbers for _, numbers in split]
                good, vectors = parse(numbers, self.separator, rows, self.dimensions, self.source)
                split, rows = [split[place] for place in good], [rows[place] for place in good]
            words = [self.decoded(word, row) for row, (word, _) in zip(rows, split, strict=True)]
            if first == 0 and words:  # a header may have been written before a file that had begun with a mark
                words[0] = words[0].removeprefix("\ufeff") or words[0]
            if self._quoted:
                words = [_unquoted(word) for word in words]
            yield Block(words, vectors, rows)
            first += len(some)
        if self.words is not None:
            self.promised(self.words, first)

    def _pieces(self) -> Iterator[list[bytes]]:
        """The lines with the rows, some at a time."""
        return self.source.pieces(self.rows_at_a_time, self.longest_line)

    def _read(self, line: bytes) -> bytes:
        """A line of the file as one of a word and numbers with the separator between them."""
        return line

    def _split(self, lines: Sequence[bytes], first: int) -> tuple[list[tuple[bytes, bytes]], list[int]]:
        """The words of lines and their d numbers, where they are not simply what stands around the first separator;
        and which rows these are, for rows of other widths are left out.

        Some words of GloVe have spaces in them. Where such a word ends in a number, a header says where it ends, if
        some other row shows that the header is true of the rows; or else the first rows do.
        """
        split: dict[int, tuple[bytes, bytes]] = {}
        doubtful: list[int] = []
        for row, line in enumerate(lines, start=first):
            word, numbers = line.rstrip().partition(self.separator)[::2]
            if numbers.count(self.separator) == self.dimensions - 1:
                self._fits = True
                split[row] = word, numbers
                continue
            if _CONFLICT.match(line):
                raise conflict(line, _("row {row:,}", row=row + 1), self.source.name)
            tabbed = self.separator == b"\t" and b"\t" in line
            fields = line.rstrip().rsplit(b"\t" if tabbed else None, self.dimensions)
            if len(fields) == self.dimensions and line[:1].isspace():
                fields.insert(0, b"")  # what stands before the numbers is no more than a space
            word, numbers = fields[0].strip(), self.separator.join(fields[1:])
            if len(fields) != self.dimensions + 1 or (b"\t" in word and self.separator == b"\t"):
                self._other_width(line, row)
                continue
            if len(parts := word.split()) > 1 and is_number(parts[-1]) and not self._ends_a_word(parts[-1]):
                doubtful.append(row)
            split[row] = word, numbers
        if doubtful and (self.words is None or not self._fits):
            for row in doubtful:
                self._other_width(lines[row - first], row)
                del split[row]
        return list(split.values()), list(split)

    def _ends_a_word(self, number: bytes) -> bool:
        """Whether a number may be the end of a word, such as route 66, and not one number too many."""
        return self._is_sure and number.isdigit()

    def _other_width(self, line: bytes, row: int) -> None:
        fields = line.split()
        count = min(numbers_at_end(fields), len(fields) - 1)
        problem = FormatError(
            _(
                "Row {row:,} of {name} has {count} numbers, but {dimensions} were expected, as in "
                "the rows or the header before.",
                row=row + 1,
                name=self.source.name,
                count=count,
                dimensions=self.dimensions,
            )
        )
        self.report.bad("other width", row, fields[0][:_ECHO].decode(errors="replace") if fields else "", problem)


def _unquoted(word: str) -> str:
    """A word without the quotes around it; R writes one inside as \\", others double it."""
    if len(word) < 2 or not (word.startswith('"') and word.endswith('"')):
        return word
    return word[1:-1].replace('\\"', '"').replace('""', '"')


def conflict(line: bytes, where: str, name: str) -> FormatError:
    """The sentence for a line that Git wrote."""
    return FormatError(
        _(
            "{where} of {name} is “{line}”: two versions of the file were merged, and Git left both in it. Take one of "
            "them (git checkout --ours or --theirs), and import it again.",
            where=where.capitalize(),
            name=name,
            line=line.strip()[:_ECHO].decode(errors="replace"),
        )
    )


def parse(
    numbers: Sequence[bytes], separator: bytes, rows: Sequence[int], dimensions: int, source: Source
) -> tuple[list[int], Array]:
    """Which of some rows are all numbers, as their places, and these as (n, d) float32; the report has the others.

    `rows` say which rows of the file they are.
    """
    every = list(range(len(numbers)))
    if (parsed := _loaded(numbers, separator)) is not None and parsed.shape == (len(numbers), dimensions):
        return every, parsed
    good = [place for place in every if _is_row(numbers[place], separator, rows[place], source)]
    parsed = _loaded([numbers[place] for place in good], separator)
    if parsed is None or parsed.shape != (len(good), dimensions):
        if not good:
            return [], np.empty((0, dimensions), dtype=np.float32)
        raise FormatError(
            _(
                "{name} cannot be read from row {first:,} on: these are not all numbers.",
                name=source.name,
                first=rows[0] + 1,
            )
        )
    return good, parsed


def _is_row(numbers: bytes, separator: bytes, row: int, source: Source) -> bool:
    for field in numbers.split(separator):
        if not is_number(field):
            text = field[:40].decode(errors="replace")
            problem = FormatError(
                _(
                    "Row {row:,} of {name} has {field!r} where a number belongs.",
                    row=row + 1,
                    name=source.name,
                    field=text,
                )
            )
            source.report.bad("no number", row, text, problem)
            return False
    return True


def _loaded(rows: Sequence[bytes], separator: bytes) -> Array | None:
    """Rows of numbers as an array, without the empty ones; None where there is something else, or they differ.

    pandas parses many rows in a quarter of the time of NumPy, which decides where pandas does not read them.
    """
    if not any(rows):
        return None  # of which NumPy warns
    if sum(map(len, rows)) > _MANY and (numbers := _loaded_at_once(rows, separator)) is not None:
        return numbers
    try:
        return np.loadtxt(rows, dtype=np.float32, comments=None, delimiter=separator.decode(), ndmin=2)
    except ValueError:
        return None


def _loaded_at_once(rows: Sequence[bytes], separator: bytes) -> Array | None:
    """The same by pandas; None where it does not read them, or reads numbers otherwise than Python does."""
    import pandas as pd  # a third of a second, which a small file need not wait for

    if int(pd.__version__.partition(".")[0]) < _EXACT:
        return None
    separators = rows[0].count(separator)
    if any(row.count(separator) != separators for row in rows):
        return None  # where a number is missing, pandas writes one
    try:
        with np.errstate(over="ignore"):  # a large number is infinite, as it is for Python
            column = pd.read_csv(  # of all numbers: one column takes less time than many
                io.BytesIO(b"\n".join(rows).replace(separator, b"\n")),
                sep=_NOWHERE,
                header=None,
                dtype=np.float32,
                na_filter=False,
                quoting=csv.QUOTE_NONE,
                lineterminator="\n",
                skip_blank_lines=False,
                low_memory=False,
            )
    except (ValueError, OverflowError):  # of which its own errors are
        return None
    numbers: Array = column.to_numpy()
    return numbers.reshape(len(rows), -1) if numbers.size == len(rows) * (separators + 1) else None


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
        return 2 * len(numbers) > len(others) and not any(all(map(_is_whole, row)) for row in numbers)

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
    whole = all(_is_whole(field) for row in fields for field in row)
    return not whole and (words == len(rows) if all_rows else words > len(rows))


def read_head(source: Source, metadata: Path | None = None) -> TextFile | None:
    """The file as text, or None where it is something else; the source is then wherever it is."""
    head = opening(source)
    if head is None:
        return None
    _refuse(head, source)
    if not head.rows:
        return TextFile(source, head.header[1], head.header[0], b" ", head.start) if head.header else None
    if head.counts_columns:
        head = titles_passed_over(head, source)
    line = head.rows[0].rstrip()
    tabbed = line.split(b"\t")
    separator = b"\t" if len(tabbed) > 1 and all(map(is_number, tabbed[1:])) else b" "
    numbers, is_sure = _width(head.rows, separator)
    quoted = len(head.rows) > 1 and all(map(_QUOTED.match, head.rows[1:]))
    if head.header:
        words, dimensions = head.header
        if not source.report.strict and is_sure and not any(_may_have(row, dimensions) for row in head.rows):
            source.report.say(
                _(
                    "The header of {name} promises {promised:,} numbers in each row, but the rows have {numbers:,}: "
                    "these were read.",
                    name=source.name,
                    promised=dimensions,
                    numbers=numbers,
                )
            )
            dimensions = numbers
        return TextFile(source, dimensions, words, separator, head.start, quoted=quoted)
    fields = [row.split() for row in head.rows]
    if (
        is_sure
        and {len(row) for row in fields} == {2}
        and numbers == 1
        and not all(_is_whole(row[1]) for row in fields)
    ):
        raise FormatError(
            _(
                "The rows of {name} have one number each. If that is a model of one dimension, write a line with the "
                "number of its words and a 1 before the first, such as “{rows} 1”, and import it again.",
                name=source.name,
                rows=len(head.rows),
            )
        )
    if numbers < 2:  # one number could be a count
        return None
    start = head.start
    if (counts := _COUNTS.fullmatch(head.rows[0])) and len(head.rows) > 1 and int(counts[1]) == numbers != 2:
        source.stream.seek(start)
        title = next(line for line in source.lines(0.0) if line.strip()).strip().decode()
        start = source.stream.tell()
        source.report.say(
            _(
                "The first line of {name}, “{title}”, has three counts and no vector: it was passed over.",
                name=source.name,
                title=title,
            )
        )
    file = TextFile(source, numbers, None, separator, start, is_sure, quoted)
    if head.numbers_only:
        file.report.say(
            _(
                "The first column of {name} has whole numbers, each once: they were taken as its words. If it has "
                "none, leave that column out and give a list of words.",
                name=source.name,
            )
        )
    return file


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


def _may_have(row: bytes, dimensions: int) -> bool:
    """Whether a row may have so many numbers; what stands before these may end in a whole number."""
    fields = row.split()
    numbers = numbers_at_end(fields)
    return numbers == dimensions or (numbers > dimensions and fields[-dimensions - 1].isdigit())


def _refuse(head: Opening, source: Source) -> None:
    """Raises FormatError for lines of text that are something else than words with their numbers."""
    rows = head.rows
    for number, row in enumerate(rows, start=1):
        if _CONFLICT.match(row):
            raise conflict(row, _("row {row:,}", row=number), source.name)
    if sum(bool(_SPARSE.fullmatch(row)) for row in rows) > len(rows) / 2:
        raise FormatError(
            _(
                "The rows of {name} are sparse: they have pairs of a place and a value, such as 7:0.5. Write all "
                "numbers of each row, with zeros in the other places, and import that file.",
                name=source.name,
            )
        )
    if rows and not head.header and all(map(_is_counted, rows)):
        raise FormatError(
            _(
                "{name} has a word and a count on each line and no vectors: it is a vocabulary. Import the file of "
                "vectors, and give this one with it if that has numbers only (on the command line: --metadata {name}).",
                name=source.name,
            )
        )


def _is_counted(row: bytes) -> bool:
    """Whether a line is a word and how often it occurs."""
    word, *count = row.rsplit(None, 1)
    return bool(count) and count[0].isdigit() and not is_number(word) and len(word.split(None, 1)) == 1


def _width(rows: Sequence[bytes], separator: bytes) -> tuple[int, bool]:
    """How many numbers the rows have, and whether more than one of them says so.

    It is that by which most rows can be read: a row may have more, where its word ends in a whole number.
    """
    fields = [row.rstrip().split(separator if separator == b"\t" else None) for row in rows]
    numbers = [min(numbers_at_end(row), len(row) - 1) for row in fields]
    widths = Counter(numbers)
    if max(widths.values()) == 1:
        return numbers[0], False

    def readable(width: int) -> int:
        return widths[width] + sum(
            row[-width - 1].isdigit() for row, count in zip(fields, numbers, strict=True) if count > width
        )

    return max(
        (width for width, times in widths.items() if times > 1), key=lambda width: (readable(width), widths[width])
    ), True


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
