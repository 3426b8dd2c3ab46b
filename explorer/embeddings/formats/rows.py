"""What every file of vectors gives: blocks of words and rows, checked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.source import FormatError, Source
from explorer.embeddings.subwords import Subwords

MOST_WORDS = 20_000_000
MOST_DIMENSIONS = 10_000
_BLOCK = 2**18  # numbers read at a time: all that is in memory of a file; other threads run in between


@dataclass(frozen=True, eq=False)
class Block:
    """Some of a file's words and their rows."""

    words: list[str]
    vectors: Array  # (n, d) float32
    counts: list[int] | None = None


class VectorFile(ABC):
    """A file of vectors whose head has been read; `blocks` reads the rest, once."""

    format: str
    subwords: Subwords | None = None

    def __init__(self, source: Source, dimensions: int) -> None:
        if not 1 <= dimensions <= MOST_DIMENSIONS:
            raise FormatError(
                f"{source.name} says that it has {dimensions:,} dimensions, but 1 to {MOST_DIMENSIONS:,} can be read."
            )
        self.source = source
        self.dimensions = dimensions
        self.rows_at_a_time = max(1, _BLOCK // dimensions)

    @abstractmethod
    def _blocks(self) -> Iterator[Block]: ...

    def _share(self, rows: int) -> float | None:
        """How much is done after so many rows; None where that is how far the file was read."""
        return None

    def blocks(self) -> Iterator[Block]:
        """All rows, in the order of the file. Raises FormatError for what cannot be a vocabulary with vectors."""
        name = self.source.name
        rows: dict[str, int] = {}
        for block in self._blocks():
            first = len(rows)
            if first + len(block.words) > MOST_WORDS:
                raise FormatError(f"{name} holds more than {MOST_WORDS:,} words. Take its most frequent ones.")
            for row, word in enumerate(block.words, start=first):
                if not word or "\n" in word:
                    raise FormatError(f"Row {row + 1:,} of {name} has no word, or one with a line break in it.")
                if rows.setdefault(word, row) != row:
                    raise FormatError(
                        f"“{word}” stands twice in {name}, in rows {rows[word] + 1:,} and {row + 1:,}: keep one."
                    )
            with np.errstate(over="ignore", invalid="ignore"):
                squares = np.einsum("ij,ij->i", block.vectors, block.vectors)  # NaN and infinite values stay so in sums
                finite = np.isfinite(4 * squares)  # of a distance, 2 q·x − ‖x‖² has to be finite
            if not finite.all():
                word = block.words[int(np.argmin(finite))]
                raise FormatError(
                    f"The vector of “{word}” in {name} has NaN or infinite values, or so large ones that their squares "
                    "are infinite, so nothing can be compared with it."
                )
            yield block
            self.source.step(self._share(len(rows)))
        if not rows:
            raise FormatError(f"{name} holds no words.")

    def promised(self, words: int, found: int) -> FormatError:
        """The sentence for a header that does not tell the truth."""
        return FormatError(
            f"The header of {self.source.name} promises {words:,} words, but the file holds {found:,}: it was cut "
            "short, or its header is wrong. Get the file again, or mend its first line."
        )


def decoded(word: bytes, row: int, source: Source) -> str:
    """A word as text. Raises FormatError for what is not UTF-8; `row` counts from 0."""
    try:
        return word.decode()
    except UnicodeDecodeError as error:
        raise FormatError(
            f"The word in row {row + 1:,} of {source.name} is not UTF-8 ({word[:40]!r}): save the file as UTF-8 and "
            "import it again."
        ) from error
