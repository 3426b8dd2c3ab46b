"""Several words at once: found and checked as a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.queries import Query, resolve
from explorer.embeddings.vocabulary import parts_of, spelled, variant
from explorer.errors import UserError

MOST_WORDS = 100
_NAMED = 5  # unknown words that are named


def query_list(embedding: Embedding, asked: Sequence[str], least: int, most: int = MOST_WORDS) -> tuple[Query, ...]:
    """What the words of a list stand for, see `queries.resolve`, each once and in their order.

    Raises UserError for a list that is too short or too long, and for unknown words, all of them at once.
    """
    if len(asked) > most:
        raise UserError(f"These are {len(asked):,} words, but {most} can be taken at once: leave some out.")
    unknown = list(dict.fromkeys(word for word in asked if is_unknown(embedding, word)))
    if len(unknown) > 1:
        others = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        names = ", ".join(f"“{word}”" for word in unknown[:_NAMED])
        raise UserError(
            f"{names}{others} are not among the {embedding.size:,} words of {embedding.name}: leave them out."
        )
    queries = {query.label: query for query in (resolve(embedding, word) for word in asked)}
    if len(queries) < least:
        wanted = "a word" if least == 1 else f"at least {least} different words"
        here = f"only {', '.join(queries)}" if queries else "none"
        raise UserError(f"This takes {wanted}, but here is {here}: type some more.")
    return tuple(queries.values())


def is_unknown(embedding: Embedding, asked: str) -> bool:
    """Whether `resolve` finds nothing for it; quicker, for it looks for no suggestions.

    Raises UserError for nothing or for something too long to be a word.
    """
    word = spelled(asked)
    if embedding.subwords or variant(embedding, word):
        return False
    return any(variant(embedding, part) is None for part in parts_of(word))


def unit_vectors(queries: Iterable[Query]) -> Array:
    """Their vectors (n, d) float64, each at length 1, or 0 where it is a row of zeros."""
    vectors = np.array([query.vector for query in queries], dtype=np.float64)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    units: Array = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return units


def notes(queries: Iterable[Query]) -> tuple[str, ...]:
    """A sentence for each that is more than a word in another case: several words, one token, a guess from subwords."""
    return tuple(dict.fromkeys(filter(None, map(_note, queries))))


def _note(query: Query) -> str:
    if query.found == "variant":
        same = query.asked.casefold() == query.label.casefold()
        return "" if same else f"“{query.asked}” is taken as “{query.label}”."
    return query.note


def cosine(a: Array, b: Array) -> float:
    """The cosine of two vectors (d,), taken in float64; 0 where one of them is all zeros."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.clip(a @ b / lengths, -1, 1)) if lengths else 0.0
