"""How similar words are to one another."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.vocabulary import find


@dataclass(frozen=True)
class Pair:
    """Two words as the vocabulary has them and the cosine of their vectors."""

    model: str
    first: str
    second: str
    similarity: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def similarity(embedding: Embedding, first: str, second: str) -> Pair:
    """The cosine of two words' vectors. Raises WordNotFound (a UserError) for a word the model lacks."""
    first, second = find(embedding, first), find(embedding, second)
    cosine = (
        np.dot(embedding.vector(first), embedding.vector(second))
        * embedding.inverse_norms[embedding.rows[first]]
        * embedding.inverse_norms[embedding.rows[second]]
    )
    return Pair(embedding.name, first, second, float(np.clip(cosine, -1, 1)))
