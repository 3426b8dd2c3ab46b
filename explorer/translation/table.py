"""An embedding table that starts from vectors: one projection to d_model, one scaling, one draw for the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explorer.embeddings.embedding import Embedding
from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.encoding import random_projection
from explorer.transformer.tape import Array
from explorer.transformer.vocabulary import MARKS, Vocabulary

SCALE = "fresh"  # of lesson, `fit` and Watch it learn; a comparison's arm names its own
_FREQUENT = 5000  # the most frequent words, by which vectors are projected and scaled
_WINDOW = 2  # words to each side of one in a sentence that count as its neighbours
_WIDE = 5.3  # of the 76 words of gensim's sample of them, test_glove.txt
_STREAMS = {"source": 2, "target": 5}  # of their own: all else is drawn alike, whatever a table is


class Projection:
    """How an embedding's vectors come to d_model numbers; those that have so many stay as they are.

    `kind` is "pca", over the most frequent words, so that a word's vector is the same in every vocabulary; "random", by
    a matrix from `seed`; "learned": the vectors keep their size, and the model has a matrix; or "padded": zeros fill
    them up. `variance` is the share that a PCA keeps. Raises UserError for vectors of too few dimensions, of too many
    to be filled up, or an embedding of too few words for a PCA.
    """

    def __init__(self, embedding: Embedding, d_model: int, kind: str = "pca", seed: int = 0) -> None:
        dimensions = embedding.dimensions
        self.embedding, self.d_model = embedding, d_model
        self.source_width = dimensions if kind == "learned" else 0
        self.width = self.source_width or d_model
        self.kind = "" if self.width == dimensions else kind
        self.variance = 1.0
        self._apply: Callable[[Array], Array] = lambda vectors: vectors
        if self.kind == "padded":
            if dimensions > d_model:
                raise UserError(
                    _(
                        "The vectors of {name} have {dimensions} dimensions, more than d_model = {d_model}, so zeros "
                        "cannot fill them up. Take a PCA or a learned projection.",
                        name=embedding.name,
                        dimensions=dimensions,
                        d_model=d_model,
                    )
                )
            self._apply = lambda vectors: np.pad(vectors, ((0, 0), (0, d_model - dimensions)))
            return
        if dimensions < self.width:
            raise UserError(
                _(
                    "The vectors of {name} have {dimensions} dimensions, fewer than d_model = {d_model}. Take a "
                    "d_model of at most {dimensions}, or a learned projection, as the command fit --projection learned "
                    'and a plan with projection = "learned" have it.',
                    name=embedding.name,
                    dimensions=dimensions,
                    d_model=d_model,
                )
            )
        if self.kind == "random":
            matrix = random_projection(dimensions, d_model, seed)
            self._apply = lambda vectors: vectors @ matrix
        elif self.kind:
            if len(self._frequent) < d_model:
                raise UserError(
                    _(
                        "{name} has {words:,} words, too few for a PCA to {d_model} dimensions. Take a smaller "
                        "d_model, or another projection.",
                        name=embedding.name,
                        words=len(embedding.words),
                        d_model=d_model,
                    )
                )
            from sklearn.decomposition import PCA  # takes a second to import, and is needed for other sizes alone

            pca = PCA(d_model, svd_solver="covariance_eigh").fit(self._frequent)
            self._apply, self.variance = pca.transform, float(pca.explained_variance_ratio_.sum())

    @property
    def _frequent(self) -> Array:
        return self.embedding.vectors[: max(_FREQUENT, self.d_model)].astype(np.float64)

    @cached_property
    def factor(self) -> float:
        """What gives the most frequent words the spread of a new model's vectors, 1/√d_model."""
        spread = float(self.d_model**-0.5)
        return spread / (float(self._apply(self._frequent).std()) or spread)  # of a single number there is none

    def rows(self, words: Sequence[str], scale: str, size: int) -> Array:
        """The words' vectors (n, width) float64, scaled for a table of `size` rows; of a word that the embedding lacks
        the guess from its parts."""
        vectors = np.stack([self._vector(word) for word in words]).astype(np.float64)
        rows = np.asarray(self._apply(vectors))
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if scale == "unit":
            return np.asarray(np.divide(rows, lengths, where=lengths > 0, out=np.zeros_like(rows)))
        factor: float = 1.0  # "raw"
        if scale == "fresh":
            factor = self.factor
        elif scale == "xavier":
            factor = np.sqrt(2 / (size + self.width)) / rows.std()
        elif scale == "wide":
            factor = _WIDE / lengths.mean()
        return np.asarray(rows * factor)

    def _vector(self, word: str) -> Array:
        if word in self.embedding or self.embedding.subwords is None:
            return self.embedding.vector(word)
        return self.embedding.subwords.vector(word)

    def guesses(self, word: str) -> bool:
        """Whether the embedding makes a vector of a word's parts."""
        subwords = self.embedding.subwords
        return subwords is not None and word not in MARKS and bool(subwords.rows(word))


@dataclass(frozen=True, eq=False)
class Start:
    """A table to start from (V, k) float64, and how many of its words the vectors cover.

    `source_width` is what the translator's `Configuration` has to have: 0 where k is d_model, k where a projection is
    learned. `parameter_count` then says what the arm costs. `missing` are the rows that the vectors do not cover.
    """

    table: Array
    covered: int
    source_width: int = 0
    missing: tuple[int, ...] = ()


def generator(seed: int, side: str = "source") -> np.random.Generator:
    """What the table of a side is drawn from."""
    return np.random.default_rng([seed, 0, _STREAMS[side]])


def table(
    projection: Projection,
    vocabulary: Vocabulary,
    seed: int,
    scale: str = SCALE,
    side: str = "source",
    start: str = "pretrained",
    missing: str = "",
    sentences: Sequence[Sequence[str]] = (),
) -> Start:
    """The table of a vocabulary, the special tokens among its words, from an embedding's vectors.

    Words without a vector are drawn with the standard deviation of those that have one, or where `missing` says so made
    of their parts or of their neighbours in `sentences`. `scale`, `start` and `missing` are those of a `Strategy`.
    Raises UserError where no word has a vector.
    """
    embedding, random, size = projection.embedding, generator(seed, side), len(vocabulary)
    guesses = projection.guesses if missing == "subwords" else lambda word: False
    covered = [number for number, word in enumerate(vocabulary.words) if word in embedding or guesses(word)]
    if not covered:
        raise UserError(
            _(
                "{name} holds none of the {words:,} words to start. Take vectors of their language.",
                name=embedding.name,
                words=size,
            )
        )
    rows = projection.rows([vocabulary.words[number] for number in covered], scale, size)
    result = random.normal(0, rows.std(), (size, projection.width))
    if start == "shuffled":
        rows = random.permutation(rows)
    if start != "matched":
        result[covered] = rows
    lacking = sorted(set(range(size)).difference(covered))
    if missing == "neighbours":
        for row, near in _neighbours(vocabulary, lacking, covered, sentences).items():
            result[row] = result[near].mean(axis=0)
    return Start(result, len(covered), projection.source_width, tuple(lacking))


def _neighbours(
    vocabulary: Vocabulary, lacking: Sequence[int], covered: Sequence[int], sentences: Sequence[Sequence[str]]
) -> dict[int, list[int]]:
    """Of each word that lacks a vector, the rows of those beside it in the sentences that have one, each as often as it
    stands there; a word that has none is not among them."""
    lacks, has, near = set(lacking).difference(range(len(MARKS))), set(covered), defaultdict[int, list[int]](list)
    for sentence in sentences:
        ids = vocabulary.ids(sentence)
        for place, number in enumerate(ids):
            if number in lacks:
                beside = ids[max(0, place - _WINDOW) : place] + ids[place + 1 : place + 1 + _WINDOW]
                near[number] += [other for other in beside if other in has]
    return {number: rows for number, rows in near.items() if rows}
