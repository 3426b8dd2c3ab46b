"""Which word of a list does not fit?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from explorer.answers import Answer, Table
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.queries import unit_vectors
from explorer.embeddings.word_lists import cosine, notes, query_list
from explorer.errors import UserError
from explorer.texts import _


@dataclass(frozen=True)
class Fit:
    """How well a word fits its list: the cosine of its vector with the mean of all, each at length 1."""

    word: str
    similarity: float


@dataclass(frozen=True)
class OddOneOut(Answer):
    """The words of a list by how well they fit, the best first; the last is the odd one."""

    model: str
    rows: tuple[Fit, ...]
    notes: tuple[str, ...] = ()  # how vectors came that are not a word's own

    @property
    def word(self) -> str:
        return self.rows[-1].word

    @property
    def headline(self) -> str:
        return f"{self.word} · {self.model}"

    @property
    def sentences(self) -> tuple[str, ...]:
        return self.notes

    def as_json(self) -> dict[str, Any]:
        rows = [asdict(row) for row in self.rows]
        return {"model": self.model, "odd_one_out": self.word, "words": rows, "notes": list(self.notes)}

    def table(self) -> Table:
        """One row a word, the odd one last."""
        return Table(("word", "similarity"), tuple((row.word, row.similarity) for row in self.rows))


def odd_one_out(embedding: Embedding, words: Sequence[str]) -> OddOneOut:
    """Which of 3 to 100 words is farthest from the mean of them all, as gensim's `doesnt_match` has it.

    Raises UserError as `word_lists.query_list` does, and for words that cancel each other out.
    """
    queries = query_list(embedding, words, least=3)
    units = unit_vectors(queries)  # (n, d)
    mean = units.mean(axis=0)
    if np.linalg.norm(mean) < 1e-9:
        raise UserError(_("The words of the list cancel each other out, so none is nearer to their mean: change one."))
    rows = [Fit(query.label, cosine(unit, mean) or 0.0) for query, unit in zip(queries, units, strict=True)]
    return OddOneOut(embedding.name, tuple(sorted(rows, key=lambda row: -row.similarity)), notes(queries))
