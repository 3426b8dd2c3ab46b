"""Several words at once: found and checked as a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from explorer.embeddings.bounds import MOST_WORDS
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.lookup import known, parts_of, spelled
from explorer.embeddings.queries import Query, resolve
from explorer.errors import UserError, named
from explorer.texts import _, _n


def query_list(embedding: Embedding, words: Sequence[str], least: int) -> tuple[Query, ...]:
    """What the words of a list stand for, see `queries.resolve`, each once and in their order.

    Raises UserError for a list that is too short or too long, and for unknown words, all of them at once.
    """
    if len(words) > MOST_WORDS:
        raise UserError(
            _(
                "These are {words:,} words, but {most} can be taken at once: leave some out.",
                words=len(words),
                most=MOST_WORDS,
            )
        )
    unknown = list(dict.fromkeys(word for word in words if is_unknown(embedding, word)))
    if len(unknown) > 1:
        raise UserError(
            _(
                "{names} are not among the {size:,} words of {name}: leave them out.",
                names=named(unknown),
                size=embedding.size,
                name=embedding.name,
            )
        )
    queries = {query.label: query for query in (resolve(embedding, word) for word in words)}
    if len(queries) < least:
        needs = _n("a word", "at least {count} different words", least)
        here = _("only {queries}", queries=", ".join(queries)) if queries else _("none")
        raise UserError(_("This takes {wanted}, but here is {given}: type some more.", wanted=needs, given=here))
    return tuple(queries.values())


def is_unknown(embedding: Embedding, text: str) -> bool:
    """Whether `resolve` finds nothing for it; quicker, for it looks for no suggestions.

    Raises UserError for nothing or for something too long to be a word.
    """
    if known(embedding, text) is not None or embedding.subwords:
        return False
    return any(known(embedding, part) is None for part in parts_of(spelled(text)))


def notes(queries: Iterable[Query]) -> tuple[str, ...]:
    """A sentence for each that is more than a word in another case: several words, one token, a guess from subwords, or
    a vector of zeros."""
    return tuple(dict.fromkeys(filter(None, map(_note, queries))))


def _note(query: Query) -> str:
    if query.problem:
        return query.problem
    if query.kind == "variant":
        same = query.text.casefold() == query.label.casefold()
        note = "" if same else _("“{asked}” is taken as “{label}”.", asked=query.text, label=query.label)
        return f"{note} {query.remark}".strip()
    return query.note


def cosine(a: Array, b: Array) -> float | None:
    """The cosine of two vectors (d,), taken in float64; None where one of them is all zeros, for then it has none."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    lengths = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(np.clip(a @ b / lengths, -1, 1)) if lengths else None
