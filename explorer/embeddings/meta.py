"""Several models' vectors as one: concatenated or averaged, each model's at length 1 first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.arrays import inverse
from explorer.embeddings.embedding import Array, Embedding


def concatenation(embeddings: Sequence[Embedding]) -> Embedding:
    """The vectors of each word side by side, zeros where a model lacks the word (Yin & Schütze 2016)."""
    words = _words(embeddings)
    return _joined(embeddings, words, np.hstack([_rows(each, words, each.dimensions) for each in embeddings]))


def mean(embeddings: Sequence[Embedding]) -> Embedding:
    """The mean of each word's vectors, over the models that have it; shorter vectors are filled up with zeros (Coates &
    Bollegala 2018)."""
    words, width = _words(embeddings), max(each.dimensions for each in embeddings)
    having = np.sum([[word in each for word in words] for each in embeddings], axis=0)
    total = sum(_rows(each, words, width) for each in embeddings)
    return _joined(embeddings, words, np.asarray(total / having[:, None]))


def _words(embeddings: Sequence[Embedding]) -> list[str]:
    """The words of all, in the order of the first model that has them."""
    return list(dict.fromkeys(word for each in embeddings for word in each.words))


def _rows(embedding: Embedding, words: Sequence[str], width: int) -> Array:
    rows = np.zeros((len(words), width), np.float32)
    places = {word: place for place, word in enumerate(words)}
    rows[[places[word] for word in embedding.words], : embedding.dimensions] = embedding.units(slice(None))
    return rows


def _joined(embeddings: Sequence[Embedding], words: list[str], vectors: Array) -> Embedding:
    return Embedding(
        " + ".join(each.name for each in embeddings),
        words,
        vectors.astype(np.float32),
        inverse(np.linalg.norm(vectors, axis=1)).astype(np.float32),
        np.zeros(len(words), np.int64),
        np.zeros(len(words), np.uint8),
    )
