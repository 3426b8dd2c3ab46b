"""Text: a line for each word, the word first and then its numbers. word2vec, fastText .vec and GloVe write it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from explorer.embeddings.formats.numbers import is_number, is_whole, loaded, numbers_at_end, parse
from explorer.embeddings.formats.opening import Opening, opening, titles_passed_over
from explorer.embeddings.formats.rows import Block, VectorFile
from explorer.embeddings.formats.source import FormatError, Source
from explorer.texts import _

_COUNTS = re.compile(rb"\s*\d{1,12}\s+\d{1,12}\s+(\d{1,9})\s*")  # of entities, relations and dimensions
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
            vectors = loaded([numbers for _, numbers in split], self.separator)
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
    if is_sure and {len(row) for row in fields} == {2} and numbers == 1 and not all(is_whole(row[1]) for row in fields):
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
