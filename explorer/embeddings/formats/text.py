"""Text: a line for each word, the word first and then its numbers. word2vec, fastText .vec and GloVe write it.

NumPy's `loadtxt` parses the numbers: a tenth of the CPU time of gensim's reader, and the same floats.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.rows import Block, VectorFile, decoded
from explorer.embeddings.formats.source import FormatError, Source

HEADER = re.compile(rb"\s*(\d{1,12})\s+(\d{1,9})\s*")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SAMPLE = 4096


class TextFile(VectorFile):
    """Lines of a word and d numbers; `words` is what a header promised, None where there is none."""

    format = "word2vec text"

    def __init__(self, source: Source, dimensions: int, words: int | None, separator: bytes) -> None:
        super().__init__(source, dimensions)
        self.words = words
        self.separator = separator
        if words is None:
            self.format = "GloVe text"

    def _blocks(self) -> Iterator[Block]:
        lines = (line for line in self.source.lines() if not line.isspace())
        if self.words is None:
            self.source.stream.seek(0)
        found = 0
        while some := list(islice(lines, self.rows_at_a_time)):
            split = [line.rstrip().partition(self.separator)[::2] for line in some]
            vectors = _loaded([numbers for _, numbers in split], self.separator)
            if vectors is None or vectors.shape != (len(some), self.dimensions):
                split = [self._split(line, row) for row, line in enumerate(some, start=found)]
                vectors = parse([numbers for _, numbers in split], self.separator, found, self.source)
            words = [decoded(word, row, self.source) for row, (word, _) in enumerate(split, start=found)]
            if found == 0 and self.words is None:
                words[0] = words[0].removeprefix("\ufeff")
            yield Block(words, vectors)
            found += len(some)
        if self.words is not None and found != self.words:
            raise self.promised(self.words, found)

    def _split(self, line: bytes, row: int) -> tuple[bytes, bytes]:
        """The word of a line and its d numbers, where that is not simply what stands before the first separator."""
        line = line.rstrip()
        word, _, numbers = line.partition(self.separator)
        if numbers.count(self.separator) != self.dimensions - 1:
            # From the right: some words of GloVe have spaces in them.
            fields = line.rsplit(None, self.dimensions)
            word, numbers = fields[0].strip(), self.separator.join(fields[1:])
            if len(fields) != self.dimensions + 1 or is_number(word.split()[-1]):
                count = min(numbers_at_end(line.split()), len(line.split()) - 1)
                raise FormatError(
                    f"Row {row + 1:,} of {self.source.name} has {count} numbers, but {self.dimensions} were expected, "
                    "as in the rows or the header before."
                )
        return word, numbers


def parse(rows: Sequence[bytes], separator: bytes, first: int, source: Source) -> Array:
    """Rows of as many numbers as (n, d) float32. Raises FormatError that names the row; `first` is that of rows[0]."""
    if (parsed := _loaded(rows, separator)) is not None and len(parsed) == len(rows):
        return parsed
    for row, numbers in enumerate(rows, start=first):
        for field in numbers.split(separator):
            if not is_number(field):
                raise FormatError(
                    f"Row {row + 1:,} of {source.name} has {field[:40].decode(errors='replace')!r} where a number "
                    "belongs."
                )
    raise FormatError(f"{source.name} cannot be read from row {first + 1:,} on: these are not all numbers.")


def _loaded(rows: Sequence[bytes], separator: bytes) -> Array | None:
    """Rows of numbers as an array, without the empty ones; None where there is something else, or they differ."""
    try:
        return np.loadtxt(rows, dtype=np.float32, comments=None, delimiter=separator.decode(), ndmin=2)
    except ValueError:
        return None


def read_head(source: Source) -> TextFile | None:
    """The file as text, or None where it is something else; the source is then wherever it is."""
    first = source.line().removeprefix(_BYTE_ORDER_MARK)
    header = HEADER.fullmatch(first)
    start = source.stream.tell() if header else 0
    line = source.line() if header else first
    fields = line.split()
    numbers = numbers_at_end(fields)
    separator = b"\t" if line.count(b"\t") >= len(fields) - 1 > 0 else b" "
    if header:
        dimensions = int(header[2])
        source.stream.seek(start)
        if numbers < dimensions and not _is_text(source.stream.read(_SAMPLE)):
            return None
        source.stream.seek(start)
        return TextFile(source, dimensions, int(header[1]), separator)
    dimensions = min(numbers, len(fields) - 1)
    return TextFile(source, dimensions, None, separator) if dimensions > 1 else None  # one number could be a count


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
    return True
