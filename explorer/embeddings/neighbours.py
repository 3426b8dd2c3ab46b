"""The nearest neighbours of a word, as pages, CLI and exports all ask for them."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.search import exact
from explorer.embeddings.tags import UNIVERSAL_TAGS, code_of, decode_tag
from explorer.embeddings.vocabulary import find
from explorer.errors import UserError

MOST_NEIGHBOURS = 10_000


@dataclass(frozen=True)
class Neighbour:
    """One row of an answer: `similarity` is the cosine, `pos` the main universal tag, `count` the occurrences."""

    rank: int
    word: str
    pos: str
    similarity: float
    count: int


@dataclass(frozen=True)
class Answer:
    """What was asked for (`asked`, and the `word` that was found for it), and the neighbours, nearest first."""

    model: str
    asked: str
    word: str
    rows: tuple[Neighbour, ...]

    def as_json(self) -> dict[str, Any]:
        return {"model": self.model, "word": self.word, "neighbours": [asdict(row) for row in self.rows]}

    def as_csv(self) -> str:
        """A header line and one line a neighbour, as RFC 4180 has it."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(("rank", "word", "pos", "similarity", "count"))
        for row in self.rows:
            writer.writerow((row.rank, row.word, row.pos, row.similarity, row.count))
        return text.getvalue()


def neighbours(embedding: Embedding, asked: str, n: int = 10, pos: str | None = None, minimum_count: int = 0) -> Answer:
    """The `n` words nearest to `asked` by cosine, without the word itself.

    `pos` keeps words of that main tag, `minimum_count` words that occur at least so often; both before the first n
    are taken. Raises UserError for numbers or tags that make no sense, WordNotFound for an unknown word.
    """
    if not 1 <= n <= MOST_NEIGHBOURS:
        raise UserError(f"n is {n:,}, but must be from 1 to {MOST_NEIGHBOURS:,}.")
    if minimum_count < 0:
        raise UserError(f"The minimum count is {minimum_count:,}, but must be 0 or more.")
    allowed = candidates(embedding, pos, minimum_count)
    word = find(embedding, asked)
    allowed[embedding.rows[word]] = False
    rows, similarities = exact.nearest(embedding.vectors, embedding.inverse_norms, embedding.vector(word), n, allowed)
    return Answer(
        model=embedding.name,
        asked=asked,
        word=word,
        rows=tuple(
            Neighbour(
                rank=rank,
                word=embedding.words[row],
                pos=decode_tag(int(embedding.tag_codes[row])),
                similarity=float(similarity),
                count=int(embedding.counts[row]),
            )
            for rank, (row, similarity) in enumerate(zip(rows, similarities, strict=True), start=1)
        ),
    )


def candidates(embedding: Embedding, pos: str | None = None, minimum_count: int = 0) -> Array:
    """A boolean mask (V,) of the words of that main tag that occur at least so often."""
    allowed = np.asarray(embedding.counts >= minimum_count)
    if pos:
        try:
            allowed &= embedding.tag_codes == code_of(pos.upper())
        except KeyError:
            raise UserError(f"“{pos}” is not a part of speech. Take one of {', '.join(UNIVERSAL_TAGS)}.") from None
    return allowed
