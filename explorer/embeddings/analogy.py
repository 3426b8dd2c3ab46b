"""Analogies: the words nearest to a formula of words, such as king - man + woman."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from explorer.answers import Answer, Table
from explorer.embeddings.bounds import MOST_NEIGHBOURS
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.formula import Formula, Term, parse
from explorer.embeddings.keys import left_out, other_forms
from explorer.embeddings.queries import resolve, unit_vectors
from explorer.embeddings.search.nearest import nearest, reliance
from explorer.embeddings.tags import decode_tag, written
from explorer.embeddings.word_lists import notes
from explorer.errors import UserError, named
from explorer.texts import _, _n

METHODS = {"add": "cosine", "multiply": "3CosMul"}  # method → what its scores are called
_EPSILON = 1e-6  # keeps the quotient of 3CosMul finite


@dataclass(frozen=True)
class Found:
    """A word near to the formula: `score` is the cosine, or 3CosMul's quotient, `pos` the main universal tag; `tags`
    are all as which it passes, with their shares (0 to 1)."""

    rank: int
    word: str
    pos: str
    score: float
    tags: Mapping[str, float] = field(default_factory=dict, hash=False)

    @property
    def parts_of_speech(self) -> str:
        """The tags as people read them."""
        return written(self.tags) or self.pos


@dataclass(frozen=True)
class Analogy(Answer):
    """A formula in the vocabulary's own words, and the words nearest to it, nearest first."""

    model: str
    formula: Formula
    method: str
    rows: tuple[Found, ...]
    notes: tuple[str, ...] = ()  # how vectors came that are not a word's own

    @property
    def measure(self) -> str:
        """What the scores are: "cosine" or "3CosMul"."""
        return METHODS[self.method]

    @property
    def headline(self) -> str:
        return f"{self.formula} · {self.measure} · {self.model}"

    @property
    def sentences(self) -> tuple[str, ...]:
        own = list(dict.fromkeys(term.word for term in self.formula.terms))
        left_out = _n("{words} itself is left out.", "{words} themselves are left out.", len(own), words=named(own))
        return (*self.notes, left_out)

    def as_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "formula": str(self.formula),
            "method": self.method,
            "answers": [asdict(row) for row in self.rows],
            "notes": list(self.notes),
        }

    def table(self) -> Table:
        """One row a word."""
        rows = tuple((row.rank, row.word, row.parts_of_speech, row.score) for row in self.rows)
        return Table(("rank", "word", "pos", self.measure), rows)


def analogy(
    embedding: Embedding, formula: str, n: int = 10, method: str = "add", without_forms: bool = False
) -> Analogy:
    """The `n` words nearest to a formula (see formula.py), without the words in it.

    With x̂ for a vector of length 1 and w for the weights, `method` "add" is 3CosAdd, the cosine with Σ w·x̂ (Mikolov,
    Yih & Zweig 2013, "Linguistic Regularities in Continuous Space Word Representations"); "multiply" is 3CosMul,
    Π s^w over the words that are added by Π s^|w| over those that are taken away, with s = (1 + cosine) / 2 (Levy &
    Goldberg 2014, "Linguistic Regularities in Sparse and Explicit Word Representations", equation 4).

    `without_forms` leaves out other forms of these words as well, see `keys.other_forms`, and says which.

    Raises UserError for what is no formula, for terms that cancel out and for a word whose vector is all zeros,
    WordNotFound for an unknown word.
    """
    if not 1 <= n <= MOST_NEIGHBOURS:
        raise UserError(
            _("n is {n:,}, but must be from 1 to {most_neighbours:,}.", n=n, most_neighbours=MOST_NEIGHBOURS)
        )
    if method not in METHODS:
        raise UserError(
            _("There is no method called “{method}”: take {methods}.", method=method, methods=" or ".join(METHODS))
        )
    terms = (Term(1.0, formula),) if formula in embedding else parse(formula).terms  # a word such as c++ is one
    queries = [resolve(embedding, term.word) for term in terms]
    units = unit_vectors(queries).astype(np.float32)  # (T, d)
    weights = np.array([term.weight for term in terms], dtype=np.float32)
    forms = other_forms(embedding, (query.label for query in queries)) if without_forms else []
    allowed = embedding.inverse_norms > 0  # rows of zeros are near to nothing
    allowed[[row for query in queries for row in query.rows] + forms] = False
    if method == "add":
        best, scores = nearest(embedding, _sum(units, weights), n, allowed)
    else:
        every = np.where(allowed, _products(embedding, units, weights), -np.inf)  # (V,)
        best = np.argsort(-every, kind="stable")[: min(n, np.count_nonzero(allowed))]
        scores = every[best]
    return Analogy(
        embedding.name,
        Formula(tuple(Term(term.weight, query.label) for term, query in zip(terms, queries, strict=True))),
        method,
        tuple(
            Found(
                rank,
                embedding.words[row],
                decode_tag(int(embedding.tag_codes[row])),
                float(score),
                embedding.tags(row),
            )
            for rank, (row, score) in enumerate(zip(best.tolist(), scores, strict=True), start=1)
        ),
        notes(queries) + left_out(embedding, forms) + reliance(embedding),
    )


def _sum(units: Array, weights: Array) -> Array:
    """The weighted sum (d,) of `units` (T, d), at length 1."""
    query = weights @ units  # (d,)
    length = float(np.linalg.norm(query))
    if length <= 1e-6 * float(np.abs(weights).sum()):
        raise UserError(_("The words of the formula cancel each other out, so nothing is near to it: change a weight."))
    direction: Array = query / length
    return direction


def _products(embedding: Embedding, units: Array, weights: Array) -> Array:
    """The 3CosMul score (V,) of every word; one term at a time, so that no array is larger than (V,)."""
    added, taken_away = np.ones(embedding.size), np.ones(embedding.size)  # float64: powers may be very small
    for unit, weight in zip(units, weights, strict=True):
        cosines = np.clip((embedding.vectors @ unit) * embedding.inverse_norms, -1, 1).astype(np.float64)
        product = added if weight > 0 else taken_away
        product *= ((1 + cosines) / 2) ** abs(float(weight))
    scores: Array = added / (taken_away + _EPSILON)
    return scores
