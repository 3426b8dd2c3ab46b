"""Several words at once: found and checked as a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from explorer.embeddings.bounds import MOST_WORDS
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.lookup import known, parts_of, spelled
from explorer.embeddings.queries import Query, resolve
from explorer.errors import UserError

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
    if known(embedding, asked) is not None or embedding.subwords:
        return False
    return any(known(embedding, part) is None for part in parts_of(spelled(asked)))


def notes(queries: Iterable[Query]) -> tuple[str, ...]:
    """A sentence for each that is more than a word in another case: several words, one token, a guess from subwords, or
    a vector of zeros."""
    return tuple(dict.fromkeys(filter(None, map(_note, queries))))


def _note(query: Query) -> str:
    if query.problem:
        return query.problem
    if query.found == "variant":
        same = query.asked.casefold() == query.label.casefold()
        return "" if same else f"“{query.asked}” is taken as “{query.label}”."
    return query.note


def cosine(a: Array, b: Array) -> float | None:
    """The cosine of two vectors (d,), taken in float64; None where one of them is all zeros, for then it has none."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    lengths = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(np.clip(a @ b / lengths, -1, 1)) if lengths else None
