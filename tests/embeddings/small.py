"""Embeddings made of a few words, for tests that need no file."""

from collections.abc import Sequence

import numpy as np

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.tags import encode_tags


def embedding_of(
    words: Sequence[str], counts: Sequence[int] | None = None, dimensions: int = 8, subwords=None, seed: int = 0
) -> Embedding:
    """These words with vectors drawn at random, and their counts where they are given."""
    vectors = np.random.default_rng(seed).normal(size=(len(words), dimensions)).astype(np.float32)
    return Embedding(
        name="small",
        words=list(words),
        vectors=vectors,
        inverse_norms=1 / np.linalg.norm(vectors, axis=1),
        counts=np.zeros(len(words), np.int64) if counts is None else np.array(counts),
        tag_codes=encode_tags([""] * len(words)),
        subwords=subwords,
    )
