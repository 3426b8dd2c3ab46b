"""An embedding: words, their vectors, how often each occurs and what part of speech it mostly is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.arrays import Array as Array
from explorer.embeddings.bounds import LEAST_SHARE, UNIVERSAL_TAGS
from explorer.embeddings.tags import UNKNOWN, code_of, decode_tag

if TYPE_CHECKING:
    from explorer.embeddings.columns import Columns
    from explorer.embeddings.engine.vectors import RemoteVectors
    from explorer.embeddings.subwords import Subwords


@dataclass(frozen=True, eq=False)
class Embedding:
    """V words in d dimensions; row i of every array belongs to `words[i]`. Words are ordered by falling frequency."""

    name: str
    words: Sequence[str]
    vectors: Array  # (V, d) float32, as the model file has them
    inverse_norms: Array  # (V,) float32: 1/‖row‖, and 0 for a row of zeros
    counts: Array  # (V,) int64: occurrences in the training corpus; all 0 where nobody knows
    tag_codes: Array  # (V,) uint8: the main part of speech, see tags.py
    tag_shares: Array | None = None  # (V, 17) uint8: how often it is each part of speech, in percent, where known
    subwords: Subwords | None = None  # for words that are not among `words`; fastText models have them
    columns: Columns | None = None  # what else a file said of the words, such as a category
    rows: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", {word: row for row, word in enumerate(self.words)})

    @property
    def size(self) -> int:
        """V, the number of words."""
        return len(self.words)

    @property
    def dimensions(self) -> int:
        """d, the length of a vector."""
        return int(self.vectors.shape[1])

    @property
    def remote(self) -> RemoteVectors | None:
        """The vectors where an engine has them, see `engine`; None where they are on this machine."""
        return None if isinstance(self.vectors, np.ndarray) else self.vectors

    @property
    def has_counts(self) -> bool:
        """Whether it is known how often the words occur; most files of vectors only have the words in that order."""
        return bool(self.counts[0] > 0)

    def __contains__(self, word: str) -> bool:
        return word in self.rows

    def vector(self, word: str) -> Array:
        """The row (d,) of a word that is in the vocabulary; KeyError otherwise (`lookup.find` says it nicely)."""
        row: Array = self.vectors[self.rows[word]]
        return row

    def rows_of(self, words: Iterable[str]) -> list[int]:
        """The rows of words that are in the vocabulary; KeyError otherwise."""
        return [self.rows[word] for word in words]

    def units(self, rows: Sequence[int] | Array | slice) -> Array:
        """The vectors of some rows (n, d) float32, each of length 1; a row of zeros stays one."""
        units: Array = self.vectors[rows] * self.inverse_norms[rows, None]
        return units

    def subset(self, rows: Sequence[int] | Array | slice) -> Embedding:
        """The words of some rows as an embedding of their own; for a slice, no vector is copied."""
        words = self.words[rows] if isinstance(rows, slice) else [self.words[row] for row in rows]
        arrays = (self.vectors[rows], self.inverse_norms[rows], self.counts[rows], self.tag_codes[rows])
        vectors, inverse_norms, counts, tag_codes = arrays
        return replace(
            self,
            words=words,
            vectors=vectors,
            inverse_norms=inverse_norms,
            counts=counts,
            tag_codes=tag_codes,
            columns=self.columns and self.columns.subset(rows),
            tag_shares=None if self.tag_shares is None else self.tag_shares[rows],
        )

    def with_word(self, word: str, vector: Array) -> Embedding:
        """The embedding with one more word at its end, of which nothing but its vector (d,) is known."""
        length = float(np.linalg.norm(vector))
        return replace(
            self,
            words=[*self.words, word],
            vectors=np.vstack([self.vectors, vector.astype(np.float32)]),
            inverse_norms=np.append(self.inverse_norms, np.float32(1 / length if length else 0)),
            counts=np.append(self.counts, 0),
            tag_codes=np.append(self.tag_codes, np.uint8(code_of(UNKNOWN))),
            tag_shares=None
            if self.tag_shares is None
            else np.vstack([self.tag_shares, np.zeros_like(self.tag_shares[:1])]),
            columns=None,
        )

    def tag(self, word: str) -> str:
        """The word's main universal part-of-speech tag, or an empty string where it is not known."""
        return decode_tag(int(self.tag_codes[self.rows[word]]))

    def further(self, row: int) -> dict[str, str]:
        """What the further columns say of the word of a row; nothing where there are none."""
        return self.columns.of(row) if self.columns else {}

    def tags(self, row: int) -> dict[str, float]:
        """The tags as which the word of a row passes, with their shares (0 to 1), the main tag first: that one, and
        each in LEAST_SHARE percent of its uses. A main tag whose share is not known has all."""
        main = decode_tag(int(self.tag_codes[row]))
        if not main:
            return {}
        if self.tag_shares is None:
            return {main: 1.0}
        shares = {tag: int(percent) for tag, percent in zip(UNIVERSAL_TAGS, self.tag_shares[row], strict=True)}
        others = sorted((tag for tag in shares if tag != main and shares[tag] >= LEAST_SHARE), key=lambda t: -shares[t])
        return {tag: shares[tag] / 100 for tag in (main, *others)}

    def passing(self, tags: Sequence[str]) -> Array:
        """A mask (V,) of the words that pass as one of these tags. Raises KeyError for what is none."""
        codes = [code_of(tag) for tag in tags]
        mask: Array = np.isin(self.tag_codes, codes)
        if self.tag_shares is not None:
            for code in codes:
                mask |= self.tag_shares[:, code - 1] >= LEAST_SHARE
        return mask

    def count(self, word: str) -> int:
        return int(self.counts[self.rows[word]])
