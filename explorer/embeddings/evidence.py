"""What is known about neighbours beside their cosines: how high those are, and whether another seed agrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from explorer.embeddings.as_high import Population
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.neighbour_list import Answer, Neighbour
from explorer.embeddings.percentiles import percentiles, population, shares_of_words
from explorer.embeddings.queries import resolve
from explorer.embeddings.stability import survivors, words_known

_OF_WORDS: dict[Population, Population] = {
    "frequent pairs": "frequent words", "ranked pairs": "ranked words", "pairs": "words", "all pairs": "all words",
}  # fmt: skip


def with_evidence(embedding: Embedding, answer: Answer, pos: str | Sequence[str] | None = None) -> Answer:
    """The answer whose neighbours have their `percentile` and `survived`, where these can be known.

    The cosine of two words is compared with random pairs of words as frequent as they are; that of a phrase, a formula
    or an unknown word with the cosines of other random words, as frequent as the neighbour, to the same vector.
    """
    words = [row.word for row in answer.rows]
    if embedding.size < 2 or not words or embedding.remote:  # tens of thousands of vectors would have to be fetched
        return answer
    survival, compared_with = None, population(embedding)
    if answer.word in embedding:
        compared = percentiles(embedding, answer.word, words)
        shares, pairs = [pair.share for pair in compared], max(pair.pairs for pair in compared)
        survival = survivors(embedding, answer.word, words)
    else:
        shares, pairs = shares_of_words(embedding, resolve(embedding, answer.asked, pos).vector, words)
        compared_with = _OF_WORDS[compared_with]
    survived = survival.survived if survival else [None] * len(words)
    rows = tuple(
        Neighbour(**vars(row) | {"percentile": share, "survived": times})  # `replace` would take longer
        for row, share, times in zip(answer.rows, shares, survived, strict=True)
    )
    return replace(
        answer,
        rows=rows,
        random_pairs=pairs,
        population=compared_with,
        other_seeds=survival.sisters if survival else None,
        depth=survival.depth if survival else None,
        seeds_know=None if survival else words_known(embedding),
    )
