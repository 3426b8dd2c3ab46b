"""Drift: how near words are to one word in models of successive times, or of any order.

What is followed is the rank of a word among the neighbours of the asked word, over the words that all the models have.
Each model has its own scale of cosines, so a cosine of 0.6 may be near in one and far in the next; a rank counts words
in each of them. Hamilton et al. 2016 ("Cultural Shift or Linguistic Drift?") measure a word's change by its neighbours
as well: two models need not be turned onto each other for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from explorer.answers import Answer, Table, written
from explorer.embeddings.bounds import FOLLOWED
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.lookup import WordNotFound, known
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.queries import Query, resolve
from explorer.embeddings.side_by_side import of_the_others
from explorer.embeddings.word_lists import cosine
from explorer.errors import UserError, named
from explorer.texts import _

FEWEST_SHARED = 10  # words that all the models must have


@dataclass(frozen=True)
class Change:
    """The rank of a word in the first and in the last of the models that have it."""

    word: str
    before: int
    first: str
    after: int
    last: str

    @property
    def rise(self) -> float:
        """How many times as near it is in the last: 10 for a rank of 30 that became 3."""
        return self.before / self.after

    @property
    def sentence(self) -> str:
        """In words that say nothing of time, which models may lack."""
        values = {"word": self.word, "before": written(self.before), "after": written(self.after)}
        values |= {"first": self.first, "last": self.last}
        if self.rise > 1:
            return _(
                "“{word}” is nearer in {last} (rank {after}) than in {first} (rank {before}): the largest difference "
                "in this direction.",
                **values,
            )
        return _(
            "“{word}” is further away in {last} (rank {after}) than in {first} (rank {before}): the largest difference "
            "in this direction.",
            **values,
        )


@dataclass(frozen=True)
class Drift(Answer):
    """How near each of the `words` is to the word that was asked, in each of the models, in their order.

    `ranks` and `cosines` have a row for each word and a number for each model: None where the model lacks one of the
    two words. A rank is 1 for the nearest of the `compared` words that all models have; there is none in a model whose
    vectors are in an engine elsewhere, nor for the asked word itself.
    """

    asked: str
    models: tuple[str, ...]
    words: tuple[str, ...]
    ranks: tuple[tuple[int | None, ...], ...]
    cosines: tuple[tuple[float | None, ...], ...]
    compared: int
    lacking: tuple[str, ...] = ()  # models that lack the word that was asked
    left: tuple[str, ...] = ()  # models that are not asked, for nobody named them and there are too many
    corpus: str = ""  # what all the models were trained on, where it is the same

    @property
    def headline(self) -> str:
        return f"{self.asked}: {' → '.join(self.models)}"

    @property
    def changes(self) -> tuple[Change, ...]:
        """How the rank of each word changed that has one in two models or more; what came nearest comes first."""
        changes = []
        for word, row in zip(self.words, self.ranks, strict=True):
            known = [(rank, model) for rank, model in zip(row, self.models, strict=True) if rank is not None]
            if len(known) > 1:
                changes.append(Change(word, *known[0], *known[-1]))
        return tuple(sorted(changes, key=lambda change: -change.rise))

    @property
    def sentences(self) -> tuple[str, ...]:
        what = _(
            "Rank 1 is the nearest of the {words:,} words that all models with “{word}” have. Ranks are compared, and "
            "not cosines, for each model has its own scale of cosines.",
            words=self.compared,
            word=self.asked,
        )
        changes = self.changes
        rise = changes[0].sentence if changes and changes[0].rise > 1 else ""
        fall = changes[-1].sentence if changes and changes[-1].rise < 1 else ""
        others = of_the_others(self.asked, self.lacking, self.left)
        return tuple(filter(None, (self.no_times, *others, what, rise, fall)))

    @property
    def no_times(self) -> str:
        """That the models are of no different times, in a sentence, where they have one text."""
        if not self.corpus:
            return ""
        return _(
            "All these models were trained on the same text ({corpus}): the lines compare ways of training, not times. "
            "To see how the use of a word changes, import one model per year, and choose these models in the order of "
            "their years.",
            corpus=self.corpus,
        )

    def as_json(self) -> dict[str, Any]:
        rows = zip(self.words, self.ranks, self.cosines, strict=True)
        return {
            "asked": self.asked,
            "models": list(self.models),
            "lacking": list(self.lacking),
            "left": list(self.left),
            "compared": self.compared,
            "corpus": self.corpus or None,
            "words": [{"word": word, "ranks": list(ranks), "cosines": list(cosines)} for word, ranks, cosines in rows],
        }

    def table(self) -> Table:
        """A row a word; for each model a column of ranks, then for each a column of cosines."""
        measures = [f"{measure} in {model}" for measure in ("rank", "cosine") for model in self.models]
        rows = zip(self.words, self.ranks, self.cosines, strict=True)
        return Table(("word", *measures), tuple((word, *ranks, *cosines) for word, ranks, cosines in rows))


def drift(embeddings: Sequence[Embedding], text: str, words: Sequence[str] = (), n: int = FOLLOWED) -> Drift:
    """The ranks and cosines of `words`, or of the `n` nearest in each model where none is named, for a word.

    Raises WordNotFound where all models lack the word, UserError for fewer than two models and for words that none has.
    """
    models = tuple(dict.fromkeys(embeddings))
    if len(models) < 2:
        raise UserError(_("Drift takes two models or more, in the order of their times."))
    queries: dict[str, Query] = {}
    missing: list[WordNotFound] = []
    for each in models:
        try:
            queries[each.name] = resolve(each, text)
        except WordNotFound as error:
            missing.append(error)
    if not queries:
        raise missing[0]
    answering = [each for each in models if each.name in queries]
    compared = tuple(dict.fromkeys(words or [row.word for each in answering for row in neighbours(each, text, n).rows]))
    unknown = [word for word in compared if all(known(each, word) is None for each in models)]
    if unknown:
        raise UserError(_("No model has {words}: leave it out.", words=named(unknown)))
    here = [[known(each, word) for each in models] for word in compared]
    asked = [queries.get(each.name) for each in models]
    cosines = tuple(tuple(map(_cosine, models, asked, line)) for line in here)
    shared = _shared(tuple(each for each in answering if each.remote is None))
    size = min((len(rows) for rows in shared.values()), default=0)
    if len(shared) > 1 and size < FEWEST_SHARED:
        raise UserError(
            _(
                "These models have {count} of their words in common, too few for ranks to say something: {least} are "
                "the fewest. Take models of the same language whose words are written alike.",
                count=size,
                least=FEWEST_SHARED,
            )
        )
    of_models = [
        _ranks(each, queries[each.name], [line[at] for line in here], shared[each])
        if each in shared
        else [None] * len(compared)
        for at, each in enumerate(models)
    ]
    names = tuple(each.name for each in models)
    lacking = tuple(name for name in names if name not in queries)
    return Drift(text, names, compared, tuple(zip(*of_models, strict=True)), cosines, size, lacking)


def _cosine(embedding: Embedding, query: Query | None, word: str | None) -> float | None:
    return None if query is None or word is None else cosine(query.vector, embedding.vector(word))


@lru_cache(maxsize=2)  # a page asks again for each word
def _shared(models: tuple[Embedding, ...]) -> dict[Embedding, Array]:
    """The rows of each model (n,) of the words that all of them have, without those whose vectors are all zeros."""
    words = [word for word in models[0].words if all(word in each for each in models[1:])] if models else []
    rows = np.array([each.rows_of(words) for each in models], dtype=np.int64)  # (models, n)
    lengths = [each.inverse_norms[of_model] for each, of_model in zip(models, rows, strict=True)]
    return dict(zip(models, rows[:, np.all(lengths, axis=0)] if models else rows, strict=True))


def _ranks(embedding: Embedding, query: Query, words: Sequence[str | None], rows: Array) -> list[int | None]:
    """The rank of each word among the words of `rows` and itself, by the cosine with the query."""
    cosines = (embedding.vectors @ query.vector) * embedding.inverse_norms  # (V,), in the query's length
    others = np.sort(cosines[rows[~np.isin(rows, query.rows)]])
    return [
        None if word is None or (row := embedding.rows[word]) in query.rows
        else 1 + int(len(others) - np.searchsorted(others, cosines[row], side="right"))
        for word in words
    ]  # fmt: skip
