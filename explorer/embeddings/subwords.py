"""Vectors for words that a model has never seen, from their character n-grams, as fastText makes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.errors import UserError
from explorer.texts import _

LONGEST_NGRAM = 20  # characters; nobody has such long ones, and what words cost grows with its square


@dataclass(frozen=True, eq=False)
class Subwords:
    """The vectors of a fastText model's n-grams, hashed into B buckets (Bojanowski et al. 2017, arXiv:1607.04606)."""

    vectors: Array  # (B, d) float32
    minimum: int  # the least characters of an n-gram, counting the marks < and > around a word
    maximum: int

    @property
    def buckets(self) -> int:
        """B, the number of buckets that n-grams are hashed into."""
        return len(self.vectors)

    def rows(self, word: str) -> list[int]:
        """The buckets of the word's n-grams, by fastText's hash."""
        # gensim takes a second to import, and most questions need no subwords
        from gensim.models.fasttext import ft_ngram_hashes

        rows: list[int] = ft_ngram_hashes(word, self.minimum, self.maximum, self.buckets)
        return rows

    def vector(self, word: str) -> Array:
        """The mean (d,) float32 of the vectors of the word's n-grams: fastText's guess for a word it does not know.

        Raises UserError for a word too short to have an n-gram.
        """
        rows = self.rows(word)
        if not rows:
            raise UserError(
                _(
                    "“{word}” is too short to be guessed from its parts, which have {minimum} characters or more.",
                    word=word,
                    minimum=self.minimum,
                )
            )
        mean: Array = self.vectors[rows].mean(axis=0, dtype=np.float32)
        return mean
