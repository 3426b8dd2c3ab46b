"""Drift: how near words are to one word in models of successive times, or of any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from explorer.answers import Answer, Table, written
from explorer.embeddings.bounds import FOLLOWED
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.lookup import WordNotFound, known
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.queries import Query, resolve
from explorer.embeddings.word_lists import cosine
from explorer.errors import UserError, named
from explorer.texts import _


@dataclass(frozen=True)
class Change:
    """The cosine of a word in the first and in the last of the models that have it."""

    word: str
    before: float
    first: str
    after: float
    last: str

    @property
    def rise(self) -> float:
        return self.after - self.before

    @property
    def sentence(self) -> str:
        values = {"word": self.word, "before": written(self.before), "after": written(self.after)}
        values |= {"first": self.first, "last": self.last}
        if self.rise > 0:
            return _("“{word}” came nearer than the others: {before} in {first}, {after} in {last}.", **values)
        return _("“{word}” went further away than the others: {before} in {first}, {after} in {last}.", **values)


@dataclass(frozen=True)
class Drift(Answer):
    """The cosine of each of the `words` with the word that was asked, in each of the models, in their order.

    `cosines` has a row for each word and a number for each model: None where the model lacks one of the two words.
    Hamilton et al. 2016 ("Cultural Shift or Linguistic Drift?") measure a word's change by its neighbours as well: two
    models need not be turned onto each other for that.
    """

    headings_are_data = True

    asked: str
    models: tuple[str, ...]
    words: tuple[str, ...]
    cosines: tuple[tuple[float | None, ...], ...]
    lacking: tuple[str, ...] = ()  # models that lack the word that was asked

    @property
    def headline(self) -> str:
        return f"{self.asked}: {' → '.join(self.models)}"

    @property
    def changes(self) -> tuple[Change, ...]:
        """How the cosine of each word changed that two models or more have; what rose most comes first."""
        changes = []
        for word, row in zip(self.words, self.cosines, strict=True):
            known = [(cosine, model) for cosine, model in zip(row, self.models, strict=True) if cosine is not None]
            if len(known) > 1:
                changes.append(Change(word, *known[0], *known[-1]))
        return tuple(sorted(changes, key=lambda change: -change.rise))

    @property
    def sentences(self) -> tuple[str, ...]:
        lacking = _("“{word}” is not in {models}.", word=self.asked, models=named(self.lacking)) if self.lacking else ""
        alike = _("Compare models that were trained alike: the cosines of other models have other scales.")
        changes = self.changes
        rise = changes[0].sentence if changes and changes[0].rise > 0 else ""
        fall = changes[-1].sentence if changes and changes[-1].rise < 0 else ""
        return tuple(filter(None, (lacking, alike, rise, fall)))

    def as_json(self) -> dict[str, Any]:
        words = [{"word": word, "cosines": list(row)} for word, row in zip(self.words, self.cosines, strict=True)]
        return {"asked": self.asked, "models": list(self.models), "lacking": list(self.lacking), "words": words}

    def table(self) -> Table:
        """A row a word, a column a model."""
        rows = tuple((word, *row) for word, row in zip(self.words, self.cosines, strict=True))
        return Table(("word", *self.models), rows)


def drift(embeddings: Sequence[Embedding], text: str, words: Sequence[str] = (), n: int = FOLLOWED) -> Drift:
    """The cosines of `words`, or of the `n` nearest in each model where none is named, with a word in each model.

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
    cosines = tuple(
        tuple(_cosine(each, queries.get(each.name), known(each, word)) for each in models) for word in compared
    )
    names = tuple(each.name for each in models)
    return Drift(text, names, compared, cosines, tuple(name for name in names if name not in queries))


def _cosine(embedding: Embedding, query: Query | None, word: str | None) -> float | None:
    return None if query is None or word is None else cosine(query.vector, embedding.vector(word))
