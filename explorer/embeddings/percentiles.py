"""How high is a cosine of 0.8153? Its percentile among random pairs of words that are as frequent.

Cosines of two models, or of frequent and of rare words, have different distributions; their percentiles compare.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from explorer.answers import Answer, Table
from explorer.embeddings import as_high
from explorer.embeddings.as_high import Population
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.histogram import Histogram, histogram
from explorer.embeddings.lookup import find
from explorer.errors import UserError
from explorer.texts import _

RANDOM_PAIRS = 10_000
RARE = 1_000
SMALLEST_BAND = 500  # words; fewer would be the same few words again and again
_SEED = 1
_AT_A_TIME = 512  # pairs whose vectors stay in a processor's cache: twice as quick as all at once
_BINS, _LOWEST = 80, -0.4  # of the histogram of random cosines

_starts: WeakKeyDictionary[Embedding, Array] = WeakKeyDictionary()
_cosines: WeakKeyDictionary[Embedding, dict[tuple[int, int], Array]] = WeakKeyDictionary()
_drawing = threading.Lock()


@dataclass(frozen=True)
class Percentile(Answer):
    """A cosine, and those of `random` pairs of words, ascending; `population` says of which."""

    first: str
    second: str
    similarity: float
    random: Array = field(repr=False, compare=False)
    model: str = ""
    population: Population = "frequent pairs"

    @property
    def share(self) -> float:
        """The share (0 to 1) of the random pairs whose cosine is lower."""
        return int(self.random.searchsorted(np.float32(self.similarity))) / max(1, self.pairs)

    @property
    def pairs(self) -> int:
        """How many random pairs there are."""
        return len(self.random)

    @property
    def histogram(self) -> Histogram:
        """How many random pairs have which cosine."""
        return histogram(self.random, _BINS, min(_LOWEST, float(self.random[0])) if self.pairs else _LOWEST, 1.0)

    @property
    def sentence(self) -> str:
        """How many of the random pairs have a cosine as high: a clause."""
        return as_high.clause(as_high.count(self.share, self.pairs), self.pairs, self.population)

    @property
    def headline(self) -> str:
        return self.model

    @property
    def sentences(self) -> tuple[str]:
        return (f"{self.sentence}.",)

    def table(self) -> Table:
        return Table(
            ("first", "second", "similarity", "share"), ((self.first, self.second, self.similarity, self.share),)
        )

    def text_of(self, column: str, value: Any) -> str:
        return as_high.short(value, self.pairs) if column == "share" else super().text_of(column, value)

    def as_json(self) -> dict[str, Any]:
        names = ("model", "first", "second", "similarity", "share", "pairs", "sentence")
        return {name: getattr(self, name) for name in names} | {"histogram": self.histogram.as_json()}


def percentile(embedding: Embedding, first: str, second: str) -> Percentile:
    """How high the cosine of two words is among random pairs, each word's partner drawn from the other's band.

    Raises WordNotFound for a word the model lacks, UserError for one whose vector is all zeros, and where the model has
    too few words to draw a pair.
    """
    return percentiles(embedding, first, [second])[0]


def percentiles(embedding: Embedding, word: str, others: Sequence[str]) -> list[Percentile]:
    """`percentile` of `word` with each of `others`. Raises as it does."""
    if embedding.size < 2:
        raise UserError(_("{name} has a single word, so there is no pair to compare with.", name=embedding.name))
    word, others = find(embedding, word), [find(embedding, other) for other in others]
    row, rows = embedding.rows[word], np.array(embedding.rows_of(others), dtype=np.int64)
    lengths = embedding.inverse_norms[[row, *rows]]
    if not lengths.all():
        each = (word, *others)[int(np.argmin(lengths))]
        raise UserError(
            _("The vector of “{each}” is all zeros: it has no cosine with any word. Take another one.", each=each)
        )
    band, bands = int(_band_of(embedding, row)), _band_of(embedding, rows).tolist()
    random = {its_band: random_cosines(embedding, band, its_band) for its_band in set(bands)}
    similarities = cosines(embedding, np.full_like(rows, row), rows).tolist()
    return [
        Percentile(word, other, similarity, random[its_band], embedding.name, population(embedding))
        for other, its_band, similarity in zip(others, bands, similarities, strict=True)
    ]


def rare_cosine(embedding: Embedding, word: str) -> float | None:
    """The cosine that one of `RARE` random pairs in the frequency band of `word` is above: how wide a model's scale is.
    None where it cannot be known, as where there are fewer pairs."""
    if embedding.size < 2 or embedding.remote or word not in embedding:
        return None
    band = int(_band_of(embedding, embedding.rows[word]))
    random = random_cosines(embedding, band, band)
    return float(np.quantile(random, 1 - 1 / RARE)) if len(random) >= RARE else None


def band_starts(embedding: Embedding) -> Array:
    """The first row of each frequency band: within one, counts differ by a factor of 2 at most.

    A band has at least `SMALLEST_BAND` words, so that the first, of the most frequent words, may be wider. Where the
    model knows no counts, they are taken to fall as 1/rank (Zipf's law).
    """
    if embedding not in _starts:
        _starts[embedding] = _starts_of(embedding)
    return _starts[embedding]


def population(embedding: Embedding) -> Population:
    """Of which words the random pairs are with which a cosine of this model is compared."""
    if len(band_starts(embedding)) > 1:
        return "frequent pairs" if embedding.has_counts else "ranked pairs"
    return "all pairs" if _are_few(embedding.size) else "pairs"


def _are_few(words: int) -> bool:
    """Whether all pairs of so many words are compared with, and not some at random."""
    return words**2 <= 2 * RANDOM_PAIRS


def _starts_of(embedding: Embedding) -> Array:
    counts = embedding.counts if embedding.has_counts else 1 / np.arange(1, embedding.size + 1)
    falling = -np.asarray(counts, dtype=np.float64)
    starts = [0]
    while True:
        half = int(np.searchsorted(falling, falling[starts[-1]] / 2, side="right"))
        start = max(half, starts[-1] + SMALLEST_BAND)
        if embedding.size - start < SMALLEST_BAND:
            return np.array(starts)
        starts.append(start)


def random_cosines(embedding: Embedding, first: int, second: int) -> Array:
    """The cosines of `random_pairs` of two bands, ascending; without those of vectors that are all zeros."""
    first, second = sorted((first, second))
    by_bands = _cosines.setdefault(embedding, {})
    if (first, second) not in by_bands:
        with _drawing:  # many visitors at once would each draw the same
            if (first, second) not in by_bands:
                stops = [*band_starts(embedding), embedding.size]
                left = np.arange(stops[first], stops[first + 1])
                right = np.arange(stops[second], stops[second + 1])
                rows, others = random_pairs(left, right)
                nonzero = (embedding.inverse_norms[rows] > 0) & (embedding.inverse_norms[others] > 0)
                by_bands[first, second] = np.sort(cosines(embedding, rows[nonzero], others[nonzero]))
    return by_bands[first, second]


def random_pairs(left: Array, right: Array) -> tuple[Array, Array]:
    """`RANDOM_PAIRS` pairs of different rows, from two ranges that are the same or apart; the same pairs every time.

    Of few words, all their pairs.
    """
    random = np.random.default_rng(_SEED)
    same = int(left[0] == right[0])
    if same and _are_few(len(left)):
        one, other = np.triu_indices(len(left), k=1)
        return left[one], left[other]
    places = random.integers(len(left), size=RANDOM_PAIRS)
    partners = random.integers(len(right) - same, size=RANDOM_PAIRS)
    if same:
        partners += partners >= places  # a word is no pair with itself
    return left[places], right[partners]


def cosines(embedding: Embedding, rows: Array, others: Array) -> Array:
    """The cosine of each row with the one at the same place in `others`; (n,) float32."""
    vectors = np.asarray(embedding.vectors)
    products = np.empty(len(rows), dtype=vectors.dtype)
    for first in range(0, len(rows), _AT_A_TIME):
        some = slice(first, first + _AT_A_TIME)
        np.einsum("ij,ij->i", vectors[rows[some]], vectors[others[some]], out=products[some])
    clipped: Array = np.clip(products * embedding.inverse_norms[rows] * embedding.inverse_norms[others], -1, 1)
    return clipped


def _band_of(embedding: Embedding, rows: Array | int) -> Array:
    return np.searchsorted(band_starts(embedding), rows, side="right") - 1


def shares_of_words(embedding: Embedding, vector: Array, words: Sequence[str]) -> tuple[list[float], int]:
    """For each word the share (0 to 1) of other random words as frequent whose cosine to `vector` (d,) is lower than
    its own, and with how many a word is compared: the same number for each, so that counts of them are counts.

    The counterpart of `percentiles` for a vector that is no word's.
    """
    stops = np.append(band_starts(embedding), embedding.size)
    number = min(RANDOM_PAIRS, int(np.diff(stops).min()) - 1)  # what the smallest band has beside the word itself

    def cosines_to_vector(rows: Array) -> Array:
        products = embedding.vectors[rows] @ vector * embedding.inverse_norms[rows]
        cosines: Array = np.clip(products / (float(np.linalg.norm(vector)) or 1.0), -1, 1)
        return cosines

    rows = np.array(embedding.rows_of(words), dtype=np.int64)
    bands, own, shares = _band_of(embedding, rows), cosines_to_vector(rows), np.empty(len(rows))
    for band in np.unique(bands).tolist():
        random = np.random.default_rng((_SEED, band))  # the same words, whichever other bands are asked about
        chosen = stops[band] + random.choice(stops[band + 1] - stops[band], number + 1, replace=False)
        theirs = cosines_to_vector(chosen)
        for place in np.flatnonzero(bands == band):
            others = theirs[chosen != rows[place]][:number]
            shares[place] = np.count_nonzero(others < own[place]) / number
    return shares.tolist(), number
