"""The health of a model: hubs, a narrow cone, and frequency that shows through meaning.

All is measured over the most frequent words alone, by default 5,000, so that models of any size compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from scipy.stats import skew

from explorer.answers import Answer, Table
from explorer.embeddings.bounds import FEWEST_MEASURED as FEWEST_WORDS
from explorer.embeddings.bounds import MEASURED as WORDS
from explorer.embeddings.bounds import MOST_MEASURED as MOST_WORDS
from explorer.embeddings.centring import all_but_the_top, centred, most_frequent, principal_components, without_zeros
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.histogram import Histogram, histogram
from explorer.embeddings.neighbour_list import Neighbour
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.percentiles import cosines, random_pairs
from explorer.embeddings.search import exact
from explorer.errors import UserError
from explorer.texts import _, _n

Progress = Callable[[float], None]

NEIGHBOURS = 10
BANDS = 10
_LISTED = 8  # neighbours of an example
_HUBS = 10
_BINS = 50  # of the histogram of random cosines
_COMPONENTS = 10


@dataclass(frozen=True)
class Hubness:
    """How unevenly words are neighbours of other words (Radovanović, Nanopoulos & Ivanović 2010, JMLR 11).

    `occurrences` (n,) counts for each word in how many lists of the k nearest it stands; `skewness` is theirs, 0 where
    all words are equal; `orphans` the share of words in no list; `hubs` the words in most lists, with how many.
    """

    occurrences: Array
    skewness: float
    orphans: float
    hubs: tuple[tuple[str, int], ...]

    @property
    def histogram(self) -> list[int]:
        """How many words are in 0, 1, 2, … lists."""
        return [int(words) for words in np.bincount(self.occurrences)]


@dataclass(frozen=True)
class Anisotropy:
    """How far vectors point the same way.

    `mean_cosine` is that of all pairs of words; `cosines` those of random pairs, ascending; `variance` the share
    (0 to 1) of each leading principal component; `isotropy` that of the partition function, 1 where no direction is
    preferred (Mu & Viswanath 2018, equation 7).
    """

    mean_cosine: float
    cosines: Array
    variance: tuple[float, ...]
    isotropy: float

    @property
    def histogram(self) -> Histogram:
        """How many random pairs have which cosine."""
        return histogram(self.cosines, _BINS, -1, 1)


@dataclass(frozen=True)
class FrequencyBias:
    """How far vectors tell a word's frequency instead of its meaning.

    The words are cut into ten bands by rank. `same_band` is the share of a word's nearest that lie in its own band,
    `chance` what it would be among random words, `by_band` the share in each. `r_squared` says how well a linear
    regression on the direction of a vector predicts the logarithm of the count (of the rank where there are no
    counts) of words it has not seen; 0 or less means not at all.
    """

    same_band: float
    chance: float
    by_band: tuple[float, ...]
    r_squared: float

    @property
    def prediction(self) -> str:
        """What the vectors tell of frequency, in a sentence: it has no rule, for neighbours may mix all the same."""
        return _(
            "The vector of a word also tells how frequent it is: its prediction has R² {r_squared:.2f}, where 0 would "
            "be best. No rule judges this.",
            r_squared=self.r_squared,
        )


@dataclass(frozen=True)
class Health:
    """The measures of one space: a model as it is, centred, or all but the top."""

    name: str
    words: int
    hubness: Hubness
    anisotropy: Anisotropy
    frequency: FrequencyBias
    left_out: int = 0  # words whose vectors are all zeros, which have no neighbours and no direction

    @property
    def note(self) -> str:
        """A sentence about the words that were left out, else empty."""
        return (
            _("Words whose vectors are all zeros are left out: {left_out:,}.", left_out=self.left_out)
            if self.left_out
            else ""
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "words": self.words,
            "left_out": self.left_out,
            "hubness": {
                "skewness": self.hubness.skewness,
                "orphans": self.hubness.orphans,
                "histogram": self.hubness.histogram,
                "hubs": [{"word": word, "occurrences": times} for word, times in self.hubness.hubs],
            },
            "anisotropy": {
                "mean_cosine": self.anisotropy.mean_cosine,
                "histogram": self.anisotropy.histogram.as_json(),
                "variance": list(self.anisotropy.variance),
                "isotropy": self.anisotropy.isotropy,
            },
            "frequency_bias": {
                "same_band": self.frequency.same_band,
                "chance": self.frequency.chance,
                "by_band": list(self.frequency.by_band),
                "r_squared": self.frequency.r_squared,
            },
        }


Examination = tuple[Health, Health, Health]  # as it is, centred, all but the top


@dataclass(frozen=True)
class Example:
    """The nearest of the measured words to one `word`, in each of the three spaces."""

    word: str
    near: tuple[Sequence[Neighbour], ...]

    @property
    def rows(self) -> Iterator[tuple[Any, ...]]:
        """A row for each rank: what it is, and the word there in each space, None where a list is shorter."""
        for rank, near in enumerate(zip_longest(*self.near), start=1):
            name = _("neighbour {rank} of {word}", rank=rank, word=self.word)
            yield name, *(row.word if row else None for row in near)

    def as_json(self) -> dict[str, Any]:
        return {
            "word": self.word,
            "neighbours": [[{"word": row.word, "similarity": row.similarity} for row in rows] for rows in self.near],
        }


@dataclass(frozen=True)
class ModelHealth(Answer):
    """The measures of a model as it is, centred, and all but the top."""

    model: str
    spaces: Examination
    verdict: tuple[str, ...] = ()  # what the measures of the model as it is say, in sentences
    example: Example | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(filter(None, (*self.verdict, self.spaces[0].frequency.prediction, self.spaces[0].note)))

    @property
    def headline(self) -> str:
        return _("{model} · the {words:,} most frequent words", model=self.model, words=self.spaces[0].words)

    def as_json(self) -> dict[str, Any]:
        example = {"example": self.example.as_json()} if self.example else {}
        spaces = [space.as_json() for space in self.spaces]
        return {"model": self.model, "verdict": list(self.verdict), "spaces": spaces} | example

    def table(self) -> Table:
        """One row a measure, one column a space."""
        rows: tuple[tuple[str, list[Any]], ...] = (
            ("hubness: skewness of how often a word is a neighbour", [space.hubness.skewness for space in self.spaces]),
            ("hubness: share of words that are nobody's neighbour", [space.hubness.orphans for space in self.spaces]),
            ("hubness: biggest hub", [space.hubness.hubs[0][0] for space in self.spaces]),
            ("anisotropy: mean cosine", [space.anisotropy.mean_cosine for space in self.spaces]),
            ("anisotropy: isotropy", [space.anisotropy.isotropy for space in self.spaces]),
            ("frequency bias: neighbours in the same decile", [space.frequency.same_band for space in self.spaces]),
            ("frequency bias: the same by chance", [space.frequency.chance for space in self.spaces]),
            ("frequency bias: R² of log frequency", [space.frequency.r_squared for space in self.spaces]),
        )
        measures = ((name, *values) for name, values in rows)
        near = self.example.rows if self.example else ()
        return Table(("measure", *(space.name for space in self.spaces)), (*measures, *near))


_measured: WeakKeyDictionary[Embedding, dict[tuple[int, int | None], Examination]] = WeakKeyDictionary()


def examine(
    embedding: Embedding,
    words: int = WORDS,
    components: int | None = None,
    progress: Progress = lambda share: None,
) -> Examination:
    """The health of the most frequent `words` as they are, centred, and all but the top `components`.

    `progress` is told the share that is done, and may raise to stop; a result is kept. Raises UserError for too few or
    too many words, and for components as `centring.all_but_the_top` does.
    """
    measured = _measured.setdefault(embedding, {})
    if (words, components) not in measured:
        three = spaces(embedding, words, components)

        def third(number: int) -> Health:
            measures = health(three[number], lambda share: progress((number + share) / len(three)))
            return replace(measures, left_out=min(words, embedding.size) - measures.words)

        measured[words, components] = third(0), third(1), third(2)
    return measured[words, components]


def example_of(word: str, embedding: Embedding, words: int = WORDS, components: int | None = None) -> Example:
    """What centring does to the neighbours of a word. Raises as `examine` does, and WordNotFound for a word that is not
    among the most frequent `words`."""
    return Example(word, tuple(neighbours(space, word, _LISTED).rows for space in spaces(embedding, words, components)))


def spaces(embedding: Embedding, words: int = WORDS, components: int | None = None) -> tuple[Embedding, ...]:
    """The most frequent `words` as they are, centred, and all but the top, without vectors that are all zeros.

    Raises as `examine` does.
    """
    if not FEWEST_WORDS <= words <= MOST_WORDS:
        raise UserError(
            _(
                "Health is measured over {fewest_words:,} to {most_words:,} words, not {words:,}.",
                fewest_words=FEWEST_WORDS,
                most_words=MOST_WORDS,
                words=words,
            )
        )
    base = without_zeros(most_frequent(embedding, words))
    if base.size < FEWEST_WORDS:
        zeros = "" if base.size == min(words, embedding.size) else _(", without those whose vectors are all zeros")
        raise UserError(
            _n(
                "{name} has {count:,} word{zeros}, but a measure of health needs at least {fewest_words:,}.",
                "{name} has {count:,} words{zeros}, but a measure of health needs at least {fewest_words:,}.",
                base.size,
                name=embedding.name,
                zeros=zeros,
                fewest_words=FEWEST_WORDS,
            )
        )
    if base.dimensions == 1:
        raise UserError(
            _(
                "The vectors of {name} have one dimension: all cosines are 1 or −1, so there is no health to measure.",
                name=embedding.name,
            )
        )
    return base, centred(base), all_but_the_top(base, components)


def health(embedding: Embedding, progress: Progress = lambda share: None) -> Health:
    """All measures over all words of an embedding: n² cosines, so `centring.most_frequent` should come first.

    Vectors that are all zeros are left out. Raises UserError where hardly any are left.
    """
    embedding = without_zeros(embedding)
    if embedding.size <= NEIGHBOURS:
        raise UserError(
            _(
                "In {name}, only {size} vectors are not all zeros: its words are nearly all alike, so "
                "there is no health to measure.",
                name=embedding.name,
                size=embedding.size,
            )
        )
    nearest = exact.nearest_of_each(embedding.vectors, embedding.inverse_norms, NEIGHBOURS, progress)
    return Health(
        embedding.name,
        embedding.size,
        hubness(embedding, nearest),
        anisotropy(embedding),
        frequency_bias(embedding, nearest),
    )


def hubness(embedding: Embedding, nearest: Array) -> Hubness:
    """From the nearest rows (n, k) of each word, as `exact.nearest_of_each` gives them."""
    occurrences = np.bincount(nearest.ravel(), minlength=embedding.size)
    most = np.argsort(-occurrences, kind="stable")[:_HUBS]
    return Hubness(
        occurrences,
        float(skew(occurrences)) if occurrences.any() and occurrences.std() > 0 else 0.0,
        float(np.mean(occurrences == 0)),
        tuple((embedding.words[row], int(occurrences[row])) for row in most),
    )


def anisotropy(embedding: Embedding) -> Anisotropy:
    """The mean cosine of all pairs is that of all sums: (‖Σ unit vectors‖² − n) / n(n − 1)."""
    n = embedding.size
    unit = embedding.vectors * embedding.inverse_norms[:, None].astype(np.float64)  # (n, d)
    total = unit.sum(axis=0)
    variances, _ = principal_components(embedding)
    shares = variances / variances.sum() if variances.any() else variances
    return Anisotropy(
        float(np.clip((total @ total - np.count_nonzero(embedding.inverse_norms)) / (n * (n - 1)), -1, 1)),
        np.sort(cosines(embedding, *random_pairs(np.arange(n), np.arange(n)))),
        tuple(float(share) for share in shares[:_COMPONENTS]),
        isotropy(embedding),
    )


def isotropy(embedding: Embedding) -> float:
    """`partition_isotropy` of a model's vectors as they are."""
    return partition_isotropy(np.asarray(embedding.vectors, dtype=np.float64))


def partition_isotropy(vectors: Array) -> float:
    """The smallest of Z(c) = Σ exp(c·v) over the largest, c being the eigenvectors of VᵀV and their opposites."""
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    along = vectors @ axes  # (n, d)
    furthest = np.abs(along).max()  # taken from all exponents, so that none overflows; the ratio stays
    sums = np.array([np.exp(along - furthest).sum(axis=0), np.exp(-along - furthest).sum(axis=0)])
    return float(sums.min() / sums.max())


def frequency_bias(embedding: Embedding, nearest: Array) -> FrequencyBias:
    """From the nearest rows (n, k) of each word; rows are ordered by falling frequency."""
    n = embedding.size
    bands = np.arange(n) * BANDS // n
    same = (bands[nearest] == bands[:, None]).mean(axis=1)  # (n,)
    sizes = np.bincount(bands)
    return FrequencyBias(
        float(same.mean()),
        float((sizes * (sizes - 1)).sum() / (n * (n - 1))),
        tuple(float(share) for share in np.bincount(bands, weights=same) / sizes),
        predictability(embedding),
    )


def predictability(embedding: Embedding) -> float:
    """R² of a ridge regression (penalty 1) of log frequency on unit vectors: fitted on every other word, tested on the
    rest."""
    unit = embedding.vectors * embedding.inverse_norms[:, None].astype(np.float64)
    known = np.maximum(embedding.counts, 1)  # the file of a model may say of a word that it never occurs
    frequency = np.log(known if embedding.has_counts else 1 / np.arange(1, embedding.size + 1))
    mean, centre = unit[::2].mean(axis=0), frequency[::2].mean()
    fitted = unit[::2] - mean
    weights = np.linalg.solve(fitted.T @ fitted + np.eye(embedding.dimensions), fitted.T @ (frequency[::2] - centre))
    missed = frequency[1::2] - centre - (unit[1::2] - mean) @ weights
    spread = frequency[1::2] - frequency[1::2].mean()
    return float(1 - missed @ missed / (spread @ spread)) if spread.any() else 0.0
