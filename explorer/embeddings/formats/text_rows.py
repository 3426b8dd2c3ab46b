"""Lines of a word and its numbers, read: also where words have spaces in them, stand in quotes, or have counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from explorer.embeddings.formats.numbers import is_number, loaded, numbers_at_end, parse
from explorer.embeddings.formats.rows import Block, VectorFile
from explorer.embeddings.formats.source import FormatError, Source
from explorer.texts import _

CONFLICT = re.compile(rb"(<{7}|={7}|>{7}|\|{7})(\s|$)")  # how a line begins that Git leaves between two versions
_ECHO = 40  # bytes of a line that are shown

Bare = Callable[[str], str]


class TextFile(VectorFile):
    """Lines of a word and d numbers; `words` is what a header promised, None where there is none.

    The rows begin at `start`. Where `is_sure`, the first of them tell how many numbers a row has, so that what stands
    before these is the word, even if it ends in a number.
    """

    format = "word2vec text"
    rows_are_lines = True

    def __init__(
        self,
        source: Source,
        dimensions: int,
        words: int | None,
        separator: bytes,
        start: int,
        is_sure: bool = False,
        bare: Bare | None = None,
    ) -> None:
        super().__init__(source, dimensions)
        self._bare = bare
        self.words = words
        self.separator = separator
        self.start = start
        self._is_sure = is_sure
        self._fits = False  # whether some row has a word without spaces and just the numbers expected
        if words is None:
            self.format = "GloVe text"

    def _blocks(self) -> Iterator[Block]:
        if self.rows_are_lines:
            self.source.count_lines_before(self.start)
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
                words = [word.decode(errors="backslashreplace") for word, _ in split]
                good, vectors = parse(numbers, self.separator, rows, self.dimensions, self.source, words)
                split, rows = [split[place] for place in good], [rows[place] for place in good]
            texts = [self.decoded(word, row) for row, (word, _) in zip(rows, split, strict=True)]
            if first == 0 and texts:  # a header may have been written before a file that had begun with a mark
                texts[0] = texts[0].removeprefix("\ufeff") or texts[0]
            if self._bare:
                texts = list(map(self._bare, texts))
            yield Block(texts, vectors, rows)
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
            if CONFLICT.match(line):
                raise conflict(line, self.report.place(row), self.source.name)
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
                "{where} of {name} has {count} numbers, but {dimensions} were expected, as in "
                "the rows or the header before.",
                where=self.report.place(row).capitalize(),
                name=self.source.name,
                count=count,
                dimensions=self.dimensions,
            )
        )
        self.report.bad("other width", row, fields[0][:_ECHO].decode(errors="replace") if fields else "", problem)


class CountedFile(TextFile):
    """Lines of a word, how often it occurs, and d numbers."""

    def __init__(
        self, source: Source, dimensions: int, separator: bytes, start: int, is_sure: bool, bare: Bare | None
    ) -> None:
        super().__init__(source, dimensions, None, separator, start, is_sure, bare)
        self._counts: list[int] = []

    def _read(self, line: bytes) -> bytes:
        fields = line.rsplit(b"\t" if self.separator == b"\t" else None, self.dimensions)
        *word, count = fields[0].rsplit(None, 1) or [b""]
        self._counts.append(int(count) if count.isdigit() else 0)
        if not word or not count.isdigit():
            return fields[0]  # without numbers, for which it is counted
        return self.separator.join([*word, *fields[1:]])

    def _blocks(self) -> Iterator[Block]:
        for block in super()._blocks():
            yield replace(block, counts=[self._counts[row] for row in block.rows])


def unquoted(word: str) -> str:
    """A word without the double quotes around it; R writes one inside as \\", others double it."""
    if len(word) < 2 or not (word.startswith('"') and word.endswith('"')):
        return word
    return word[1:-1].replace('\\"', '"').replace('""', '"')


def without_quotes(word: str) -> str:
    """A word without the single quotes around it."""
    return word[1:-1] if len(word) > 2 and word.startswith("'") and word.endswith("'") else word


def without_colon(word: str) -> str:
    return word.removesuffix(":") or word


def without_number(word: str) -> str:
    """A word without the number of its row before it."""
    return word.lstrip("0123456789").lstrip() or word


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
