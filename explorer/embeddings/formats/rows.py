"""What every file of vectors gives: blocks of words and rows, checked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.source import FormatError, Source
from explorer.embeddings.subwords import Subwords
from explorer.texts import _, _n

MOST_WORDS = 20_000_000
MOST_DIMENSIONS = 10_000
LONGEST_WORD = 1_000  # bytes; whole sentences and addresses have fewer
_MOST_LETTERS = 2**28  # of all words together, which are in memory: 13 a word where there are as many as can be
_DIGITS = 64  # bytes of a number as text
_SHORTEST = 1e-15  # the length of a vector: the squares of shorter ones vanish or lose digits in float32
_NAMED = 3  # words with vectors of zeros that are named
_BLOCK = 2**18  # numbers read at a time: all that is in memory of a file; other threads run in between


@dataclass(frozen=True, eq=False)
class Block:
    """Some of a file's words and their rows."""

    words: list[str]
    vectors: Array  # (n, d) float32
    counts: list[int] | None = None
    norms: Array = field(default_factory=lambda: np.empty(0))  # (n,) float64, which `VectorFile.blocks` adds


class VectorFile(ABC):
    """A file of vectors whose head has been read; `blocks` reads the rest, once.

    `notes` has a sentence for each thing that a reader of the answers should know; all are there after the last block.
    """

    format: str
    subwords: Subwords | None = None

    def __init__(self, source: Source, dimensions: int) -> None:
        if not 1 <= dimensions <= MOST_DIMENSIONS:
            raise FormatError(
                _(
                    "{name} says that it has {dimensions:,} dimensions, but 1 to {most_dimensions:,} can be read.",
                    name=source.name,
                    dimensions=dimensions,
                    most_dimensions=MOST_DIMENSIONS,
                )
            )
        self.source = source
        self.dimensions = dimensions
        self.rows_at_a_time = max(1, _BLOCK // dimensions)
        self.longest_line = LONGEST_WORD + _DIGITS * (dimensions + 1)
        self.notes: list[str] = []

    @abstractmethod
    def _blocks(self) -> Iterator[Block]: ...

    def _share(self, rows: int) -> float | None:
        """How much is done after so many rows; None where that is how far the file was read."""
        return None

    def blocks(self) -> Iterator[Block]:
        """All rows, in the order of the file. Raises FormatError for what cannot be a vocabulary with vectors."""
        name = self.source.name
        rows: dict[str, int] = {}
        letters = 0
        zeros: list[str] = []
        for block in self._blocks():
            first = len(rows)
            if first + len(block.words) > MOST_WORDS:
                raise FormatError(
                    _(
                        "{name} holds more than {most_words:,} words. Take its most frequent ones.",
                        name=name,
                        most_words=MOST_WORDS,
                    )
                )
            for row, word in enumerate(block.words, start=first):
                if not word or "\n" in word:
                    raise FormatError(
                        _("Row {row:,} of {name} has no word, or one with a line break in it.", row=row + 1, name=name)
                    )
                if rows.setdefault(word, row) != row:
                    raise self.twice(word, rows[word], row)
                letters += len(word)
            if letters > _MOST_LETTERS:
                raise FormatError(
                    _(
                        "The words of {name} have more than {most_letters:,} letters. Take shorter ones.",
                        name=name,
                        most_letters=_MOST_LETTERS,
                    )
                )
            norms = compared(block.vectors, lambda row, words=block.words: f"“{words[row]}”", name)  # type: ignore[misc]
            zeros += [block.words[row] for row in np.flatnonzero(norms == 0)]
            yield replace(block, norms=norms)
            self.source.step(self._share(len(rows)))
        if not rows:
            raise FormatError(_("{name} holds no words.", name=name))
        if zeros:
            self.notes.append(_about_zeros(zeros, len(rows)))

    def twice(self, word: str, first: int, second: int) -> FormatError:
        """The sentence for a word that has two rows; they count from 0."""
        return FormatError(
            _(
                "“{word}” stands twice in {name}, in rows {first:,} and {second:,}: keep one.",
                word=word,
                name=self.source.name,
                first=first + 1,
                second=second + 1,
            )
        )

    def promised(self, words: int, rows: int) -> FormatError:
        """The sentence for a header that does not tell the truth."""
        return FormatError(
            _(
                "The header of {name} promises {words:,} words, but the file holds {rows:,}: it was cut "
                "short, or its header is wrong. Get the file again, or mend its first line.",
                name=self.source.name,
                words=words,
                rows=rows,
            )
        )


def compared(vectors: Array, name: Callable[[int], str], file: str) -> Array:
    """The lengths (n,) float64 of vectors (n, d), all of which can be compared with each other in float32.

    Raises FormatError for NaN and for lengths whose squares are too large or too small; `name` says whose row it is.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        norms: Array = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
        # NaN is not less than anything; of a distance, 2 q·x − ‖x‖² has to be finite
        possible = 4 * norms * norms < np.finfo(np.float32).max
    if not possible.all():
        raise FormatError(
            _(
                "The vector of {name} in {file} has NaN or infinite values, or so large ones "
                "that their squares are infinite, so nothing can be compared with it.",
                name=name(int(np.argmin(possible))),
                file=file,
            )
        )
    lost = (norms > 0) & (norms < _SHORTEST)
    if lost.any():
        row = int(np.argmax(lost))
        raise FormatError(
            _(
                "The vector of {name} in {file} has a length of only {norms:.1e}, too little to be compared with "
                "others: below {shortest:.0e} the digits are lost. Leave it out, or write zeros; if all vectors are "
                "so short, multiply them by one large number.",
                name=name(row),
                file=file,
                norms=norms[row],
                shortest=_SHORTEST,
            )
        )
    return norms


def _about_zeros(words: Sequence[str], among: int) -> str:
    named = ", ".join(f"“{word}”" for word in words[:_NAMED]) + (", …" if len(words) > _NAMED else "")
    return _n(
        "{count:,} of {among:,} vectors is all zeros, and nothing is near to it: {named}.",
        "{count:,} of {among:,} vectors are all zeros, and nothing is near to them: {named}.",
        len(words),
        among=among,
        named=named,
    )


def decoded(word: bytes, row: int, source: Source) -> str:
    """A word as text. Raises FormatError for what is not UTF-8, or is too long to be a word; `row` counts from 0."""
    if len(word) > LONGEST_WORD:
        raise FormatError(
            _(
                "Row {row:,} of {name} has a word of {word:,} bytes, but a word has at most "
                "{longest_word:,}. Is it damaged? If not, shorten that word.",
                row=row + 1,
                name=source.name,
                word=len(word),
                longest_word=LONGEST_WORD,
            )
        )
    try:
        return word.decode()
    except UnicodeDecodeError as error:
        raise FormatError(
            _(
                "The word in row {row:,} of {name} is not UTF-8 ({word!r}): save the file as UTF-8 and "
                "import it again.",
                row=row + 1,
                name=source.name,
                word=word[:40],
            )
        ) from error
