"""The nearest words of a model, wherever its vectors are: compared one by one here, or found by an engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import NamedTuple
from weakref import WeakKeyDictionary

from explorer.embeddings.bounds import Metric
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.filters import Filters
from explorer.embeddings.search import exact
from explorer.embeddings.search.reading import Reading
from explorer.errors import UserError
from explorer.texts import _, _n

_readings: WeakKeyDictionary[Embedding, Reading] = WeakKeyDictionary()


class VectorSearch(NamedTuple):
    """What is asked for: the k words of a model on this machine that are nearest to a query (d,) by cosine."""

    embedding: Embedding
    query: Array
    k: int

    @property
    def key(self) -> tuple[Embedding, bytes, int]:
        """Equal for the same search."""
        return self.embedding, self.query.tobytes(), self.k


Results = Mapping[tuple[Embedding, bytes, int], tuple[Array, Array]]

shared_results: ContextVar[Results] = ContextVar("shared results", default={})  # noqa: B039  nobody changes it
"""The results of a reading that several questions share, see `results`: `nearest` takes it from here."""


def results(searches: Iterable[VectorSearch]) -> Results:
    """The results of `nearest` for many searches, in one reading of each model."""
    by_model: dict[Embedding, list[VectorSearch]] = {}
    for search in searches:
        by_model.setdefault(search.embedding, []).append(search)
    return {
        search.key: answer
        for embedding, its in by_model.items()
        for search, answer in zip(its, _reading(embedding).nearest_of_many(each[1:] for each in its), strict=True)
    }


def _reading(embedding: Embedding) -> Reading:
    reading = _readings.get(embedding)
    return reading or _readings.setdefault(embedding, Reading(embedding.vectors, embedding.inverse_norms))


def nearest(
    embedding: Embedding,
    query: Array,
    k: int,
    allowed: Array | None = None,
    metric: Metric = "cosine",
    filters: Filters | None = None,
) -> tuple[Array, Array]:
    """The k rows nearest to `query` (d,), see `exact.nearest`. An engine is asked by `filters` where it understands
    them, so that it need not be told every row that is `allowed`. Raises UserError for a metric that it lacks."""
    remote = embedding.remote
    if remote is None and allowed is None and metric == "cosine":
        return shared_results.get().get(VectorSearch(embedding, query, k).key) or _reading(embedding).nearest(query, k)
    if remote is None:
        return exact.nearest(embedding.vectors, embedding.inverse_norms, query, k, allowed, metric)
    if metric != "cosine":
        raise UserError(
            _(
                "The engine compares the words of {name} by cosine alone. Take that measure, or ask a model on this "
                "machine.",
                name=embedding.name,
            )
        )
    from explorer.embeddings.engine.vocabulary import conditions

    return remote.nearest(query, k, allowed, conditions(embedding, filters) if filters else None)


def reliance(embedding: Embedding) -> tuple[str, ...]:
    """The sentence on how far the engine of a model can be trusted; none where every word is compared."""
    recall = embedding.remote.entry.recall if embedding.remote else None
    return (trust(recall.all, recall.probes),) if recall else ()


def trust(recall: float, probes: int) -> str:
    """How far the answers of an engine can be trusted, as it was measured when the model was pushed."""
    return _n(
        "The engine finds {recall:.1%} of the 10 true nearest words, as measured on {count:,} word.",
        "The engine finds {recall:.1%} of the 10 true nearest words, as measured on {count:,} words.",
        probes,
        recall=recall,
    )
