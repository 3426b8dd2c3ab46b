"""fastText's own format (.bin): words with counts, and vectors of their n-grams, from which a word's vector is made.

gensim reads it too, but byte by byte, with memory for whatever the header promises, and for ever where it was cut.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.rows import LONGEST_WORD, MOST_WORDS, Block, VectorFile, compared
from explorer.embeddings.formats.source import FormatError, Source
from explorer.embeddings.subwords import LONGEST_NGRAM, Subwords
from explorer.texts import _

_MAGIC = struct.pack("<i", 793_712_314)
_NGRAMS = 100_000  # of words that are composed at a time: a word has some thirty
_MOST_OCCURRENCES = 10**15  # of a word; all that was ever printed has fewer


class FastTextFile(VectorFile):
    """An unsupervised fastText model; its dictionary and the vectors of its n-grams are read when it is opened."""

    format = "fastText"

    def __init__(self, source: Source) -> None:
        # The oldest files have neither a magic number nor a version, and begin with the dimensions.
        self._new = source.head().startswith(_MAGIC)
        if self._new:
            source.read(8)
        self.source = source
        dimensions, *_training, buckets, minimum, maximum, _rate = self._integers("12i")
        super().__init__(source, dimensions)
        source.read(8)  # the sampling threshold
        self._words, self._counts = self._dictionary()
        if self._new and self._integers("?")[0]:
            raise self._quantised()
        rows, width = self._integers("2q")
        self._start = source.stream.tell()
        fits = rows == len(self._words) + buckets and buckets >= 0 and width == dimensions
        if not fits or not 0 <= minimum <= maximum:
            raise FormatError(
                _("{name} is damaged: its parts do not fit together. Get the file again.", name=source.name)
            )
        if maximum > LONGEST_NGRAM:
            raise FormatError(
                _(
                    "{name} says that its n-grams have up to {maximum:,} characters, but {longest_ngram} can be "
                    "read (fastText's own have 6): it is damaged, or train it with a smaller -maxn.",
                    name=source.name,
                    maximum=maximum,
                    longest_ngram=LONGEST_NGRAM,
                )
            )
        if not source.holds(self._start + 4 * rows * width):
            raise source.cut_short()
        if buckets and maximum:
            source.stream.seek(self._start + 4 * len(self._words) * dimensions)
            self.subwords = Subwords(self._buckets(buckets), minimum, maximum)

    def _blocks(self) -> Iterator[Block]:
        self.source.stream.seek(self._start)
        for first, end in self._stretches():
            words = self._words[first:end]
            vectors = self._floats(len(words), self._share(first))
            if self.subwords is not None:
                vectors = _composed(words, vectors, self.subwords)
            yield Block(words, vectors, range(first, end), self._counts[first:end])

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """From which word to which are read at a time: fewer where they have many n-grams."""
        lengths = 0 if self.subwords is None else self.subwords.maximum - self.subwords.minimum + 1
        first = ngrams = 0
        for row, word in enumerate(self._words):
            ngrams += lengths * (len(word) + 2)
            if row - first == self.rows_at_a_time or (ngrams > _NGRAMS and row > first):
                yield first, row
                first, ngrams = row, lengths * (len(word) + 2)
        if first < len(self._words):
            yield first, len(self._words)

    def _share(self, rows: int) -> float:
        return 0.5 + 0.5 * rows / len(self._words)  # reading the dictionary and the n-grams was the first half

    def _dictionary(self) -> tuple[list[str], list[int]]:
        entries, words_promised, labels = self._integers("3i")
        self.source.read(8)  # the number of tokens
        pruned = self._integers("q")[0] if self._new else -1
        if labels or entries != words_promised:
            raise FormatError(
                _("{name} is a fastText classifier, which has labels: train without them.", name=self.source.name)
            )
        if pruned > 0:
            raise self._quantised()
        if entries > MOST_WORDS:
            raise FormatError(
                _(
                    "{name} says that it has {words:,} words, but {most_words:,} can be read: it is "
                    "damaged, or train it with a larger -minCount.",
                    name=self.source.name,
                    words=entries,
                    most_words=MOST_WORDS,
                )
            )
        words: list[str] = []
        rows: dict[str, int] = {}
        counts: list[int] = []
        for row in range(entries):
            # fastText cuts long words in the middle of a letter; gensim shows such bytes in the same way.
            words.append(word := self._word(row).decode(errors="backslashreplace"))
            if rows.setdefault(word, row) != row and self.report.strict:
                raise self.twice(word, rows[word], row)
            counts.append(self._integers("qb")[0])
            if not 0 <= counts[-1] <= _MOST_OCCURRENCES:
                raise FormatError(
                    _(
                        "{name} is damaged: it says that “{word}” occurs {counts:,} times.",
                        name=self.source.name,
                        word=word,
                        counts=counts[-1],
                    )
                )
            if row % 10_000 == 0:
                self.source.step(0.0)
        return words, counts

    def _word(self, row: int) -> bytes:
        word = bytearray()
        while (byte := self.source.read(1)) != b"\0":
            word += byte
            if len(word) > LONGEST_WORD:
                raise FormatError(
                    _(
                        "{name} is damaged: it has a word of more than {longest_word:,} bytes.",
                        name=self.source.name,
                        longest_word=LONGEST_WORD,
                    )
                )
        if not word:
            raise FormatError(_("{name} is damaged: row {row:,} has no word.", name=self.source.name, row=row + 1))
        return bytes(word)

    def _buckets(self, rows: int) -> Array:
        """The vectors (B, d) of n-grams, which are asked about words that no file has."""
        vectors = self._floats(rows)
        for first in range(0, rows, self.rows_at_a_time):
            piece = vectors[first : first + self.rows_at_a_time]

            def name(row: int, first: int = first) -> str:
                return _("n-gram bucket {number:,}", number=first + row + 1)

            compared(piece, name, self.source.name)
        return vectors

    def _floats(self, rows: int, share: float | None = None) -> Array:
        """The next rows (n, d) float32 of the matrix; `share` is how much is done, None to tell it as they come."""
        matrix = np.empty((rows, self.dimensions), dtype="<f4")
        for first in range(0, rows, self.rows_at_a_time):
            piece = matrix[first : first + self.rows_at_a_time]
            piece[:] = np.frombuffer(self.source.read(piece.nbytes), dtype="<f4").reshape(piece.shape)
            self.source.step(0.5 * first / rows if share is None else share)
        return matrix

    def _integers(self, layout: str) -> tuple[int, ...]:
        layout = f"<{layout}"
        return struct.unpack(layout, self.source.read(struct.calcsize(layout)))

    def _quantised(self) -> FormatError:
        return FormatError(
            _("{name} is a quantised fastText model (.ftz): take the .bin file instead.", name=self.source.name)
        )


def _composed(words: list[str], vectors: Array, subwords: Subwords) -> Array:
    """The mean (n, d) of each word's own vector and those of its n-grams (Bojanowski et al. 2017, section 3.2)."""
    from scipy.sparse import csr_array  # takes a tenth of a second to import, which no look-up need wait for

    rows = [subwords.rows(word) for word in words]
    counts = np.array([len(row) for row in rows])
    ends = np.concatenate([[0], np.cumsum(counts)])
    ones = np.ones(ends[-1], dtype=np.float32)
    ngrams = csr_array((ones, np.concatenate(rows).astype(np.int32), ends), shape=(len(words), subwords.buckets))
    with np.errstate(over="ignore", invalid="ignore"):  # `blocks` looks at what comes of it
        mean: Array = (vectors + ngrams @ subwords.vectors) / (counts + 1)[:, None].astype(np.float32)
    return mean


def read_head(source: Source, metadata: Path | None = None) -> FastTextFile | None:
    """The file as fastText's, or None where its first bytes say that it is something else."""
    head = source.head()
    if head.startswith(_MAGIC):
        return FastTextFile(source)
    if len(head) >= 48:
        # An old file begins with twelve small integers: text or a word2vec header never has so many zero bytes.
        settings = struct.unpack("<12i", head[:48])
        if 0 < settings[0] < 10_000 and 0 < settings[1] < 1_000 and all(0 <= x < 10**8 for x in settings):
            return FastTextFile(source)
    return None
