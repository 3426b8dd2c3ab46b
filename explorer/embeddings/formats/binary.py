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
_USUAL = 40  # the exponent of 2 up to which a magnitude is usual; of wrong bytes, two thirds are beyond
_AT_ONCE = 256  # rows that are split and checked at once
_FIRST = 20  # rows that tell the order of bytes


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
                raise self._rest(row + len(words))
            vectors = np.frombuffer(b"".join(vector for _word, vector in words), self._numbers)
            texts = [self.decoded(word, row + place) for place, (word, _vector) in enumerate(words)]
            yield Block(texts, vectors.reshape(-1, self.dimensions).astype("<f4"), range(row, row + len(words)))
            row += len(words)
        self.promised(self.words, row)
        if self._unread.strip():
            self.report.bad("other width", row, "", self._rest(row))

    def _rows(self, first: int) -> list[tuple[bytes, bytes]]:
        """The words and vectors of a block that begins with the row `first`; none at the end."""
        if not first:
            self._recognise_order()
        rows, start = self._rows_ahead(min(self.rows_at_a_time, _MOST // (4 * self.dimensions) + 1), first)
        del self._unread[:start]
        return rows

    def _rows_ahead(self, most: int, first: int = 0) -> tuple[list[tuple[bytes, bytes]], int]:
        """So many of the rows that are unread, and where they end. They are split at their first spaces, many at once,
        and the first that does not fit at the space by which it does."""
        rows: list[tuple[bytes, bytes]] = []
        start, at_once = 0, _AT_ONCE
        while len(rows) < most:
            some, ends = self._split(start, min(at_once, most - len(rows)), first + len(rows))
            if not some:
                break
            fits = self._fit(some, ends)
            good = len(some) if fits.all() else int(np.argmin(fits))
            rows += some[:good]
            start = ends[good]
            at_once = min(2 * at_once, _AT_ONCE)
            if good < len(some):
                space = self._best_space(start)
                rows.append(self._row(start, space))
                start, at_once = space + 1 + 4 * self.dimensions, 1
        return rows, start

    def _split(self, start: int, most: int, row: int) -> tuple[list[tuple[bytes, bytes]], list[int]]:
        """So many rows from there on, each word up to its first space; where each begins, and where the last ends."""
        rows: list[tuple[bytes, bytes]] = []
        ends = [start]
        while len(rows) < most and (space := self._space(ends[-1], row + len(rows))) is not None:
            rows.append(self._row(ends[-1], space))
            ends.append(space + 1 + 4 * self.dimensions)
        return rows, ends

    def _fit(self, rows: list[tuple[bytes, bytes]], ends: list[int]) -> Array:
        """For each row whether all its numbers have usual magnitudes, and a word follows."""
        followed = [_is_text(word) for word, _vector in rows[1:]] + [self._has_word_at(ends[-1])]
        fits: Array = (self._unusual(rows) == 0) & np.array(followed)
        return fits

    def _unusual(self, rows: list[tuple[bytes, bytes]]) -> Array:
        """How many numbers of each row have an unusual magnitude, which is above 2⁴⁰ or below 2⁻⁴⁰ and not 0."""
        bits = np.frombuffer(b"".join(vector for _word, vector in rows), self._numbers.str.replace("f", "u"))
        exponents = (bits >> 23 & 0xFF).astype(np.int16) - 127
        are_unusual = (np.abs(exponents) > _USUAL) & (bits << 1 != 0)
        count: Array = are_unusual.reshape(-1, self.dimensions).sum(axis=1)
        return count

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

    def _best_space(self, start: int) -> int:
        """Where the word ends that begins there: at the first space, unless a word follows only by a later one, or less
        than half as many numbers are unusual by that."""
        width = 4 * self.dimensions
        furthest = start + LONGEST_WORD
        self._read_until(furthest + width)

        def unusual(space: int) -> int:
            return int(self._unusual([self._row(start, space)])[0])

        best = space = self._unread.find(b" ", start)
        fewest, is_followed = unusual(best), self._has_word_at(best + 1 + width)
        while (fewest or not is_followed) and (space := self._unread.find(b" ", space + 1, furthest)) >= 0:
            word, vector = self._row(start, space)
            if len(vector) < width or not _is_text(word):
                break
            if not self._has_word_at(space + 1 + width):
                continue
            count = unusual(space)
            if 2 * count < fewest or (not is_followed and count <= fewest):
                best, fewest, is_followed = space, count, True
        return best

    def _has_word_at(self, start: int) -> bool:
        """Whether a word stands there, or the file ends."""
        self._read_until(start + LONGEST_WORD)
        following = bytes(self._unread[start : start + LONGEST_WORD])
        return not following.strip() or _is_text(following.partition(b" ")[0].lstrip(b"\n"))

    def _recognise_order(self) -> None:
        """Take the order of bytes by which fewer numbers of the first rows are unusual. Raises FormatError where bytes
        of numbers stand in place of most words."""
        unusual = {}
        for order in (_LITTLE, _BIG):
            self._numbers = order
            unusual[order] = int(self._unusual(self._rows_ahead(_FIRST)[0]).sum())
        if unusual[_BIG] >= unusual[_LITTLE]:
            self._numbers = _LITTLE
        else:
            self.report.say(
                _("Its numbers stand in the order of bytes of another kind of machine (big-endian), and were read so.")
            )
        following = [word for word, _vector in self._rows_ahead(_FIRST)[0][1:]]
        if 2 * sum(not word or min(word) < ord(" ") for word in following) > len(following):
            raise FormatError(
                _(
                    "The rows of {name} do not have {dimensions:,} numbers of four bytes, which its header promises: "
                    "the header is wrong, or the numbers are of another type, such as float64. Save it again with "
                    "float32, or as text.",
                    name=self.source.name,
                    dimensions=self.dimensions,
                )
            )

    def _rest(self, rows: int) -> FormatError:
        """The sentence for what is left after so many whole rows."""
        if rows < self.words:
            return FormatError(
                _(
                    "{name} ends within row {row:,} of the {words:,} that its header promises: it was cut short, or "
                    "its header is wrong. Get the file again.",
                    name=self.source.name,
                    row=rows + 1,
                    words=self.words,
                )
            )
        return FormatError(
            _(
                "{name} goes on after the {words:,} words that its header promises: it is damaged, "
                "or its header is wrong. Get the file again.",
                name=self.source.name,
                words=self.words,
            )
        )


def _is_text(word: bytes) -> bool:
    """Whether it is UTF-8 without control characters, and not empty."""
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return bool(word) and min(word) >= ord(" ")


def read_head(source: Source, metadata: Path | None = None) -> BinaryFile | None:
    """The file as word2vec binary, or None where its first line says that it is something else."""
    header = HEADER.fullmatch(source.line())
    return BinaryFile(source, int(header[2]), int(header[1])) if header else None
