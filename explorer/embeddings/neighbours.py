"""The nearest neighbours of a word, as pages, CLI and exports all ask for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.embeddings.bounds import METRICS, MOST_NEIGHBOURS, Metric
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.filters import Filters, candidates, on_list
from explorer.embeddings.frequency import tiers
from explorer.embeddings.keys import left_out, other_forms
from explorer.embeddings.lookup import closest_spellings
from explorer.embeddings.neighbour_list import Answer, Neighbour
from explorer.embeddings.queries import are_spelling_variants, resolve
from explorer.embeddings.search.approximate import Approximate
from explorer.embeddings.search.nearest import nearest as nearest_rows
from explorer.embeddings.tags import decode_tag
from explorer.errors import UserError
from explorer.texts import _

_LOOKED_AT = 10  # neighbours that tell whether they are spelling variants only


def neighbours(
    embedding: Embedding,
    text: str,
    n: int = 10,
    pos: str | Sequence[str] | None = None,
    minimum_count: int = 0,
    *,
    metric: Metric = "cosine",
    maximum_count: int | None = None,
    band: str | None = None,
    among: Sequence[str] | None = None,
    pattern: str | None = None,
    index: Approximate | None = None,
    without_forms: bool = False,
    where: Sequence[str] | None = None,
) -> Answer:
    """The `n` words nearest to `text` by cosine, dot product or Euclidean distance, without the word itself.

    `text` may be a phrase or, in a model with subwords, a word it does not know, see `queries.resolve`. The filters,
    see `filters.Filters`, apply before the first n are taken. An `index` answers for the exact search where it can: by
    cosine, without filters. `without_forms` leaves out other forms of the query's words, see `keys.other_forms`, and
    says which. Raises UserError for numbers, tags, lists or patterns without sense, WordNotFound for an unknown word.
    """
    if not 1 <= n <= MOST_NEIGHBOURS:
        raise UserError(
            _("n is {n:,}, but must be from 1 to {most_neighbours:,}.", n=n, most_neighbours=MOST_NEIGHBOURS)
        )
    if metric not in METRICS:
        raise UserError(
            _("“{metric}” is not a metric. Take one of {metrics}.", metric=metric, metrics=", ".join(METRICS))
        )
    filters = Filters(pos, minimum_count, maximum_count, band, among, where, pattern)
    allowed = candidates(embedding, filters)
    passing = None if allowed is None else int(np.count_nonzero(allowed))
    query = resolve(embedding, text, pos)
    if query.problem:
        allowed = np.zeros(embedding.size, dtype=bool)

    forms = other_forms(embedding, query.words) if without_forms else []
    if forms:
        allowed = np.ones(embedding.size, dtype=bool) if allowed is None else allowed
        allowed[forms] = False
    more = n + len(query.rows) + len(forms)  # for the query's own words, which are left out
    if index and metric == "cosine" and allowed is None:
        rows, scores = index.nearest(query.vector, more)
    else:
        index = None
        rows, scores = nearest_rows(embedding, query.vector, more, allowed, metric, filters)
    # an index knows rows of zeros, too, which are near to nothing
    is_near = embedding.inverse_norms[rows] > 0
    others = [place for place, row in enumerate(rows.tolist()) if row not in query.rows and is_near[place]][:n]
    rows, scores = rows[others], scores[others]

    cosines = scores
    if metric != "cosine":
        length = float(np.linalg.norm(query.vector)) or 1.0
        cosines = np.clip(embedding.vectors[rows] @ query.vector * embedding.inverse_norms[rows] / length, -1, 1)
    # as lists: to take one number out of an array takes as long as all of them
    of_rows = (rows, cosines, scores, embedding.tag_codes[rows], embedding.counts[rows], tiers(embedding, rows))
    has_counts = embedding.has_counts
    nearest = tuple(
        Neighbour(
            rank=rank,
            word=embedding.words[row],
            pos=decode_tag(code),
            tags=embedding.tags(row),
            similarity=cosine,
            count=count if has_counts else None,
            tier=tier or None,
            score=score,
            columns=embedding.further(row),
        )
        for rank, (row, cosine, score, code, count, tier) in enumerate(
            zip(*(each.tolist() for each in of_rows), strict=True), start=1
        )
    )
    recall, probes = index.recall if index else None, None
    if measured := embedding.remote and embedding.remote.entry.recall:
        recall, probes = measured.filtered if filters != Filters() else measured.all, measured.probes
    own = embedding.rows[query.label] if query.kind in ("word", "variant") else None
    inferred = query.kind == "subwords"
    alike = inferred and are_spelling_variants(query.label, [row.word for row in nearest[:_LOOKED_AT]])
    mostly = (
        _("These are mostly other spellings of “{label}”: its subwords say little else.", label=query.label)
        if alike
        else ""
    )
    return Answer(
        model=embedding.name,
        asked=text,
        word=query.label,
        rows=nearest,
        metric=metric,
        found=query.kind,
        note=" ".join((query.note, *left_out(embedding, forms))).strip(),
        warning=query.problem or mostly,
        suggestions=tuple(closest_spellings(embedding, query.label))
        if inferred
        else (*query.suggestions, *query.senses),
        unknown=() if among is None else on_list(embedding, among)[1],
        recall=recall,
        probes=probes,
        size=embedding.size,
        candidates=passing,
        filters=filters.written,
        count=int(embedding.counts[own]) if own is not None and embedding.has_counts else None,
        tier=(str(tiers(embedding, np.array([own]))[0]) or None) if own is not None else None,
    )
