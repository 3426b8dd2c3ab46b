"""word2vec's binary format: a line "V d", then for each word its text, a space and d little-endian floats.

Two kinds of files break that, and are read: numbers in the order of bytes of other machines, and words with a space in
them, as gensim writes them. Wrong bytes make numbers of all magnitudes, by which both are recognised.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from explorer.arrays import Array
from explorer.embeddings.formats.opening import HEADER
from explorer.embeddings.formats.rows import LONGEST_WORD, Block, VectorFile
from explorer.embeddings.formats.source import FormatError, Source
from explorer.texts import _

_PIECE = 2**18  # bytes read at a time
_MOST = 2**23  # bytes of a block: fewer rows where words are long
_LITTLE, _BIG = np.dtype("<f4"), np.dtype(">f4")
_USUAL = 0.75  # share of the numbers of a row from 2⁻⁴⁰ to 2⁴⁰; of wrong bytes, a third are


class BinaryFile(VectorFile):
    """What stands after the header, which promised so many words."""

    format = "word2vec binary"

    def __init__(self, source: Source, dimensions: int, words: int) -> None:
        super().__init__(source, dimensions)
        self.words = words
        self._unread = bytearray()  # from the first row of a block on
        self._numbers = _LITTLE

    def _blocks(self) -> Iterator[Block]:
        row = 0
        while words := self._rows(row):
            if self.report.strict and row + len(words) > self.words:
                raise self._goes_on()
            vectors = np.frombuffer(b"".join(vector for _word, vector in words), self._numbers)
            texts = [self.decoded(word, row + place) for place, (word, _vector) in enumerate(words)]
            yield Block(texts, vectors.reshape(-1, self.dimensions).astype("<f4"), range(row, row + len(words)))
            row += len(words)
        self.promised(self.words, row)
        if self._unread.strip():
            self.report.bad("other width", row, "", self._goes_on())

    def _rows(self, first: int) -> list[tuple[bytes, bytes]]:
        """The words and vectors of a block that begins with the row `first`; none at the end."""
        rows: list[tuple[bytes, bytes]] = []
        ends = [0]
        checked = 0
        while True:
            while ends[-1] < _MOST and len(rows) < self.rows_at_a_time:
                space = self._space(ends[-1], first + len(rows))
                if space is None:
                    break
                rows.append(self._row(ends[-1], space))
                ends.append(space + 1 + 4 * self.dimensions)
            if not first and not checked:
                self._recognise_order(rows)
            followed = [_is_text(word) for word, _vector in rows[checked + 1 :]]
            followed += [self._has_word_at(ends[-1])] * (checked < len(rows))
            fits = _are_usual(rows[checked:], self._numbers, self.dimensions) & np.array(followed, dtype=bool)
            if fits.all():
                break
            place = checked + int(np.argmin(fits))
            checked = place + 1
            if space := self._later_space(ends[place]):
                del rows[place:], ends[checked:]
                rows.append(self._row(ends[place], space))
                ends.append(space + 1 + 4 * self.dimensions)
        del self._unread[: ends[-1]]
        return rows

    def _row(self, start: int, space: int) -> tuple[bytes, bytes]:
        # The first word2vec tool ends each vector with a line break, which then stands before the next word.
        word = bytes(self._unread[start:space]).lstrip(b"\n")
        return word, bytes(self._unread[space + 1 : space + 1 + 4 * self.dimensions])

    def _space(self, start: int, row: int) -> int | None:
        """Where the word that starts there ends, with its vector read; None where no whole row follows."""
        while True:
            space = self._unread.find(b" ", start)
            if space >= 0 and len(self._unread) > space + 4 * self.dimensions:
                return space
            if space < 0 and len(self._unread) - start > LONGEST_WORD:
                raise FormatError(_("{name} is damaged in row {row:,}.", name=self.source.name, row=row + 1))
            if not self._read_until(len(self._unread) + 1):
                return None

    def _read_until(self, length: int) -> bool:
        """Read on until so many bytes are there; whether the file has them."""
        while len(self._unread) < length:
            more = self.source.stream.read(max(_PIECE, 4 * self.dimensions))
            if not more:
                return False
            self._unread += more
        return True

    def _later_space(self, start: int) -> int | None:
        """Where the word ends that has a space in it: usual numbers follow there, and a word. None where they never
        do."""
        width = 4 * self.dimensions
        furthest = start + LONGEST_WORD
        self._read_until(furthest + width)
        space = self._unread.find(b" ", start)
        while (space := self._unread.find(b" ", space + 1, furthest)) >= 0:
            row = self._row(start, space)
            if len(row[1]) < width or not _is_text(row[0]):
                return None
            if _are_usual([row], self._numbers, self.dimensions)[0] and self._has_word_at(space + 1 + width):
                return space
        return None

    def _has_word_at(self, start: int) -> bool:
        """Whether a word stands there, or the file ends."""
        self._read_until(start + LONGEST_WORD)
        return _is_text(bytes(self._unread[start : start + LONGEST_WORD]).partition(b" ")[0].lstrip(b"\n"))

    def _recognise_order(self, rows: list[tuple[bytes, bytes]]) -> None:
        """Take the order of bytes in which the numbers of more of the first rows are usual."""
        little, big = (np.count_nonzero(_are_usual(rows, order, self.dimensions)) for order in (_LITTLE, _BIG))
        if big > 2 * little:
            self._numbers = _BIG
            self.report.say(
                _("Its numbers stand in the order of bytes of another kind of machine (big-endian), and were read so.")
            )

    def _goes_on(self) -> FormatError:
        return FormatError(
            _(
                "{name} goes on after the {words:,} words that its header promises: it is damaged, "
                "or its header is wrong.",
                name=self.source.name,
                words=self.words,
            )
        )


def _are_usual(rows: list[tuple[bytes, bytes]], numbers: np.dtype[np.float32], dimensions: int) -> Array:
    """For each row whether most of its numbers have a usual magnitude or are 0."""
    bits = np.frombuffer(b"".join(vector for _word, vector in rows), numbers.str.replace("f", "u"))
    exponents = (bits >> 23 & 0xFF).astype(np.int16) - 127
    are_usual = (np.abs(exponents) <= 40) | (bits << 1 == 0)
    most: Array = are_usual.reshape(-1, dimensions).mean(axis=1) >= _USUAL
    return most


def _is_text(word: bytes) -> bool:
    """Whether it is UTF-8 without control characters."""
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return not word or min(word) >= ord(" ")


def read_head(source: Source, metadata: Path | None = None) -> BinaryFile | None:
    """The file as word2vec binary, or None where its first line says that it is something else."""
    header = HEADER.fullmatch(source.line())
    return BinaryFile(source, int(header[2]), int(header[1])) if header else None
